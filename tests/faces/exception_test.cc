// What code of a host throws where the loop has called it ends the process at once: the library
// knows no exceptions, and one that passed through it would leave a turn of the loop half done.
#include <gtest/gtest.h>

#include <coroutine>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>

#include "faces/support/host.h"
#include "minim/awaitable.h"

namespace minim::test {
namespace {

// A coroutine type of the host's own, which lets exceptions out to whoever resumes it.
struct Leaky {
  struct promise_type {
    Leaky get_return_object() { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { throw; }
  };
};

Leaky throw_after(Operation<std::string> operation) {
  const Result<std::string> got = co_await std::move(operation);
  throw std::runtime_error("from a coroutine, after " + got.status().to_string());
}

// In a child: the loop runs until the operation has ended.
template <class Begin>
[[noreturn]] void run_to_the_end(bool is_borrowed, Begin begin) {
  try {
    Host host(is_borrowed);
    begin(host.create({.target = "127.0.0.1:1"}).value().call("/test/Echo", ""));
    host.destroy();
    host.run();
  } catch (const std::exception&) {
    std::fprintf(stderr, "carried through the loop\n");
  }
  std::_Exit(0);
}

class AnException : public testing::TestWithParam<bool> {
 protected:
  AnException() { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
};

INSTANTIATE_TEST_SUITE_P(, AnException, testing::Bool(), [](const auto& is_borrowed) {
  return is_borrowed.param ? "OnABorrowedLoop" : "OnARuntime";
});

TEST_P(AnException, OfACallbackTerminates) {
  const auto begin = [](Operation<std::string> operation) {
    std::move(operation).start([](const Result<std::string>& got) {
      throw std::runtime_error("from a callback, after " + got.status().to_string());
    });
  };
  EXPECT_DEATH(run_to_the_end(GetParam(), begin), "from a callback, after CANCELLED");
}

TEST_P(AnException, OfACoroutineThatLetsItOutTerminates) {
  const auto begin = [](Operation<std::string> operation) { throw_after(std::move(operation)); };
  EXPECT_DEATH(run_to_the_end(GetParam(), begin), "from a coroutine, after CANCELLED");
}

}  // namespace
}  // namespace minim::test
