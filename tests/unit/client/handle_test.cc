// What a handle asks: which run ids go where (client specification 3.1), and query outcomes (3.6).
#include "client/handle_programs.h"
#include "client/history.h"
#include "client/result.h"
#include "client/visibility.h"
#include "minim/errors.h"
#include "minim/pb/handle.pb.h"
#include "minim/pb/history.pb.h"
#include "minim/pb/visibility.pb.h"
#include "unit/client/support/programs.h"

namespace minim::internal {
namespace {

using minim::testing::failed_reply;
using minim::testing::first;
using minim::testing::garbled_reply;
using minim::testing::make_context;
using minim::testing::next;
using minim::testing::ok_reply;
using minim::testing::request_of;

// Four different ids, so that no field can hold another's by accident.
const WorkflowIds kIds{"id", "run", "result-run", "first-run"};

TEST(SignalProgram, SendsTheRunIdAndARequestId) {
  SignalProgram program(make_context(), kIds, "wave", DataConverter().encode("x"));
  const auto sent =
      request_of<pb::SignalWorkflowExecutionRequest>(first(program), "SignalWorkflowExecution");
  EXPECT_EQ(sent.namespace_(), "ns");
  EXPECT_EQ(sent.workflow_execution().workflow_id(), "id");
  EXPECT_EQ(sent.workflow_execution().run_id(), "run");
  EXPECT_EQ(sent.signal_name(), "wave");
  EXPECT_EQ(sent.identity(), "me");
  EXPECT_EQ(sent.request_id().size(), 36u);
  EXPECT_EQ(sent.input().payloads(0).data(), "\"x\"");
  EXPECT_TRUE(next(program, ok_reply(pb::SignalWorkflowExecutionResponse())).status.ok());
}

TEST(SignalProgram, NoArgumentsLeaveTheInputUnsetAndNullIsOne) {
  SignalProgram none(make_context(), kIds, "wave", Payloads());
  EXPECT_FALSE(
      request_of<pb::SignalWorkflowExecutionRequest>(first(none), "SignalWorkflowExecution")
          .has_input());
  SignalProgram null(make_context(), kIds, "wave", DataConverter().encode(nullptr));
  const auto sent =
      request_of<pb::SignalWorkflowExecutionRequest>(first(null), "SignalWorkflowExecution");
  EXPECT_EQ(sent.input().payloads(0).metadata().at("encoding"), "binary/null");
}

TEST(SignalProgram, BadArgumentsSendNothing) {
  SignalProgram program(make_context(), kIds, "wave", DataConverter().encode(RawJson{"{"}));
  EXPECT_EQ(first(program).status.code(), Code::kInvalidArgument);
}

// Protobuf would write such a text, and every server refuse it without saying which one it was.
TEST(HandlePrograms, TextThatIsNotUtf8IsNamedAndSendsNothing) {
  const std::string bad = "caf\xe9";
  const WorkflowIds bad_id{bad};
  const auto lost = make_context();
  lost->namespace_ = bad;
  const auto nobody = make_context();
  nobody->identity = bad;
  const auto list = std::make_shared<ListSource>(make_context(), bad, ListOptions());
  SignalProgram signal_id(make_context(), bad_id, "wave", Payloads());
  SignalProgram signal_name(make_context(), kIds, bad, Payloads());
  CancelProgram cancel(make_context(), kIds, bad);
  TerminateProgram terminate(make_context(), kIds, bad, Payloads());
  QueryProgram query(make_context(), kIds, {}, bad, Payloads());
  DescribeProgram describe(make_context(), {"id", bad});
  HistoryProgram history(make_context(), {"id", "", "", bad}, {});
  ResultProgram result(make_context(), bad, "", {});
  ListProgram listed(list);
  CountProgram count(make_context(), bad);
  CountProgram namespace_(lost, "");
  ResultProgram identity(nobody, "id", "", {});
  const std::pair<Program*, std::string> kRows[] = {{&signal_id, "workflow_id"},
                                                    {&signal_name, "signal name"},
                                                    {&cancel, "reason"},
                                                    {&terminate, "reason"},
                                                    {&query, "query name"},
                                                    {&describe, "run_id"},
                                                    {&history, "first_execution_run_id"},
                                                    {&result, "workflow_id"},
                                                    {&listed, "query"},
                                                    {&count, "query"},
                                                    {&namespace_, "namespace_"},
                                                    {&identity, "identity"}};
  for (const auto& [program, name] : kRows) {
    const Step step = first(*program);
    EXPECT_EQ(step.kind, Step::Kind::kDone);
    EXPECT_EQ(step.status.to_string(), "INVALID_ARGUMENT (local): " + name + " is not valid UTF-8");
  }
}

TEST(CancelProgram, IsProtectedByTheFirstRun) {
  CancelProgram program(make_context(), kIds, "because");
  const auto sent = request_of<pb::RequestCancelWorkflowExecutionRequest>(
      first(program), "RequestCancelWorkflowExecution");
  EXPECT_EQ(sent.workflow_execution().run_id(), "run");
  EXPECT_EQ(sent.first_execution_run_id(), "first-run");
  EXPECT_EQ(sent.reason(), "because");
  EXPECT_EQ(sent.identity(), "me");
  EXPECT_EQ(sent.request_id().size(), 36u);
}

TEST(TerminateProgram, IsProtectedByTheFirstRun) {
  TerminateProgram program(make_context(), kIds, "because", DataConverter().encode(1, 2));
  const auto sent = request_of<pb::TerminateWorkflowExecutionRequest>(first(program),
                                                                      "TerminateWorkflowExecution");
  EXPECT_EQ(sent.workflow_execution().run_id(), "run");
  EXPECT_EQ(sent.first_execution_run_id(), "first-run");
  EXPECT_EQ(sent.reason(), "because");
  EXPECT_EQ(sent.details().payloads_size(), 2);
  TerminateProgram plain(make_context(), kIds, "", Payloads());
  EXPECT_FALSE(
      request_of<pb::TerminateWorkflowExecutionRequest>(first(plain), "TerminateWorkflowExecution")
          .has_details());
}

TEST(QueryProgram, TheConditionIsTheGivenOneElseTheClientsElseNone) {
  const struct {
    std::optional<QueryRejectCondition> given, client;
    pb::QueryRejectCondition sent;
  } kRows[] = {
      {{}, {}, pb::QUERY_REJECT_CONDITION_UNSPECIFIED},
      {{}, QueryRejectCondition::kNotOpen, pb::QUERY_REJECT_CONDITION_NOT_OPEN},
      {QueryRejectCondition::kNone, QueryRejectCondition::kNotOpen,
       pb::QUERY_REJECT_CONDITION_NONE},
  };
  for (const auto& row : kRows) {
    const auto context = make_context();
    context->default_query_reject_condition = row.client;
    QueryProgram program(context, kIds, {.reject_condition = row.given}, "ask", Payloads());
    const auto sent = request_of<pb::QueryWorkflowRequest>(first(program), "QueryWorkflow");
    EXPECT_EQ(sent.query_reject_condition(), row.sent);
    EXPECT_EQ(sent.execution().run_id(), "run");
    EXPECT_EQ(sent.query().query_type(), "ask");
    EXPECT_FALSE(sent.query().has_query_args());
  }
}

Step query_answered(rpc::Reply reply, Payloads* payloads = nullptr) {
  QueryProgram program(make_context(), kIds, {}, "ask", Payloads());
  (void)first(program);
  Step step = next(program, std::move(reply));
  if (payloads != nullptr) *payloads = program.payloads;
  return step;
}

TEST(QueryProgram, Outcomes) {
  pb::QueryWorkflowResponse answered;
  answered.mutable_query_result()->add_payloads()->set_data("7");
  Payloads payloads;
  EXPECT_TRUE(query_answered(ok_reply(answered), &payloads).status.ok());
  EXPECT_EQ(payloads.at(0).data, "7");
  EXPECT_TRUE(query_answered(ok_reply(pb::QueryWorkflowResponse()), &payloads).status.ok());
  EXPECT_TRUE(payloads.empty());

  pb::QueryWorkflowResponse rejected;
  rejected.mutable_query_rejected()->set_status(pb::WORKFLOW_EXECUTION_STATUS_TERMINATED);
  const Status because = query_answered(ok_reply(rejected)).status;
  ASSERT_NE(because.as<QueryRejected>(), nullptr);
  EXPECT_EQ(because.as<QueryRejected>()->status, WorkflowStatus::kTerminated);
  EXPECT_EQ(because.message(), "query rejected, workflow status: Terminated");
  rejected.mutable_query_rejected()->set_status(pb::WORKFLOW_EXECUTION_STATUS_UNSPECIFIED);
  const Status unsaid = query_answered(ok_reply(rejected)).status;
  ASSERT_NE(unsaid.as<QueryRejected>(), nullptr);
  EXPECT_EQ(unsaid.as<QueryRejected>()->status, std::nullopt);

  const Status failed = query_answered(failed_reply(Code::kInvalidArgument, "handler")).status;
  EXPECT_NE(failed.as<QueryFailed>(), nullptr);
  EXPECT_EQ(failed.message(), "handler");
  const Status missing = query_answered(failed_reply(Code::kNotFound, "no")).status;
  EXPECT_EQ(missing.as<QueryFailed>(), nullptr);
  rpc::Reply local;
  local.status = Status(Code::kInvalidArgument, "a local one");
  EXPECT_EQ(query_answered(std::move(local)).status.as<QueryFailed>(), nullptr);
  EXPECT_EQ(query_answered(garbled_reply()).status.code(), Code::kInternal);
}

TEST(DescribeProgram, SendsTheRunIdAndReadsTheAnswer) {
  DescribeProgram program(make_context(), kIds);
  const auto sent =
      request_of<pb::DescribeWorkflowExecutionRequest>(first(program), "DescribeWorkflowExecution");
  EXPECT_EQ(sent.execution().run_id(), "run");
  pb::DescribeWorkflowExecutionResponse answer;
  auto& info = *answer.mutable_workflow_execution_info();
  info.mutable_execution()->set_workflow_id("id");
  info.mutable_execution()->set_run_id("r7");
  info.mutable_type()->set_name("Type");
  info.set_status(static_cast<pb::WorkflowExecutionStatus>(42));
  info.mutable_parent_execution()->set_workflow_id("parent");
  info.mutable_start_time()->set_seconds(5);
  auto& summary = *answer.mutable_execution_config()->mutable_user_metadata()->mutable_summary();
  summary.set_data("\"text\"");
  (*summary.mutable_metadata())["encoding"] = "json/plain";
  EXPECT_TRUE(next(program, ok_reply(answer)).status.ok());
  const WorkflowDescription& described = program.description;
  EXPECT_EQ(described.info.run_id, "r7");
  EXPECT_EQ(described.info.namespace_, "ns");
  EXPECT_EQ(workflow_status_name(*described.info.status), "Status(42)");
  EXPECT_EQ(described.info.parent_workflow_id, "parent");
  EXPECT_EQ(described.info.root_workflow_id, std::nullopt);
  EXPECT_EQ(described.info.close_time, std::nullopt);
  EXPECT_EQ(described.info.start_time->time_since_epoch(), std::chrono::seconds(5));
  EXPECT_EQ(*described.static_summary(), "text");
  EXPECT_EQ(*described.static_details(), std::nullopt);
}

TEST(HistoryProgram, PagesUntilTheTokenIsEmpty) {
  HistoryProgram program(make_context(), kIds,
                         {.filter = HistoryEventFilter::kCloseEvent, .page_size = 3});
  const auto sent = request_of<pb::GetWorkflowExecutionHistoryRequest>(
      first(program), "GetWorkflowExecutionHistory");
  EXPECT_EQ(sent.execution().run_id(), "run");
  EXPECT_EQ(sent.maximum_page_size(), 3);
  EXPECT_EQ(sent.history_event_filter_type(), pb::HISTORY_EVENT_FILTER_TYPE_CLOSE_EVENT);
  pb::GetWorkflowExecutionHistoryResponse page;
  auto& event = *page.mutable_history()->add_events();
  event.set_event_id(1);
  event.set_event_type(pb::EVENT_TYPE_WORKFLOW_EXECUTION_STARTED);
  event.mutable_workflow_execution_started_event_attributes()->set_original_execution_run_id("r0");
  page.set_next_page_token("more");
  const Step second = next(program, ok_reply(page));
  EXPECT_EQ(
      request_of<pb::GetWorkflowExecutionHistoryRequest>(second, "GetWorkflowExecutionHistory")
          .next_page_token(),
      "more");
  EXPECT_FALSE(second.long_poll);
  // An empty page with a token is no end.
  pb::GetWorkflowExecutionHistoryResponse empty;
  empty.set_next_page_token("still more");
  EXPECT_EQ(next(program, ok_reply(empty)).kind, Step::Kind::kCall);
  page.clear_next_page_token();
  EXPECT_EQ(next(program, ok_reply(page)).kind, Step::Kind::kDone);
  EXPECT_EQ(program.history.workflow_id, "id");
  ASSERT_EQ(program.history.events.size(), 2u);
  EXPECT_EQ(*program.history.run_id(), "r0");
  pb::History whole;
  ASSERT_TRUE(whole.ParseFromString(program.history.raw()));
  EXPECT_EQ(whole.events_size(), 2);
  EXPECT_EQ(WorkflowHistory().run_id().status().code(), Code::kFailedPrecondition);
}

TEST(HistoryProgram, RawHistoryIsRefused) {
  HistoryProgram program(make_context(), kIds, {});
  (void)first(program);
  pb::GetWorkflowExecutionHistoryResponse raw;
  raw.add_raw_history()->set_data("x");
  EXPECT_EQ(next(program, ok_reply(raw)).status.code(), Code::kInternal);
}

TEST(HistoryProgram, WaitingIsALongPoll) {
  HistoryProgram program(make_context(), kIds, {.wait_new_event = true});
  EXPECT_TRUE(first(program).long_poll);
}

}  // namespace
}  // namespace minim::internal
