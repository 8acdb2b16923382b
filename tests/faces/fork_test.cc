// A forked child is refused in each face, with a text that says what to do, and can do its parent
// no harm.
#include "support/fork.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <memory>
#include <optional>
#include <string>

#include "faces/support/stage.h"

namespace minim::test {
namespace {

class InEachFace : public testing::TestWithParam<FaceKind> {
 protected:
  // What an operation that can end at once has come to; it may not need a thread for that.
  Status ended_at_once(Operation<std::string> operation) const {
    if (GetParam() == FaceKind::kBlocking) return wait(std::move(operation)).status();
    return Pending(GetParam(), std::move(operation)).status();
  }
  Status ended(Operation<std::string> operation) {
    const Pending pending(GetParam(), std::move(operation));
    host_.until([&] { return pending.has_ended(); });
    return pending.status();
  }
  ConnectOptions options() const {
    ConnectOptions options{.target = server_.target()};
    options.plain_grpc = true;
    return options;
  }

  H2Server server_;
  Host host_{is_borrowed(GetParam())};
  std::optional<Client> client_ = host_.create(options()).value();
};

INSTANTIATE_TEST_SUITE_P(, InEachFace, testing::ValuesIn(kFaces),
                         [](const auto& face) { return face_name(face.param); });

TEST_P(InEachFace, AForkedChildIsRefused) {
  ASSERT_EQ(ended(client_->call("/test/Echo", "x")).to_string(), "OK");
  auto open = std::make_unique<Pending>(GetParam(), client_->call("/test/Hold", "x"));
  host_.until([&] { return server_.requests() == 2; });
  EXPECT_TRUE(holds_in_child([&] {
    bool refused = ended_at_once(client_->call("/test/Echo", "x")).to_string() == kForkRefusal;
    refused &= ended_at_once(client_->with({.identity = "child"}).call("/", "")).to_string() ==
               kForkRefusal;
    refused &= host_.create(options()).status().to_string() == kForkRefusal;
    // What was running is the parent's, and nothing here can end it.
    open->cancel();
    client_->close();
    client_.reset();
    host_.destroy();
    return refused && open->ends() == 0;
  }));
  server_.release();
  host_.until([&] { return open->has_ended(); });
  EXPECT_EQ(open->status().to_string(), "OK");
  EXPECT_EQ(ended(client_->call("/test/Echo", "x")).to_string(), "OK");
  EXPECT_EQ(server_.connections(), 1);
  EXPECT_EQ(server_.requests(), 3);
}

// A child that returns from the callback in which it was made, into the middle of a turn: what that
// turn was about to send is the parent's to send.
TEST(ForkedInACallback, TheChildWritesNothing) {
  H2Server server;
  Host host(true);
  std::atomic<int> gone = 0;
  const auto watcher = std::make_shared<Watcher>(gone);
  ConnectOptions options{.target = server.target(), .observer = watcher};
  options.plain_grpc = true;
  const Client client = host.create(std::move(options)).value();
  pid_t child = -1;
  int ends = 0;
  client.call("/test/Echo", "x").start([&](Result<std::string>) {
    for (int i = 0; i < 2; ++i) {
      client.call("/test/Echo", "y").start([&](Result<std::string> got) {
        EXPECT_EQ(got.status().to_string(), "OK");
        ++ends;
      });
    }
    child = fork();
    if (child == 0) return static_cast<void>(uv_loop_fork(host.loop()));
    int status = 0;
    EXPECT_EQ(waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  });
  host.until([&] { return child >= 0; });
  if (child == 0) {
    alarm(60);
    for (int i = 0; i < 100; ++i) uv_run(host.loop(), UV_RUN_NOWAIT);
    _exit(ends == 0 ? 0 : 1);
  }
  host.run();
  EXPECT_EQ(ends, 2);
  host.until([&] { return server.heard() >= watcher->sent_bytes; });
  EXPECT_EQ(server.heard(), watcher->sent_bytes) << "somebody else wrote";
  EXPECT_EQ(server.connections(), 1);
}

}  // namespace
}  // namespace minim::test
