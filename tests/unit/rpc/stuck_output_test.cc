// A socket that takes nothing, or a server that takes no more streams than it said: what becomes of
// the calls that wait for it.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/world.h"

namespace minim::test {

using namespace std::chrono_literals;

namespace {

rpc::CallOptions once(Duration timeout = 10s) {
  return {.rpc_timeout = timeout, .retry = rpc::no_retry()};
}

Peer streams(std::uint32_t count) {
  return Peer().settings({{kMaxConcurrentStreams, count}}).settings_ack();
}

}  // namespace

TEST(StuckOutput, AllGoOutOnceItMovesAgain) {
  World w(plain_options("10.0.0.1"));
  w.connect().accept(0).send(0, streams(20'000));
  w.wires[0].is_blocked = true;
  std::vector<rpc::CallId> calls;
  for (int i = 0; i < 12'000; ++i) calls.push_back(w.start("/svc/A", once()));
  w.unblock(0);  // and the server says nothing meanwhile
  EXPECT_EQ(w.wires[0].received.count(kHeaders), 12'000u);
  EXPECT_EQ(w.wires.size(), 1u);
  Peer peer;
  for (std::uint32_t i = 0; i < 12'000; ++i) peer.reply(2 * i + 1, "ok");
  w.send(0, peer);
  for (const rpc::CallId call : calls) w.expect(call, Code::kOk, "ok");
}

TEST(StuckOutput, AllAreCancelled) {
  World w(plain_options("10.0.0.1"));
  w.connect().accept(0).send(0, streams(20'000));
  std::vector<rpc::CallId> calls;
  for (int i = 0; i < 6'000; ++i) calls.push_back(w.start("/svc/A", once()));
  w.wires[0].is_blocked = true;
  for (int i = 0; i < 6'000; ++i) calls.push_back(w.start("/svc/B", once()));
  for (const rpc::CallId call : calls) w.cancel(call).expect(call, Code::kCancelled);
  w.unblock(0);
  EXPECT_EQ(w.wires[0].received.count(kHeaders), 6'000u);
  EXPECT_EQ(w.wires[0].received.count(kRstStream), 6'000u);
  const auto next = w.start("/svc/C", once());
  w.send(0, Peer().reply(w.stream_of(0, "/svc/C"), "c")).expect(next, Code::kOk, "c");
}

TEST(StuckOutput, DeadlineSaysWhatHadLeft) {
  World w(plain_options("10.0.0.1"));
  w.connect().accept(0).send(0, streams(20'000));
  w.wires[0].is_blocked = true;
  rpc::Request large;
  large.path = "/svc/Large";
  large.message.assign(200'000, 'x');
  const auto begun = w.start(large, once(5s));
  static_cast<void>(w.channel().output(w.wires[0].id));  // a filter would have taken it
  std::vector<rpc::CallId> unsent;
  for (int i = 0; i < 3'000; ++i) unsent.push_back(w.start("/svc/A", once(5s)));
  w.wait(5s);
  w.expect(begun, Code::kDeadlineExceeded, "after 5.0 s while sending the request");
  EXPECT_TRUE(w.reply(begun)->status.may_have_reached_server());
  for (const rpc::CallId call : unsent) {
    w.expect(call, Code::kDeadlineExceeded, "after 5.0 s while waiting to be sent");
    EXPECT_FALSE(w.reply(call)->status.may_have_reached_server());
  }
  w.unblock(0);
  EXPECT_EQ(w.sent_count("/svc/A"), 0u);
}

// The limit is lowered while requests wait in the session, and polls keep the streams.
TEST(StuckOutput, LoweredLimitAndGoaway) {
  World w(plain_options("10.0.0.1"));
  w.connect().accept(0).send(0, streams(10));
  const auto first = w.start("/svc/First", once());
  w.send(0, Peer().reply(1, "first")).expect(first, Code::kOk, "first");
  const auto poll = w.start("/svc/Poll", once(70s));
  w.wires[0].is_blocked = true;
  const auto late = w.start("/svc/Late", once(5s)), moved = w.start("/svc/Moved", once(60s));
  w.send(0, Peer().settings({{kMaxConcurrentStreams, 1}})).unblock(0).wait(5s);
  w.expect(late, Code::kDeadlineExceeded, "waiting for a free stream (the server allows 1)");
  w.expect_pending(moved).send(0, Peer().goaway(3)).open(1);
  w.send(1, Peer().reply(1, "moved")).expect(moved, Code::kOk, "moved");
  EXPECT_EQ(w.reply(moved)->attempts, 1u);
  w.send(0, Peer().reply(3, "poll")).expect(poll, Code::kOk, "poll");
  EXPECT_EQ(w.sent_count("/svc/Late"), 0u);
}

}  // namespace minim::test
