// Starting workflows: every option as the server saw it, policies, identity of repeated attempts.
#include "minim/errors.h"
#include "temporal/support/fixture.h"

namespace minim::testing {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

class Start : public TemporalTest {
 protected:
  static StartWorkflowOptions on_queue(std::string id) {
    StartWorkflowOptions options;
    options.id = std::move(id);
    options.task_queue = "testbed";
    return options;
  }
  static Json seen(const std::string& method = "StartWorkflowExecution") {
    return bed().last_call(method)["request"];
  }
};
MINIM_IN_EVERY_FACE(Start);

TEST_P(Start, LittleIsSentWhereLittleIsGiven) {
  const std::string id = unique_id();
  const WorkflowHandle handle = must(run(client().start_workflow("Wait", on_queue(id))));
  Json request = seen();
  EXPECT_EQ(request["requestId"].get<std::string>().size(), 36u);
  request.erase("requestId");
  const Json want{{"namespace", "default"},
                  {"workflowId", id},
                  {"workflowType", {{"name", "Wait"}}},
                  {"taskQueue", {{"name", "testbed"}}},
                  {"identity", "tester"},
                  {"workflowIdReusePolicy", "WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE"},
                  {"priority", Json::object()}};
  EXPECT_EQ(request, want);
  EXPECT_EQ(handle.workflow_id(), id);
  EXPECT_EQ(handle.run_id(), "");
  EXPECT_EQ(handle.result_run_id().size(), 36u);
  EXPECT_EQ(handle.first_execution_run_id(), handle.result_run_id());
  must(run(handle.terminate()));
}

TEST_P(Start, EveryOptionArrives) {
  StartWorkflowOptions options = on_queue(unique_id());
  options.execution_timeout = hours(2);
  options.run_timeout = hours(1);
  options.task_timeout = seconds(5);
  options.id_reuse_policy = WorkflowIdReusePolicy::kRejectDuplicate;
  options.id_conflict_policy = WorkflowIdConflictPolicy::kFail;
  options.retry_policy = RetryPolicy{.initial_interval = milliseconds(500),
                                     .backoff_coefficient = 1.5,
                                     .maximum_attempts = 2,
                                     .non_retryable_error_types = {"Fatal"}};
  options.memo = {{"note", MemoValue("remember")}, {"count", MemoValue(3)}};
  options.search_attributes = {KeywordAttribute{"CustomKeywordField"}.set("blue"),
                               IntAttribute{"CustomIntField"}.set(42)};
  options.static_summary = "one line";
  options.static_details = "two\nlines";
  options.priority = {.priority_key = 2};
  const WorkflowHandle handle =
      must(run(client().start_workflow("Interactive", std::move(options), "argument")));
  const Json request = seen();
  EXPECT_EQ(request["workflowExecutionTimeout"], "7200s");
  EXPECT_EQ(request["workflowRunTimeout"], "3600s");
  EXPECT_EQ(request["workflowTaskTimeout"], "5s");
  EXPECT_EQ(request["workflowIdReusePolicy"], "WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE");
  EXPECT_EQ(request["workflowIdConflictPolicy"], "WORKFLOW_ID_CONFLICT_POLICY_FAIL");
  EXPECT_EQ(request["retryPolicy"], Json({{"initialInterval", "0.500s"},
                                          {"backoffCoefficient", 1.5},
                                          {"maximumInterval", "50s"},
                                          {"maximumAttempts", 2},
                                          {"nonRetryableErrorTypes", {"Fatal"}}}));
  EXPECT_EQ(request["priority"]["priorityKey"], 2);
  EXPECT_EQ(request["input"].is_object() || request["input"].is_array(), true);

  const WorkflowDescription described = must(run(handle.describe()));
  EXPECT_EQ(must(described.info.memo_value<std::string>("note")), "remember");
  EXPECT_EQ(must(described.info.memo_value<int>("count")), 3);
  EXPECT_EQ(described.info.memo_value<int>("other").status().code(), Code::kNotFound);
  const SearchAttributes attributes = must(described.info.search_attributes());
  EXPECT_EQ(attributes.get(KeywordAttribute{"CustomKeywordField"}), "blue");
  EXPECT_EQ(attributes.get(IntAttribute{"CustomIntField"}), 42);
  EXPECT_EQ(must(described.static_summary()), "one line");
  EXPECT_EQ(must(described.static_details()), "two\nlines");
  EXPECT_EQ(described.info.workflow_type, "Interactive");
  EXPECT_EQ(described.info.task_queue, "testbed");
  EXPECT_EQ(described.info.namespace_, "default");
  EXPECT_EQ(described.info.status, WorkflowStatus::kRunning);
  EXPECT_TRUE(described.info.start_time.has_value());
  EXPECT_FALSE(described.info.close_time.has_value());
  must(run(handle.terminate()));
}

TEST_P(Start, DelayAndCron) {
  StartWorkflowOptions delayed = on_queue(unique_id());
  delayed.start_delay = minutes(10);
  const WorkflowHandle later = must(run(client().start_workflow("Echo", delayed)));
  EXPECT_EQ(seen()["workflowStartDelay"], "600s");
  const WorkflowInfo info = must(run(later.describe())).info;
  ASSERT_TRUE(info.execution_time && info.start_time);
  EXPECT_EQ(std::chrono::round<seconds>(*info.execution_time - *info.start_time), minutes(10));
  must(run(later.terminate()));

  StartWorkflowOptions both = on_queue(unique_id());
  both.start_delay = minutes(10);
  both.cron_schedule = "@every 1h";
  // Left to the server, which says what is wrong.
  const auto refused = run(client().start_workflow("Echo", both));
  EXPECT_EQ(refused.status().code(), Code::kInvalidArgument);
  EXPECT_EQ(refused.status().origin(), Origin::kServer);
}

TEST_P(Start, VersioningOverrideArrives) {
  StartWorkflowOptions options = on_queue(unique_id());
  options.versioning_override = PinnedVersion{"deployment", "build"};
  // The server may refuse a version that does not exist; what counts is what it was told.
  (void)run(client().start_workflow("Echo", options));
  const Json pinned = seen()["versioningOverride"];
  EXPECT_EQ(pinned["pinned"]["version"],
            Json({{"deploymentName", "deployment"}, {"buildId", "build"}}));
  EXPECT_EQ(pinned["pinnedVersion"], "deployment.build");
}

TEST_P(Start, AlreadyStarted) {
  const std::string id = unique_id();
  const WorkflowHandle first = must(run(client().start_workflow("Wait", on_queue(id))));
  const auto second = run(client().start_workflow("Wait", on_queue(id)));
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code(), Code::kAlreadyExists);
  const auto* const already = second.error().as<WorkflowAlreadyStarted>();
  ASSERT_NE(already, nullptr) << second.error().to_string();
  EXPECT_EQ(already->run_id, first.result_run_id());
  EXPECT_EQ(already->workflow_id, id);
  EXPECT_EQ(already->workflow_type, "Wait");

