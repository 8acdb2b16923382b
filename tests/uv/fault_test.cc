// System calls that fail, one after the other; and how many of them a call takes.
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <functional>
#include <future>
#include <string>
#include <vector>

#include "uv/loop_thread.h"
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

// Runs `scenario` once for each system call in it, with that one failing, for several reasons. It
// gets a text for its messages; what must hold afterwards is checked there, without failures.
void fail_each_step(
    int fewest, const std::function<void(const std::string&)>& scenario,
    const std::function<void()>& prepare = [] {}) {
  for (const int error : {ECONNRESET, EMFILE, ENOMEM, EPIPE}) {
    int k = 0;
    do {
      prepare();
      Fake::calls = 0;
      Fake::error = error;
      Fake::fail_at = ++k;
      scenario("step " + std::to_string(k) + ", " + uv::system_reason(error));
      if (Fake::calls < k) break;
    } while (k < 500);
    EXPECT_GT(k, fewest);
    EXPECT_LT(k, 500);
    Fake::fail_at = 0;
  }
}

// True of OK, and of an error that says which of the failures it comes from.
bool is_explained(const Status& status) {
  if (status.ok()) return true;
  bool has_reason =
      status.message().find("temporary failure in name resolution") != std::string::npos;
  for (const int error : {ECONNRESET, EMFILE, ENOMEM, EPIPE, EAGAIN}) {
    has_reason |= status.message().find(uv::system_reason(error)) != std::string::npos;
  }
  return status.code() == Code::kUnavailable && has_reason;
}

TEST_F(Faults, R156EachStepOfTheFirstCall) {
  H2Server server;
  fail_each_step(15, [&](const std::string& step) {
    const auto port = open("name.test:" + std::to_string(server.port()));
    const Status status = call(port, "/test/Echo");
    EXPECT_TRUE(is_explained(status)) << step << ": " << status.to_string();
    Fake::fail_at = 0;
    EXPECT_EQ(patient_call(port).to_string(), "OK") << "after " << step;
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
      15,
      [&](const std::string& step) {
        const Status status = call(port, "/test/Echo");
        EXPECT_TRUE(is_explained(status)) << step << ": " << status.to_string();
        Fake::fail_at = 0;
        EXPECT_EQ(patient_call(port).to_string(), "OK") << "after " << step;
      },
      lose_connection);
}

TEST_F(Faults, R156EachStepOfCallsThatFillTheSocket) {
  H2Server server;
  fail_each_step(20, [&](const std::string& step) {
    const auto port = open(server.target());
    std::vector<Status> ended;
    for (int i = 0; i < 2; ++i) {
      const auto large = make_call(port, "/test/Echo", std::string(200'000, static_cast<char>(i)),
                                   [&](Status status, std::string) { ended.push_back(status); });
      if (Status refused = port->submit(large); !refused.ok()) ended.push_back(std::move(refused));
    }
    run();
    ASSERT_EQ(ended.size(), 2u) << step;
    for (const Status& status : ended) {
      EXPECT_TRUE(is_explained(status)) << step << ": " << status.to_string();
    }
    Fake::fail_at = 0;
    EXPECT_EQ(patient_call(port).to_string(), "OK") << "after " << step;
  });
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
      by_close ? port->close() : core->stop();
      run();
      EXPECT_EQ(ended, std::vector<std::string>(3, "CANCELLED (local): client closed")) << step;
      Fake::fail_at = 0;
      core->stop();
      EXPECT_EQ(patient_call(open(server.target())).to_string(), "OK") << "after " << step;
    };
    fail_each_step(1, end_them, open_calls);
  }
}

TEST_F(Faults, R156EachStepOfALoopsFirstUse) {
  H2Server server;
  fail_each_step(15, [&](const std::string& step) {
    const auto core = make_core();
    const auto port = open(server.target(), *core);
    const Status status = call(port, "/test/Echo");
    EXPECT_TRUE(is_explained(status)) << step << ": " << status.to_string();
    Fake::fail_at = 0;
    EXPECT_EQ(patient_call(port).to_string(), "OK") << "after " << step;
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
    const uv::LoopThread thread(kMailboxCapacity, fake_system());
    const Status status = call_on(thread, target);
    EXPECT_TRUE(is_explained(status)) << step << ": " << status.to_string();
    Fake::fail_at = 0;
    const uv::LoopThread next(kMailboxCapacity, fake_system());
    EXPECT_EQ(call_on(next, target).to_string(), "OK") << "after " << step;
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
