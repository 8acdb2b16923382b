// Section A of the fault list: resolving and connecting (rows 1 to 10). TLS, rows 11 to 23, is in
// tests/tls; row 6, descriptors that run out, also in tests/uv.
#include <gtest/gtest.h>

#include "support/rows.h"

namespace minim::test {

using namespace std::chrono_literals;
using rpc::ChannelState;
using rpc::Progress;

namespace {

// "server:7233" fails to become a connection: `spoil` happens after the first lookup was asked for.
void expect_round_fails(const std::function<void(World&)>& spoil, std::string_view text) {
  expect_no_connection(spoil, text, plain_options());
}

}  // namespace

TEST(Faults, R001NameDoesNotResolve) {
  expect_round_fails([](World& w) { w.fail_lookup("server: name not known"); },
                     "cannot connect to server:7233: server: name not known");
}

TEST(Faults, R001ResolverFailsThenRecovers) {
  World w;
  const auto a = w.start("/svc/A"), b = w.start("/svc/B", patient());
  w.fail_lookup("timeout").expect_pending(a).expect_pending(b);
  w.wait(200ms);
  ASSERT_EQ(w.lookups.size(), 2u);
  EXPECT_EQ(w.lookups[1].asked - w.lookups[0].asked, 200ms);
  w.resolve({"10.0.0.1"}).open(0);
  w.wait(1s);
  EXPECT_EQ(w.sent_count("/svc/A"), 1u);
  EXPECT_EQ(w.sent_count("/svc/B"), 1u);
  w.send(0, Peer().reply(w.stream_of(0, "/svc/A"), "a").reply(w.stream_of(0, "/svc/B"), "b"));
  w.expect(a, Code::kOk, "a").expect(b, Code::kOk, "b");
  EXPECT_EQ(w.reply(a)->attempts, 3u) << "the second one fell into the backoff";
  EXPECT_EQ(w.reply(b)->attempts, 1u);
}

TEST(Faults, R002ResolverReturnsNothing) {
  expect_round_fails([](World& w) { w.resolve({}); },
                     "cannot connect to server:7233: the name has no address");
}

TEST(Faults, R003FirstAddressRefuses) {
  World w;
  const auto a = w.start("/svc/A", once());
  w.resolve({"10.0.0.1", "10.0.0.2"}).refuse(0);
  ASSERT_EQ(w.wires.size(), 2u) << "the next one is dialled at once";
  EXPECT_EQ(w.elapsed(), 0s);
  EXPECT_TRUE(w.wires[0].is_closed);
  w.open(1);
  answer(w, "/svc/A", "a");
  expect_ending(w, a, "/svc/A", {.text = "a"});
  expect_next_call_works(w, Next::kSameLink);
}

TEST(Faults, R004AllRefuse) {
  expect_round_fails(
      [](World& w) {
        w.resolve({"10.0.0.1", "10.0.0.2"});
        w.refuse(0, "10.0.0.1:7233: connection refused");
        w.refuse(1, "10.0.0.2:7233: connection refused");
      },
      "cannot connect to server:7233: 10.0.0.1:7233: connection refused, 10.0.0.2:7233: "
      "connection refused; is the server running?");
}

TEST(Faults, R005BlackHoleUntilTheTimeout) {
  expect_round_fails([](World& w) { w.resolve({"10.0.0.1"}).wait(20s); },
                     "timed out after 20.0 s while connecting to 10.0.0.1:7233");
  World w;  // the call's own clock is first
  const auto a = w.start("/svc/A", {.rpc_timeout = 5s, .retry = rpc::no_retry()});
  w.resolve({"10.0.0.1"}).wait(5s);
  expect_ending(w, a, "/svc/A",
                {.code = Code::kDeadlineExceeded,
                 .text = "after 5.0 s while connecting to 10.0.0.1:7233",
                 .origin = Origin::kLocal,
                 .progress = Progress::kNotSent,
                 .sent = 0});
  w.open(0);  // late for that call, and good for the next
  expect_next_call_works(w, Next::kSameLink);
  EXPECT_EQ(w.sent_count("/svc/A"), 0u);
}

TEST(Faults, R005ResolverNeverAnswers) {
  World w;
  const auto a = w.start("/svc/A", once());
  w.wait(20s);
  expect_ending(w, a, "/svc/A",
                {.code = Code::kUnavailable,
                 .text = "timed out after 20.0 s while resolving server",
                 .progress = Progress::kNotSent,
                 .sent = 0});
  w.resolve({"10.0.0.1"});  // too late
  EXPECT_TRUE(w.wires.empty());
  const auto next = w.start("/svc/Next", patient());
  reopen(w);
  answer(w, "/svc/Next", "next");
  expect_ending(w, next, "/svc/Next", {.text = "next"});
}

TEST(Faults, R006OutOfDescriptors) {
  for (const std::string reason : {"too many open files", "no buffer space available"}) {
    expect_round_fails(
        [&](World& w) {
          w.resolve({"10.0.0.1"}).refuse(0, "10.0.0.1:7233: " + reason);
          EXPECT_EQ(w.channel().state(), ChannelState::kBackoff);
        },
        "10.0.0.1:7233: " + reason);
  }
}

TEST(Faults, R007AcceptedThenClosed) {
  expect_no_connection(
      [](World& w) { w.accept(0).hang_up(0); },
      "10.0.0.1:7233 closed the connection before its HTTP/2 SETTINGS; does it want TLS?");
  expect_no_connection([](World& w) { w.accept(0).hang_up(0, "connection reset by peer"); },
                       "connection reset by peer");
}

TEST(Faults, R008SilentServer) {
  expect_no_connection(
      [](World& w) {
        w.accept(0).wait(20s);
        EXPECT_TRUE(w.wires[0].is_closed);
      },
      "the peer sent no SETTINGS in time");
  Script s(Script::Handshake::kNone);
  const auto a = s.start("/svc/A");
  s.wait(20s);
  s.expect(a, Code::kUnavailable, "the peer sent no SETTINGS in time", Progress::kNotSent);
  s.run_all_ways();
}

TEST(Faults, R009ServerClosesRightAfterItsSettings) {
  World w(plain_options("10.0.0.1"));
  const auto a = w.start("/svc/A", once());
  w.accept(0);
  w.wires[0].is_blocked = true;  // so that the call is not written
  w.send(0, Peer().settings()).hang_up(0);
  w.expect_pending(a);
  reopen(w);
  answer(w, "/svc/A", "a");
  expect_ending(w, a, "/svc/A", {.text = "a"});
  EXPECT_EQ(w.wires[0].received.count(kHeaders), 0u);
  expect_next_call_works(w, Next::kSameLink);
}

TEST(Faults, R010Http1AnswerIsNamed) {
  expect_no_connection([](World& w) { w.accept(0).send(0, "HTTP/1.1 400 Bad Request\r\n\r\n"); },
                       "it speaks HTTP/1: it answered 'HTTP/1.1 400 Bad Request'");
  Script s(Script::Handshake::kNone);
  const auto a = s.start("/svc/A");
  s.peer().raw("HTTP/1.1 400 Bad Request\r\nServer: old\r\n\r\n");
  s.expect(a, Code::kUnavailable, "the server does not speak HTTP/2 here: it speaks HTTP/1",
           Progress::kNotSent);
  s.expect([](const Script::Run& run) { EXPECT_TRUE(run.is_closed); });
  s.run_all_ways();
}

}  // namespace minim::test
