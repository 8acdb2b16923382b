// Calls that are cancelled and channels that are closed, in every state, at once and with a drain.
#include <gtest/gtest.h>

#include "support/world.h"

namespace minim::test {

using namespace std::chrono_literals;
using rpc::ChannelState;

TEST(Channel, CancelInEveryState) {
  {
    World w;
    const auto a = w.start("/svc/A");
    w.cancel(a).cancel(a).expect(a, Code::kCancelled, "the call was cancelled");
  }
  {
    World w;
    const auto a = w.start("/svc/A");
    w.resolve({"10.0.0.1"}).accept(0).cancel(a).expect(a, Code::kCancelled);
    w.send(0, Peer().settings().settings_ack());
    EXPECT_EQ(w.sent_count("/svc/A"), 0u);
  }
  {
    World w;
    const auto a = w.start("/svc/A");
    w.resolve({"10.0.0.1"}).open(0).cancel(a).expect(a, Code::kCancelled);
    EXPECT_EQ(w.wires[0].received.find(kRstStream, 1)->number(), 8u);
  }
  {  // between two attempts
    World w;
    const auto a = w.start("/svc/A");
    w.resolve({"10.0.0.1"}).open(0).send(0, Peer().fail(1, 14));
    w.expect_pending(a).cancel(a).expect(a, Code::kCancelled);
    w.wait(1min);
    EXPECT_EQ(w.sent_count("/svc/A"), 1u);
  }
}

// The first attempt was taken up; what ends the call later was not sent at all.
TEST(Channel, EarlierAttemptsThatMayHaveBeenProcessedAreNotForgotten) {
  const auto begin = [](World& w) {
    const auto a = w.start("/svc/A", {.deadline = kEpoch + 1s});
    w.resolve({"10.0.0.1"}).open(0);
    w.send(0, Peer().fail(1, 14, "try later"));
    w.expect_pending(a);
    return a;
  };
  const auto expect_reached = [](World& w, rpc::CallId a) {
    EXPECT_EQ(w.reply(a)->progress, rpc::Progress::kSent);
    EXPECT_TRUE(w.reply(a)->status.may_have_reached_server());
  };
  {
    SCOPED_TRACE("cancelled while it waits for its second attempt");
    World w;
    const auto a = begin(w);
    w.cancel(a).expect(a, Code::kCancelled);
    expect_reached(w, a);
  }
  {
    SCOPED_TRACE("its second attempt finds no connection");
    World w;
    const auto a = begin(w);
    w.hang_up(0, "reset");
    w.wait(2s).expect(a, Code::kDeadlineExceeded);
    expect_reached(w, a);
  }
  {
    SCOPED_TRACE("closed");
    World w;
    const auto a = begin(w);
    w.close().expect(a, Code::kCancelled, "client closed");
    expect_reached(w, a);
  }
}

TEST(Channel, CloseEndsEverything) {
  World w;
  const auto sent = w.start("/svc/Sent");
  w.resolve({"10.0.0.1"}).open(0);
  const auto sleeping = w.start("/svc/Sleeping");
  w.send(0, Peer().fail(3, 14));
  w.close().close();
  w.expect(sent, Code::kCancelled, "client closed");
  w.expect(sleeping, Code::kCancelled, "client closed");
  EXPECT_TRUE(w.is_closed);
  EXPECT_EQ(w.states.back(), ChannelState::kClosed);
  const Received& got = w.wires[0].received;
  EXPECT_EQ(got.find(kRstStream, 1)->number(), 8u);
  EXPECT_EQ(got.frames().back().type, kGoaway);
  const auto late = w.start("/svc/Late");
  w.expect(late, Code::kCancelled, "client closed");
  EXPECT_EQ(w.channel().next_deadline(), kNever);
}

TEST(Channel, CloseWithADrainTimeLetsCallsFinish) {
  World w(plain_options("10.0.0.1"));
  const auto a = w.start("/svc/A"), b = w.start("/svc/B");
  w.open(0).close(5s);
  EXPECT_FALSE(w.is_closed);
  const auto late = w.start("/svc/Late");
  w.expect(late, Code::kCancelled, "client closed");
  w.wait(1s).send(0, Peer().reply(1, "a").fail(3, 14, "busy"));
  w.expect(a, Code::kOk, "a").expect_pending(b);
  w.wait(100ms).send(0, Peer().reply(5, "b"));
  w.expect(b, Code::kOk, "b");  // repeated as ever
  EXPECT_TRUE(w.is_closed) << "with the last call, not with the drain time";
  EXPECT_EQ(w.wires[0].received.frames().back().type, kGoaway);
}

TEST(Channel, CloseCutsWhatTheDrainTimeDoesNotSee) {
  World w(plain_options("10.0.0.1"));
  const auto a = w.start("/svc/A");
  w.open(0).close(5s).wait(5s - 1ms).expect_pending(a).wait(1ms);
  w.expect(a, Code::kCancelled, "client closed");
  EXPECT_TRUE(w.is_closed);
  EXPECT_EQ(w.wires[0].received.find(kRstStream, 1)->number(), 8u);
}

TEST(Channel, SecondCloseCanOnlyShortenTheDrain) {
  World w(plain_options("10.0.0.1"));
  const auto a = w.start("/svc/A");
  w.close(5s).wait(1s).close(1h).wait(1s).expect_pending(a).close();
  w.expect(a, Code::kCancelled, "client closed");
  EXPECT_TRUE(w.is_closed);
  World longer(plain_options("10.0.0.1"));
  const auto b = longer.start("/svc/A", {.wait_for_ready = true});
  longer.close(5s).close(1h).refuse(0).expect_pending(b).wait(5s);
  longer.expect(b, Code::kCancelled, "client closed");
}

TEST(Channel, CloseWithADrainTimeAndNoCallsIsImmediate) {
  rpc::ChannelOptions options = plain_options("10.0.0.1");
  options.keep_connected = true;
  World w(std::move(options));
  w.connect().open(0).close(1h);
  EXPECT_TRUE(w.is_closed);
  World never(plain_options("10.0.0.1"));
  never.close(Duration::max());
  EXPECT_TRUE(never.is_closed);
}

TEST(Channel, CloseWhileConnecting) {
  World resolving;
  const auto a = resolving.start("/svc/A");
  resolving.close().expect(a, Code::kCancelled, "client closed");
  resolving.resolve({"10.0.0.1"});
  EXPECT_TRUE(resolving.wires.empty());
  World dialling;
  const auto b = dialling.start("/svc/A");
  dialling.resolve({"10.0.0.1"}).close().expect(b, Code::kCancelled, "client closed");
  EXPECT_TRUE(dialling.wires[0].is_closed);
  dialling.accept(0);
  EXPECT_EQ(dialling.wires[0].raw, "");
}

}  // namespace minim::test
