// Clients on a borrowed loop.
#include <signal.h>
#include <unistd.h>

#include <optional>
#include <thread>
#include <vector>

#include "minim/observer.h"
#include "minim/uv.h"
#include "uv/support/h2_server.h"
#include "uv/support/loop_fixture.h"

namespace minim::test {
namespace {

class UvLoop : public LoopFixture {
 protected:
  std::shared_ptr<internal::Port> open(const std::string& target) {
    return open_port(*borrowed_->executor(), target);
  }

  ~UvLoop() override { borrowed_.reset(); }

  std::optional<uv::Loop> borrowed_{std::in_place, &loop_};
};

TEST_F(UvLoop, NothingUsedNothingToClose) {
  uv_loop_t loop;
  uv_loop_init(&loop);
  {
    uv::Loop borrowed(&loop);
    const auto port = open_port(*borrowed.executor(), "localhost");
  }
  EXPECT_EQ(uv_loop_close(&loop), 0);
}

TEST_F(UvLoop, GoodCall) {
  H2Server server;
  std::string message;
  EXPECT_EQ(call(open(server.target()), "/test/Echo", &message).to_string(), "OK");
  EXPECT_EQ(message, "hello");
}

TEST_F(UvLoop, CallsShareAConnectionAndUvRunReturnsWithAnIdleOne) {
  H2Server server;
  const auto port = open(server.target());
  for (int i = 0; i < 3; ++i) EXPECT_EQ(call(port, "/test/Echo").to_string(), "OK");
  EXPECT_EQ(server.connections(), 1);
  EXPECT_GT(count_handles(&loop_), 0);
}

TEST_F(UvLoop, ClosingAnIdlePortClosesItsSocket) {
  H2Server server;
  auto port = open(server.target());
  EXPECT_EQ(call(port, "/test/Echo").to_string(), "OK");
  server.wait_for_open(1);
  port.reset();
  run();
  server.wait_for_open(0);
}

TEST_F(UvLoop, NameOfTheLocalHost) {
  H2Server server;
  EXPECT_EQ(call(open("localhost:" + std::to_string(server.port())), "/test/Echo").to_string(),
            "OK");
}

TEST_F(UvLoop, UnixSocket) {
  const std::string path = "/tmp/minim_uv_test." + std::to_string(getpid());
  unlink(path.c_str());
  {
    H2Server server(path);
    EXPECT_EQ(call(open(server.target()), "/test/Echo").to_string(), "OK");
  }
  EXPECT_EQ(call(open("unix:" + path), "/test/Echo").code(), Code::kUnavailable);
  unlink(path.c_str());
  const Status missing = call(open("unix:" + path), "/test/Echo");
  EXPECT_NE(missing.message().find(path + ": no such file or directory"), std::string::npos)
      << missing.to_string();
}

// The server comes up when the first attempt to connect has failed.
TEST_F(UvLoop, CallsMadeBeforeThereIsAServer) {
  struct Starter final : Observer {
    void observe(const Observation& what) override {
      if (what.kind == Observation::Kind::kConnectFailed && !server) server.emplace(path);
    }
    std::string path = "/tmp/minim_uv_late." + std::to_string(getpid());
    std::optional<H2Server> server;
  };
  const auto starter = std::make_shared<Starter>();
  unlink(starter->path.c_str());
  rpc::ChannelOptions options;
  options.target = "unix:" + starter->path;
  options.observer = starter;
  options.reconnect.initial_backoff = std::chrono::milliseconds(1);
  const auto port = borrowed_->executor()->open(options);
  ASSERT_TRUE(port);
  std::vector<std::string> ended;
  for (const bool is_patient : {true, false}) {
    const auto made = make_call(*port, "/test/Echo", "", [&](Status status, std::string) {
      ended.push_back(status.to_string());
    });
    made->options().wait_for_ready = is_patient;
    if (!is_patient) made->options().retry = rpc::RetryOptions();
    ASSERT_TRUE((*port)->submit(made).ok());
  }
  run();
  EXPECT_EQ(ended, (std::vector<std::string>{"OK", "OK"}));
  EXPECT_EQ(starter->server->requests(), 2);
  unlink(starter->path.c_str());
}

TEST_F(UvLoop, RefusedPort) {
  const std::string target = "127.0.0.1:" + std::to_string(unused_port());
  const Status status = call(open(target), "/test/Echo");
  EXPECT_EQ(status.code(), Code::kUnavailable);
  EXPECT_EQ(status.origin(), Origin::kTransport);
  EXPECT_NE(status.message().find(target + ": connection refused"), std::string::npos)
      << status.to_string();
  EXPECT_FALSE(status.may_have_reached_server());
}

TEST_F(UvLoop, PeerClosesInTheMiddleOfACall) {
  H2Server server;
  const auto port = open(server.target());
  EXPECT_EQ(call(port, "/test/Close").code(), Code::kUnavailable);
  EXPECT_EQ(call(port, "/test/Reset").code(), Code::kUnavailable);
}

// The peer resets while a large request is being written: a signal would end the process.
TEST_F(UvLoop, ResetWhileWritingRaisesNoSigpipe) {
  struct sigaction before, after;
  ASSERT_EQ(sigaction(SIGPIPE, nullptr, &before), 0);
  ASSERT_EQ(before.sa_handler, SIG_DFL);
  H2Server server;
  rpc::ChannelOptions options;
  options.target = server.target();
  options.gzip_above_bytes.reset();
  const auto port = borrowed_->executor()->open(options);
  ASSERT_TRUE(port);
  const std::string large(8 << 20, 'x');
  std::vector<Status> ended;
  const auto done = [&](Status status, std::string) { ended.push_back(std::move(status)); };
  for (int i = 0; i < 8; ++i) {
    ASSERT_TRUE((*port)->submit(make_call(*port, "/test/Hang", large, done)).ok());
  }
  ASSERT_TRUE((*port)->submit(make_call(*port, "/test/Reset", "", done)).ok());
  run();
  // Also write on a socket whose reset has been read by nobody yet.
  ASSERT_EQ(ended.size(), 9u);
  for (const Status& status : ended) EXPECT_EQ(status.code(), Code::kUnavailable);
  ASSERT_EQ(sigaction(SIGPIPE, nullptr, &after), 0);
  EXPECT_EQ(after.sa_handler, SIG_DFL);
}

TEST_F(UvLoop, DestroyedInACallbackOfItsOwn) {
  H2Server server;
  auto port = open(server.target());
  std::vector<std::string> ended;
  bool was_destroying = false;
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(port->submit(make_call(port, "/test/Hang", "",
                                       [&](Status status, std::string) {
                                         EXPECT_FALSE(was_destroying)
                                             << "delivered from inside the destructor";
                                         ended.push_back(status.to_string());
                                       }))
                    .ok());
  }
  ASSERT_TRUE(port->submit(make_call(port, "/test/Echo", "",
                                     [&](Status, std::string) {
                                       was_destroying = true;
                                       port.reset();
                                       borrowed_.reset();
                                       was_destroying = false;
                                     }))
                  .ok());
  run();
  EXPECT_EQ(ended, std::vector<std::string>(3, "CANCELLED (local): client closed"));
}

TEST_F(UvLoop, DestroyedWithRunsThatNeverBegan) {
  auto port = open("127.0.0.1:1");
  std::vector<std::string> ended;
  const auto note = [&](Status status, std::string) { ended.push_back(status.to_string()); };
  ASSERT_TRUE(port->submit(make_call(port, "/test/Echo", "", note)).ok());
  borrowed_.reset();
  ASSERT_TRUE(port->submit(make_call(port, "/test/Echo", "", note)).ok());  // to be refused there
  EXPECT_TRUE(ended.empty());
  run();
  EXPECT_EQ(ended, std::vector<std::string>(2, "CANCELLED (local): client closed"));
  EXPECT_EQ(port->submit(make_call(port, "/", "", {})).to_string(),
            "CANCELLED (local): client closed");
}

TEST_F(UvLoop, ExecutorAndPortOutliveTheLoop) {
  const auto executor = borrowed_->executor();
  const auto port = open("127.0.0.1:1");
  borrowed_.reset();
  run();
  EXPECT_EQ(port->submit(make_call(port, "/", "", {})).code(), Code::kCancelled);
  port->close();
  EXPECT_EQ(try_open(*executor, "localhost").status().code(), Code::kCancelled);
}

TEST_F(UvLoop, CloseTwiceThenSubmit) {
  H2Server server;
  const auto port = open(server.target());
  std::vector<std::string> ended;
  const auto note = [&](Status status, std::string) {
    ended.push_back(status.to_string());
    port->close();
  };
  ASSERT_TRUE(port->submit(make_call(port, "/test/Hang", "", note)).ok());
  port->close();
  port->close();
  ASSERT_TRUE(port->submit(make_call(port, "/test/Hang", "", note)).ok());
  EXPECT_TRUE(ended.empty());
  run();
  EXPECT_EQ(ended, std::vector<std::string>(2, "CANCELLED (local): client closed"));
  port->close();
  run();
}

TEST_F(UvLoop, DrainsFromACallbackOfItsOwn) {
  H2Server server;
  const auto port = open(server.target());
  std::vector<std::string> ended;
  const auto note = [&](Status status, std::string) { ended.push_back(status.to_string()); };
  ASSERT_TRUE(port->submit(make_call(port, "/test/Hold", "", note)).ok());
  ASSERT_TRUE(port->submit(make_call(port, "/test/Echo", "",
                                     [&](Status, std::string) {
                                       port->close(std::chrono::hours(1));
                                       server.release();
                                     }))
                  .ok());
  run();
  EXPECT_EQ(ended, std::vector<std::string>{"OK"});
  server.wait_for_open(0);
}

TEST_F(UvLoop, CancelBeforeAndAfterItsBegin) {
  H2Server server;
  const auto port = open(server.target());
  std::vector<std::string> ended;
  const auto done = [&](Status status, std::string) { ended.push_back(status.to_string()); };
  const auto early = make_call(port, "/test/Hang", "", done);
  const auto late = make_call(port, "/test/Hang", "", done);
  ASSERT_TRUE(port->submit(early).ok());
  ASSERT_TRUE(port->submit(late).ok());
  port->request_cancel(early);
  port->request_cancel(early);
  ASSERT_TRUE(port->submit(make_call(port, "/test/Echo", "",
                                     [&](Status, std::string) {
                                       port->request_cancel(late);
                                       port->request_cancel(early);
                                     }))
                  .ok());
  run();
  port->request_cancel(late);
  EXPECT_EQ(ended, std::vector<std::string>(2, "CANCELLED (local): the operation was cancelled"));
}

TEST_F(UvLoop, WrongThreadIsRefused) {
  H2Server server;
  const auto port = open(server.target());
  std::thread([&] {
    EXPECT_FALSE(port->is_loop_thread());
    EXPECT_EQ(port->submit(make_call(port, "/", "", {})).code(), Code::kFailedPrecondition);
    EXPECT_EQ(try_open(*borrowed_->executor(), "localhost").status().code(),
              Code::kFailedPrecondition);
  }).join();
  EXPECT_TRUE(port->is_loop_thread());
  EXPECT_EQ(call(port, "/test/Echo").to_string(), "OK");
}

TEST_F(UvLoop, BadTargetIsRefusedAtOnce) {
  EXPECT_EQ(try_open(*borrowed_->executor(), "http://").status().code(), Code::kInvalidArgument);
}

// A callback that always starts the next call, and a timer of the host that must not starve.
TEST_F(UvLoop, ChainOfCallsLetsTheHostRun) {
  const auto port = open("127.0.0.1:" + std::to_string(unused_port()));
  int host_turns = 0;
  uv_idle_t host;
  uv_idle_init(&loop_, &host);
  host.data = &host_turns;
  uv_idle_start(&host, [](uv_idle_t* handle) {
    if (++*static_cast<int*>(handle->data) == 100) {
      uv_close(reinterpret_cast<uv_handle_t*>(handle), nullptr);
    }
  });
  std::function<void(Status, std::string)> again = [&](Status, std::string) {
    if (host_turns < 100) {
      ASSERT_TRUE(port->submit(make_call(port, "/test/Echo", "", again)).ok());
    }
  };
  again({}, {});
  run();
  EXPECT_EQ(host_turns, 100);
}

// An operation that waits, and keeps the loop alive meanwhile.
class SleepRun final : public internal::Run {
 public:
  SleepRun(std::shared_ptr<internal::Port> port, Duration delay, std::vector<int>* order, int mark)
      : port_(std::move(port)), delay_(delay), order_(order), mark_(mark) {}
  void begin() override { port_->start_timer(*this, port_->now() + delay_); }
  void on_reply(rpc::Reply) override {}
  void on_timer() override {
    order_->push_back(mark_);
    port_->finished(*this);
  }
  void on_cancel(Status) override {
    order_->push_back(-mark_);
    port_->finished(*this);
  }

 private:
  const std::shared_ptr<internal::Port> port_;
  const Duration delay_;
  std::vector<int>* const order_;
  const int mark_;
};

TEST_F(UvLoop, TimersFireInOrderAndCanBeTakenBack) {
  const auto port = open("127.0.0.1:1");
  std::vector<int> order;
  const auto sleep = [&](Duration delay, int mark) {
    auto run = std::make_shared<SleepRun>(port, delay, &order, mark);
    EXPECT_TRUE(port->submit(run).ok());
    return run;
  };
  sleep(std::chrono::milliseconds(20), 3);
  sleep(std::chrono::milliseconds(0), 1);
  sleep(std::chrono::milliseconds(10), 2);
  const auto never = sleep(std::chrono::hours(1000), 4);
  port->request_cancel(never);
  run();
  EXPECT_EQ(order, (std::vector<int>{-4, 1, 2, 3}));
}

}  // namespace
}  // namespace minim::test
