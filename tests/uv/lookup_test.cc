// Name lookups, and what outlives what.
#include "uv/lookup.h"

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <vector>

#include "uv/loop_thread.h"
#include "uv/support/fake_loop.h"
#include "uv/support/h2_server.h"

namespace minim::test {
namespace {

using Lookups = FakeLoop;

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

TEST_F(Lookups, TooManyAtOnceAreRefused) {
  Fake::names_wait = true;
  std::vector<std::shared_ptr<internal::Port>> ports;
  std::vector<Status> ended;
  for (int i = 0; i <= uv::kMaxLookups; ++i) {
    ports.push_back(open("name.test:7233"));
    ASSERT_TRUE(ports.back()
                    ->submit(make_call(ports.back(), "/test/Echo", "",
                                       [&](Status status, std::string) {
                                         ended.push_back(std::move(status));
                                         core_->stop();
                                       }))
                    .ok());
  }
  run();
  ASSERT_EQ(ended.size(), static_cast<std::size_t>(uv::kMaxLookups + 1));
  EXPECT_NE(ended[0].message().find("16 lookups or dials have not come back yet"),
            std::string::npos)
      << ended[0].to_string();
  for (std::size_t i = 1; i < ended.size(); ++i) EXPECT_EQ(ended[i].code(), Code::kCancelled);
  Fake::wait_for_lookups(uv::kMaxLookups);
  Fake::let_names_go();
}

}  // namespace
}  // namespace minim::test
