// When a channel has a connection without a call, none for want of calls, or more than one.
#include <gtest/gtest.h>

#include "support/world.h"

namespace minim::test {

using namespace std::chrono_literals;
using rpc::ChannelState;

namespace {

rpc::CallOptions once() { return {.retry = rpc::no_retry()}; }

rpc::ChannelOptions pooled(std::size_t max_connections) {
  rpc::ChannelOptions options = plain_options("10.0.0.1");
  options.max_connections = max_connections;
  return options;
}

Peer allows(std::uint32_t streams) {
  return Peer().settings({{kMaxConcurrentStreams, streams}}).settings_ack();
}

std::size_t open_wires(const World& w) {
  std::size_t count = 0;
  for (const World::Wire& wire : w.wires) count += wire.is_open ? 1 : 0;
  return count;
}

}  // namespace

TEST(Idle, ConnectionWithoutCallsIsClosedPolitely) {
  rpc::ChannelOptions options = plain_options("10.0.0.1");
  options.idle_timeout = 1min;
  World w(std::move(options));
  const auto a = w.start("/svc/A");
  w.open(0).wait(1h).expect_pending(a);
  EXPECT_TRUE(w.wires[0].is_open) << "a call that waits is no idleness";
  w.send(0, Peer().reply(1, "a")).wait(59s);
  w.start("/svc/B");
  w.send(0, Peer().reply(3, "b")).wait(1min - 1ms);
  EXPECT_TRUE(w.wires[0].is_open) << "it counts from the last call's end";
  w.wait(1ms);
  EXPECT_TRUE(w.wires[0].is_closed);
  EXPECT_EQ(w.wires[0].received.frames().back().type, kGoaway);
  EXPECT_EQ(w.wires[0].received.frames().back().number(4), 0u) << "NO_ERROR";
  EXPECT_EQ(w.channel().state(), ChannelState::kIdle);
  w.wait(1h);
  EXPECT_EQ(w.wires.size(), 1u);
  const auto c = w.start("/svc/C", once());
  w.open(1).send(1, Peer().reply(1, "c")).expect(c, Code::kOk, "c");
}

TEST(Idle, ConnectionThatNoCallEverUsedIsClosedToo) {
  rpc::ChannelOptions options = plain_options("10.0.0.1");
  options.idle_timeout = 1min;
  World w(std::move(options));
  w.connect().wait(10s).open(0).wait(59s);
  EXPECT_TRUE(w.wires[0].is_open) << "it counts from when it was ready";
  w.wait(1s);
  EXPECT_TRUE(w.wires[0].is_closed);
  w.connect();
  EXPECT_EQ(w.wires.size(), 2u) << "no backoff follows";
}

TEST(Idle, NeverUnlessAskedFor) {
  World w(plain_options("10.0.0.1"));
  w.connect().open(0).wait(24h);
  EXPECT_TRUE(w.wires[0].is_open);
}

TEST(Eager, ConnectionIsKeptWithoutCalls) {
  rpc::ChannelOptions options = plain_options("10.0.0.1");
  options.keep_connected = true;
  World w(std::move(options));
  w.connect().open(0).wait(2min).send(0, Peer().goaway(0));
  ASSERT_EQ(w.wires.size(), 2u) << "GOAWAY: at once";
  EXPECT_TRUE(w.wires[0].is_closed);
  w.open(1).wait(1min).hang_up(1, "connection reset by peer");
  ASSERT_EQ(w.wires.size(), 3u);
  w.refuse(2).wait(199ms);
  ASSERT_EQ(w.wires.size(), 3u);
  w.wait(1ms);
  ASSERT_EQ(w.wires.size(), 4u) << "and after a failure with the backoff";
  w.refuse(3).wait(320ms).open(4);
  const auto a = w.start("/svc/A");
  w.send(4, Peer().reply(1, "a")).expect(a, Code::kOk, "a");
  w.close();
  EXPECT_EQ(w.wires.size(), 5u);
}

TEST(Eager, AndIdleContradictEachOther) {
  rpc::ChannelOptions options = plain_options();
  options.keep_connected = true;
  options.idle_timeout = 1min;
  SeededRandom random(1);
  const auto made = rpc::Channel::create(std::move(options), random);
  ASSERT_FALSE(made);
  EXPECT_NE(made.error().message().find("idle_timeout and keep_connected contradict"),
            std::string::npos);
}

TEST(Replacement, IsDialledWhileTheOldOneStillServes) {
  for (const std::size_t chunk : {SIZE_MAX, std::size_t{1}}) {
    World w(plain_options("10.0.0.1"));
    w.chunk_bytes = chunk;
    w.start("/svc/Warm");
    w.open(0).send(0, Peer().reply(1, "ok"));
    const auto poll = w.start("/svc/Poll", once());
    w.send(0, Peer().goaway(0x7fffffff));
    ASSERT_EQ(w.wires.size(), 2u) << "a call is open: the next one will come";
    w.open(1);
    const auto next = w.start("/svc/Next", once());
    w.send(1, Peer().reply(1, "next")).expect(next, Code::kOk, "next");
    EXPECT_FALSE(w.wires[0].is_closed);
    w.send(0, Peer().goaway(3).reply(3, "poll")).expect(poll, Code::kOk, "poll");
    EXPECT_TRUE(w.wires[0].is_closed);
    EXPECT_TRUE(w.wires[1].is_open);
  }
}

TEST(Replacement, CallsAboveTheLastIdMoveWithoutAnAttempt) {
  World w(plain_options("10.0.0.1"));
  std::vector<rpc::CallId> calls;
  for (int i = 0; i < 4; ++i) calls.push_back(w.start("/svc/" + std::to_string(i), once()));
  w.open(0).send(0, Peer().reply(1, "0").goaway(3));
  ASSERT_EQ(w.wires.size(), 2u);
  calls.push_back(w.start("/svc/4", once()));
  w.open(1);
  EXPECT_EQ(w.stream_of(1, "/svc/1"), 0u);
  EXPECT_EQ(w.stream_of(1, "/svc/4"), 5u) << "those that moved come first";
  w.send(0, Peer().reply(3, "1"));
  for (const char* const one : {"2", "3", "4"}) {
    w.send(1, Peer().reply(w.stream_of(1, std::string("/svc/") + one), one));
  }
  for (std::size_t i = 0; i < calls.size(); ++i) {
    w.expect(calls[i], Code::kOk, std::to_string(i));
    EXPECT_EQ(w.reply(calls[i])->attempts, 1u);
  }
}

// Also those of a second GOAWAY, and before all that have not started yet.
TEST(Replacement, CallsThatMoveKeepTheirOrder) {
  World w(plain_options("10.0.0.1"));
  w.start("/svc/Warm");
  w.open(0).send(0, Peer().reply(1, "ok"));
  for (int i = 0; i < 6; ++i) w.start("/svc/" + std::to_string(i), once());
  w.send(0, Peer().goaway(7));  // 3 to 5 move
  w.start("/svc/6", once());
  w.send(0, Peer().goaway(3));  // 1 and 2 as well
  w.open(1);
  std::string order;
  for (const Frame& frame : w.wires[1].received.frames()) {
    if (frame.type == kHeaders) order += frame.field(":path").back();
  }
  EXPECT_EQ(order, "345126");
  w.send(0, Peer().reply(3, "0"));
}

TEST(Streams, CallsThatWaitForOneMoveToTheReplacement) {
  World w(plain_options("10.0.0.1"));
  const auto a = w.start("/svc/A", once()), b = w.start("/svc/B", once());
  const auto c = w.start("/svc/C", once());
  w.accept(0).send(0, allows(1));
  w.send(0, Peer().reply(1, "a")).send(0, Peer().goaway(3));
  w.expect(a, Code::kOk, "a");
  EXPECT_EQ(w.sent_count("/svc/C"), 0u);
  w.open(1);
  EXPECT_EQ(w.link_of("/svc/C"), 1);
  w.send(1, Peer().reply(1, "c")).expect(c, Code::kOk, "c");
  w.send(0, Peer().reply(3, "b")).expect(b, Code::kOk, "b");
}

TEST(Streams, LimitIsLoweredAndRaisedUnderLoad) {
  World w(plain_options("10.0.0.1"));
  std::vector<rpc::CallId> calls;
  for (int i = 0; i < 6; ++i) calls.push_back(w.start("/svc/" + std::to_string(i), once()));
  w.accept(0).send(0, allows(3));
  EXPECT_EQ(w.wires[0].received.count(kHeaders), 3u);
  w.send(0, Peer().settings({{kMaxConcurrentStreams, 0}}).reply(1, "0").reply(3, "1"));
  EXPECT_EQ(w.wires[0].received.count(kHeaders), 3u);
  w.send(0, Peer().settings({{kMaxConcurrentStreams, 2}}));
  EXPECT_EQ(w.wires[0].received.count(kHeaders), 4u) << "one is open still";
  EXPECT_EQ(w.stream_of(0, "/svc/3"), 7u) << "in their order";
  const auto late = w.start("/svc/Late", once());
  w.send(0, Peer().reply(5, "2").reply(7, "3"));
  EXPECT_EQ(w.stream_of(0, "/svc/Late"), 0u) << "nobody overtakes those that wait";
  w.send(0, Peer().reply(9, "4").reply(11, "5"));
  w.send(0, Peer().reply(13, "late")).expect(late, Code::kOk, "late");
  for (std::size_t i = 0; i < calls.size(); ++i) w.expect(calls[i], Code::kOk, std::to_string(i));
}

TEST(Streams, CancelAndDeadlineOfACallThatWaits) {
  World w(plain_options("10.0.0.1"));
  const auto a = w.start("/svc/A"), b = w.start("/svc/B");
  const auto c = w.start("/svc/C", {.rpc_timeout = 5s}), d = w.start("/svc/D");
  w.accept(0).send(0, allows(1));
  w.cancel(b).expect(b, Code::kCancelled, "the call was cancelled");
  EXPECT_FALSE(w.reply(b)->status.may_have_reached_server() &&
               w.reply(b)->progress != rpc::Progress::kNotSent);
  w.wait(5s).expect(c, Code::kDeadlineExceeded,
                    "after 5.0 s while waiting for a free stream (the server allows 1)");
  w.cancel(a);
  EXPECT_EQ(w.stream_of(0, "/svc/D"), 3u) << "a cancelled call's stream is free";
  w.send(0, Peer().reply(3, "d")).expect(d, Code::kOk, "d");
}

TEST(Pool, GrowsByTheStreamLimitOnlyAndToItsBound) {
  World w(pooled(3));
  std::vector<rpc::CallId> calls;
  const auto start = [&] { calls.push_back(w.start("/svc/" + std::to_string(calls.size()))); };
  start();
  start();
  w.accept(0).send(0, allows(2)).wait(1h);
  EXPECT_EQ(w.wires.size(), 1u) << "both have a stream";
  start();
  ASSERT_EQ(w.wires.size(), 2u);
  start();
  start();
  EXPECT_EQ(w.wires.size(), 2u) << "one at a time";
  w.accept(1).send(1, allows(2));
  EXPECT_EQ(w.wires[1].received.count(kHeaders), 2u);
  ASSERT_EQ(w.wires.size(), 3u) << "and one call waits still";
  w.accept(2).send(2, allows(2));
  EXPECT_EQ(w.link_of("/svc/4"), 2);
  start();
  start();
  w.wait(1h);
  EXPECT_EQ(w.wires.size(), 3u) << "max_connections";
  EXPECT_EQ(w.sent_count("/svc/6"), 0u);
  w.send(1, Peer().reply(1, "ok"));
  EXPECT_EQ(w.link_of("/svc/6"), 1) << "the first stream that is free";
  EXPECT_EQ(w.states.back(), ChannelState::kReady) << "it never was anything else";
  EXPECT_EQ(w.states.size(), 2u);
}

TEST(Pool, OffByDefaultAndNotedWhereItWouldHelp) {
  World w(plain_options("10.0.0.1"));
  w.start("/svc/A");
  w.accept(0).send(0, allows(1)).wait(1h);
  EXPECT_TRUE(w.notice_list.empty());
  w.start("/svc/B");
  w.start("/svc/C");
  w.wait(1h);
  EXPECT_EQ(w.wires.size(), 1u);
  EXPECT_EQ(
      w.notices(),
      "calls are waiting for a free stream (the server allows 1); long polls hold streams: see "
      "max_connections\n");
}

TEST(Pool, SpareConnectionsGoWhenTheyAreIdle) {
  World w(pooled(2));
  const auto a = w.start("/svc/A"), b = w.start("/svc/B");
  w.accept(0).send(0, allows(1)).accept(1).send(1, allows(1));
  w.wait(10min).send(1, Peer().reply(1, "b")).expect(b, Code::kOk, "b");
  w.wait(1min - 1ms);
  EXPECT_EQ(open_wires(w), 2u);
  w.wait(1ms);
  EXPECT_TRUE(w.wires[1].is_closed);
  EXPECT_EQ(w.wires[1].received.frames().back().type, kGoaway);
  w.send(0, Peer().reply(1, "a")).expect(a, Code::kOk, "a").wait(1h);
  EXPECT_TRUE(w.wires[0].is_open) << "the first one stays";
}

TEST(Pool, FailureToGrowHurtsNobody) {
  World w(pooled(2));
  const auto a = w.start("/svc/A", once()), b = w.start("/svc/B", once());
  w.accept(0).send(0, allows(1));
  w.refuse(1, "connection refused").expect_pending(a).expect_pending(b);
  EXPECT_EQ(w.channel().state(), ChannelState::kReady);
  EXPECT_NE(w.notices().find("connection refused"), std::string::npos);
  w.wait(199ms);
  EXPECT_EQ(w.wires.size(), 2u);
  w.wait(1ms);
  ASSERT_EQ(w.wires.size(), 3u) << "after the backoff, while a call waits";
  w.wait(20s);
  EXPECT_TRUE(w.wires[2].is_closed) << "the connect timeout";
  w.send(0, Peer().reply(1, "a")).expect(a, Code::kOk, "a");
  w.send(0, Peer().reply(3, "b")).expect(b, Code::kOk, "b");
  w.wait(1h);
  EXPECT_EQ(w.wires.size(), 3u) << "nobody waits any more";
}

TEST(Pool, GrowthHasABackoffOfItsOwn) {
  World w(pooled(2));
  w.start("/svc/Poll");
  w.accept(0).send(0, allows(2));
  // The first connection answers call after call; the second one is refused again and again.
  w.start("/svc/0");
  for (std::uint32_t i = 1; w.elapsed() < 30s; ++i) {
    w.start("/svc/" + std::to_string(i));
    if (const World::Wire& last = w.wires.back(); !last.is_open && !last.is_closed) {
      w.refuse(w.wires.size() - 1);
    }
    w.wait(20ms);
    w.send(0, Peer().reply(2 * i + 1, "ok"));
  }
  EXPECT_LT(w.wires.size(), 12u);
  EXPECT_GT(w.wires.size(), 6u);
}

TEST(Pool, LosingOneOfSeveral) {
  World w(pooled(2));
  const auto a = w.start("/svc/A", once()), b = w.start("/svc/B", once());
  w.accept(0).send(0, allows(1)).accept(1).send(1, allows(1));
  const auto c = w.start("/svc/C", once());
  w.hang_up(0, "connection reset by peer");
  w.expect(a, Code::kUnavailable, "connection reset by peer").expect_pending(b).expect_pending(c);
  EXPECT_EQ(w.channel().state(), ChannelState::kReady);
  w.wait(200ms);
  ASSERT_EQ(w.wires.size(), 3u) << "lost before it proved itself: after the backoff";
  w.accept(2).send(2, allows(1));
  EXPECT_EQ(w.link_of("/svc/C"), 2);
  w.send(1, Peer().reply(1, "b")).send(2, Peer().reply(1, "c"));
  w.expect(b, Code::kOk, "b").expect(c, Code::kOk, "c");
  w.hang_up(1).hang_up(2);
  EXPECT_EQ(w.channel().state(), ChannelState::kIdle);
}

TEST(Pool, OneThatStoodIsReplacedAtOnce) {
  World w(pooled(2));
  const auto a = w.start("/svc/A", once()), b = w.start("/svc/B", once());
  w.accept(0).send(0, allows(1)).accept(1).send(1, allows(1)).wait(10min);
  w.start("/svc/C", once());
  w.hang_up(0).expect(a, Code::kUnavailable).expect_pending(b);
  EXPECT_EQ(w.wires.size(), 3u);
}

TEST(Pool, LosingTheReadyOneWhileAnotherIsDialled) {
  World w(pooled(2));
  const auto a = w.start("/svc/A", once()), b = w.start("/svc/B", once());
  w.accept(0).send(0, allows(1)).hang_up(0);
  w.expect(a, Code::kUnavailable).expect_pending(b);
  EXPECT_EQ(w.channel().state(), ChannelState::kConnecting);
  EXPECT_EQ(w.wires.size(), 2u) << "the dial under way is the one that counts now";
  w.open(1).send(1, Peer().reply(1, "b")).expect(b, Code::kOk, "b");
}

TEST(Pool, DeadlineNamesTheConnections) {
  World w(pooled(2));
  w.start("/svc/A");
  w.start("/svc/B");
  const auto c = w.start("/svc/C", {.rpc_timeout = 5s});
  w.accept(0).send(0, allows(1)).accept(1).send(1, allows(1)).wait(5s);
  w.expect(c, Code::kDeadlineExceeded,
           "waiting for a free stream (the server allows 1 on each of 2 connections)");
}

TEST(Pool, WhatFailsElsewhereIsNoErrorOfACallOnALink) {
  rpc::ChannelOptions options = plain_options();
  options.max_connections = 2;
  World w(std::move(options));
  const auto a = w.start("/svc/A", {.rpc_timeout = 1s, .retry = rpc::no_retry()});
  w.resolve({"10.0.0.1"}).accept(0).send(0, allows(1));
  const auto b = w.start("/svc/B", {.rpc_timeout = 1s, .retry = rpc::no_retry()});
  w.resolve({"10.0.0.2", "10.0.0.3"}).refuse(1, "no route").wait(1s);
  w.expect(a, Code::kDeadlineExceeded, "waiting for the response");
  EXPECT_EQ(w.reply(a)->status.message().find("no route"), std::string::npos);
  w.expect(b, Code::kDeadlineExceeded, "; last error: no route");
}

TEST(Pool, BoundOfConnections) {
  SeededRandom random(1);
  for (const auto& [count, good] : {std::pair(std::size_t{0}, false),
                                    {1, true},
                                    {rpc::kMaxConnections, true},
                                    {rpc::kMaxConnections + 1, false}}) {
    const auto made = rpc::Channel::create(pooled(count), random);
    EXPECT_EQ(made.has_value(), good) << count;
    if (!good) {
      EXPECT_NE(made.error().message().find("max_connections must be 1 to 64"), std::string::npos);
    }
  }
}

}  // namespace minim::test
