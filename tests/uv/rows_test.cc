// Rows of the fault list (docs/wire.md) that need a socket, on a real loop; what they mean to a
// call in every detail is in tests/unit/rpc/faults.
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <string>
#include <vector>

#include "uv/support/fake_loop.h"
#include "uv/support/h2_server.h"

namespace {

std::atomic<long> wall_clock_jump_seconds = 0;
thread_local int wall_clock_reads = 0;

}  // namespace

// In front of the C library's own: a wall clock that jumps.
extern "C" int clock_gettime(clockid_t clock, timespec* time) noexcept {
  const auto result = static_cast<int>(::syscall(SYS_clock_gettime, clock, time));
  if (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE) {
    ++wall_clock_reads;
    time->tv_sec += wall_clock_jump_seconds;
  }
  return result;
}

namespace minim::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class FaultRows : public FakeLoop {
 protected:
  void expect(const Status& status, std::string_view text, bool may_have_reached_server,
              Code code = Code::kUnavailable) {
    EXPECT_EQ(code_name(status.code()), code_name(code)) << status.to_string();
    EXPECT_NE(status.message().find(text), std::string_view::npos) << status.to_string();
    EXPECT_EQ(status.may_have_reached_server(), may_have_reached_server) << status.to_string();
  }

  // The call after the fault, on the server's connection with this number.
  void expect_next_call_works(const std::shared_ptr<internal::Port>& port, const H2Server& server,
                              int connections) {
    const int before = server.requests();
    const auto next = make_call(port, "/test/Echo", "hello",
                                [this](Status status, std::string) { next_ = status.to_string(); });
    next->options().wait_for_ready = true;
    ASSERT_TRUE(port->submit(next).ok());
    run();
    EXPECT_EQ(next_, "OK");
    EXPECT_EQ(server.requests(), before + 1);
    EXPECT_EQ(server.connections(), connections);
  }

  std::string next_ = "running";
};

}  // namespace

TEST_F(FaultRows, R001NameDoesNotResolve) {
  H2Server server;
  Fake::names_resolve = false;
  const auto port = open("name.test:" + std::to_string(server.port()));
  expect(call(port, "/test/Echo"), "name.test: name or service not known", false);
  Fake::names_resolve = true;
  expect_next_call_works(port, server, 1);
}

TEST_F(FaultRows, R004ConnectionRefused) {
  const std::string target = "127.0.0.1:" + std::to_string(unused_port());
  const Status status = call(open(target), "/test/Echo");
  expect(status, target + ": connection refused; is the server running?", false);
  EXPECT_EQ(status.origin(), Origin::kTransport);
}

// A listener that accepts nothing and has no room left: the system drops what else comes.
TEST_F(FaultRows, R005BlackHole) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  ASSERT_EQ(::bind(listener, reinterpret_cast<sockaddr*>(&address), length), 0);
  ASSERT_EQ(::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &length), 0);
  ASSERT_EQ(::listen(listener, 0), 0);
  const int filler = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ASSERT_EQ(::connect(filler, reinterpret_cast<sockaddr*>(&address), length), 0);
  rpc::ChannelOptions options;
  options.target = "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
  options.reconnect.connect_timeout = milliseconds(50);
  const auto port = core_->open(options);
  ASSERT_TRUE(port);
  expect(call(*port, "/test/Echo"), "while connecting to " + options.target, false);
  ::close(filler);
  ::close(listener);
}

TEST_F(FaultRows, R006OutOfDescriptors) {
  H2Server server;
  const auto port = open(server.target());
  Fake::sockets_to_fail = 3;
  expect(call(port, "/test/Echo"), server.target() + ": too many open files", false);
  expect_next_call_works(port, server, 1);
  EXPECT_EQ(Fake::sockets_to_fail, 0);
}

