// System calls that fail, one after the other; and how many of them a call takes.
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include <functional>
#include <future>
#include <string>
#include <vector>

#include "uv/loop_thread.h"
#include "uv/socket.h"
#include "uv/support/failing_steps.h"
#include "uv/support/h2_server.h"
#include "uv/support/ways.h"

namespace minim::test {
namespace {

using Faults = FailingSteps;

TEST_F(Faults, R156EachStepOfTheFirstCall) {
  H2Server server;
  fail_each_step(15, [&](const std::string& step) {
    try_call(open("name.test:" + std::to_string(server.port())), server, step);
  });
}

TEST_F(Faults, R156EachStepOfAReconnect) {
  H2Server server;
  std::shared_ptr<internal::Port> port;
  const auto lose_connection = [&] {
    port = open("name.test:" + std::to_string(server.port()));
    ASSERT_EQ(call(port, "/test/Echo").to_string(), "OK");
    ASSERT_EQ(call(port, "/test/Close").code(), Code::kUnavailable);
  };
  fail_each_step(
      15, [&](const std::string& step) { try_call(port, server, step); }, lose_connection);
}

TEST_F(Faults, R156EachStepOnAUnixSocket) {
  const std::string path = testing::TempDir() + "minim-r156-" + std::to_string(getpid());
  {
    H2Server server(path);
    fail_each_step(8,
                   [&](const std::string& step) { try_call(open(server.target()), server, step); });
  }
  ::unlink(path.c_str());
}

TEST_F(Faults, R156EachStepWithSeveralAddresses) {
  H2Server server;
  rpc::ChannelOptions options;
  options.resolver = std::make_shared<ListResolver>(
      std::vector<rpc::Address>{{rpc::Address::Kind::kIp, "127.0.0.1", unused_port()},
                                {rpc::Address::Kind::kIp, "127.0.0.1", server.port()},
                                {rpc::Address::Kind::kIp, "::1", unused_port()}});
  fail_each_step(15, [&](const std::string& step) {
    try_call(open_with(options, "list.test:1"), server, step);
  });
}

TEST_F(Faults, R156EachStepThroughAProxy) {
  H2Server server;
  const TunnelProxy proxy(server);
  rpc::ChannelOptions options;
  options.proxy = rpc::ProxyOptions{.target = proxy.target()};
  fail_each_step(15, [&](const std::string& step) {
    try_call(open_with(options, "server.test:7233"), server, step);
  });
}

// The one way of the driver to a socket that it has not made itself.
TEST_F(Faults, R156EachStepOnASocketOfTheHosts) {
  H2Server server;
  rpc::ChannelOptions options;
  options.dialer = std::make_shared<PairDialer>(server);
  fail_each_step(8, [&](const std::string& step) {
    try_call(open_with(options, "dialed.test:1"), server, step);
  });
}

TEST_F(Faults, R156EachStepOfCallsThatFillTheSocket) {
  H2Server server;
  fail_each_step(
      20, [&](const std::string& step) { try_large_calls(open(server.target()), server, step); });
}

TEST_F(Faults, R156EachStepOfAConnectionThatGoesWithItsCalls) {
  H2Server server;
  for (const bool by_close : {true, false}) {
    std::shared_ptr<uv::LoopCore> core;
    std::shared_ptr<internal::Port> port;
    std::vector<std::string> ended;
    const auto open_calls = [&] {
      core = make_core();
      port = open_port(*core, server.target());
      ended.clear();
      const int before = server.requests();
      for (int i = 0; i < 3; ++i) {
        const auto hanging = make_call(port, "/test/Hang", "", [&](Status status, std::string) {
          ended.push_back(status.to_string());
        });
        ASSERT_TRUE(port->submit(hanging).ok());
      }
      while (server.requests() < before + 3) uv_run(&loop_, UV_RUN_NOWAIT);
    };
    const auto end_them = [&](const std::string& step) {
      Requests requests(server);
      by_close ? port->close() : core->stop();
      run();
      EXPECT_EQ(ended, std::vector<std::string>(3, "CANCELLED (local): client closed")) << step;
      Fake::fail_at = 0;
      core->stop();
      expect_recovered(open(server.target()), requests, step);
    };
    fail_each_step(1, end_them, open_calls);
  }
}

TEST_F(Faults, R156EachStepOfALoopsFirstUse) {
  H2Server server;
  fail_each_step(15, [&](const std::string& step) {
    const auto core = make_core();
    try_call(open(server.target(), *core), server, step);
    core->stop();
    run();
  });
}

// Blocks until the call has ended.
Status call_on(const uv::LoopThread& thread, const std::string& target) {
  const auto port = try_open(*thread.executor(), target);
  if (!port) return port.error();
  std::promise<Status> ended;
  Status refused =
      (*port)->submit(make_call(*port, "/test/Echo", "", [&](Status status, std::string) {
        ended.set_value(std::move(status));
      }));
  return refused.ok() ? ended.get_future().get() : refused;
}

TEST_F(Faults, R156EachStepOfARuntime) {
  H2Server server;
  const std::string target = "name.test:" + std::to_string(server.port());
  fail_each_step(20, [&](const std::string& step) {
    Requests requests(server);
    {
      const uv::LoopThread thread(kMailboxCapacity, fake_system());
      const Status status = call_on(thread, target);
      expect_explained(status, step);
      requests.add(status);
      Fake::fail_at = 0;
      const uv::LoopThread next(kMailboxCapacity, fake_system());
      const Status again = call_on(next, target);
      EXPECT_EQ(again.to_string(), "OK") << "after " << step;
      requests.add(again);
    }
    requests.check(step);
  });
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

TEST_F(Faults, SocketsAreSetUpForSmallRequestsAndDeadPeers) {
  H2Server server;
  const auto option_of = [](int level, int name) {
    int value = 0;
    socklen_t size = sizeof value;
    EXPECT_EQ(::getsockopt(Fake::last_socket, level, name, &value, &size), 0);
    return value;
  };
  const auto port = open(server.target());
  ASSERT_EQ(call(port, "/test/Echo").to_string(), "OK");
  EXPECT_NE(option_of(IPPROTO_TCP, TCP_NODELAY), 0);
  EXPECT_EQ(option_of(IPPROTO_TCP, TCP_USER_TIMEOUT), 15'000);

  rpc::ChannelOptions options;
  options.target = server.target();
  options.keepalive.reset();
  const auto silent = core_->open(options);
  ASSERT_TRUE(silent);
  ASSERT_EQ(call(*silent, "/test/Echo").to_string(), "OK");
  EXPECT_EQ(option_of(IPPROTO_TCP, TCP_USER_TIMEOUT), 0);
}

// The figure that the driver is built for: one poll, one recv, one send a call. One more recv asks
// what came while the loop did not run.
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
  EXPECT_EQ(Fake::receives, kCalls + 1);
  EXPECT_EQ(Fake::poll_starts, 0);
  EXPECT_EQ(Fake::calls, Fake::sends + Fake::receives);
}

}  // namespace
}  // namespace minim::test
