// The two clocks of a call: what they count, and the phase that their texts name.
#include <gtest/gtest.h>

#include "support/world.h"

namespace minim::test {

using namespace std::chrono_literals;
using rpc::CallOptions;

namespace {

rpc::CallOptions timeout(Duration duration) { return {.rpc_timeout = duration}; }

}  // namespace

TEST(Channel, DeadlineNamesThePhase) {
  const auto expect_phase = [](World& w, rpc::CallId call, std::string_view phase) {
    w.wait(6s).expect(call, Code::kDeadlineExceeded, "deadline exceeded after 5.0 s while ");
    w.expect(call, Code::kDeadlineExceeded, phase);
  };
  {
    World w;
    const auto a = w.start("/svc/A", timeout(5s));
    expect_phase(w, a, "resolving server");
  }
  {
    World w;
    const auto a = w.start("/svc/A", timeout(5s));
    w.resolve({"10.0.0.1"});
    expect_phase(w, a, "connecting to 10.0.0.1:7233");
  }
  {
    World w;
    const auto a = w.start("/svc/A", timeout(5s));
    w.resolve({"10.0.0.1"}).accept(0);
    expect_phase(w, a, "waiting for the HTTP/2 SETTINGS of 10.0.0.1:7233");
  }
  {
    World w;
    const auto a = w.start("/svc/A", timeout(5s));
    w.resolve({"10.0.0.1"}).accept(0).send(0, Peer().settings({{kMaxConcurrentStreams, 0}}));
    expect_phase(w, a, "waiting for a free stream (the server allows 0)");
  }
  {
    World w;
    const auto a = w.start("/svc/A", timeout(5s));
    w.resolve({"10.0.0.1"}).open(0);
    expect_phase(w, a, "waiting for the response");
  }
  {
    World w;
    const auto a = w.start("/svc/A", timeout(5s));
    w.resolve({"10.0.0.1"}).open(0).send(0, Peer().headers(1, grpc_headers()));
    expect_phase(w, a, "reading the response");
  }
  {
    World w;
    const auto a = w.start("/svc/A", {.rpc_timeout = 5s, .wait_for_ready = true});
    w.fail_lookup("no such host");
    w.wait(4900ms);
    w.fail_lookup("no such host");  // whichever lookup runs
    expect_phase(w, a,
                 "waiting to reconnect to server:7233; last error: cannot connect to "
                 "server:7233: no such host");
  }
}

// A loop that stalled reads what the call waited for after its clock has struck, and before any
// timer.
TEST(Channel, DeadlineThatStruckInAStallNamesThePhaseToo) {
  {
    World w(plain_options("10.0.0.1"));
    const auto a = w.start("/svc/A", timeout(5s));
    w.accept(0);
    w.channel().receive(w.now() + 6s, w.wires[0].id, Peer().settings().bytes());
    w.wait(6s).connect().expect(
        a, Code::kDeadlineExceeded,
        "deadline exceeded after 6.0 s while waiting for the HTTP/2 SETTINGS of "
        "10.0.0.1:7233");
    EXPECT_EQ(w.sent_count("/svc/A"), 0u);
  }
  {
    World w(plain_options("10.0.0.1"));
    w.start("/svc/First");
    w.accept(0).send(0, Peer().settings({{kMaxConcurrentStreams, 1}}).settings_ack());
    const auto a = w.start("/svc/A", timeout(5s)), b = w.start("/svc/B");
    w.channel().receive(w.now() + 6s, w.wires[0].id, Peer().reply(1, "ok").bytes());
    w.wait(6s).connect().expect(
        a, Code::kDeadlineExceeded,
        "deadline exceeded after 6.0 s while waiting for a free stream (the server "
        "allows 1)");
    w.send(0, Peer().reply(3, "b")).expect(b, Code::kOk, "b");
  }
}

TEST(Channel, DeadlineCountsFromWhereItsClockBegan) {
  {  // the wait for a connection and for a stream is part of it
    World w;
    const auto a = w.start("/svc/A", timeout(5s));
    w.wait(2s).resolve({"10.0.0.1"}).wait(1s).open(0);
    EXPECT_EQ(w.wires[0].received.find(kHeaders)->field("grpc-timeout"), "2S");
    w.wait(2s).expect(a, Code::kDeadlineExceeded,
                      "deadline exceeded after 5.0 s while waiting for the response");
  }
  {  // the whole call's
    World w(plain_options("10.0.0.1"));
    const auto a = w.start("/svc/A", {.rpc_timeout = 30s, .deadline = kEpoch + 5s});
    w.open(0).wait(3s).send(0, Peer().fail(1, 14, "the server's own words")).wait(2s);
    w.expect(a, Code::kDeadlineExceeded,
             "deadline exceeded after 5.0 s while waiting for the response; last error: "
             "UNAVAILABLE from the server (2 attempts, 5.0 s)");
  }
}

TEST(Channel, DeadlineNamesTheLastErrorOfEachKind) {
  {  // of another address in this round
    World w;
    const auto a = w.start("/svc/A", timeout(5s));
    w.resolve({"10.0.0.1", "10.0.0.2"}).refuse(0, "10.0.0.1:7233: connection refused").wait(5s);
    w.expect(a, Code::kDeadlineExceeded,
             "deadline exceeded after 5.0 s while connecting to 10.0.0.2:7233; last error: "
             "10.0.0.1:7233: connection refused");
  }
  {  // of the round before
    World w(plain_options("10.0.0.1"));
    const auto a = w.start("/svc/A", {.rpc_timeout = 5s, .wait_for_ready = true});
    w.refuse(0, "10.0.0.1:7233: connection refused").wait(5s);
    w.expect(a, Code::kDeadlineExceeded,
             "while connecting to 10.0.0.1:7233; last error: cannot connect to 10.0.0.1:7233: "
             "10.0.0.1:7233: connection refused");
  }
  {  // of a connection that is long forgotten: none
    World w(plain_options("10.0.0.1"));
    w.connect().refuse(0).wait(200ms).connect().open(1).wait(1min).hang_up(1);
    const auto a = w.start("/svc/A", timeout(5s));
    w.wait(5s).expect(a, Code::kDeadlineExceeded, "connecting to 10.0.0.1:7233");
    EXPECT_EQ(w.reply(a)->status.message().find("last error"), std::string_view::npos);
  }
}

TEST(Channel, WholeDeadlineAndAttemptTimeoutAreTwoClocks) {
  World w;
  CallOptions options = timeout(5s);
  options.deadline = kEpoch + 7s;
  options.wait_for_ready = true;
  const auto a = w.start("/svc/A", options);
  w.resolve({"10.0.0.1"}).open(0);
  EXPECT_EQ(w.wires[0].received.find(kHeaders)->field("grpc-timeout"), "5S");
  w.wait(4s).send(0, Peer().fail(1, 14, "busy"));
  w.wait(100ms);
  ASSERT_EQ(w.sent_count("/svc/A"), 2u);
  const Frame* const second = w.wires[0].received.find(kHeaders, 3);
  EXPECT_EQ(second->field("grpc-timeout"), "2900000u") << "what is left of the whole";
  w.wait(10s);
  w.expect(a, Code::kDeadlineExceeded, "waiting for the response");
  EXPECT_EQ(w.reply(a)->attempts, 2u);
}

TEST(Channel, WithoutAnyBoundNoTimeoutIsSent) {
  World w;
  const auto a = w.start("/svc/A", {.rpc_timeout = Duration::max()});
  w.resolve({"10.0.0.1"}).open(0).send(0, Peer().reply(1, "a"));
  EXPECT_EQ(w.wires[0].received.find(kHeaders)->field("grpc-timeout"), "");
  w.expect(a, Code::kOk, "a");
}

}  // namespace minim::test
