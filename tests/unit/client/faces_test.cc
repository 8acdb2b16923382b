// The blocking and the coroutine face on a loop that the test plays.
#include <gtest/gtest.h>

#include <stdexcept>
#include <thread>

#include "minim/awaitable.h"
#include "minim/blocking.h"
#include "minim/throwing.h"
#include "unit/client/support/fake_loop.h"

namespace minim {
namespace {

using testing::FakeHost;

// A port that answers by itself, as a loop on another thread would.
class AnsweringPort final : public internal::Port {
 public:
  Status submit(std::shared_ptr<internal::Run> run) override {
    threads_.emplace_back([run] { run->begin(); });
    return Status();
  }
  void request_cancel(const std::shared_ptr<internal::Run>& run) override {
    join();  // one thing at a time, as on one loop's thread
    threads_.emplace_back([run] { run->on_cancel(Status(Code::kCancelled, "stopped")); });
  }
  // Before the test lets go of the port: a thread of its own could otherwise be the last owner.
  void join() {
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }
  void close(Duration) override {}
  bool is_loop_thread() const override { return false; }
  Time now() const override { return Time(); }
  Random& random() override { return random_; }
  void start_call(internal::Run& run, rpc::Request&&, rpc::CallOptions&&) override {
    if (answers) run.on_reply(rpc::Reply());
  }
  void start_timer(internal::Run&, Time) override {}
  void finished(internal::Run&) override {}

  bool answers = true;

