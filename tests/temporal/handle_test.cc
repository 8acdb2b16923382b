// Signal, query, describe, cancel, terminate, history, raw call.
#include "minim/errors.h"
#include "temporal/support/fixture.h"

namespace minim::testing {
namespace {

class Handle : public TemporalTest {};
MINIM_IN_EVERY_FACE(Handle);

TEST_P(Handle, SignalsAndQueries) {
  const WorkflowHandle run_ = start("Interactive");
  must(run(run_.signal("add", 5)));
  must(run(run_.signal("note", "hello")));
  const Json signalled = bed().calls("SignalWorkflowExecution");
  ASSERT_EQ(signalled.size(), 2u);
  EXPECT_EQ(signalled[0]["request"]["signalName"], "add");
  EXPECT_EQ(signalled[0]["request"]["identity"], "tester");
  EXPECT_EQ(signalled[0]["request"]["workflowExecution"]["workflowId"], run_.workflow_id());
  EXPECT_FALSE(signalled[0]["request"]["workflowExecution"].contains("runId"));
  EXPECT_NE(signalled[0]["request"]["requestId"], signalled[1]["request"]["requestId"]);
  EXPECT_EQ(must(run(run_.query<int>("add", 3, 4))), 7);
  const Payloads state = must(run(run_.query("state")));
  ASSERT_EQ(state.size(), 1u);
  EXPECT_EQ(Json::parse(state[0].data)["value"], 5);
  EXPECT_FALSE(bed().last_call("QueryWorkflow")["request"].contains("queryRejectCondition"));
  EXPECT_EQ(must(run(run_.query<std::optional<int>>("nothing"))), std::nullopt);
  must(run(run_.signal("finish")));
  EXPECT_EQ(Json::parse(must(run(run_.result<Payloads>()))[0].data)["notes"], Json({"hello"}));
}

TEST_P(Handle, QueriesThatFail) {
  const WorkflowHandle run_ = start("Interactive");
  const auto failed = run(run_.query("fail"));
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code(), Code::kInvalidArgument);
  EXPECT_NE(failed.error().as<QueryFailed>(), nullptr) << failed.error().to_string();
  const auto unknown = run(run_.query("no-such-query"));
  ASSERT_FALSE(unknown);
  EXPECT_NE(unknown.error().as<QueryFailed>(), nullptr) << unknown.error().to_string();
  const auto missing = run(client().get_workflow_handle("no-such-workflow").query("state"));
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code(), Code::kNotFound);
  EXPECT_EQ(missing.error().origin(), Origin::kServer);
  must(run(run_.terminate()));
}

TEST_P(Handle, QueryIsRejectedByTheConditionOrTheClientsDefault) {
  const WorkflowHandle run_ = start("Interactive");
  must(run(run_.signal("finish")));
  must(run(run_.result()));
  const auto rejected =
      run(run_.query_with({.reject_condition = QueryRejectCondition::kNotOpen}, "state"));
  ASSERT_FALSE(rejected);
  EXPECT_EQ(rejected.error().to_string(),
            "FAILED_PRECONDITION (server): query rejected, workflow status: Completed");
  ASSERT_NE(rejected.error().as<QueryRejected>(), nullptr);
  EXPECT_EQ(rejected.error().as<QueryRejected>()->status, WorkflowStatus::kCompleted);
  // It did complete cleanly.
  const QueryOptions cleanly{.reject_condition = QueryRejectCondition::kNotCompletedCleanly};
  EXPECT_TRUE(run(run_.query_with(cleanly, "state")));
  ClientOptions changed;
  changed.default_query_reject_condition = QueryRejectCondition::kNotOpen;
  const auto by_default =
      run(client().with(changed).get_workflow_handle(run_.workflow_id()).query("state"));
  EXPECT_EQ(by_default.status().code(), Code::kFailedPrecondition);
}

TEST_P(Handle, CancelIsARequestThatTheWorkflowMayRefuse) {
  const WorkflowHandle waiting = start("WaitCancel");
  must(run(waiting.cancel("enough")));
  const Json asked = bed().last_call("RequestCancelWorkflowExecution")["request"];
  EXPECT_EQ(asked["reason"], "enough");
  EXPECT_EQ(asked["firstExecutionRunId"], waiting.first_execution_run_id());
  EXPECT_FALSE(asked["workflowExecution"].contains("runId"));
  EXPECT_EQ(asked["requestId"].get<std::string>().size(), 36u);
  const auto ended = run(waiting.result());
  ASSERT_FALSE(ended);
  const auto* const failed = ended.error().as<WorkflowFailed>();
  ASSERT_NE(failed, nullptr);
  EXPECT_EQ(failed->status, WorkflowStatus::kCanceled);
  ASSERT_NE(failed->failure.as<CancelledFailure>(), nullptr);
  EXPECT_EQ(must(failed->failure.as<CancelledFailure>()->details<std::string, int>()),
            std::make_tuple(std::string("cancelled as asked"), 7));
  // A workflow that has closed already cannot be cancelled, and nobody complains.
  EXPECT_TRUE(run(waiting.cancel()));

  const WorkflowHandle stubborn = start("IgnoreCancel");
  must(run(stubborn.cancel()));
  must(run(stubborn.signal("finish")));
  EXPECT_EQ(must(run(stubborn.result<std::string>())), "finished");
}

