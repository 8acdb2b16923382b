// Clients on a loop thread of minim's own.
#include "minim/runtime.h"

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <future>
#include <optional>
#include <thread>
#include <vector>

#include "uv/support/call_run.h"
#include "uv/support/h2_server.h"
#include "uv/support/loop_fixture.h"

namespace minim::test {
namespace {

// Blocks until the call has ended.
Status call(const std::shared_ptr<internal::Port>& port, const std::string& path,
            std::string message = "hello") {
  std::promise<Status> ended;
  Status refused =
      port->submit(make_call(port, path, std::move(message), [&](Status status, std::string) {
        ended.set_value(std::move(status));
      }));
  return refused.ok() ? ended.get_future().get() : refused;
}

TEST(Runtime, GoodCall) {
  H2Server server;
  Runtime runtime;
  const auto port = open_port(*runtime.executor(), server.target());
  EXPECT_FALSE(port->is_loop_thread());
  EXPECT_EQ(call(port, "/test/Echo").to_string(), "OK");
}

TEST(Runtime, UnusedOnesComeAndGo) {
  for (int i = 0; i < 20; ++i) {
    Runtime runtime;
    const auto port = open_port(*runtime.executor(), "localhost");
  }
}

TEST(Runtime, EntropyDiffers) {
  Runtime runtime;
  EXPECT_NE(runtime.executor()->entropy(), runtime.executor()->entropy());
}

TEST(Runtime, IdentityNamesProcessAndHost) {
  Runtime runtime;
  char host[256];
  ASSERT_EQ(gethostname(host, sizeof host), 0);
  EXPECT_EQ(runtime.executor()->default_identity(), std::to_string(getpid()) + "@" + host);
}

TEST(Runtime, ManyThreadsManyCalls) {
  H2Server server;
  Runtime runtime;
  const auto port = open_port(*runtime.executor(), server.target());
  std::atomic<int> good = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 100; ++j) good += call(port, "/test/Echo").ok() ? 1 : 0;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(good, 800);
}

TEST(Runtime, DestroyedWithCallsOpen) {
  H2Server server;
  std::atomic<int> cancelled = 0;
  std::atomic<int> refused = 0;
  std::shared_ptr<internal::Port> port;
  {
    Runtime runtime;
    port = open_port(*runtime.executor(), server.target());
    const auto done = [&](Status status, std::string) {
      EXPECT_EQ(status.to_string(), "CANCELLED (local): client closed");
      // A callback may ask for more, and is told that it is too late.
      const auto late = [&](Status why, std::string) {
        EXPECT_EQ(why.to_string(), "CANCELLED (local): client closed");
        ++refused;
      };
      EXPECT_TRUE(port->submit(make_call(port, "/", "", late)).ok());
      ++cancelled;
    };
    for (int i = 0; i < 10; ++i) {
      ASSERT_TRUE(port->submit(make_call(port, "/test/Hang", "", done)).ok());
    }
    server.wait_for_requests(5);
  }
  EXPECT_EQ(cancelled, 10);
  EXPECT_EQ(refused, 10);
  EXPECT_EQ(call(port, "/test/Echo").to_string(), "CANCELLED (local): client closed");
  server.wait_for_open(0);
}

TEST(Runtime, CloseWithADrainTimeLetsRunsEnd) {
  H2Server server;
  Runtime runtime;
  const auto port = open_port(*runtime.executor(), server.target());
  std::promise<std::string> ended;
  ASSERT_TRUE(port->submit(make_call(port, "/test/Hold", "",
                                     [&](Status status, std::string) {
                                       ended.set_value(status.to_string());
                                     }))
                  .ok());
  server.wait_for_requests(1);
  port->close(std::chrono::hours(1));
  port->close(std::chrono::milliseconds(1));  // changes nothing
  EXPECT_EQ(call(port, "/test/Echo").to_string(), "CANCELLED (local): client closed");
  server.release();
  EXPECT_EQ(ended.get_future().get(), "OK");
  server.wait_for_open(0);
}

TEST(Runtime, CloseCutsWhatTheDrainTimeDoesNotSee) {
  H2Server server;
  Runtime runtime;
  for (const bool by_second_close : {false, true}) {
    const auto port = open_port(*runtime.executor(), server.target());
    std::promise<std::string> ended;
    ASSERT_TRUE(port->submit(make_call(port, "/test/Hang", "",
                                       [&](Status status, std::string) {
                                         ended.set_value(status.to_string());
                                       }))
                    .ok());
    port->close(by_second_close ? Duration(std::chrono::hours(1)) : std::chrono::milliseconds(1));
    if (by_second_close) port->close();
    EXPECT_EQ(ended.get_future().get(), "CANCELLED (local): client closed");
    server.wait_for_open(0);
  }
}

TEST(Runtime, CloseWithADrainTimeAndNothingToDrain) {
  H2Server server;
  Runtime runtime;
  const auto port = open_port(*runtime.executor(), server.target());
  EXPECT_EQ(call(port, "/test/Echo").to_string(), "OK");
  port->close(Duration::max());
  server.wait_for_open(0);
}

TEST(Runtime, DestroyedWhileItDrains) {
  H2Server server;
  std::promise<std::string> ended;
  {
    Runtime runtime;
    const auto port = open_port(*runtime.executor(), server.target());
    ASSERT_TRUE(port->submit(make_call(port, "/test/Hang", "",
                                       [&](Status status, std::string) {
                                         ended.set_value(status.to_string());
                                       }))
                    .ok());
    server.wait_for_requests(1);
    port->close(std::chrono::hours(1));
  }
  EXPECT_EQ(ended.get_future().get(), "CANCELLED (local): client closed");
}

TEST(Runtime, KeptConnectionNeedsNoCall) {
  H2Server server;
  Runtime runtime;
  rpc::ChannelOptions options;
  options.target = server.target();
  options.keep_connected = true;
  const auto port = runtime.executor()->open(std::move(options));
  ASSERT_TRUE(port) << port.status().to_string();
  server.wait_for_open(1);
}

TEST(Runtime, DestroyedWhileOthersSubmit) {
  H2Server server;
  std::optional<Runtime> runtime(std::in_place);
  const auto port = open_port(*runtime->executor(), server.target());
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([port] {
      while (call(port, "/test/Echo").ok()) {
      }
    });
  }
  server.wait_for_requests(50);
  runtime.reset();
  for (std::thread& thread : threads) thread.join();
}

