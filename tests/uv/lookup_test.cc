// Name lookups, and what outlives what.
#include "uv/lookup.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <future>
#include <memory>
#include <vector>

#include "uv/loop_thread.h"
#include "uv/support/fake_loop.h"
#include "uv/support/h2_server.h"

namespace minim::test {
namespace {

class Lookups : public FakeLoop {
 protected:
  ~Lookups() override { Fake::let_names_go(); }

  void turn() {
    for (int i = 0; i < 10; ++i) uv_run(&loop_, UV_RUN_NOWAIT);
  }

  // Each with a call, and a name server that says nothing yet.
  void start_clients(int count) {
    Fake::names_wait = true;
    for (int i = 0; i < count; ++i) {
      ports_.push_back(open("name.test:" + std::to_string(server_.port())));
      const auto started =
          make_call(ports_.back(), "/test/Echo", "",
                    [&](Status status, std::string) { ended_.push_back(status.to_string()); });
      ASSERT_TRUE(ports_.back()->submit(started).ok());
    }
    turn();
    Fake::wait_for_lookups(std::min(count, uv::kMaxLookups));
  }

  H2Server server_;
  std::vector<std::shared_ptr<internal::Port>> ports_;
  std::vector<std::string> ended_;
};

TEST(NumericAddress, KnowsNumbersFromNames) {
  EXPECT_EQ(uv::numeric_address("10.0.0.5", 7233)->to_string(), "10.0.0.5:7233");
  EXPECT_EQ(uv::numeric_address("::1", 80)->to_string(), "[::1]:80");
  EXPECT_FALSE(uv::numeric_address("localhost", 1));
  EXPECT_FALSE(uv::numeric_address("", 1));
}

TEST_F(Lookups, NameThatDoesNotResolveAndRecovers) {
  H2Server server;
  Fake::names_resolve = false;
  const auto port = open("name.test:" + std::to_string(server.port()));
  const Status status = call(port, "/test/Echo");
  EXPECT_EQ(status.code(), Code::kUnavailable);
  EXPECT_NE(status.message().find("name.test: name or service not known"), std::string::npos)
      << status.to_string();
  Fake::names_resolve = true;
  const auto other = open("name.test:" + std::to_string(server.port()));
  EXPECT_EQ(call(other, "/test/Echo").to_string(), "OK");
}

TEST_F(Lookups, NumericTargetsAskNobody) {
  H2Server server;
  EXPECT_EQ(call(open(server.target()), "/test/Echo").to_string(), "OK");
  EXPECT_EQ(Fake::lookups, 0);
}

// The deadline strikes, uv_run() returns and the loop closes with the lookup still running.
TEST_F(Lookups, SlowOneHoldsNobodyOnABorrowedLoop) {
  Fake::names_wait = true;
  const auto port = open("name.test:7233");
  Status result;
  const auto late = make_call(port, "/test/Echo", "",
                              [&](Status status, std::string) { result = std::move(status); });
  late->options().rpc_timeout = std::chrono::milliseconds(1);
  ASSERT_TRUE(port->submit(late).ok());
  run();
  EXPECT_EQ(result.code(), Code::kDeadlineExceeded) << result.to_string();
  core_->stop();
  run();
  EXPECT_EQ(count_handles(&loop_), 0);
  Fake::wait_for_lookups(1);
  Fake::let_names_go();
}

TEST(LoopThread, IsNotHeldByASlowLookup) {
  Fake::reset();
  Fake::names_wait = true;
  std::promise<std::string> ended;
  {
    const uv::LoopThread thread(kMailboxCapacity, fake_system());
    const auto port = open_port(*thread.executor(), "name.test:7233");
    ASSERT_TRUE(port->submit(make_call(port, "/test/Echo", "",
                                       [&](Status status, std::string) {
                                         ended.set_value(status.to_string());
                                       }))
                    .ok());
    Fake::wait_for_lookups(1);
  }
  EXPECT_EQ(ended.get_future().get(), "CANCELLED (local): client closed");
  Fake::let_names_go();
}

TEST(LoopThread, SaysWhyItCouldNotStart) {
  Fake::reset();
  Fake::fail_at = 5;  // the thread, after the loop, the fork guard's two and the wake-up handle
  const uv::LoopThread thread(kMailboxCapacity, fake_system());
  EXPECT_EQ(
      try_open(*thread.executor(), "localhost").status().to_string(),
      "UNAVAILABLE (local): cannot start the loop's thread: resource temporarily unavailable");
}

// More clients than that lose their connections together, with a name server that is slow.
TEST_F(Lookups, TooManyAtOnceWaitTheirTurn) {
  constexpr int kClients = 2 * uv::kMaxLookups + 3;
  start_clients(kClients);
  EXPECT_EQ(Fake::lookups, uv::kMaxLookups);
  EXPECT_TRUE(ended_.empty());
  Fake::let_names_go();
  run();
  EXPECT_EQ(ended_, std::vector<std::string>(kClients, "OK"));
  EXPECT_EQ(Fake::lookups, kClients);
}

TEST_F(Lookups, ThoseThatWaitGoWithTheirClient) {
  start_clients(uv::kMaxLookups + 1);
  ports_.back()->close();
  turn();
  EXPECT_EQ(ended_, std::vector<std::string>{"CANCELLED (local): client closed"});
  ended_.clear();
  Fake::let_names_go();
  run();
  EXPECT_EQ(ended_, std::vector<std::string>(uv::kMaxLookups, "OK"));
  EXPECT_EQ(Fake::lookups, uv::kMaxLookups);
}

}  // namespace
}  // namespace minim::test
