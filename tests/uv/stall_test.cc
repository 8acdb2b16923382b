// A loop that does not run for a while: what has come meanwhile counts before the clock does.
#include <gtest/gtest.h>
#include <poll.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "uv/support/fake_loop.h"
#include "uv/support/h2_server.h"
#include "uv/support/memory_stream.h"

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

// A stream of the host's holds as much unread as a test wants.
class StalledStream : public FakeLoop {
 protected:
  // A call that is still open ends now, while there is somebody to tell.
  ~StalledStream() override {
    core_->stop();
    run();
  }

  static constexpr std::size_t kLargeBytes = 700'000;
  static constexpr int kReadsToCatchUp = 128;

  struct StreamDialer final : Dialer {
    explicit StreamDialer(MemoryStream::State& state) : stream(state) {}
    void dial(const rpc::Address&, DialAnswer answer) override {
      answer.give(std::make_unique<MemoryStream>(stream));
    }
    MemoryStream::State& stream;
  };

  // Three calls whose answers are large, and then one that must be answered within ten seconds.
  // Returns when all are asked, and their answers held.
  void start() {
    Fake::hold_clock();
    port_ = open_with({.dialer = std::make_shared<StreamDialer>(stream_)}, "name.test:7233");
    EXPECT_EQ(call(port_, "/test/Echo").to_string(), "OK");
    stream_.holds = true;
    for (int i = 0; i < 3; ++i) submit(std::string(kLargeBytes, 'x'), seconds(600));
    while (stream_.requests < 4) uv_run(&loop_, UV_RUN_NOWAIT);
    submit("small", seconds(10));
    while (stream_.requests < 5) uv_run(&loop_, UV_RUN_NOWAIT);
    for (int i = 0; i < 3; ++i) uv_run(&loop_, UV_RUN_NOWAIT);
    stream_.holds = false;
    stream_.reads = 0;
  }

  void submit(std::string message, Duration timeout) {
    const auto made =
        make_call(port_, "/test/Echo", std::move(message), [this](Status status, std::string) {
          results_ += status.to_string() + "\n";
          reads_at_end_ = stream_.reads;
        });
    made->options().rpc_timeout = timeout;
    made->options().retry = rpc::no_retry();
    ASSERT_TRUE(port_->submit(made).ok());
  }

  MemoryStream::State stream_;
  std::shared_ptr<internal::Port> port_;
  std::string results_;
  int reads_at_end_ = 0;  // of the last call
};

TEST_F(StalledStream, ReplyBehindManyOthersBeatsItsDeadline) {
  start();
  Fake::advance(seconds(11));
  run();
  EXPECT_EQ(results_, "OK\nOK\nOK\nOK\n");
}

TEST_F(StalledStream, ReplyBehindManyOthersBeatsAFailureToWrite) {
  start();
  stream_.write_says = ByteStream::Moved{.kind = ByteStream::Moved::Kind::kFailed,
                                         .status = Status(Code::kUnavailable, "the line is cut")};
  submit("never sent", seconds(10));
  while (stream_.alive > 0 || results_.size() < 12) uv_run(&loop_, UV_RUN_NOWAIT);
  EXPECT_EQ(results_, "OK\nOK\nOK\nOK\n");
}

TEST_F(StalledStream, PeerThatNeverStopsDoesNotHoldTheClock) {
  constexpr std::uint8_t kUnknownType = 0xee;  // to be ignored (RFC 9113, 5.5)
  start();
  stream_.is_silent = true;
  submit("never answered", seconds(20));
  stream_.then_without_end = Peer().frame(kUnknownType, 0, 0, std::string(16'000, 'x')).take();
  while (stream_.requests < 6 || results_.size() < 12) uv_run(&loop_, UV_RUN_NOWAIT);
  results_.clear();
  stream_.reads = 0;
  Fake::advance(seconds(21));
  while (results_.empty()) uv_run(&loop_, UV_RUN_NOWAIT);
  EXPECT_NE(results_.find("DEADLINE_EXCEEDED"), std::string::npos) << results_;
  EXPECT_GE(reads_at_end_, kReadsToCatchUp);
  EXPECT_LE(reads_at_end_, kReadsToCatchUp + 2 * 4) << "and kReadsPerTurn, before and after";
  stream_.then_without_end.clear();
}

}  // namespace
}  // namespace minim::test
