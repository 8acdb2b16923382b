// A server that fails, and connections that break, under operations of every kind.
#include <thread>

#include "temporal/support/fixture.h"

namespace minim::testing {
namespace {

class ServerFaults : public TemporalTest {
 protected:
  // Signals that the run's own history holds.
  int signals_in_history(const WorkflowHandle& handle) {
    int count = 0;
    for (const HistoryEvent& event : must(run(handle.fetch_history())).events) {
      count += event.type == 26 ? 1 : 0;  // WorkflowExecutionSignaled
    }
    return count;
  }
};

TEST_P(ServerFaults, ARepeatedStartIsOneStart) {
  bed().fail({{"method", "StartWorkflowExecution"},
              {"code", "UNAVAILABLE"},
              {"times", 2},
              {"after", true}});
  const WorkflowHandle handle = start("Wait");
  const Json calls = bed().calls("StartWorkflowExecution");
  ASSERT_EQ(calls.size(), 3u);
  const std::string id = calls[0]["request"]["requestId"];
  EXPECT_EQ(id.size(), 36u);
  for (const Json& call : calls) EXPECT_EQ(call["request"]["requestId"], id);
  EXPECT_EQ(must(run(handle.describe())).info.run_id, handle.result_run_id());
}

TEST_P(ServerFaults, ARepeatedSignalIsOneSignal) {
  const WorkflowHandle handle = start("Wait");
  bed().fail({{"method", "SignalWorkflowExecution"}, {"code", "UNAVAILABLE"}, {"after", true}});
  must(run(handle.signal("note", "once")));
  EXPECT_EQ(bed().calls("SignalWorkflowExecution").size(), 2u);
  must(run(handle.terminate()));
  EXPECT_EQ(signals_in_history(handle), 1);
}

TEST_P(ServerFaults, SomeCodesAreNotRepeated) {
  for (const char* const code : {"PERMISSION_DENIED", "FAILED_PRECONDITION", "DEADLINE_EXCEEDED"}) {
    bed().reset();
    bed().fail({{"method", "CountWorkflowExecutions"}, {"code", code}, {"message", "as asked"}});
    const auto count = run(client().count_workflows());
    ASSERT_FALSE(count);
    EXPECT_EQ(code_name(count.error().code()), code);
    EXPECT_EQ(count.error().origin(), Origin::kServer);
    EXPECT_EQ(count.error().message(), "as asked");
    EXPECT_EQ(bed().calls("CountWorkflowExecutions").size(), 1u);
  }
}

TEST_P(ServerFaults, RepeatingEnds) {
  bed().fail({{"method", "CountWorkflowExecutions"},
              {"code", "UNAVAILABLE"},
              {"message", "down"},
              {"times", -1}});
  rpc::RetryOptions thrice{.initial_interval = std::chrono::milliseconds(1), .max_attempts = 3};
  const auto count = run(client().count_workflows(), {.retry = thrice});
  ASSERT_FALSE(count);
  EXPECT_EQ(count.error().message(), "down");
  EXPECT_EQ(bed().calls("CountWorkflowExecutions").size(), 3u);
}

TEST_P(ServerFaults, ThePushbackOfTheServerIsHonoured) {
  bed().fail({{"method", "CountWorkflowExecutions"},
              {"code", "UNAVAILABLE"},
              {"trailer", {{"grpc-retry-pushback-ms", "-1"}}}});
  EXPECT_FALSE(run(client().count_workflows()));
  EXPECT_EQ(bed().calls("CountWorkflowExecutions").size(), 1u);
}

TEST_P(ServerFaults, ADeadlineNamesItsPhase) {
  must(run(client().count_workflows()));
  // Nothing passes any more, so that only our own clock can end a call.
  bed().post("/freeze", {{"via", "address"}, {"frozen", true}});
  for (const CallOptions& clock : {CallOptions{.rpc_timeout = std::chrono::milliseconds(50)},
                                   CallOptions{.deadline = std::chrono::milliseconds(50)}}) {
    const auto count = run(client().count_workflows(), clock);
    ASSERT_FALSE(count);
    EXPECT_EQ(count.error().code(), Code::kDeadlineExceeded);
    EXPECT_EQ(count.error().origin(), Origin::kLocal);
    EXPECT_NE(count.error().message().find("while waiting for the response"), std::string::npos)
        << count.error().message();
  }
}

TEST_P(ServerFaults, ALostConnectionIsReplaced) {
  const WorkflowHandle handle = start("Interactive");
  for (const char* const how : {"close", "eof", "reset"}) {
    bed().post("/kill-connections", {{"how", how}});
    must(run(handle.signal("add", 1)));
  }
  must(run(handle.signal("finish", "x")));
  // The server keeps signals back while a worker is at it; when the run has closed, all are there.
  must(run(handle.result()));
  EXPECT_EQ(signals_in_history(handle), 4);
}

MINIM_IN_EVERY_FACE(ServerFaults);

// What needs two things at once: a wait that is cut in the middle.
TEST(Churn, AResultIsWaitedForThroughBrokenConnections) {
  Testbed& bed = Testbed::shared();
  ASSERT_EQ(bed.problem(), "");
  bed.reset();
  Runtime runtime;
  auto client = Client::create(runtime, {.target = bed["address"]});
  ASSERT_TRUE(client);
  auto handle = wait(client->start_workflow(
      "Interactive", {.id = unique_id() + "-churn", .task_queue = "testbed"}));
  ASSERT_TRUE(handle) << handle.error().to_string();
  std::optional<Result<RawJson>> result;
  std::thread waiter([&] { result.emplace(wait(handle->result<RawJson>())); });
  for (int cut = 0; cut < 3; ++cut) {
    // The poll is open as soon as the server has seen it.
    const std::size_t polls = static_cast<std::size_t>(cut) + 1;
    while (bed.calls("GetWorkflowExecutionHistory").size() < polls) {
    }
    bed.post("/kill-connections", {{"how", "reset"}});
  }
  const auto finished = wait(handle->signal("finish", "done"));
  EXPECT_TRUE(finished) << finished.status().to_string();
  waiter.join();
  ASSERT_TRUE(*result) << result->error().to_string();
  EXPECT_NE((**result).text.find("done"), std::string::npos);
}

TEST(Churn, GoawayLosesNoCall) {
  Testbed bed({"--dynamic", "frontend.keepAliveMaxConnectionAge=\"1s\"", "--dynamic",
               "frontend.keepAliveMaxConnectionAgeGrace=\"1s\""});
  ASSERT_EQ(bed.problem(), "");
  Runtime runtime;
  auto client = Client::create(runtime, {.target = bed["address"], .retry = rpc::no_retry()});
  ASSERT_TRUE(client);
  auto handle = wait(client->start_workflow("Wait", {.id = "goaway", .task_queue = "nobody"}));
  ASSERT_TRUE(handle) << handle.error().to_string();
  // Until the server has closed three connections under the calls.
  int sent = 0;
  while (bed.get("/connections?via=address")["connections"].size() < 4u) {
    for (int i = 0; i < 50; ++i, ++sent) {
      const auto done = wait(handle->signal("n", sent));
      ASSERT_TRUE(done) << "signal " << sent << ": " << done.error().to_string();
    }
  }
  int seen = 0;
  const auto history = wait(handle->fetch_history());
  ASSERT_TRUE(history);
  for (const HistoryEvent& event : history->events) seen += event.type == 26 ? 1 : 0;
  EXPECT_EQ(seen, sent);
}

}  // namespace
}  // namespace minim::testing
