// A uv_loop_t for a test, which must be free of handles when the test ends.
#ifndef MINIM_TESTS_UV_SUPPORT_LOOP_FIXTURE_H_
#define MINIM_TESTS_UV_SUPPORT_LOOP_FIXTURE_H_

#include <gtest/gtest.h>
#include <uv.h>

#include <memory>
#include <string>
#include <utility>

#include "minim/internal/executor.h"
#include "uv/support/call_run.h"

namespace minim::test {

inline int count_handles(uv_loop_t* loop) {
  int count = 0;
  uv_walk(loop, [](uv_handle_t*, void* counter) { ++*static_cast<int*>(counter); }, &count);
  return count;
}

class LoopFixture : public testing::Test {
 protected:
  LoopFixture() { uv_loop_init(&loop_); }
  ~LoopFixture() override {
    run();
    EXPECT_EQ(count_handles(&loop_), 0);
    EXPECT_EQ(uv_loop_close(&loop_), 0);
  }

  void run() { uv_run(&loop_, UV_RUN_DEFAULT); }

  // Makes a call and runs the loop until nothing is left to do.
  Status call(const std::shared_ptr<internal::Port>& port, const std::string& path,
              std::string* message = nullptr) {
    Status result(Code::kInternal, "the call never ended");
    int ended = 0;
    Status refused =
        port->submit(make_call(port, path, "hello", [&](Status status, std::string reply) {
          result = std::move(status);
          ++ended;
          if (message != nullptr) *message = std::move(reply);
        }));
    if (!refused.ok()) return refused;
    EXPECT_EQ(ended, 0) << "delivered from inside submit()";
    run();
    EXPECT_EQ(ended, 1);
    return result;
  }

  uv_loop_t loop_;
};

inline Result<std::shared_ptr<internal::Port>> try_open(internal::Executor& executor,
                                                        std::string target) {
  rpc::ChannelOptions options;
  options.target = std::move(target);
  return executor.open(std::move(options));
}

inline std::shared_ptr<internal::Port> open_port(internal::Executor& executor, std::string target) {
  const auto port = try_open(executor, std::move(target));
  EXPECT_TRUE(port) << port.status().to_string();
  return port ? *port : nullptr;
}

}  // namespace minim::test

#endif  // MINIM_TESTS_UV_SUPPORT_LOOP_FIXTURE_H_