TEST(Runtime, DestroyedInACallbackOfItsOwn) {
  H2Server server;
  auto runtime = std::make_unique<Runtime>();
  auto port = open_port(*runtime->executor(), server.target());
  std::promise<std::string> hanging;
  std::promise<bool> was_loop_thread;
  ASSERT_TRUE(port->submit(make_call(port, "/test/Hang", "",
                                     [&](Status status, std::string) {
                                       hanging.set_value(status.to_string());
                                     }))
                  .ok());
  server.wait_for_requests(1);
  auto last = make_call(port, "/test/Echo", "", [&](Status, std::string) {
    const bool is_loop_thread = port->is_loop_thread();
    port.reset();
    runtime.reset();
    was_loop_thread.set_value(is_loop_thread);
  });
  // A reference of this thread's own: nobody may let go of a port that another thread is calling.
  const auto own = port;
  ASSERT_TRUE(own->submit(std::move(last)).ok());
  EXPECT_TRUE(was_loop_thread.get_future().get());
  EXPECT_EQ(hanging.get_future().get(), "CANCELLED (local): client closed");
  server.wait_for_open(0);
}

TEST(Runtime, SubmitOnTheLoopThreadNeverBeginsInside) {
  H2Server server;
  Runtime runtime;
  const auto port = open_port(*runtime.executor(), server.target());
  std::promise<std::string> second;
  std::atomic<bool> is_inside = false;
  ASSERT_TRUE(port->submit(make_call(port, "/test/Echo", "",
                                     [&](Status, std::string) {
                                       is_inside = true;
                                       ASSERT_TRUE(
                                           port->submit(make_call(port, "/test/Echo", "again",
                                                                  [&](Status, std::string message) {
                                                                    EXPECT_FALSE(is_inside);
                                                                    second.set_value(message);
                                                                  }))
                                               .ok());
                                       is_inside = false;
                                     }))
                  .ok());
  EXPECT_EQ(second.get_future().get(), "again");
}