TEST_P(Handle, TerminateSaysWhy) {
  const WorkflowHandle run_ = start("Wait");
  must(run(run_.terminate("no longer needed", "detail", 2)));
  const auto ended = run(run_.result());
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().code(), Code::kAborted);
  const auto* const failed = ended.error().as<WorkflowFailed>();
  ASSERT_NE(failed, nullptr);
  EXPECT_EQ(failed->status, WorkflowStatus::kTerminated);
  EXPECT_EQ(failed->failure.message(), "no longer needed");
  const auto* const info = failed->failure.as<TerminatedFailure>();
  ASSERT_NE(info, nullptr);
  EXPECT_EQ(must(info->details<std::string, int>()), std::make_tuple(std::string("detail"), 2));
  const auto again = run(run_.terminate());
  EXPECT_EQ(again.status().code(), Code::kNotFound) << again.status().to_string();

  const WorkflowHandle silent = start("Wait");
  must(run(silent.terminate()));
  EXPECT_EQ(run(silent.result()).error().as<WorkflowFailed>()->failure.message(),
            "terminated by user via frontend");  // the server's own reason
}

TEST_P(Handle, RunIdsProtect) {
  const WorkflowHandle first = start("Wait");
  // Another chain's first run id: the server refuses.
  const WorkflowHandle wrong =
      client().get_workflow_handle(first.workflow_id(), "", "11111111-2222-3333-4444-555555555555");
  EXPECT_EQ(run(wrong.terminate()).status().code(), Code::kNotFound);
  const WorkflowHandle exact =
      client().get_workflow_handle(first.workflow_id(), first.result_run_id());
  EXPECT_EQ(exact.result_run_id(), first.result_run_id());
  EXPECT_EQ(must(run(exact.describe())).info.run_id, first.result_run_id());
  must(run(exact.terminate()));
  EXPECT_EQ(bed().last_call("TerminateWorkflowExecution")["request"]["workflowExecution"]["runId"],
            first.result_run_id());
}

TEST_P(Handle, HistoryComesInPages) {
  const WorkflowHandle run_ = start("LongHistory", 60, 10);
  EXPECT_EQ(must(run(run_.result<int>())), 60);
  bed().reset();
  const WorkflowHistory paged = must(run(run_.fetch_history({.page_size = 1})));
  EXPECT_GT(bed().calls("GetWorkflowExecutionHistory").size(), 1u);
  const WorkflowHistory whole = must(run(run_.fetch_history()));
  EXPECT_GE(whole.events.size(), 60u);
  ASSERT_EQ(paged.events.size(), whole.events.size());
  for (std::size_t i = 0; i < whole.events.size(); ++i) {
    EXPECT_EQ(paged.events[i].id, whole.events[i].id);
    EXPECT_EQ(paged.events[i].raw.size(), whole.events[i].raw.size());
  }
  EXPECT_FALSE(whole.raw().empty());
  EXPECT_EQ(whole.events.front().id, 1);
  EXPECT_EQ(must(whole.run_id()), run_.result_run_id());
  const WorkflowHistory closed =
      must(run(run_.fetch_history({.filter = HistoryEventFilter::kCloseEvent})));
  ASSERT_EQ(closed.events.size(), 1u);
  EXPECT_EQ(closed.run_id().status().code(), Code::kFailedPrecondition);
  // Waits until the run has closed, and gives everything.
  const WorkflowHistory waited =
      must(run(run_.fetch_history({.skip_archival = true, .wait_new_event = true})));
  EXPECT_EQ(waited.events.size(), whole.events.size());
}

TEST_P(Handle, RawCallsCarryTheNamespaceOnlyWhereTheRequestHasOne) {
  const std::string service = "/temporal.api.workflowservice.v1.WorkflowService/";
  EXPECT_FALSE(must(run(client().call(service + "GetSystemInfo", ""))).empty());
  EXPECT_FALSE(bed().last_call("GetSystemInfo")["metadata"].contains("temporal-namespace"));
  // DescribeNamespaceRequest.namespace = 1
  EXPECT_FALSE(must(run(client().call(service + "DescribeNamespace",
                                      "\x0a\x07"
                                      "default")))
                   .empty());
  EXPECT_EQ(bed().last_call("DescribeNamespace")["metadata"]["temporal-namespace"],
            Json({"default"}));
  const auto unknown = run(client().call(service + "NoSuchMethod", ""));
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code(), Code::kUnimplemented);
  const auto health = run(client().call("/grpc.health.v1.Health/Check",
                                        "\x0a\x2ftemporal.api.workflowservice.v1.WorkflowService"));
  EXPECT_EQ(must(health), "\x08\x01");  // SERVING
}

TEST_P(Handle, BadArgumentsAreReportedBeforeAnythingIsSent) {
  bed().reset();
  const auto bad = run(client().signal_workflow("id", "name", RawJson{"{"}));
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().code(), Code::kInvalidArgument);
  EXPECT_EQ(bad.error().origin(), Origin::kLocal);
  EXPECT_TRUE(bed().calls("SignalWorkflowExecution").empty());
}

}  // namespace
}  // namespace minim::testing
