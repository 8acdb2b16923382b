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

TEST(Connect, IdleConnectionThatStoodIsReplacedWithoutAWait) {
  World w(plain_options("10.0.0.1"));
  w.connect().open(0).wait(2min).send(0, Peer().goaway(0));
  const auto a = w.start("/svc/A", once());
  ASSERT_EQ(w.wires.size(), 2u);
  w.open(1).send(1, Peer().reply(1, "a")).expect(a, Code::kOk, "a");
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

TEST(Connect, CallsThatWaitShareOneFate) {
  World w(plain_options("10.0.0.1"));
  const auto a = w.start("/svc/A", once()), b = w.start("/svc/B", once());
  const auto p = w.start("/svc/P", patient()), c = w.start("/svc/C", once());
  w.refuse(0);
  for (const auto call : {a, b, c}) w.expect(call, Code::kUnavailable, "connection refused");
  w.expect_pending(p);
}

TEST(Connect, LossIsNoNotice) {
  World w(plain_options("10.0.0.1"));
  const auto a = w.start("/svc/A", once());
  w.open(0).hang_up(0, "connection reset by peer").expect(a, Code::kUnavailable);
  EXPECT_EQ(w.notices(), "");
}

TEST(Connect, GoodbyeOfAServerThatWasReady) {
  World w(plain_options("10.0.0.1"));
  const auto a = w.start("/svc/A", once());
  w.open(0).hang_up(0);
  ASSERT_NE(w.reply(a), nullptr);
  EXPECT_EQ(w.reply(a)->status.message(), "10.0.0.1:7233 closed the connection");
}

TEST(Connect, UnixSocketIsOneAddress) {
  World w(plain_options("unix:/run/x"));
  const auto a = w.start("/svc/A", once());
  w.wait(10s).expect_pending(a);
  ASSERT_EQ(w.wires.size(), 1u);
  EXPECT_EQ(w.wires[0].address.to_string(), "unix:/run/x");
  EXPECT_TRUE(w.lookups.empty());
}

TEST(Connect, LookupThatFailsTheLastCallCompletesAClose) {
  World w;
  const auto a = w.start("/svc/A", once());
  w.close(1min).expect_pending(a);
  w.fail_lookup("no such name").expect(a, Code::kUnavailable, "no such name");
  EXPECT_TRUE(w.is_closed);
}

TEST(Connect, RefusalOfTheLastCallsDialCompletesAClose) {
  World w(plain_options("10.0.0.1"));
  const auto a = w.start("/svc/A", once());
  w.close(1min).expect_pending(a);
  EXPECT_FALSE(w.is_closed);
  w.refuse(0).expect(a, Code::kUnavailable, "connection refused");
  EXPECT_TRUE(w.is_closed);
}

// A name server that fails for a moment is no reason to lose a server that is there.
TEST(Connect, KnownAddressesServeWhileTheNameServerFails) {
  for (const bool empty : {false, true}) {
    World w;
    const auto fail = [&] { empty ? w.resolve({}) : w.fail_lookup("no such host"); };
    const std::string why = empty ? "the name has no address" : "no such host";
    const auto a = w.start("/svc/A");
    w.resolve({"10.0.0.1", "10.0.0.2"}).open(0).send(0, Peer().reply(1, "a").goaway(1));
    w.expect(a, Code::kOk, "a");
    const auto b = w.start("/svc/B", once());
    ASSERT_EQ(w.lookups.size(), 2u) << "it is asked each time";
    fail();
    EXPECT_NE(w.notices().find(why + "; the 2 addresses known before are dialled"),
              std::string::npos)
        << w.notices();
    ASSERT_EQ(w.wires.size(), 2u);
    w.open(1).send(1, Peer().reply(1, "b").goaway(1)).expect(b, Code::kOk, "b");
    const auto c = w.start("/svc/C", once());
    fail();
    w.refuse(2).refuse(3);
    w.expect(c, Code::kUnavailable,
             "cannot connect to server:7233: " + why +
                 ", connection refused, connection refused; is the server running?");
    w.wait(1s);
    const auto d = w.start("/svc/D", once());
    w.resolve({"10.0.0.3"}).open(4).send(4, Peer().reply(1, "d").goaway(1));
    w.expect(d, Code::kOk, "d");
    w.start("/svc/E", once());
    fail();
    ASSERT_EQ(w.wires.size(), 6u);
    EXPECT_EQ(w.wires[5].address, ip("10.0.0.3")) << "the last good answer";
  }
}

}  // namespace minim::test
