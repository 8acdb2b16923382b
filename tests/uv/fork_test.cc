// Forked children: refused with a clear text, and harmless to the parent.
#include "support/fork.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <future>
#include <optional>

#include "minim/runtime.h"
#include "minim/uv.h"
#include "uv/fork_guard.h"
#include "uv/support/h2_server.h"
#include "uv/support/loop_fixture.h"

namespace minim::test {
namespace {

Status call(const std::shared_ptr<internal::Port>& port) {
  std::promise<Status> ended;
  Status refused = port->submit(make_call(port, "/test/Echo", "", [&](Status status, std::string) {
    ended.set_value(std::move(status));
  }));
  return refused.ok() ? ended.get_future().get() : refused;
}

TEST(ForkGuard, TellsAChildFromItsParent) {
  const uv::ForkGuard guard(uv::real_system());
  EXPECT_FALSE(guard.is_forked());
  EXPECT_TRUE(holds_in_child([&] {
    const uv::ForkGuard own(uv::real_system());
    return guard.is_forked() && !own.is_forked();
  }));
  EXPECT_FALSE(guard.is_forked());
}

TEST(Fork, RuntimeIsRefusedInAChildAndCanBeDestroyedThere) {
  H2Server server;
  std::optional<Runtime> runtime(std::in_place);
  auto port = open_port(*runtime->executor(), server.target());
  ASSERT_TRUE(call(port).ok());
  EXPECT_TRUE(holds_in_child([&] {
    const bool refused = call(port).to_string() == kForkRefusal &&
                         try_open(*runtime->executor(), "x").status().to_string() == kForkRefusal;
    port->close();
    port.reset();
    runtime.reset();
    return refused;
  }));
  EXPECT_EQ(call(port).to_string(), "OK");
  EXPECT_EQ(server.connections(), 1);
}

#if !defined(__SANITIZE_THREAD__)  // which allows no threads in the child of a threaded process
TEST(Fork, ChildCanMakeARuntimeOfItsOwn) {
  H2Server server;
  Runtime runtime;
  const auto port = open_port(*runtime.executor(), server.target());
  ASSERT_TRUE(call(port).ok());
  EXPECT_TRUE(holds_in_child([&] {
    Runtime own;
    return call(open_port(*own.executor(), server.target())).ok();
  }));
}
#endif

class ForkedLoop : public LoopFixture {};

TEST_F(ForkedLoop, IsRefusedInAChildEvenIfItGoesOnWithTheLoop) {
  H2Server server;
  std::optional<uv::Loop> borrowed(std::in_place, &loop_);
  const auto port = open_port(*borrowed->executor(), server.target());
  ASSERT_TRUE(LoopFixture::call(port, "/test/Echo").ok());
  // An answer that the child must not take from the parent.
  Status result(Code::kInternal, "the call never ended");
  ASSERT_TRUE(
      port->submit(make_call(port, "/test/Hold", "",
                             [&](Status status, std::string) { result = std::move(status); }))
          .ok());
  while (server.requests() < 2) uv_run(&loop_, UV_RUN_NOWAIT);
  server.release();
  EXPECT_TRUE(holds_in_child([&] {
    uv_loop_fork(&loop_);
    for (int i = 0; i < 100; ++i) uv_run(&loop_, UV_RUN_NOWAIT);
    const bool refused = port->submit(make_call(port, "/", "", {})).to_string() == kForkRefusal;
    borrowed.reset();
    return refused && result.code() == Code::kInternal;
  }));
  run();
  EXPECT_EQ(result.to_string(), "OK");
  borrowed.reset();
}

}  // namespace
}  // namespace minim::test
