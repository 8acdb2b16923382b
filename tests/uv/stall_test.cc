// A loop that does not run for a while: what has come meanwhile counts before the clock does.
#include <gtest/gtest.h>
#include <poll.h>

#include <chrono>
#include <string>

#include "uv/support/fake_loop.h"
#include "uv/support/h2_server.h"

namespace minim::test {
namespace {

using std::chrono::seconds;

// A call that the server holds, on a clock that the test moves.
class StalledLoop : public FakeLoop {
 protected:
  void start(const std::string& path) {
    Fake::hold_clock();
    rpc::ChannelOptions options;
    options.target = server_.target();
    options.keepalive = rpc::KeepaliveOptions{seconds(20), seconds(5), true};
    const auto port = core_->open(options);
    ASSERT_TRUE(port);
    port_ = *port;
    const auto held = make_call(
        port_, path, "", [this](Status status, std::string) { result_ = status.to_string(); });
    held->options().rpc_timeout = seconds(600);
    ASSERT_TRUE(port_->submit(held).ok());
    while (server_.requests() == 0) uv_run(&loop_, UV_RUN_NOWAIT);
    // All that the server has said so far is read, so that the next bytes are what a test is about.
    ASSERT_TRUE(call_without_end("/test/Echo"));
  }

  // Runs the loop until that call has ended, while the held one keeps it alive.
  bool call_without_end(const std::string& path) {
    Status status(Code::kInternal, "running");
    const auto other =
        make_call(port_, path, "", [&](Status ended, std::string) { status = ended; });
    if (!port_->submit(other).ok()) return false;
    while (status.code() == Code::kInternal && status.message() == "running") {
      uv_run(&loop_, UV_RUN_ONCE);
    }
    return status.ok();
  }

  // Waits until something that the loop has not read is in its socket.
  static void wait_for_bytes() {
    pollfd socket{Fake::last_socket, POLLIN, 0};
    ASSERT_EQ(::poll(&socket, 1, -1), 1);
  }

  // Lets the clock strike once and the loop see to it.
  void advance(Duration step) {
    Fake::advance(step);
    uv_run(&loop_, UV_RUN_NOWAIT);
  }

  H2Server server_;
  std::shared_ptr<internal::Port> port_;
  std::string result_ = "running";
};

// libuv runs timers before it looks at sockets.
TEST_F(StalledLoop, R158PingAnswerInTheSocketKeepsTheConnection) {
  start("/test/Hold");
  server_.pause();
  advance(seconds(20));  // a PING goes out
  server_.resume();
  wait_for_bytes();
  advance(seconds(10));  // twice what an answer may take, and it is there
  EXPECT_EQ(result_, "running");
  server_.release();
  run();
  EXPECT_EQ(result_, "OK");
  EXPECT_EQ(server_.connections(), 1);
}

TEST_F(StalledLoop, StallBeforeThePingOnlyDelaysIt) {
  start("/test/Hold");
  server_.pause();
  advance(seconds(300));
  server_.resume();
  wait_for_bytes();
  EXPECT_EQ(result_, "running");
  advance(seconds(5));
  EXPECT_EQ(result_, "running");
  server_.release();
  run();
  EXPECT_EQ(result_, "OK");
}

TEST_F(StalledLoop, NoAnswerIsTheEnd) {
  start("/test/Hold");
  server_.pause();
  advance(seconds(20));
  EXPECT_EQ(result_, "running");
  advance(seconds(5));
  EXPECT_NE(result_.find("keepalive: no answer to a PING within 5.0 s"), std::string::npos)
      << result_;
  server_.resume();
}

TEST_F(StalledLoop, ReplyInTheSocketBeatsItsDeadline) {
  start("/test/Hold");
  server_.release();
  wait_for_bytes();
  Fake::advance(seconds(1000));
  run();
  EXPECT_EQ(result_, "OK");
}

}  // namespace
}  // namespace minim::test