// Nobody runs a borrowed loop between two calls, so the end waits in the socket.
TEST_F(FaultRows, R080IdleConnectionClosedByThePeer) {
  H2Server server;
  const auto port = open(server.target());
  ASSERT_TRUE(call(port, "/test/Echo").ok());
  const auto wait_for_end = [] {
    pollfd socket{Fake::last_socket, POLLRDHUP, 0};
    ASSERT_EQ(::poll(&socket, 1, 10'000), 1);
  };
  server.hang_up();
  wait_for_end();
  expect_next_call_works(port, server, 2);  // elsewhere
  server.hang_up_after_ping();              // which nobody answered
  wait_for_end();
  expect_next_call_works(port, server, 3);
  Fake::before_send = [&] {  // after the last look at the socket
    server.hang_up();
    wait_for_end();
  };
  expect(call(port, "/test/Echo"), server.target() + " closed the connection", true);
  EXPECT_EQ(server.requests(), 3) << "not repeated";
  expect_next_call_works(port, server, 4);
}

TEST_F(FaultRows, R081EndBeforeAnyResponse) {
  H2Server server;
  const auto port = open(server.target());
  expect(call(port, "/test/Close"), server.target() + " closed the connection", true);
  expect(call(port, "/test/Reset"), "connection reset by peer", true);
  EXPECT_EQ(server.requests(), 2) << "not repeated";
  expect_next_call_works(port, server, 3);
}

TEST_F(FaultRows, R085HeadersPartlyWritten) {
  H2Server server;
  const auto port = open(server.target());
  ASSERT_TRUE(call(port, "/test/Echo").ok());
  Fake::send_budget = 10;
  expect(call(port, "/test/Echo"), "broken pipe", true);
  Fake::send_budget = SIZE_MAX;
  EXPECT_EQ(server.requests(), 1);
  expect_next_call_works(port, server, 2);
}

TEST_F(FaultRows, R086HeadersStillWithUs) {
  H2Server server;
  const auto port = open(server.target());
  ASSERT_TRUE(call(port, "/test/Echo").ok());
  Fake::sends_to_fail = 1;
  EXPECT_EQ(call(port, "/test/Echo").to_string(), "OK");
  EXPECT_EQ(server.requests(), 2);
  EXPECT_EQ(server.connections(), 2);
  expect_next_call_works(port, server, 2);
}

TEST_F(FaultRows, R087HalfOpenConnectionIsFoundByKeepalive) {
  H2Server server;
  Fake::hold_clock();
  rpc::ChannelOptions options;
  options.target = server.target();
  options.keepalive = rpc::KeepaliveOptions{seconds(20), seconds(5), true};
  options.reconnect.initial_backoff = Duration();
  const auto port = core_->open(options);
  ASSERT_TRUE(port);
  Status status;
  const auto held = make_call(*port, "/test/Hold", "",
                              [&](Status ended, std::string) { status = std::move(ended); });
  ASSERT_TRUE((*port)->submit(held).ok());
  while (server.requests() == 0) uv_run(&loop_, UV_RUN_NOWAIT);
  server.pause();
  for (const auto step : {seconds(20), seconds(5)}) {
    Fake::advance(step);
    uv_run(&loop_, UV_RUN_NOWAIT);
  }
  expect(status, "keepalive: no answer to a PING within 5.0 s", true);
  server.resume();
  Fake::is_clock_held = false;
  expect_next_call_works(*port, server, 2);
}

TEST_F(FaultRows, R088HalfOpenWithoutKeepalive) {
  H2Server server;
  const auto port = open(server.target());
  ASSERT_TRUE(call(port, "/test/Echo").ok());
  server.pause();
  Status status;
  const auto late = make_call(port, "/test/Echo", "",
                              [&](Status ended, std::string) { status = std::move(ended); });
  late->options().rpc_timeout = milliseconds(5);
  ASSERT_TRUE(port->submit(late).ok());
  run();
  expect(status, "while waiting for the response", true, Code::kDeadlineExceeded);
  server.resume();
  next_ = call(port, "/test/Echo").to_string();
  EXPECT_EQ(next_, "OK");
  EXPECT_EQ(server.connections(), 1);
}

// More than the socket's buffers hold, so that writing stops.
TEST_F(FaultRows, R090PeerThatNeverReads) {
  H2Server server;
  const auto port = open(server.target());
  ASSERT_TRUE(call(port, "/test/Echo").ok());
  server.pause();
  std::vector<Status> ended;
  for (int i = 0; i < 100; ++i) {
    const auto late = make_call(port, "/test/Hang", std::string(60'000, 'x'),
                                [&](Status status, std::string) { ended.push_back(status); });
    late->options().rpc_timeout = milliseconds(20);
    ASSERT_TRUE(port->submit(late).ok());
  }
  run();
  ASSERT_EQ(ended.size(), 100u);
  for (const Status& status : ended) EXPECT_EQ(status.code(), Code::kDeadlineExceeded);
  server.resume();
  EXPECT_EQ(call(port, "/test/Echo").to_string(), "OK");
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(FaultRows, R147CancelAndDestroyInsideACallback) {
  H2Server server;
  auto port = open(server.target());
  std::vector<std::string> ended;
  std::vector<std::shared_ptr<CallRun>> hanging;
  for (int i = 0; i < 2; ++i) {
    hanging.push_back(make_call(port, "/test/Hang", "", [&](Status status, std::string) {
      ended.push_back(status.to_string());
    }));
    ASSERT_TRUE(port->submit(hanging.back()).ok());
  }
  const auto echo = make_call(port, "/test/Echo", "", [&](Status status, std::string) {
    ended.push_back(status.to_string());
    port->request_cancel(hanging[0]);  // another's call, twice
    port->request_cancel(hanging[0]);
    hanging.clear();
    port->close();
    port.reset();
  });
  ASSERT_TRUE(port->submit(echo).ok());
  run();
  EXPECT_EQ(ended, (std::vector<std::string>{"OK", "CANCELLED (local): the operation was cancelled",
                                             "CANCELLED (local): client closed"}));
  expect_next_call_works(open(server.target()), server, 2);
}

TEST_F(FaultRows, R157WallClockJumps) {
  H2Server server;
  const auto port = open(server.target());
  Status held(Code::kInternal, "running");
  const auto hold = make_call(port, "/test/Hold", "",
                              [&](Status status, std::string) { held = std::move(status); });
  ASSERT_TRUE(port->submit(hold).ok());
  while (server.requests() == 0) uv_run(&loop_, UV_RUN_NOWAIT);
  wall_clock_reads = 0;
  for (const long days : {1, -1, 3650}) {
    wall_clock_jump_seconds = days * 86'400;
    for (int i = 0; i < 10; ++i) uv_run(&loop_, UV_RUN_NOWAIT);
    EXPECT_EQ(held.message(), "running");
  }
  server.release();
  run();
  EXPECT_EQ(held.to_string(), "OK");
  expect_next_call_works(port, server, 1);
  EXPECT_EQ(wall_clock_reads, 0) << "nobody looks at it";
  wall_clock_jump_seconds = 0;
}

}  // namespace minim::test
