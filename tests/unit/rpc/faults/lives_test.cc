// Section D of the fault list, second half: how connections end, by word or without one (row 75 and
// rows 80 to 91). Rows 80, 81, 85 to 87 and 90 meet real sockets in tests/uv.
#include <dlfcn.h>
#include <gtest/gtest.h>
#include <nghttp2/nghttp2.h>

#include <atomic>

#include "support/rows.h"

namespace {

// What is added to the number of the next stream, so that the last ones come soon.
std::atomic<std::int32_t> stream_ids_used = 0;

}  // namespace

// In front of the library's own.
extern "C" std::uint32_t nghttp2_session_get_next_stream_id(nghttp2_session* session) {
  using Function = std::uint32_t (*)(nghttp2_session*);
  static const auto real =
      reinterpret_cast<Function>(dlsym(RTLD_NEXT, "nghttp2_session_get_next_stream_id"));
  return real(session) + static_cast<std::uint32_t>(stream_ids_used);
}

namespace minim::test {

using namespace std::chrono_literals;
using rpc::Progress;

namespace {

// /svc/A is on its way on link 0, without a retry policy.
struct Open {
  explicit Open(rpc::ChannelOptions options = plain_options("10.0.0.1"),
                rpc::CallOptions call = once())
      : w(std::move(options)), a(w.start("/svc/A", std::move(call))) {
    w.open(0);
  }
  void expect_lost(std::string_view text) {
    expect_ending(w, a, "/svc/A", {Code::kUnavailable, text});
    expect_next_call_works(w, Next::kNewLink);
  }
  World w;
  rpc::CallId a;
};

std::vector<Duration> gaps(const World& w) {
  std::vector<Duration> waits;
  for (std::size_t i = 1; i < w.wires.size(); ++i) {
    waits.push_back(w.wires[i].dialed_at - w.wires[i - 1].dialed_at);
  }
  return waits;
}

}  // namespace

TEST(Faults, R075StreamIdsUsedUp) {
  stream_ids_used = (1 << 30) - 5;  // two streams are left
  World w(plain_options("10.0.0.1"));
  std::vector<rpc::CallId> calls;
  for (int i = 0; i < 3; ++i) calls.push_back(w.start("/svc/" + std::to_string(i), once()));
  w.open(0);
  EXPECT_EQ(w.wires[0].received.count(kHeaders), 2u);
  stream_ids_used = 0;
  w.send(0, Peer().reply(1, "0").reply(3, "1"));
  EXPECT_TRUE(w.wires[0].is_closed) << "drained";
  EXPECT_EQ(w.wires[0].received.count(kGoaway), 1u);
  reopen(w);
  answer(w, "/svc/2", "2");
  for (int i = 0; i < 3; ++i) {
    const std::string number = std::to_string(i);
    expect_ending(w, calls[static_cast<std::size_t>(i)], "/svc/" + number, {.text = number});
  }
  expect_next_call_works(w, Next::kSameLink);
}

TEST(StreamIds, CallThatFoundNoneLeftIsToldSo) {
  stream_ids_used = (1 << 30) - 5;
  World w(plain_options("10.0.0.1"));
  for (int i = 0; i < 2; ++i) w.start("/svc/" + std::to_string(i), once());
  const auto c =
      w.start("/svc/2", {.rpc_timeout = std::chrono::seconds(1), .retry = rpc::no_retry()});
  w.open(0);
  stream_ids_used = 0;
  w.wait(std::chrono::seconds(1));
  w.expect(c, Code::kDeadlineExceeded,
           "; last error: all stream ids of this connection are used up");
}

TEST(Faults, R080IdleConnectionClosedByThePeer) {
  {  // the end is seen first: the call goes elsewhere
    Open open;
    World& w = open.w;
    w.send(0, Peer().reply(1, "a")).hang_up(0);
    const auto b = w.start("/svc/B", once());
    reopen(w);
    answer(w, "/svc/B", "b");
    expect_ending(w, b, "/svc/B", {.text = "b"});
    expect_next_call_works(w, Next::kSameLink);
  }
  {  // it went out a moment before
    Open open;
    World& w = open.w;
    w.send(0, Peer().reply(1, "a"));
    const auto b = w.start("/svc/B", once());
    w.hang_up(0);
    expect_ending(w, b, "/svc/B", {Code::kUnavailable, "10.0.0.1:7233 closed the connection"});
    expect_next_call_works(w, Next::kNewLink);
  }
}

TEST(Faults, R081EndBeforeAnyResponse) {
  Open closed, reset;
  closed.w.hang_up(0);
  closed.expect_lost("10.0.0.1:7233 closed the connection");
  reset.w.hang_up(0, "connection reset by peer");
  reset.expect_lost("connection reset by peer");
  Script s;
  const auto a = s.start("/svc/A");
  s.lost("connection reset by peer");
  s.expect(a, Code::kUnavailable, "connection reset by peer", Progress::kSent);
  s.run_all_ways();
}

TEST(Faults, R081InFlightCallFailsAndQueuedOneMoves) {
  World w(plain_options("10.0.0.1"));
  const auto a = w.start("/svc/A", once()), b = w.start("/svc/B", once());
  w.accept(0).send(0, Peer().settings({{kMaxConcurrentStreams, 1}}).settings_ack());
  w.hang_up(0, "connection reset by peer");
  expect_ending(w, a, "/svc/A", {Code::kUnavailable, "connection reset by peer"});
  reopen(w);
  answer(w, "/svc/B", "b");
  expect_ending(w, b, "/svc/B", {.text = "b"});
}

TEST(Faults, R082EndInMidMessage) {
  const std::string whole = grpc_message("message");
  for (std::size_t cut = 0; cut < whole.size(); ++cut) {
    Open open;
    open.w.send(0, Peer().headers(1, grpc_headers()).data(1, whole.substr(0, cut))).hang_up(0);
    open.expect_lost("closed the connection");
  }
}

TEST(Faults, R083EndBeforeTheTrailers) {
  Open open;
  open.w.send(0, Peer().headers(1, grpc_headers()).data(1, grpc_message("message"))).hang_up(0);
  open.expect_lost("closed the connection");
}

TEST(Faults, R084EndRightAfterTheTrailers) {
  Open open;
  open.w.send(0, Peer().reply(1, "whole")).hang_up(0);
  expect_ending(open.w, open.a, "/svc/A", {.text = "whole"});
  expect_next_call_works(open.w, Next::kNewLink);
}

TEST(Faults, R085HeadersPartlyWritten) {
  Script s;
  s.block_output();
  const auto a = s.start("/svc/A");
  s.take_output(10);  // the acknowledgement of SETTINGS is 9 bytes; it went out before
  s.lost("broken pipe");
  s.expect(a, Code::kUnavailable, "broken pipe", Progress::kSent);
  s.run();
  World w(plain_options("10.0.0.1"));
  w.connect().open(0);
  w.wires[0].is_blocked = true;
  const auto b = w.start("/svc/A", once());
  ASSERT_GT(w.channel().output(w.wires[0].id).size(), 10u);
  w.channel().consume_output(w.wires[0].id, 10);
  w.hang_up(0, "broken pipe");
  expect_ending(w, b, "/svc/A", {.code = Code::kUnavailable, .text = "broken pipe", .sent = 0});
  expect_next_call_works(w, Next::kNewLink);
}

TEST(Faults, R086HeadersStillWithUs) {
  World w(plain_options("10.0.0.1"));
  w.connect().open(0);
  w.wires[0].is_blocked = true;
  const auto a = w.start("/svc/A", once());
  w.hang_up(0, "broken pipe");
  reopen(w);
  answer(w, "/svc/A", "a");
  expect_ending(w, a, "/svc/A", {.text = "a"});
  EXPECT_EQ(w.wires[0].received.count(kHeaders), 0u);
  expect_next_call_works(w, Next::kSameLink);
  Script s;
  s.block_output();
  const auto b = s.start("/svc/A");
  s.lost("broken pipe");
  s.unblock_output();
  s.expect(b, Code::kUnavailable, "broken pipe", Progress::kNotSent);
  s.expect([](const Script::Run& run) {
    EXPECT_EQ(run.received.count(kHeaders), 0u) << "what was not sent must not be sent any more";
  });
  s.run_all_ways();
}

TEST(Faults, R087HalfOpenConnectionIsFoundByKeepalive) {
  rpc::ChannelOptions options = plain_options("10.0.0.1");
  options.keepalive = rpc::KeepaliveOptions{};
  Open open(std::move(options));
  open.w.wait(45s - 1ms).expect_pending(open.a);
  open.w.wait(1ms);
  EXPECT_TRUE(open.w.wires[0].is_closed);
  open.expect_lost("keepalive: no answer to a PING within 15.0 s");
}

TEST(Faults, R088HalfOpenWithoutKeepalive) {
  Open open(plain_options("10.0.0.1"), {.rpc_timeout = 1h, .retry = rpc::no_retry()});
  open.w.wait(1h);
  expect_ending(open.w, open.a, "/svc/A",
                {.code = Code::kDeadlineExceeded,
                 .text = "while waiting for the response",
                 .origin = Origin::kLocal});
  expect_next_call_works(open.w, Next::kSameLink);
}

TEST(Faults, R089StrayPingAnswersDoNotStopTheClock) {
  expect_answer({"", [](Peer& p) { p.pong("whatever").reply(1, "a"); }, {.text = "a"}});
  rpc::ChannelOptions options = plain_options("10.0.0.1");
  options.keepalive = rpc::KeepaliveOptions{.interval = 30s, .timeout = 15s};
  Open open(std::move(options));
  World& w = open.w;
  w.wait(30s);
  ASSERT_EQ(w.wires[0].received.count(kPing), 1u);
  w.send(0, Peer().pong("whatever"));  // shows life, and answers nothing
  w.wait(15s);
  EXPECT_TRUE(w.wires[0].is_closed) << "our own PING is unanswered still";
  open.expect_lost("keepalive");
}

TEST(Faults, R090PeerThatNeverReads) {
  Script s;
  s.block_output();
  std::vector<Script::Call> calls;
  rpc::Request large;
  large.path = "/svc/A";
  large.message = std::string(50'000, 'x');
  for (int i = 0; i < 20; ++i) calls.push_back(s.start(large, 5s));
  s.wait(6s);
  for (const auto call : calls) s.expect(call, Code::kDeadlineExceeded);
  s.expect([](const Script::Run& run) { EXPECT_LT(run.largest_output, 128u << 10); });
  s.run();
  World w(plain_options("10.0.0.1"));
  w.connect().open(0);
  w.wires[0].is_blocked = true;
  const auto a = w.start("/svc/A", {.rpc_timeout = 5s, .retry = rpc::no_retry()});
  w.wait(5s);
  expect_ending(w, a, "/svc/A",
                {.code = Code::kDeadlineExceeded,
                 .text = "after 5.0 s while waiting to be sent",
                 .origin = Origin::kLocal,
                 .progress = rpc::Progress::kNotSent,
                 .sent = 0});
  w.unblock(0);
  expect_next_call_works(w, Next::kSameLink);
}

TEST(Faults, R091BackoffGrowsAndIsReset) {
  World w(plain_options("10.0.0.1"));
  const auto a = w.start("/svc/A", patient());
  for (int i = 0; i < 12; ++i) {
    w.refuse(w.wires.size() - 1);
    w.wait(w.channel().next_deadline() - w.now());
  }
  const std::vector<Duration> waits = gaps(w);
  ASSERT_EQ(waits.size(), 12u);
  double expected = 0.2;
  for (const Duration wait : waits) {
    EXPECT_NEAR(std::chrono::duration<double>(wait).count(), std::min(expected, 10.0), 1e-6);
    expected *= 1.6;
  }
  const std::size_t last = w.wires.size() - 1;
  w.open(last);
  answer(w, "/svc/A", "a");
  expect_ending(w, a, "/svc/A", {.text = "a"});
  w.hang_up(last);
  const auto b = w.start("/svc/B", patient());
  w.refuse(last + 1).wait(1s);
  EXPECT_EQ(gaps(w).back(), 200ms);
  w.open(last + 2);
  answer(w, "/svc/B", "b");
  expect_ending(w, b, "/svc/B", {.text = "b"});
  expect_next_call_works(w, Next::kSameLink);
}

TEST(Faults, R091ServerThatAcceptsAndClosesIsNotDialledInALoop) {
  World w(plain_options("10.0.0.1"));
  rpc::CallOptions stubborn = patient();
  stubborn.retry = rpc::RetryOptions{.max_elapsed = 0s, .max_attempts = 0};
  const auto a = w.start("/svc/A", stubborn);
  const Time begin = w.now();
  while (w.now() < begin + 1min) {
    const std::size_t last = w.wires.size() - 1;
    if (!w.wires[last].is_closed) w.open(last).hang_up(last);
    w.wait(100ms);
  }
  EXPECT_LT(w.wires.size(), 16u);
  EXPECT_GT(w.wires.size(), 9u);
  reopen(w);
  w.wait(10s);  // the policy's own wait
  answer(w, "/svc/A", "a");
  w.expect(a, Code::kOk, "a");
  EXPECT_EQ(w.reply(a)->attempts, w.sent_count("/svc/A"));
  expect_next_call_works(w, Next::kSameLink);
}

}  // namespace minim::test
