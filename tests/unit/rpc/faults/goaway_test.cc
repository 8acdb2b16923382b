// Section D of the fault list, first half: GOAWAY and how many streams a connection carries (rows
// 63 to 79).
#include <gtest/gtest.h>

#include "support/rows.h"

namespace minim::test {

using namespace std::chrono_literals;
using rpc::Connection;
using rpc::Progress;
using Kind = Connection::Event::Kind;

namespace {

// /svc/A has stream 1 and /svc/B stream 3, neither with a retry policy.
struct Two {
  Two() : w(plain_options("10.0.0.1")) {
    a = w.start("/svc/A", once());
    b = w.start("/svc/B", once());
    w.open(0);
  }
  World w;
  rpc::CallId a, b;
};

// No server has acted on this call: the next connection has it, and it ends well there. `sent`: how
// often servers have seen it.
std::size_t expect_moved(World& w, rpc::CallId call, std::string_view path, std::size_t sent = 2) {
  const std::size_t link = reopen(w);
  answer(w, path, "moved");
  expect_ending(w, call, path, {.text = "moved", .sent = sent});
  return link;
}

// A server that takes `limit` streams and answers in order; the most that it saw open at once.
std::size_t serve_one_by_one(World& w, std::size_t count) {
  std::size_t most = 0;
  for (std::size_t answered = 0; answered < count; ++answered) {
    const std::size_t seen = w.wires[0].received.count(kHeaders);
    most = std::max(most, seen - answered);
    w.send(0, Peer().reply(static_cast<std::uint32_t>(2 * answered + 1), "ok"));
  }
  return most;
}

}  // namespace

TEST(Faults, R063GracefulDoubleGoaway) {
  for (const std::size_t chunk : {SIZE_MAX, std::size_t{1}}) {
    Two two;
    World& w = two.w;
    w.chunk_bytes = chunk;
    w.send(0, Peer().goaway(0x7fffffff, 0, "bye"));
    const auto late = w.start("/svc/Late", once());
    EXPECT_EQ(w.wires[0].received.count(kHeaders), 2u) << "nothing new goes to a draining server";
    w.wait(1s).send(0, Peer().goaway(3).reply(1, "a"));
    EXPECT_FALSE(w.wires[0].is_closed);
    w.send(0, Peer().reply(3, "b"));
    EXPECT_TRUE(w.wires[0].is_closed);
    expect_ending(w, two.a, "/svc/A", {.text = "a"});
    expect_ending(w, two.b, "/svc/B", {.text = "b"});
    expect_moved(w, late, "/svc/Late", 1);
    expect_next_call_works(w, Next::kSameLink);
  }
}

TEST(Faults, R064GoawayBelowOurId) {
  for (const std::size_t chunk : {SIZE_MAX, std::size_t{1}}) {
    Two two;
    World& w = two.w;
    w.chunk_bytes = chunk;
    w.send(0, Peer().goaway(1).reply(1, "a"));
    expect_ending(w, two.a, "/svc/A", {.text = "a"});
    w.expect_pending(two.b);
    expect_moved(w, two.b, "/svc/B");
    expect_next_call_works(w, Next::kSameLink);
  }
  Script s;
  const auto a = s.start("/svc/A"), b = s.start("/svc/B");
  s.peer().goaway(1).reply(1, "a");
  s.expect(a, Code::kOk, "a")
      .expect(b, Code::kUnavailable, "GOAWAY NO_ERROR", Progress::kNotProcessed);
  s.expect([](const Script::Run& run) {
    EXPECT_FALSE(run.replies[1]->status.may_have_reached_server());
    EXPECT_TRUE(run.is_closed);
  });
  s.run_all_ways();
}

TEST(Faults, R065SecondGoawayLowersTheId) {
  Two two;
  World& w = two.w;
  w.send(0, Peer().goaway(0x7fffffff)).expect_pending(two.b);
  w.send(0, Peer().goaway(1).reply(1, "a"));
  expect_ending(w, two.a, "/svc/A", {.text = "a"});
  expect_moved(w, two.b, "/svc/B");
  expect_next_call_works(w, Next::kSameLink);
  Script s;
  const auto a = s.start("/svc/A"), b = s.start("/svc/B");
  s.peer().goaway(0x7fffffff).goaway(1).reply(1, "a");
  s.expect(a, Code::kOk, "a").expect(b, Code::kUnavailable, "", Progress::kNotProcessed);
  s.run_all_ways();
}

TEST(Faults, R066GoawayAtOurIdThenTheResponse) {
  Two two;
  World& w = two.w;
  w.send(0, Peer().goaway(3)).wait(1min).send(0, Peer().reply(3, "b").reply(1, "a"));
  expect_ending(w, two.a, "/svc/A", {.text = "a"});
  expect_ending(w, two.b, "/svc/B", {.text = "b"});
  EXPECT_TRUE(w.wires[0].is_closed) << "drained, then closed";
  EXPECT_EQ(w.wires[0].received.count(kGoaway), 1u);
  expect_next_call_works(w, Next::kNewLink);
}

TEST(Faults, R067GoawayAtOurIdThenTheEnd) {
  Two two;
  World& w = two.w;
  w.send(0, Peer().goaway(3, 2, "out of\nmemory")).hang_up(0);
  for (const auto& [call, path] : {std::pair(two.a, "/svc/A"), std::pair(two.b, "/svc/B")}) {
    expect_ending(w, call, path, {Code::kUnavailable, "GOAWAY INTERNAL_ERROR: out of memory"});
  }
  expect_next_call_works(w, Next::kNewLink);
  Script s;
  const auto a = s.start("/svc/A");
  s.peer().goaway(1, 2, "out of\nmemory");
  s.lost("the peer closed the connection");
  s.expect(a, Code::kUnavailable, "GOAWAY INTERNAL_ERROR: out of memory", Progress::kSent);
  s.run_all_ways();
}

TEST(Faults, R068GoawayWhileCallsWaitForAStream) {
  World w(plain_options("10.0.0.1"));
  const auto a = w.start("/svc/A", once()), b = w.start("/svc/B", once());
  w.accept(0).send(0, Peer().settings({{kMaxConcurrentStreams, 1}}).settings_ack());
  w.send(0, Peer().goaway(1).reply(1, "a"));
  expect_ending(w, a, "/svc/A", {.text = "a"});
  expect_moved(w, b, "/svc/B", 1);
  expect_next_call_works(w, Next::kSameLink);
  Script s;
  s.peer().settings({{kMaxConcurrentStreams, 1}});
  const auto c = s.start("/svc/A"), d = s.start("/svc/B");
  s.peer().goaway(1).reply(1, "a");
  s.expect(c, Code::kOk, "a").expect(d, Code::kUnavailable, "GOAWAY", Progress::kNotSent);
  s.run_all_ways();
}

TEST(Faults, R069GoawayBeforeOurHeadersAreWritten) {
  World w(plain_options("10.0.0.1"));
  w.connect().open(0);
  w.wires[0].is_blocked = true;
  const auto a = w.start("/svc/A", once());
  w.send(0, Peer().goaway(0));
  expect_moved(w, a, "/svc/A", 1);
  expect_next_call_works(w, Next::kSameLink);
  Script s;
  s.block_output();
  const auto call = s.start("/svc/A");
  s.peer().goaway(0);
  s.unblock_output();
  // Its HEADERS stand in the output already and will leave, but the server has said what it will
  // do.
  s.expect(call, Code::kUnavailable, "GOAWAY", Progress::kNotProcessed);
  s.run_all_ways();
}

TEST(Faults, R070GoawayOnEachFreshConnectionObeysBackoff) {
  World w(plain_options("10.0.0.1"));
  const auto a = w.start("/svc/A", {.deadline = kEpoch + 1min, .wait_for_ready = true});
  while (w.now() < kEpoch + 70s) {
    const std::size_t last = w.wires.size() - 1;
    if (!w.wires[last].is_closed) w.accept(last).send(last, Peer().settings().goaway(0));
    w.wait(50ms);
  }
  expect_ending(w, a, "/svc/A",
                {.code = Code::kDeadlineExceeded,
                 .text = "GOAWAY",
                 .origin = Origin::kLocal,
                 .progress = Progress::kNotSent,
                 .sent = 0});
  EXPECT_LT(w.wires.size(), 16u);
  EXPECT_GT(w.wires.size(), 9u) << "it tries on";
  expect_next_call_works(w, Next::kNewLink);
}

TEST(Faults, R071TooManyPings) {
  rpc::ChannelOptions options = plain_options("10.0.0.1");
  options.keepalive = rpc::KeepaliveOptions{.interval = 30s, .timeout = 15s};
  World w(std::move(options));
  const auto a = w.start("/svc/A", once()), b = w.start("/svc/B", once());
  w.open(0).send(0, Peer().goaway(1, 11, "too_many_pings"));
  w.hang_up(0);
  expect_ending(w, a, "/svc/A", {Code::kUnavailable, "GOAWAY ENHANCE_YOUR_CALM: too_many_pings"});
  w.expect_pending(b);
  EXPECT_NE(w.notices().find("keepalive interval raised to 60.0 s"), std::string::npos);
  const std::size_t link = expect_moved(w, b, "/svc/B");
  w.wait(60s - 1ms);
  EXPECT_EQ(w.wires[link].received.count(kPing), 0u);
  w.wait(1ms);
  EXPECT_EQ(w.wires[link].received.count(kPing), 1u);
  expect_next_call_works(w, Next::kSameLink);
}

TEST(Faults, R072GoawayIdGrowsOrIsEven) {
  for (const bool even : {true, false}) {
    expect_answer({.send = [=](Peer& p) { even ? p.goaway(2) : p.goaway(3).goaway(5); },
                   .ending = {Code::kUnavailable, "HTTP/2 failed"},
                   .is_breach = true});
  }
}

TEST(Faults, R073GoawayWithAnErrorAndTheEnd) {
  Two two;
  World& w = two.w;
  w.send(0, Peer().goaway(1, 2)).hang_up(0, "connection reset by peer");
  expect_ending(w, two.a, "/svc/A", {Code::kUnavailable, "INTERNAL_ERROR"});
  w.expect_pending(two.b);
  expect_moved(w, two.b, "/svc/B");
  expect_next_call_works(w, Next::kSameLink);
  Script s;
  const auto a = s.start("/svc/A"), b = s.start("/svc/B");
  s.peer().goaway(1, 2);
  s.lost();
  s.expect(a, Code::kUnavailable, "INTERNAL_ERROR", Progress::kSent);
  s.expect(b, Code::kUnavailable, "", Progress::kNotProcessed);
  s.run_all_ways();
}

TEST(Faults, R074GoawayWithALotOfDebugData) {
  Two two;
  World& w = two.w;
  w.send(0, Peer().goaway(0x7fffffff, 0, std::string(16'000, '\xff'))).hang_up(0);
  expect_ending(w, two.a, "/svc/A", {Code::kUnavailable, "GOAWAY NO_ERROR: "});
  const std::string_view text = w.reply(two.a)->status.message();
  EXPECT_LT(text.size(), 1500u);
  EXPECT_EQ(text.find('\xff'), std::string_view::npos) << "escaped";
  expect_next_call_works(w, Next::kNewLink);
}

TEST(Faults, R076OneStreamAtATime) {
  World w(plain_options("10.0.0.1"));
  std::vector<rpc::CallId> calls;
  for (int i = 0; i < 10; ++i) calls.push_back(w.start("/svc/" + std::to_string(i), once()));
  w.accept(0).send(0, Peer().settings({{kMaxConcurrentStreams, 1}}).settings_ack());
  EXPECT_EQ(serve_one_by_one(w, 10), 1u);
  for (std::size_t i = 0; i < 10; ++i) {
    expect_ending(w, calls[i], "/svc/" + std::to_string(i), {.text = "ok"});
  }
  expect_next_call_works(w, Next::kSameLink);
}

TEST(Faults, R077NoStreamsForEver) {
  World w(plain_options("10.0.0.1"));
  const auto a = w.start("/svc/A", {.rpc_timeout = 5s, .retry = rpc::no_retry()});
  w.accept(0).send(0, Peer().settings({{kMaxConcurrentStreams, 0}}).settings_ack()).wait(6s);
  expect_ending(w, a, "/svc/A",
                {.code = Code::kDeadlineExceeded,
                 .text = "after 5.0 s while waiting for a free stream (the server allows 0)",
                 .origin = Origin::kLocal,
                 .progress = Progress::kNotSent,
                 .sent = 0});
  EXPECT_EQ(w.wires[0].received.count(kRstStream), 0u);
  w.send(0, Peer().settings({{kMaxConcurrentStreams, 1}}));
  expect_next_call_works(w, Next::kSameLink);
}

TEST(Faults, R078StreamLimitLoweredBelowWhatIsOpen) {
  Two two;
  World& w = two.w;
  w.send(0, Peer().settings({{kMaxConcurrentStreams, 1}}));
  const auto c = w.start("/svc/C", once());
  w.send(0, Peer().reply(1, "a"));
  EXPECT_EQ(w.sent_count("/svc/C"), 0u) << "one is open still";
  w.send(0, Peer().reply(3, "b"));
  answer(w, "/svc/C", "c");
  expect_ending(w, two.a, "/svc/A", {.text = "a"});
  expect_ending(w, two.b, "/svc/B", {.text = "b"});
  expect_ending(w, c, "/svc/C", {.text = "c"});
  expect_next_call_works(w, Next::kSameLink);
}

TEST(Faults, R079GoawayAgainAndAgainUnderLoad) {
  World w(plain_options("10.0.0.1"));
  std::vector<rpc::CallId> calls;
  std::vector<int> done;  // by call: how often a server has acted on it
  const auto act = [&](std::size_t link, std::size_t count) {
    Peer peer;
    std::uint32_t last = 0;
    for (const Frame& frame : w.wires[link].received.frames()) {
      if (frame.type != kHeaders) continue;
      if (count-- == 0) break;
      ++done[std::stoul(frame.field(":path").substr(5))];
      peer.reply(frame.stream, "ok");
      last = frame.stream;
    }
    return std::pair(std::move(peer), last);
  };
  for (int life = 0; life < 20; ++life) {
    for (int i = 0; i < 10; ++i) {
      calls.push_back(w.start("/svc/" + std::to_string(calls.size()), once()));
      done.push_back(0);
    }
    const std::size_t link = reopen(w);
    // Half of what is open is answered, the rest is above the last id.
    auto [peer, last] = act(link, w.wires[link].received.count(kHeaders) / 2);
    w.send(link, peer.goaway(last)).wait(1s);
  }
  const std::size_t link = reopen(w);
  w.send(link, act(link, SIZE_MAX).first);
  for (std::size_t i = 0; i < calls.size(); ++i) {
    SCOPED_TRACE(i);
    EXPECT_EQ(done[i], 1) << "none lost, none doubled";
    w.expect(calls[i], Code::kOk, "ok");
  }
  expect_next_call_works(w, Next::kSameLink);
}

}  // namespace minim::test