 private:
  SeededRandom random_{1};
  std::vector<std::thread> threads_;
};

class AnsweringExecutor final : public internal::Executor {
 public:
  Result<std::shared_ptr<internal::Port>> open(rpc::ChannelOptions) override {
    return std::shared_ptr<internal::Port>(port);
  }
  std::uint64_t entropy() override { return 1; }
  std::string default_identity() override { return "1@test"; }
  std::shared_ptr<AnsweringPort> port = std::make_shared<AnsweringPort>();
};

TEST(Wait, ReturnsWhatAnotherThreadDelivers) {
  const auto executor = std::make_shared<AnsweringExecutor>();
  const auto client = Client::create_on(executor, {});
  ASSERT_TRUE(client);
  EXPECT_TRUE(wait(client->signal_workflow("id", "wave")));
  executor->port->join();
}

TEST(Wait, AStopRequestEndsTheOperation) {
  const auto executor = std::make_shared<AnsweringExecutor>();
  executor->port->answers = false;
  const auto client = Client::create_on(executor, {});
  ASSERT_TRUE(client);
  std::stop_source stop;
  stop.request_stop();
  const auto result = wait(client->signal_workflow("id", "wave"), stop.get_token());
  EXPECT_EQ(result.status().code(), Code::kCancelled);
  executor->port->join();
}

TEST(Wait, IsRefusedOnTheLoopsThread) {
  const FakeHost host;
  const Client client = host.client();
  host.port().on_loop = true;
  const auto result = wait(client.signal_workflow("id", "wave"));
  EXPECT_EQ(result.status().to_string(),
            "FAILED_PRECONDITION (local): wait() on the loop's own thread would wait for ever: use "
            "start() or co_await there");
  EXPECT_TRUE(host.port().submitted.empty());
}

Task<void> signal(const Client& client, std::optional<Result<void>>& out) {
  auto operation = client.signal_workflow("id", "wave");
  out.emplace(co_await std::move(operation));
}

TEST(Await, ResumesWithTheResult) {
  const FakeHost host;
  const Client client = host.client();
  std::optional<Result<void>> out;
  const Task<void> task = signal(client, out);
  EXPECT_FALSE(task.done());
  host.port().begin();
  host.port().answer_ok();
  EXPECT_TRUE(task.done());
  EXPECT_TRUE(out->has_value());
}

TEST(Await, ARefusedSubmitResumesAtOnce) {
  const FakeHost host;
  Client client = host.client();
  client.close();
  std::optional<Result<void>> out;
  const Task<void> task = signal(client, out);
  EXPECT_TRUE(task.done());
  EXPECT_EQ(out->status().code(), Code::kCancelled);
}

TEST(Await, ADestroyedTaskCancelsWhatItWaitsFor) {
  for (const bool begun : {false, true}) {
    const FakeHost host;
    const Client client = host.client();
    std::optional<Result<void>> out;
    {
      const Task<void> task = signal(client, out);
      if (begun) host.port().begin();
    }
    EXPECT_FALSE(out.has_value());
    EXPECT_TRUE(host.port().runs.empty());
    EXPECT_TRUE(host.port().calls.empty());
  }
}

TEST(Await, AssigningATaskDestroysTheOldOne) {
  const FakeHost host;
  const Client client = host.client();
  std::optional<Result<void>> first;
  std::optional<Result<void>> second;
  Task<void> task = signal(client, first);
  task = signal(client, second);
  EXPECT_EQ(host.port().runs.size(), 1u);
}

TEST(Await, ADetachedTaskFinishesAlone) {
  const FakeHost host;
  const Client client = host.client();
  std::optional<Result<void>> out;
  signal(client, out).detach();
  host.port().begin();
  host.port().answer_ok();
  EXPECT_TRUE(out->has_value());
}

Task<int> two_signals(const Client& client) {
  int good = 0;
  for (int i = 0; i < 2; ++i) {
    auto operation = client.signal_workflow("id", "wave", i);
    if (co_await std::move(operation)) ++good;
  }
  co_return good;
}
Task<void> outer(const Client& client, int& out) { out = co_await two_signals(client); }

TEST(Await, TasksNest) {
  const FakeHost host;
  const Client client = host.client();
  int good = -1;
  const Task<void> task = outer(client, good);
  for (int i = 0; i < 2; ++i) {
    host.port().begin();
    host.port().answer_ok();
  }
  EXPECT_EQ(good, 2);
  EXPECT_TRUE(task.done());
}

TEST(Await, AnOuterTaskDestroyedTakesTheInnerOneAlong) {
  const FakeHost host;
  const Client client = host.client();
  int good = -1;
  {
    const Task<void> task = outer(client, good);
    host.port().begin();
  }
  EXPECT_EQ(good, -1);
  EXPECT_TRUE(host.port().runs.empty());
}

Task<void> awaits(Task<int>& task, int& out) { out = co_await std::move(task); }

TEST(Await, ATaskGoesWithTheCoroutineThatWaitsForIt) {
  const FakeHost host;
  const Client client = host.client();
  int good = -1;
  Task<int> inner = two_signals(client);
  {
    const Task<void> waits = awaits(inner, good);
    host.port().begin();
    EXPECT_EQ(host.port().calls.size(), 1u);
  }
  EXPECT_TRUE(host.port().runs.empty());
  EXPECT_TRUE(host.port().calls.empty());
  EXPECT_EQ(good, -1);
  EXPECT_TRUE(inner.done()) << "it is empty";
}

TEST(Await, ATaskThatHasEndedGivesItsValueAtOnce) {
  const FakeHost host;
  Client client = host.client();
  client.close();
  int good = -1;
  Task<int> inner = two_signals(client);
  EXPECT_TRUE(inner.done());
  EXPECT_TRUE(awaits(inner, good).done());
  EXPECT_EQ(good, 0);
}

Task<int> failures(Client client, int calls) {
  int failed = 0;
  for (int i = 0; i < calls; ++i) {
    auto operation = client.call("/test/Echo", "");
    if (!co_await std::move(operation)) ++failed;
  }
  co_return failed;
}
Task<void> sum_of_failures(Client client, int tasks, int& failed) {
  for (int i = 0; i < tasks; ++i) failed += co_await failures(client, 1);
}

// Enough for any stack, were each to be resumed inside of the one before.
TEST(Await, RefusalsDoNotNest) {
  const FakeHost host;
  Client client = host.client();
  client.close();
  int failed = 0;
  EXPECT_TRUE(awaits(*std::make_unique<Task<int>>(failures(client, 200'000)), failed).done());
  EXPECT_EQ(failed, 200'000);
  EXPECT_TRUE(sum_of_failures(client, 200'000, failed).done());
  EXPECT_EQ(failed, 400'000);
}

// Nobody could catch it: it would leave the library, which knows no exceptions, half way.
TEST(Exception, OfACallbackTerminates) {
  const auto throws = [](Result<void>) { throw std::runtime_error("from a callback"); };
  const auto in_start = [&throws] {
    const FakeHost host;
    host.port().closed = true;
    host.client().signal_workflow("id", "wave").start(throws);
  };
  const auto on_loop = [&throws] {
    const FakeHost host;
    host.client().signal_workflow("id", "wave").start(throws);
    host.port().begin();
    host.port().answer_ok();
  };
  EXPECT_DEATH(in_start(), "from a callback");
  EXPECT_DEATH(on_loop(), "from a callback");
}

TEST(Exception, OfACoroutineTerminates) {
  const auto throws = [](Client client) -> Task<void> {
    auto operation = client.signal_workflow("id", "wave");
    if (co_await std::move(operation)) throw std::runtime_error("from a coroutine");
  };
  const auto on_loop = [&throws] {
    const FakeHost host;
    const Task<void> task = throws(host.client());
    host.port().begin();
    host.port().answer_ok();
  };
  EXPECT_DEATH(on_loop(), "from a coroutine");
}

TEST(Throwing, TurnsErrorsIntoExceptions) {
  EXPECT_EQ(value_or_throw(Result<int>(3)), 3);
  try {
    value_or_throw(Result<void>(Status(Code::kNotFound, "no such thing")));
    ADD_FAILURE() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "NOT_FOUND (local): no such thing");
    EXPECT_EQ(error.status().code(), Code::kNotFound);
  }
}

}  // namespace
}  // namespace minim
