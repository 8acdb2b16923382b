// What a channel keeps for its observer.
#include "minim/observer.h"

#include <gtest/gtest.h>

#include "support/world.h"

namespace minim::test {

using namespace std::chrono_literals;

namespace {

struct Deaf final : Observer {
  void observe(const Observation&) override {}  // the core never calls it
};

rpc::ChannelOptions observed(std::string target = "10.0.0.1") {
  rpc::ChannelOptions options = plain_options(std::move(target));
  options.observer = std::make_shared<Deaf>();
  return options;
}

// Lines of what has happened since the last call, in order.
std::string told(World& w) {
  std::string lines;
  for (Observation seen; w.channel().next_observation(&seen);) lines += to_string(seen) + "\n";
  return lines;
}

}  // namespace

TEST(Observations, NoneWithoutAnObserver) {
  World w(plain_options("10.0.0.1"));
  const auto a = w.start("/svc/A");
  w.open(0).send(0, Peer().reply(1, "a")).expect(a, Code::kOk, "a");
  EXPECT_EQ(told(w), "");
}

TEST(Observations, AGoodCall) {
  World w(observed());
  const auto a = w.start("/svc/A");
  w.wait(20ms).open(0).wait(30ms).send(0, Peer().reply(1, "hello")).expect(a, Code::kOk, "hello");
  EXPECT_EQ(told(w),
            "channel connecting\n"
            "connection 1 to 10.0.0.1:7233 ready after 20 ms\n"
            "channel ready\n"
            "/svc/A attempt 1: OK after 50 ms, 7 bytes sent, 5 received\n"
            "/svc/A: OK after 50 ms, 1 attempt\n");
  w.close();
  EXPECT_EQ(told(w),
            "channel closed\n"
            "connection 1 to 10.0.0.1:7233 closed by us\n");
}

// Closed by us is no address that failed.
TEST(Observations, CloseWhileItConnectsIsNoFailure) {
  World w(observed());
  w.connect().accept(0).close();
  EXPECT_EQ(told(w), "channel connecting\nchannel closed\n");
}

TEST(Observations, ConnectionBesideARoundTookItsOwnTime) {
  rpc::ChannelOptions options = observed("server:7233");
  options.dns_balancing.emplace();
  World w(std::move(options));
  w.start("/svc/A");
  w.wait(5ms).resolve({"10.0.0.1", "10.0.0.2"}).wait(10ms).open(0).wait(20ms).open(1);
  const std::string lines = told(w);
  EXPECT_NE(lines.find("10.0.0.1:7233 ready after 15 ms\n"), std::string::npos) << lines;
  EXPECT_NE(lines.find("10.0.0.2:7233 ready after 30 ms\n"), std::string::npos) << lines;
}

TEST(Observations, LookupAndAddressesThatFail) {
  World w(observed("server:7233"));
  w.start("/svc/A", {.retry = rpc::no_retry()});
  w.fail_lookup("server: no such name");
  const std::string lookup = told(w);
  EXPECT_NE(lookup.find("no connection to server:7233: UNAVAILABLE (transport): cannot connect to "
                        "server:7233: server: no such name\n"),
            std::string::npos)
      << lookup;
  EXPECT_NE(lookup.find("/svc/A attempt 1: UNAVAILABLE"), std::string::npos) << lookup;

  World v(observed());
  v.start("/svc/A", {.retry = rpc::no_retry()});
  v.refuse(0);
  const std::string refused = told(v);
  EXPECT_NE(refused.find("no connection to 10.0.0.1:7233: UNAVAILABLE (transport): connection "
                         "refused\n"),
            std::string::npos)
      << refused;
  EXPECT_EQ(refused.find("no connection", refused.find("no connection") + 1), std::string::npos)
      << "counted twice\n"
      << refused;
  EXPECT_NE(refused.find("channel backoff"), std::string::npos) << refused;
}

TEST(Observations, RetriesAndResets) {
  World w(observed());
  const auto a = w.start("/svc/A");
  w.open(0).send(0, Peer().fail(1, 14, "busy"));
  std::string lines = told(w);
  EXPECT_NE(lines.find("/svc/A is repeated in 100 ms: UNAVAILABLE (server): busy\n"),
            std::string::npos)
      << lines;
  w.wait(100ms).send(0, Peer().rst(3, 7));
  lines = told(w);
  EXPECT_NE(lines.find("connection 1: /svc/A got RST_STREAM REFUSED_STREAM\n"), std::string::npos)
      << lines;
  EXPECT_NE(lines.find("/svc/A is repeated at once: UNAVAILABLE"), std::string::npos) << lines;
  w.send(0, Peer().reply(5, "a")).expect(a, Code::kOk, "a");
  lines = told(w);
  EXPECT_NE(lines.find("/svc/A attempt 2: OK"), std::string::npos) << lines;
  EXPECT_NE(lines.find("/svc/A: OK after 100 ms, 2 attempts\n"), std::string::npos) << lines;
}

TEST(Observations, GoawayAndTheEndOfADrainedConnection) {
  World w(observed());
  const auto a = w.start("/svc/A");
  w.open(0);
  told(w);
  w.send(0, Peer().goaway(1, 0, "age"));
  EXPECT_EQ(told(w),
            "connection 1: the server is closing the connection (GOAWAY NO_ERROR: age)\n"
            "channel backoff: UNAVAILABLE (transport): the server is closing the connection "
            "(GOAWAY NO_ERROR: age)\n");
  w.send(0, Peer().reply(1, "a")).expect(a, Code::kOk, "a");
  EXPECT_NE(told(w).find("connection 1 to 10.0.0.1:7233 closed after GOAWAY\n"), std::string::npos);
}

TEST(Observations, PingsAndADeadPeer) {
  rpc::ChannelOptions options = observed();
  options.keepalive = rpc::KeepaliveOptions{30s, 15s, true};
  World w(std::move(options));
  w.start("/svc/A", {.retry = rpc::no_retry()});
  w.open(0);
  told(w);
  w.send(0, Peer().pong(std::string(8, '\0')));
  EXPECT_EQ(told(w), "") << "the answer to a PING that was never sent";
  w.wait(30s);
  EXPECT_EQ(told(w), "connection 1: PING sent\n");
  w.wait(40ms).send(0, Peer().pong(std::string(8, '\0')));
  EXPECT_EQ(told(w), "connection 1: PING answered after 40 ms\n");
  w.wait(30s).wait(15s);
  const std::string lines = told(w);
  EXPECT_EQ(lines.find("connection 1: PING sent\nconnection 1: PING not answered within 15.0 s\n"),
            0u)
      << lines;
  EXPECT_NE(lines.find("connection 1 to 10.0.0.1:7233 lost: UNAVAILABLE (transport): keepalive"),
            std::string::npos)
      << lines;
}

// Whatever ends an attempt, exactly one value says so.
TEST(Observations, EachAttemptOnceWhateverEndsIt) {
  World w(observed());
  w.start("/svc/A", {.rpc_timeout = 1s});
  w.wait(1s);
  EXPECT_NE(told(w).find("/svc/A attempt 1: DEADLINE_EXCEEDED (local)"), std::string::npos);
  const auto b = w.start("/svc/B");
  w.cancel(b);
  EXPECT_EQ(
      told(w),
      "/svc/B attempt 1: CANCELLED (local): the call was cancelled after 0 ms, 7 bytes sent, 0 "
      "received\n"
      "/svc/B: CANCELLED (local): the call was cancelled after 0 ms, 1 attempt\n");
  const auto c = w.start("/svc/C");
  w.open(0).cancel(c);
  const std::string lines = told(w);
  EXPECT_NE(lines.find("/svc/C attempt 1: CANCELLED"), std::string::npos) << lines;
  EXPECT_EQ(lines.find("/svc/C attempt 1", lines.find("/svc/C attempt 1") + 1), std::string::npos);
  // Between two attempts none is going on.
  const auto d = w.start("/svc/D");
  w.send(0, Peer().fail(w.stream_of(0, "/svc/D"), 14));
  told(w);
  w.cancel(d);
  EXPECT_EQ(told(w), "/svc/D: CANCELLED (local): the call was cancelled after 0 ms, 1 attempt\n");
}

TEST(Observations, WaitForAFreeStreamIsTimed) {
  World w(observed());
  w.start("/svc/A");
  w.accept(0).send(0, Peer().settings({{kMaxConcurrentStreams, 1}}).settings_ack());
  const auto b = w.start("/svc/B");
  w.wait(70ms).send(0, Peer().reply(1, "a"));
  w.send(0, Peer().reply(3, "b")).expect(b, Code::kOk, "b");
  const std::string lines = told(w);
  EXPECT_NE(lines.find("/svc/B attempt 1: OK after 70 ms (70 ms for a free stream)"),
            std::string::npos)
      << lines;
}

}  // namespace minim::test
