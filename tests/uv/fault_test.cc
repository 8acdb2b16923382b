// System calls that fail, one after the other; and how many of them a call takes.
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "uv/socket.h"
#include "uv/support/fake_loop.h"
#include "uv/support/h2_server.h"

namespace minim::test {
namespace {

class Faults : public FakeLoop {
 protected:
  // A call that outlasts failed connections.
  Status patient_call(const std::shared_ptr<internal::Port>& port) {
    Status result(Code::kInternal, "the call never ended");
    const auto patient = make_call(port, "/test/Echo", "hello",
                                   [&](Status status, std::string) { result = std::move(status); });
    patient->options().wait_for_ready = true;
    patient->options().retry = rpc::RetryOptions{};
    EXPECT_TRUE(port->submit(patient).ok());
    run();
    return result;
  }
};

TEST_F(Faults, EachCallInTurn) {
  H2Server server;
  for (const int error : {ECONNRESET, EMFILE, ENOMEM, EPIPE}) {
    int k = 0;
    do {
      Fake::calls = 0;
      Fake::error = error;
      Fake::fail_at = ++k;
      const auto port = open("name.test:" + std::to_string(server.port()));
      const Status status = call(port, "/test/Echo");
      EXPECT_TRUE(status.ok() || status.code() == Code::kUnavailable)
          << "step " << k << ": " << status.to_string();
      const bool was_hit = Fake::calls >= k;
      Fake::fail_at = 0;
      EXPECT_EQ(patient_call(port).to_string(), "OK") << "after step " << k;
      if (!was_hit) break;
    } while (k < 100);
    EXPECT_GT(k, 10);
    EXPECT_LT(k, 100);
  }
}

TEST_F(Faults, OutOfDescriptorsAndRecovered) {
  H2Server server;
  const auto port = open(server.target());
  Fake::sockets_to_fail = 3;
  const Status status = call(port, "/test/Echo");
  EXPECT_EQ(status.code(), Code::kUnavailable);
  EXPECT_NE(status.message().find(server.target() + ": too many open files"), std::string::npos)
      << status.to_string();
  EXPECT_EQ(patient_call(port).to_string(), "OK");
  EXPECT_EQ(Fake::sockets_to_fail, 0);
}

TEST_F(Faults, ShortWritesAreGoneOnWith) {
  H2Server server;
  Fake::send_at_most = 7;
  const auto port = open(server.target());
  EXPECT_EQ(call(port, "/test/Echo").to_string(), "OK");
}

TEST(Socket, RefusesWhatNoSocketCanReach) {
  uv::Socket socket(uv::real_system());
  EXPECT_EQ(socket.dial({rpc::Address::Kind::kUnix, std::string(200, 'x'), 0}), ENAMETOOLONG);
  EXPECT_EQ(socket.dial({rpc::Address::Kind::kIp, "not.a.number", 1}), EINVAL);
  EXPECT_EQ(uv::system_reason(ENAMETOOLONG), "name too long");
}

// The loop stalls for longer than the PING's timeout while the answer comes, and libuv runs timers
// before it looks at sockets: the answer in the socket must count before the clock does.
TEST_F(Faults, PingAnswerBehindAStalledLoopKeepsTheConnection) {
  using std::chrono::milliseconds;
  H2Server server;
  rpc::ChannelOptions options;
  options.target = server.target();
  options.keepalive = rpc::KeepaliveOptions{milliseconds(50), milliseconds(100), true};
  const auto port = core_->open(options);
  ASSERT_TRUE(port);
  EXPECT_TRUE(call(*port, "/test/Echo").ok());

  struct Host {
    H2Server& server;
    int sends_before = 0;
    bool has_stalled = false;
  } host{server, Fake::sends};
  server.pause();
  uv_check_t check;  // runs after the sockets, before the timers
  uv_check_init(&loop_, &check);
  check.data = &host;
  uv_check_start(&check, [](uv_check_t* handle) {
    Host& self = *static_cast<Host*>(handle->data);
    if (Fake::sends == self.sends_before) return;
    self.server.resume();
    self.server.wait_for_pings(1);
    const auto end = std::chrono::steady_clock::now() + milliseconds(300);
    while (std::chrono::steady_clock::now() < end) std::this_thread::yield();
    self.has_stalled = true;
    uv_close(reinterpret_cast<uv_handle_t*>(handle), nullptr);
  });
  run();
  EXPECT_TRUE(host.has_stalled);
  EXPECT_EQ(call(*port, "/test/Echo").to_string(), "OK");
  EXPECT_EQ(server.connections(), 1);
}

// The figure that the driver is built for: one poll, one recv, one send a call.
TEST_F(Faults, ACallOnAReadyConnectionSendsAndReceivesOnce) {
  H2Server server;
  const auto port = open(server.target());
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(call(port, "/test/Echo").ok());
  Fake::calls = Fake::sends = Fake::receives = Fake::poll_starts = 0;
  constexpr int kCalls = 200;
  int left = kCalls;
  std::function<void(Status, std::string)> next = [&](Status status, std::string) {
    ASSERT_TRUE(status.ok()) << status.to_string();
    if (--left > 0) {
      ASSERT_TRUE(port->submit(make_call(port, "/test/Echo", "x", next)).ok());
    }
  };
  ASSERT_TRUE(port->submit(make_call(port, "/test/Echo", "x", next)).ok());
  run();
  EXPECT_EQ(left, 0);
  EXPECT_EQ(Fake::sends, kCalls);
  EXPECT_EQ(Fake::receives, kCalls);
  EXPECT_EQ(Fake::poll_starts, 0);
  EXPECT_EQ(Fake::calls, Fake::sends + Fake::receives);
}

}  // namespace
}  // namespace minim::test
