// Ends that come early: cancelled, closed, destroyed, on real loops and threads.
#include <future>
#include <thread>

#include "minim/errors.h"
#include "temporal/support/fixture.h"

namespace minim::testing {
namespace {

class Cancel : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(bed().problem(), "");
    bed().reset();
    uv_loop_init(&loop_);
    borrowed_.emplace(&loop_);
  }
  void TearDown() override {
    borrowed_.reset();
    uv_run(&loop_, UV_RUN_DEFAULT);
    EXPECT_EQ(uv_loop_close(&loop_), 0);
  }

  static Testbed& bed() { return Testbed::shared(); }
  template <class Host>
  static Client client_on(Host& host) {
    return std::move(*Client::create(host, {.target = bed()["address"]}));
  }
  // A workflow that nobody works on: its result never comes.
  static StartWorkflowOptions endless() {
    StartWorkflowOptions how{};
    how.id = unique_id() + "-cancel";
    how.task_queue = "nobody";
    return how;
  }
  void run_loop() { uv_run(&loop_, UV_RUN_DEFAULT); }
  // Returns once the server has seen a poll for a result.
  static void await_poll() {
    while (bed().calls("GetWorkflowExecutionHistory").empty()) {
    }
  }

  uv_loop_t loop_;
  std::optional<uv::Loop> borrowed_;
};

TEST_F(Cancel, ATicketEndsItsOperationAndNoOther) {
  const Client client = client_on(*borrowed_);
  std::vector<Status> results;
  Ticket waiting;
  client.start_workflow("Wait", endless()).start([&](Result<WorkflowHandle> handle) {
    ASSERT_TRUE(handle) << handle.status().to_string();
    waiting = handle->result().start([&](Result<void> r) { results.push_back(r.status()); });
    handle->describe().start([&](Result<WorkflowDescription> described) {
      EXPECT_TRUE(described);
      waiting.cancel();
      waiting.cancel();
      EXPECT_TRUE(results.empty());  // never from inside cancel()
    });
  });
  run_loop();
  ASSERT_EQ(results.size(), 1u);
  EXPECT_EQ(results[0].code(), Code::kCancelled);
  EXPECT_EQ(results[0].origin(), Origin::kLocal);
  waiting.cancel();
}

TEST_F(Cancel, ClosingEndsEverythingOnce) {
  Client client = client_on(*borrowed_);
  std::vector<std::string> results;
  client.start_workflow("Wait", endless()).start([&](Result<WorkflowHandle> handle) {
    ASSERT_TRUE(handle) << handle.status().to_string();
    for (int i = 0; i < 3; ++i) {
      handle->result().start([&](Result<void> r) { results.push_back(r.status().to_string()); });
    }
    handle->describe().start([&](Result<WorkflowDescription>) { client.close(); });
  });
  run_loop();
  EXPECT_EQ(results, std::vector<std::string>(3, "CANCELLED (local): client closed"));
}

TEST_F(Cancel, ClosingWithADrainTimeLetsAResultCome) {
  Client client = client_on(*borrowed_);
  const Client other = client_on(*borrowed_);
  Status result, refused;
  client.start_workflow("Wait", endless()).start([&](Result<WorkflowHandle> handle) {
    ASSERT_TRUE(handle) << handle.status().to_string();
    handle->result().start([&](Result<void> r) { result = r.status(); });
    client.close({.drain = std::chrono::hours(1)});
    client.count_workflows().start([&](Result<WorkflowCount> r) { refused = r.status(); });
    other.get_workflow_handle(handle->workflow_id()).terminate("enough").start([](Result<void> r) {
      EXPECT_TRUE(r) << r.status().to_string();
    });
  });
  run_loop();
  EXPECT_EQ(refused.to_string(), "CANCELLED (local): client closed");
  EXPECT_NE(result.as<WorkflowFailed>(), nullptr) << result.to_string();
}

Task<void> wait_for_result(WorkflowHandle handle, bool& ended) {
  auto operation = handle.result();
  (void)co_await std::move(operation);
  ended = true;
}

