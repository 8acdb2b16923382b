// System calls that fail, one after the other; and how many of them a call takes.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "uv/support/fake_loop.h"
#include "uv/support/h2_server.h"

namespace minim::test {
namespace {

class Faults : public FakeLoop {
 protected:
  // A call that outlasts failed connections.
  Status patient_call(const std::shared_ptr<internal::Port>& port) {
    Status result(Code::kInternal, "the call never ended");
    const auto patient = make_call(
        port, "/test/Echo", "hello",
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
  // The server may split a reply, and a PING for the window estimate may come between.
  EXPECT_LE(Fake::sends, kCalls * 5 / 4);
  EXPECT_LE(Fake::receives, kCalls * 3 / 2);
  EXPECT_EQ(Fake::poll_starts, 0);
  EXPECT_EQ(Fake::calls, Fake::sends + Fake::receives);
}

}  // namespace
}  // namespace minim::test