  StartWorkflowOptions existing = on_queue(id);
  existing.id_conflict_policy = WorkflowIdConflictPolicy::kUseExisting;
  EXPECT_EQ(must(run(client().start_workflow("Wait", existing))).result_run_id(),
            first.result_run_id());
  StartWorkflowOptions replace = on_queue(id);
  replace.id_conflict_policy = WorkflowIdConflictPolicy::kTerminateExisting;
  const WorkflowHandle replaced = must(run(client().start_workflow("Wait", replace)));
  EXPECT_NE(replaced.result_run_id(), first.result_run_id());
  EXPECT_EQ(run(first.result()).error().as<WorkflowFailed>()->status, WorkflowStatus::kTerminated);
  must(run(replaced.terminate()));

  StartWorkflowOptions once = on_queue(id);
  once.id_reuse_policy = WorkflowIdReusePolicy::kRejectDuplicate;
  const auto reused = run(client().start_workflow("Wait", once));
  ASSERT_FALSE(reused);
  EXPECT_NE(reused.error().as<WorkflowAlreadyStarted>(), nullptr);
}

TEST_P(Start, SignalWithStart) {
  StartWorkflowOptions options = on_queue(unique_id());
  options.start_signal = StartSignal{"add", must(DataConverter().encode(4))};
  const WorkflowHandle first = must(run(client().start_workflow("Interactive", options)));
  const Json request = seen("SignalWithStartWorkflowExecution");
  EXPECT_EQ(request["signalName"], "add");
  EXPECT_EQ(first.first_execution_run_id(), "");
  EXPECT_TRUE(bed().calls("StartWorkflowExecution").empty());
  const WorkflowHandle second = must(run(client().start_workflow("Interactive", options)));
  EXPECT_EQ(second.result_run_id(), first.result_run_id());
  must(run(second.signal("finish")));
  EXPECT_EQ(Json::parse(must(run(first.result<Payloads>()))[0].data)["value"], 8);

  options.start_signal->name = "";
  const auto nameless = run(client().start_workflow("Interactive", options));
  EXPECT_EQ(nameless.status().to_string(),
            "INVALID_ARGUMENT (local): start_signal.name is empty: it names the signal to send");
}

