// How a channel gets a connection and what it does when it loses one.
#include <gtest/gtest.h>

#include "support/world.h"

namespace minim::test {

using namespace std::chrono_literals;
using rpc::CallOptions;
using rpc::ChannelState;

namespace {

CallOptions once() { return {.retry = rpc::no_retry()}; }
CallOptions patient() { return {.wait_for_ready = true}; }

// The waits between dials while every connection ends at once.
std::vector<Duration> gaps(const World& w) {
  std::vector<Duration> waits;
  for (std::size_t i = 1; i < w.wires.size(); ++i) {
    waits.push_back(w.wires[i].dialed_at - w.wires[i - 1].dialed_at);
  }
  return waits;
}

}  // namespace

TEST(Connect, R001NameDoesNotResolve) {
  World w;
  const auto a = w.start("/svc/A", once());
  w.fail_lookup("server: name not known");
  w.expect(a, Code::kUnavailable, "cannot connect to server:7233: server: name not known");
  EXPECT_FALSE(w.reply(a)->status.may_have_reached_server());
  EXPECT_EQ(w.channel().state(), ChannelState::kBackoff);
}

TEST(Connect, R001ResolverFailsThenRecovers) {
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

TEST(Connect, R002ResolverReturnsNothing) {
  World w;
  const auto a = w.start("/svc/A", once());
  w.resolve({}).expect(a, Code::kUnavailable, "the name has no address");
}

TEST(Connect, R003FirstAddressRefuses) {
  World w;
  const auto a = w.start("/svc/A");
  w.resolve({"10.0.0.1", "10.0.0.2"}).refuse(0);
  ASSERT_EQ(w.wires.size(), 2u) << "the next one is dialled at once";
  EXPECT_EQ(w.elapsed(), 0s);
  w.open(1).send(1, Peer().reply(1, "a")).expect(a, Code::kOk, "a");
  EXPECT_TRUE(w.wires[0].is_closed);
}

TEST(Connect, R004AllRefuse) {
  World w;
  const auto a = w.start("/svc/A", once());
  w.resolve({"10.0.0.1", "10.0.0.2"});
  w.refuse(0, "10.0.0.1:7233: connection refused").refuse(1, "10.0.0.2:7233: connection refused");
  w.expect(a, Code::kUnavailable,
           "cannot connect to server:7233: 10.0.0.1:7233: connection refused, 10.0.0.2:7233: "
           "connection refused; is the server running?");
  EXPECT_EQ(w.reply(a)->progress, rpc::Progress::kNotSent);
}

TEST(Connect, R005BlackHoleUntilTheTimeout) {
  World w;
  const auto a = w.start("/svc/A", once());
  w.resolve({"10.0.0.1"}).wait(20s);
  w.expect(a, Code::kUnavailable, "timed out after 20.0 s while connecting to 10.0.0.1:7233");
  EXPECT_TRUE(w.wires[0].is_closed);
}

TEST(Connect, R005ResolverNeverAnswers) {
  World w;
  const auto a = w.start("/svc/A", once());
  w.wait(20s);
  w.expect(a, Code::kUnavailable, "timed out after 20.0 s while resolving server");
  w.resolve({"10.0.0.1"});  // too late
  EXPECT_TRUE(w.wires.empty());
}

TEST(Connect, R007AcceptedThenClosed) {
  World w;
  const auto a = w.start("/svc/A", once());
  w.resolve({"10.0.0.1"}).accept(0).hang_up(0);
  w.expect(a, Code::kUnavailable,
           "10.0.0.1:7233 closed the connection before its HTTP/2 SETTINGS; does it want TLS?");
  World reset;
  const auto b = reset.start("/svc/A", once());
  reset.resolve({"10.0.0.1"}).accept(0).hang_up(0, "connection reset by peer");
  reset.expect(b, Code::kUnavailable, "connection reset by peer");
}

TEST(Connect, R008SilentServer) {
  World w;
  const auto a = w.start("/svc/A", once());
  w.resolve({"10.0.0.1"}).accept(0).wait(20s);
  w.expect(a, Code::kUnavailable, "the peer sent no SETTINGS in time");
  EXPECT_TRUE(w.wires[0].is_closed);
}

TEST(Connect, R009ServerClosesRightAfterItsSettings) {
  World w(plain_options("10.0.0.1"));
  const auto a = w.start("/svc/A");
  w.accept(0);
  w.wires[0].is_blocked = true;  // so that the call is not written
  w.send(0, Peer().settings()).hang_up(0);
  w.expect_pending(a).wait(200ms);
  w.open(1).send(1, Peer().reply(1, "a")).expect(a, Code::kOk, "a");
  EXPECT_EQ(w.reply(a)->attempts, 1u);
  EXPECT_EQ(w.wires[0].received.count(kHeaders), 0u);
}

TEST(Connect, R010NotHttp2) {
  World w(plain_options("10.0.0.1"));
  const auto a = w.start("/svc/A", once());
  w.accept(0).send(0, "HTTP/1.1 400 Bad Request\r\n\r\n");
  w.expect(a, Code::kUnavailable, "it speaks HTTP/1: it answered 'HTTP/1.1 400 Bad Request'");
}

TEST(Connect, HappyEyeballsOrderAndStagger) {
  World w;
  const auto a = w.start("/svc/A");
  w.resolve({"2001::1", "2001::2", "10.0.0.1", "10.0.0.2"});
  ASSERT_EQ(w.wires.size(), 1u);
  w.wait(249ms);
  EXPECT_EQ(w.wires.size(), 1u);
  w.wait(1s);
  ASSERT_EQ(w.wires.size(), 4u);
  const std::string_view order[] = {"2001::1", "10.0.0.1", "2001::2", "10.0.0.2"};
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(w.wires[i].address.host, order[i]);
    EXPECT_EQ(w.wires[i].dialed_at - kEpoch, i * 250ms);
  }
  // Both families connect; the first with SETTINGS wins, and the others go.
  w.accept(0).accept(1).send(1, Peer().settings().settings_ack());
  EXPECT_TRUE(w.wires[0].is_closed);
  EXPECT_FALSE(w.wires[1].is_closed);
  EXPECT_TRUE(w.wires[2].is_closed);
  EXPECT_TRUE(w.wires[3].is_closed);
  w.send(0, Peer().settings()).accept(2);  // too late: of no effect
  w.send(1, Peer().reply(1, "a")).expect(a, Code::kOk, "a");
  EXPECT_EQ(w.wires[0].received.count(kHeaders), 0u);
  w.wait(1h);
  EXPECT_EQ(w.wires.size(), 4u);
}

TEST(Connect, LoserOfTheRaceCannotDisturbALaterRound) {
  World w;
  w.connect();
  w.resolve({"10.0.0.1", "10.0.0.2"}).wait(250ms);
  w.accept(0).accept(1).send(1, Peer().settings().settings_ack());
  w.wait(21s);  // the loser's SETTINGS would be overdue
  w.hang_up(1);
  const auto a = w.start("/svc/A");
  w.resolve({"10.0.0.3"}).wait(5s);
  w.open(2).send(2, Peer().reply(1, "a")).expect(a, Code::kOk, "a");
}

TEST(Connect, SlowAddressStillWinsAfterTheOthersFailed) {
  World w;
  const auto a = w.start("/svc/A");
  w.resolve({"10.0.0.1", "10.0.0.2"}).wait(300ms);
  w.refuse(1).expect_pending(a).wait(5s);
  w.open(0).send(0, Peer().reply(1, "a")).expect(a, Code::kOk, "a");
}

TEST(Connect, AtMostSixteenAddresses) {
  World w;
  w.connect();
  std::vector<std::string> many;
  for (int i = 1; i <= 40; ++i) many.push_back("10.0.0." + std::to_string(i));
  w.resolve(many).wait(19s);
  EXPECT_EQ(w.wires.size(), 16u);
}

TEST(Connect, R091BackoffGrowsAndIsReset) {
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
  w.open(last).send(last, Peer().reply(1, "a")).expect(a, Code::kOk, "a");
  w.hang_up(last);
  w.start("/svc/B", patient());
  w.refuse(last + 1).wait(1s);
  EXPECT_EQ(gaps(w).back(), 200ms);
}

TEST(Connect, BackoffIsJittered) {
  rpc::ChannelOptions options = plain_options("10.0.0.1");
  options.reconnect.jitter = 0.2;
  World w(std::move(options));
  w.start("/svc/A", patient());
  for (int i = 0; i < 40; ++i) {
    w.refuse(w.wires.size() - 1);
    w.wait(w.channel().next_deadline() - w.now());
  }
  std::vector<Duration> waits = gaps(w);
  waits.erase(waits.begin(), waits.begin() + 12);  // the cap is reached
  EXPECT_GE(*std::min_element(waits.begin(), waits.end()), 8s);
  EXPECT_LE(*std::max_element(waits.begin(), waits.end()), 12s);
  EXPECT_LT(*std::min_element(waits.begin(), waits.end()), 9s);
  EXPECT_GT(*std::max_element(waits.begin(), waits.end()), 11s);
}

TEST(Connect, R091ServerThatAcceptsAndClosesIsNotDialledInALoop) {
  World w(plain_options("10.0.0.1"));
  rpc::CallOptions stubborn = patient();
  stubborn.retry = rpc::RetryOptions{.max_elapsed = 0s, .max_attempts = 0};
  w.start("/svc/A", stubborn);
  const Time begin = w.now();
  while (w.now() < begin + 1min) {
    const std::size_t last = w.wires.size() - 1;
    if (!w.wires[last].is_closed) w.open(last).hang_up(last);
    w.wait(100ms);
  }
  EXPECT_LT(w.wires.size(), 16u);
  EXPECT_GT(w.wires.size(), 9u);
}

TEST(Connect, FailFastCallsEndInBackoffAndPatientOnesWait) {
  World w(plain_options("10.0.0.1"));
  const auto a = w.start("/svc/A", once()), b = w.start("/svc/B", patient());
  w.refuse(0, "10.0.0.1:7233: connection refused");
  w.expect(a, Code::kUnavailable, "connection refused").expect_pending(b);
  const auto c = w.start("/svc/C", once());
  w.expect(c, Code::kUnavailable, "connection refused");
  w.wait(200ms);
  const auto d = w.start("/svc/D", once());
  w.expect_pending(d);
  w.open(1).send(1, Peer().reply(1, "b").reply(3, "d"));
  w.expect(b, Code::kOk, "b").expect(d, Code::kOk, "d");
}

TEST(Connect, R063GoawayIsNormalTraffic) {
  World w(plain_options("10.0.0.1"));
  w.start("/svc/A");
  w.open(0).send(0, Peer().reply(1, "a").goaway(1));
  EXPECT_TRUE(w.wires[0].is_closed);
  w.wait(1h);
  EXPECT_EQ(w.wires.size(), 1u) << "nobody asks for a connection";
  const auto b = w.start("/svc/B", once());
  ASSERT_EQ(w.wires.size(), 2u) << "and a call gets one at once";
  w.open(1).send(1, Peer().reply(1, "b")).expect(b, Code::kOk, "b");
}

TEST(Connect, R063GracefulGoawayUnderLoadLosesNoCall) {
  for (const std::size_t chunk : {SIZE_MAX, std::size_t{1}}) {
    World w(plain_options("10.0.0.1"));
    w.chunk_bytes = chunk;
    const auto first = w.start("/svc/First", once());
    w.open(0).send(0, Peer().reply(1, "1"));
    w.expect(first, Code::kOk, "1");
    const auto a = w.start("/svc/A", once()), b = w.start("/svc/B", once());
    w.send(0, Peer().goaway(0x7fffffff));
    const auto c = w.start("/svc/C", once());
    w.send(0, Peer().goaway(3).reply(3, "a"));
    w.expect(a, Code::kOk, "a").expect_pending(b).expect_pending(c);
    EXPECT_TRUE(w.wires[0].is_closed);
    w.open(1);
    EXPECT_EQ(w.sent_count("/svc/B"), 2u) << "above the last id: once more";
    EXPECT_EQ(w.sent_count("/svc/C"), 1u);
    w.send(1, Peer().reply(w.stream_of(1, "/svc/B"), "b").reply(w.stream_of(1, "/svc/C"), "c"));
    w.expect(b, Code::kOk, "b").expect(c, Code::kOk, "c");
  }
}

TEST(Connect, DrainingLinkServesItsCallsBesideTheNewOne) {
  World w(plain_options("10.0.0.1"));
  const auto poll = w.start("/svc/Poll", once());
  w.open(0).send(0, Peer().goaway(0x7fffffff));
  const auto next = w.start("/svc/Next", {.rpc_timeout = 5s, .wait_for_ready = true});
  w.wait(200ms);
  ASSERT_EQ(w.wires.size(), 2u);
  w.wait(5s).expect(next, Code::kDeadlineExceeded, "connecting to 10.0.0.1:7233");
  w.open(1).send(0, Peer().reply(1, "poll")).expect(poll, Code::kOk, "poll");
  EXPECT_TRUE(w.wires[0].is_closed);
  EXPECT_FALSE(w.wires[1].is_closed);
}

TEST(Connect, R070GoawayOnEachFreshConnectionObeysBackoff) {
  World w(plain_options("10.0.0.1"));
  const auto a = w.start("/svc/A", {.deadline = kEpoch + 1min, .wait_for_ready = true});
  while (w.now() < kEpoch + 70s) {
    const std::size_t last = w.wires.size() - 1;
    if (!w.wires[last].is_closed) w.accept(last).send(last, Peer().settings().goaway(0));
    w.wait(50ms);
  }
  w.expect(a, Code::kDeadlineExceeded, "GOAWAY");
  EXPECT_LT(w.wires.size(), 16u);
  EXPECT_EQ(w.sent_count("/svc/A"), 0u);
}

TEST(Connect, IdleConnectionThatStoodIsReplacedWithoutAWait) {
  World w(plain_options("10.0.0.1"));
  w.connect().open(0).wait(2min).send(0, Peer().goaway(0));
  const auto a = w.start("/svc/A", once());
  ASSERT_EQ(w.wires.size(), 2u);
  w.open(1).send(1, Peer().reply(1, "a")).expect(a, Code::kOk, "a");
}

TEST(Connect, R079GoawayAgainAndAgainUnderLoad) {
  World w(plain_options("10.0.0.1"));
  std::vector<rpc::CallId> calls;
  std::size_t answered = 0;
  for (int life = 0; life < 20; ++life) {
    for (int i = 0; i < 10; ++i) calls.push_back(w.start("/svc/" + std::to_string(calls.size())));
    const std::size_t link = w.wires.size() - 1;
    w.open(link);
    // Every second of what is open is answered, the rest is above the last id.
    const std::size_t open = w.wires[link].received.count(kHeaders);
    Peer peer;
    for (std::size_t i = 0; i < open / 2; ++i) {
      peer.reply(static_cast<std::uint32_t>(2 * i + 1), "ok");
      ++answered;
    }
    peer.goaway(static_cast<std::uint32_t>(open / 2 * 2 - 1));
    w.send(link, peer).wait(1s);
  }
  while (w.channel().call_count() > 0) {
    const std::size_t link = w.wires.size() - 1;
    if (w.wires[link].is_closed) {
      w.wait(1s);
      continue;
    }
    w.open(link);
    Peer peer;
    for (const Frame& frame : w.wires[link].received.frames()) {
      if (frame.type == kHeaders) peer.reply(frame.stream, "ok");
    }
    w.send(link, peer);
    break;
  }
  EXPECT_GT(answered, 100u);
  for (std::size_t i = 0; i < calls.size(); ++i) {
    SCOPED_TRACE(i);
    w.expect(calls[i], Code::kOk, "ok");
  }
}

TEST(Connect, R080IdleConnectionClosedByThePeer) {
  World w(plain_options("10.0.0.1"));
  w.start("/svc/A");
  w.open(0).send(0, Peer().reply(1, "a")).hang_up(0);
  const auto b = w.start("/svc/B", once());
  w.open(1).send(1, Peer().reply(1, "b")).expect(b, Code::kOk, "b");
}

TEST(Connect, R081InFlightCallFailsAndQueuedOneMoves) {
  World w(plain_options("10.0.0.1"));
  const auto a = w.start("/svc/A", once()), b = w.start("/svc/B", once());
  w.accept(0).send(0, Peer().settings({{kMaxConcurrentStreams, 1}}).settings_ack());
  w.hang_up(0, "connection reset by peer");
  w.expect(a, Code::kUnavailable, "connection reset by peer").expect_pending(b);
  w.wait(200ms).open(1).send(1, Peer().reply(1, "b")).expect(b, Code::kOk, "b");
  EXPECT_EQ(w.reply(b)->attempts, 1u);
}

TEST(Connect, R047RefusedStreamIsRepeatedOnce) {
  for (const std::size_t chunk : {SIZE_MAX, std::size_t{1}}) {
    World w(plain_options("10.0.0.1"));
    w.chunk_bytes = chunk;
    const auto a = w.start("/svc/A", once());
    w.open(0).send(0, Peer().rst(1, 7));
    EXPECT_EQ(w.sent_count("/svc/A"), 2u);
    EXPECT_EQ(w.elapsed(), 0s);
    w.send(0, Peer().reply(3, "a")).expect(a, Code::kOk, "a");
    EXPECT_EQ(w.reply(a)->attempts, 1u);
  }
}

TEST(Connect, R048RefusedTwice) {
  World w(plain_options("10.0.0.1"));
  const auto a = w.start("/svc/A", once()), b = w.start("/svc/B");
  w.open(0).send(0, Peer().rst(1, 7).rst(3, 7));
  w.send(0, Peer().rst(5, 7).rst(7, 7));
  w.expect(a, Code::kUnavailable, "refused the call unprocessed").expect_pending(b);
  EXPECT_FALSE(w.reply(a)->status.may_have_reached_server());
  w.wait(100ms);
  EXPECT_EQ(w.sent_count("/svc/B"), 3u) << "then the retry policy counts";
  w.send(0, Peer().reply(9, "b")).expect(b, Code::kOk, "b");
  EXPECT_EQ(w.reply(b)->attempts, 2u);
}

TEST(Connect, R071TooManyPingsDoublesTheInterval) {
  rpc::ChannelOptions options = plain_options("10.0.0.1");
  options.keepalive = rpc::KeepaliveOptions{.interval = 30s, .timeout = 15s};
  World w(std::move(options));
  w.connect();
  Duration interval = 30s;
  for (int life = 0; life < 9; ++life) {
    const std::size_t link = w.wires.size() - 1;
    w.open(link).wait(interval - 1ms);
    EXPECT_EQ(w.wires[link].received.count(kPing), 0u) << life;
    w.wait(1ms);
    EXPECT_EQ(w.wires[link].received.count(kPing), 1u) << life;
    w.send(link, Peer().goaway(0, 11, "too_many_pings"));
    w.connect().wait(1s).connect();
    interval = std::min<Duration>(2 * interval, 2h);
  }
  EXPECT_NE(w.notices().find("keepalive interval raised to 60.0 s"), std::string::npos);
}

TEST(Connect, R087HalfOpenConnectionIsFoundByKeepalive) {
  rpc::ChannelOptions options = plain_options("10.0.0.1");
  options.keepalive = rpc::KeepaliveOptions{};
  World w(std::move(options));
  const auto a = w.start("/svc/A");
  w.open(0).wait(45s);
  w.expect_pending(a);
  EXPECT_TRUE(w.wires[0].is_closed);
  w.wait(200ms).open(1).send(1, Peer().reply(1, "a")).expect(a, Code::kOk, "a");
  EXPECT_EQ(w.reply(a)->attempts, 2u);
}

TEST(Connect, R088HalfOpenWithoutKeepalive) {
  World w(plain_options("10.0.0.1"));
  const auto a = w.start("/svc/A", {.rpc_timeout = 1h});
  w.open(0).wait(2h).expect(a, Code::kDeadlineExceeded, "waiting for the response");
}

TEST(Connect, CallSentOnALostLinkIsRepeatedByThePolicyOnly) {
  World w(plain_options("10.0.0.1"));
  const auto a = w.start("/svc/A", once()), b = w.start("/svc/B");
  w.open(0).hang_up(0);
  w.expect(a, Code::kUnavailable, "10.0.0.1:7233 closed the connection");
  w.expect_pending(b).wait(1s);
  w.open(1);
  w.wait(1s);
  w.send(1, Peer().reply(1, "b")).expect(b, Code::kOk, "b");
  EXPECT_EQ(w.sent_count("/svc/B"), 2u);
}

}  // namespace minim::test
