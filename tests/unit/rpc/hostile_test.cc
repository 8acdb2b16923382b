// Servers that turn away, refuse and complain more than a good one would: what they can make a
// channel do.
#include <gtest/gtest.h>
#include <pthread.h>

#include "support/world.h"

namespace minim::test {

using namespace std::chrono_literals;

namespace {

rpc::CallOptions once() { return {.retry = rpc::no_retry()}; }

// Runs `body` on a thread whose stack has `bytes`: what recurses for each call ends there.
void with_stack(std::size_t bytes, void (*body)()) {
  pthread_attr_t attributes;
  ASSERT_EQ(pthread_attr_init(&attributes), 0);
  ASSERT_EQ(pthread_attr_setstacksize(&attributes, bytes), 0);
  pthread_t thread;
  const auto run = [](void* argument) -> void* {
    reinterpret_cast<void (*)()>(argument)();
    return nullptr;
  };
  ASSERT_EQ(pthread_create(&thread, &attributes, run, reinterpret_cast<void*>(body)), 0);
  pthread_join(thread, nullptr);
  pthread_attr_destroy(&attributes);
}

constexpr std::size_t kCalls = 5000;  // as many RST_STREAMs as one read of 64 KiB holds

std::uint32_t stream(std::size_t call) { return static_cast<std::uint32_t>(2 * call + 1); }

std::string path(std::size_t call) { return "/svc/" + std::to_string(call); }

}  // namespace

TEST(Hostile, AllCallsRefusedInOneReadTakeNoStack) {
  with_stack(std::size_t{512} << 10, [] {
    World w(plain_options("10.0.0.1"));
    w.connect().open(0);
    Peer peer;
    for (std::size_t i = 0; i < kCalls; ++i) {
      w.start(path(i), once());
      peer.rst(stream(i), 7);
    }
    w.send(0, peer);
    const Received& received = w.wires[0].received;
    ASSERT_EQ(received.count(kHeaders), 2 * kCalls);
    std::size_t sent = 0;
    for (const Frame& frame : received.frames()) {
      if (frame.type != kHeaders) continue;
      EXPECT_EQ(frame.field(":path"), path(sent % kCalls)) << "in order, and again in order";
      EXPECT_EQ(frame.stream, stream(sent));
      if (testing::Test::HasFailure()) return;
      ++sent;
    }
  });
}

TEST(Hostile, AllGzipRequestsRefusedInOneReadTakeNoStack) {
  with_stack(std::size_t{512} << 10, [] {
    World w(plain_options("10.0.0.1"));
    w.connect().open(0);
    Peer peer;
    for (std::size_t i = 0; i < kCalls; ++i) {
      rpc::Request request;
      request.path = "/svc/A";
      request.message.assign(2000, 'x');
      w.start(std::move(request), once());
      peer.fail(stream(i), 12);
    }
    w.send(0, peer);
    EXPECT_EQ(w.wires[0].received.count(kHeaders), 2 * kCalls);
  });
}

// nghttp2 ends the connection over such a field; asked again, the server would send it again.
TEST(Hostile, ResponseThatBreaksTheConnectionIsNotAskedForAgain) {
  World w(plain_options("10.0.0.1"));
  const auto a = w.start("/svc/A"), b = w.start("/svc/B");
  w.open(0);
  const Fields fields = {{":status", "200"}, {"x", std::string(66'000, 'x')}};
  w.send(0, Peer().split_headers(1, fields, 16'384));
  w.expect(a, Code::kResourceExhausted, "a response header field is larger than max (65536 bytes)");
  EXPECT_TRUE(w.reply(a)->status.may_have_reached_server());
  w.wait(1s).open(1).wait(1s).send(1, Peer().reply(w.stream_of(1, "/svc/B"), "b"));
  w.expect(b, Code::kOk, "b");
  EXPECT_EQ(w.sent_count("/svc/A"), 1u);
}

// The first address is ready at once each time, and then sends everybody away.
TEST(Hostile, AddressThatTurnsAwayDoesNotStarveTheNext) {
  for (const bool goaway : {true, false}) {
    World w;
    const auto a = w.start("/svc/A", {.wait_for_ready = true});
    w.resolve({"10.0.0.1", "10.0.0.2"});
    ASSERT_EQ(w.wires[0].address, ip("10.0.0.1"));
    if (goaway) {
      w.accept(0).send(0, Peer().settings().goaway(0));
    } else {
      w.open(0).hang_up(0);
    }
    for (int i = 0; i < 100 && w.lookups.size() < 2; ++i) w.wait(100ms);
    w.resolve({"10.0.0.1", "10.0.0.2"});
    ASSERT_EQ(w.wires.size(), 2u);
    EXPECT_EQ(w.wires[1].address, ip("10.0.0.2"));
    w.open(1).send(1, Peer().reply(1, "b")).expect(a, Code::kOk, "b");
  }
}

// Each connection complains of the interval that it was made with: eight complaints of 30 s ask
// for 60 s.
TEST(Hostile, ComplaintsOfSeveralConnectionsDoNotCompound) {
  rpc::ChannelOptions options = plain_options();
  options.keepalive = rpc::KeepaliveOptions{.interval = 30s, .timeout = 15s};
  options.dns_balancing.emplace();
  World w(std::move(options));
  const auto a = w.start("/svc/A");
  w.resolve({"10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4"});
  for (std::size_t i = 0; i < 4; ++i) w.open(i);
  for (std::size_t i = 0; i < 4; ++i) w.send(i, Peer().goaway(1, 11, "too_many_pings"));
  EXPECT_NE(w.notices().find("keepalive interval raised to 60.0 s"), std::string::npos);
  EXPECT_EQ(w.notices().find("raised to 2.0 min"), std::string::npos) << w.notices();
  w.cancel(a);
}

TEST(Hostile, OneConnectionIsHeardOnce) {
  rpc::ChannelOptions options = plain_options("10.0.0.1");
  options.keepalive = rpc::KeepaliveOptions{.interval = 30s, .timeout = 15s};
  World w(std::move(options));
  w.start("/svc/A");
  w.open(0).send(0, Peer().goaway(1, 11, "too_many_pings").goaway(1, 11, "too_many_pings"));
  EXPECT_NE(w.notices().find("keepalive interval raised to 60.0 s"), std::string::npos);
  EXPECT_EQ(w.notices().find("raised to 2.0 min"), std::string::npos) << w.notices();
}

TEST(Hostile, ComplaintLowersNoInterval) {
  rpc::ChannelOptions options = plain_options("10.0.0.1");
  options.keepalive = rpc::KeepaliveOptions{.interval = 3h, .timeout = 15s};
  World w(std::move(options));
  w.connect().open(0).send(0, Peer().goaway(0, 11, "too_many_pings"));
  EXPECT_EQ(w.notices().find("raised"), std::string::npos) << w.notices();
  w.wait(1min).connect().open(1).wait(3h - 1ms);
  EXPECT_EQ(w.wires[1].received.count(kPing), 0u);
  w.wait(1ms);
  EXPECT_EQ(w.wires[1].received.count(kPing), 1u);
}

}  // namespace minim::test