// The loop's thread is held in a callback, so that what is posted meanwhile stays in the mailbox.
TEST(Runtime, FullMailboxRefusesSubmitsButTakesCancelsAndCloses) {
  H2Server server;
  Runtime runtime({.mailbox_capacity = 4});
  const auto port = open_port(*runtime.executor(), server.target());
  std::promise<void> holding, let_go;
  ASSERT_TRUE(port->submit(make_call(port, "/test/Echo", "",
                                     [&](Status, std::string) {
                                       holding.set_value();
                                       let_go.get_future().wait();
                                     }))
                  .ok());
  holding.get_future().wait();
  std::vector<std::promise<std::string>> ended(4);
  std::vector<std::shared_ptr<CallRun>> runs;
  for (auto& end : ended) {
    runs.push_back(make_call(port, "/test/Hang", "", [&end](Status status, std::string) {
      end.set_value(status.to_string());
    }));
    ASSERT_TRUE(port->submit(runs.back()).ok());
  }
  EXPECT_EQ(port->submit(make_call(port, "/test/Echo", "", {})).to_string(),
            "RESOURCE_EXHAUSTED (local): mailbox_capacity: 4 operations wait for the loop already");
  for (int i = 0; i < 3; ++i) port->request_cancel(runs[static_cast<std::size_t>(i)]);
  port->close();
  port->close();
  let_go.set_value();
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(ended[i].get_future().get(), i < 3 ? "CANCELLED (local): the operation was cancelled"
                                                 : "CANCELLED (local): client closed");
  }
}

TEST(Runtime, SignalsStayWithTheHostsThreads) {
  H2Server server;
  sigset_t before, after;
  pthread_sigmask(SIG_SETMASK, nullptr, &before);
  Runtime runtime;
  pthread_sigmask(SIG_SETMASK, nullptr, &after);
  const auto port = open_port(*runtime.executor(), server.target());
  std::promise<bool> blocked;
  ASSERT_TRUE(port->submit(make_call(port, "/test/Echo", "",
                                     [&](Status, std::string) {
                                       sigset_t mask;
                                       pthread_sigmask(SIG_SETMASK, nullptr, &mask);
                                       blocked.set_value(sigismember(&mask, SIGTERM) == 1 &&
                                                         sigismember(&mask, SIGINT) == 1);
                                     }))
                  .ok());
  EXPECT_TRUE(blocked.get_future().get());
  for (int signal = 1; signal < 32; ++signal) {
    EXPECT_EQ(sigismember(&before, signal), sigismember(&after, signal));
  }
}

TEST(Runtime, CancelFromAnotherThread) {
  H2Server server;
  Runtime runtime;
  const auto port = open_port(*runtime.executor(), server.target());
  for (int i = 1; i <= 50; ++i) {
    std::promise<Code> ended;
    const auto run = make_call(port, "/test/Hang", "",
                               [&](Status status, std::string) { ended.set_value(status.code()); });
    ASSERT_TRUE(port->submit(run).ok());
    if (i % 2 == 0) server.wait_for_requests(server.requests());
    port->request_cancel(run);
    EXPECT_EQ(ended.get_future().get(), Code::kCancelled);
    port->request_cancel(run);
  }
  EXPECT_EQ(call(port, "/test/Echo").to_string(), "OK");
}

}  // namespace
}  // namespace minim::test