TEST_P(Start, ExecuteIsStartAndResult) {
  EXPECT_EQ(must(run(client().execute_workflow<std::string>("Echo", on_queue(unique_id()), "hi"))),
            "hi");
  bed().reset();
  // Call options are for the start alone.
  CallOptions call;
  call.rpc_timeout = seconds(12);
  call.metadata = {{"x-mark", "start"}};
  EXPECT_TRUE(run(client().execute_workflow("Sleep", on_queue(unique_id()), 1), call));
  const Json started = bed().last_call("StartWorkflowExecution");
  EXPECT_LE(started["deadlineMs"].get<int>(), 12'000);
  EXPECT_EQ(started["metadata"]["x-mark"], Json({"start"}));
  const Json polled = bed().last_call("GetWorkflowExecutionHistory");
  EXPECT_GT(polled["deadlineMs"].get<int>(), 60'000);
  EXPECT_FALSE(polled["metadata"].contains("x-mark"));
}

TEST_P(Start, WhatTheServerRefusesIsTheServersToSay) {
  const auto nameless = run(client().start_workflow("Echo", on_queue("")));
  EXPECT_EQ(nameless.status().code(), Code::kInvalidArgument);
  EXPECT_EQ(nameless.status().origin(), Origin::kServer);
  ClientOptions elsewhere;
  elsewhere.namespace_ = "no-such-namespace";
  const auto lost = run(client().with(elsewhere).start_workflow("Echo", on_queue(unique_id())));
  EXPECT_EQ(lost.status().code(), Code::kNotFound) << lost.status().to_string();
}

TEST_P(Start, WhatIsWrongHereIsSaidHere) {
  bed().reset();
  StartWorkflowOptions memo = on_queue("x");
  memo.memo = {{"bad", MemoValue(RawJson{"{"})}};
  const Status wrong_memo = run(client().start_workflow("Echo", memo)).status();
  EXPECT_EQ(wrong_memo.code(), Code::kInvalidArgument);
  EXPECT_EQ(wrong_memo.message().substr(0, 10), "memo 'bad'") << wrong_memo.to_string();
  StartWorkflowOptions retry = on_queue("x");
  retry.retry_policy = RetryPolicy{.backoff_coefficient = 0.5};
  EXPECT_EQ(run(client().start_workflow("Echo", retry)).status().code(), Code::kInvalidArgument);
  StartWorkflowOptions twice = on_queue("x");
  twice.search_attributes = {KeywordAttribute{"A"}.set("1"), KeywordAttribute{"A"}.set("2")};
  EXPECT_EQ(run(client().start_workflow("Echo", twice)).status().code(), Code::kInvalidArgument);
  StartWorkflowOptions priority = on_queue("x");
  priority.priority.priority_key = 0;
  EXPECT_EQ(run(client().start_workflow("Echo", priority)).status().code(), Code::kInvalidArgument);
  EXPECT_TRUE(bed().calls("StartWorkflowExecution").empty());
}

}  // namespace
}  // namespace minim::testing