TEST_F(Cancel, ADestroyedCoroutineCancelsWhatItWaitsFor) {
  const Client client = client_on(*borrowed_);
  std::optional<Task<void>> task;
  bool ended = false;
  client.start_workflow("Wait", endless()).start([&](Result<WorkflowHandle> handle) {
    ASSERT_TRUE(handle) << handle.status().to_string();
    task.emplace(wait_for_result(*handle, ended));
    handle->describe().start([&](Result<WorkflowDescription>) { task.reset(); });
  });
  run_loop();  // returns although the workflow goes on
  EXPECT_FALSE(ended);
}

TEST_F(Cancel, ACallbackMayDestroyTheClientAndTheLoop) {
  auto client = std::make_optional(client_on(*borrowed_));
  bool ended = false;
  client->count_workflows().start([&](Result<WorkflowCount> count) {
    EXPECT_TRUE(count);
    client.reset();
    borrowed_.reset();
    ended = true;
  });
  run_loop();
  EXPECT_TRUE(ended);
}

TEST_F(Cancel, WaitingOnABorrowedLoopIsRefused) {
  const Client client = client_on(*borrowed_);
  const auto refused = wait(client.count_workflows());
  EXPECT_EQ(refused.status().code(), Code::kFailedPrecondition);
  EXPECT_TRUE(bed().calls("CountWorkflowExecutions").empty());
}

TEST_F(Cancel, AStopRequestFromAnotherThreadEndsAWait) {
  Runtime runtime;
  const Client client = client_on(runtime);
  const auto handle = wait(client.start_workflow("Wait", endless()));
  ASSERT_TRUE(handle) << handle.status().to_string();
  std::stop_source stop;
  std::thread stopper([&stop] {
    await_poll();
    stop.request_stop();
  });
  const auto ended = wait(handle->result(), stop.get_token());
  stopper.join();
  EXPECT_EQ(ended.status().code(), Code::kCancelled);
}

TEST_F(Cancel, TheEndOfARuntimeEndsItsOperations) {
  auto runtime = std::make_optional<Runtime>();
  const Client client = client_on(*runtime);
  const auto handle = wait(client.start_workflow("Wait", endless()));
  ASSERT_TRUE(handle) << handle.status().to_string();
  int count = 0;
  Status why;
  handle->result().start([&](Result<void> r) {
    ++count;
    why = r.status();
  });
  await_poll();
  runtime.reset();  // waits for the callback
  EXPECT_EQ(count, 1);
  EXPECT_EQ(why.to_string(), "CANCELLED (local): client closed");
  // What outlives it is refused, not broken.
  EXPECT_EQ(wait(handle->describe()).status().code(), Code::kCancelled);
}

Task<void> tell(Client client, std::promise<Result<std::string>> told) {
  StartWorkflowOptions how{};
  how.id = unique_id() + "-told";
  how.task_queue = "testbed";
  auto operation = client.execute_workflow<std::string>("Echo", how, "heard");
  told.set_value(co_await std::move(operation));
}

TEST_F(Cancel, ADetachedCoroutineRunsOnTheRuntimesThread) {
  Runtime runtime;
  std::promise<Result<std::string>> told;
  auto heard = told.get_future();
  tell(client_on(runtime), std::move(told)).detach();
  const Result<std::string> text = heard.get();
  ASSERT_TRUE(text) << text.error().to_string();
  EXPECT_EQ(*text, "heard");
}

TEST_F(Cancel, ManyAtOnceAllEnd) {
  const Client client = client_on(*borrowed_);
  constexpr int kCount = 200;
  int ended = 0;
  std::vector<Ticket> tickets;
  for (int i = 0; i < kCount; ++i) {
    tickets.push_back(client.count_workflows().start([&ended](Result<WorkflowCount> count) {
      EXPECT_TRUE(count || count.error().code() == Code::kCancelled);
      ++ended;
    }));
  }
  for (int i = 0; i < kCount; i += 3) tickets[static_cast<std::size_t>(i)].cancel();
  run_loop();
  EXPECT_EQ(ended, kCount);
}

}  // namespace
}  // namespace minim::testing
