// What the events of a connection and of a channel carry.
#include <gtest/gtest.h>

#include "minim/rpc/connection.h"
#include "support/script.h"
#include "support/world.h"

namespace minim::test {

using rpc::Channel;

namespace {

Status unavailable(std::string text) {
  return Status(Code::kUnavailable, std::move(text), Origin::kTransport);
}

// "idle", "backoff: why".
std::vector<std::string> states_of(Channel& channel) {
  std::vector<std::string> states;
  for (Channel::Event event; channel.next_event(&event);) {
    if (event.kind != Channel::Event::Kind::kState) continue;
    states.emplace_back(rpc::channel_state_name(event.state));
    if (!event.status.ok()) states.back().append(": ").append(event.status.message());
  }
  return states;
}

}  // namespace

TEST(Events, StatesCarryTheReason) {
  SeededRandom random(1);
  const auto channel = *Channel::create(plain_options("10.0.0.1"), random);
  channel->connect(kEpoch);
  EXPECT_EQ(states_of(*channel), std::vector<std::string>{"connecting"});
  Channel::Action dial;
  ASSERT_TRUE(channel->next_action(&dial));
  channel->dialed(kEpoch, dial.link, unavailable("no route"));
  EXPECT_EQ(states_of(*channel),
            std::vector<std::string>{"backoff: cannot connect to 10.0.0.1:7233: no route"});
}

TEST(Events, RepliesNameTheirCall) {
  rpc::Connection connection({.authority = "server:7233"}, kEpoch);
  rpc::Request request;
  request.path = "/svc/A";
  const rpc::CallId first = connection.start(kEpoch, request),
                    second = connection.start(kEpoch, request);
  EXPECT_NE(first, second);
  connection.cancel(kEpoch, second);
  connection.cancel(kEpoch, first);
  std::vector<rpc::CallId> ended;
  while (const rpc::Connection::Event* const event = connection.next_event()) {
    if (event->kind == rpc::Connection::Event::Kind::kReply) ended.push_back(event->call);
  }
  EXPECT_EQ(ended, (std::vector<rpc::CallId>{second, first}));
}

TEST(Events, LastCallThatExpiresEndsADrainingConnection) {
  for (const bool by_goaway : {false, true}) {
    Script s;
    const auto a = s.start("/svc/A", std::chrono::seconds(1));
    if (by_goaway) {
      s.peer().goaway(1);
    } else {
      s.shut_down();
    }
    s.wait(std::chrono::seconds(1)).expect(a, Code::kDeadlineExceeded);
    s.expect([](const Script::Run& run) { EXPECT_TRUE(run.is_closed); });
    s.run_all_ways();
  }
}

}  // namespace minim::test
