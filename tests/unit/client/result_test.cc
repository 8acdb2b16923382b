// Every way a run can end, followed or not (client specification 3.2).
#include "client/result.h"

#include "minim/errors.h"
#include "minim/pb/history.pb.h"
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

using Response = pb::GetWorkflowExecutionHistoryResponse;

enum class End { kCompleted, kFailed, kTimedOut, kCancelled, kTerminated, kContinued };

Response closed(End end, const std::string& next_run) {
  Response response;
  pb::HistoryEvent& event = *response.mutable_history()->add_events();
  switch (end) {
    case End::kCompleted: {
      auto& ended = *event.mutable_workflow_execution_completed_event_attributes();
      ended.set_new_execution_run_id(next_run);
      ended.mutable_result()->add_payloads()->set_data("one");
      ended.mutable_result()->add_payloads()->set_data("two");
      break;
    }
    case End::kFailed: {
      auto& ended = *event.mutable_workflow_execution_failed_event_attributes();
      ended.set_new_execution_run_id(next_run);
      ended.mutable_failure()->set_message("broke");
      ended.mutable_failure()->mutable_application_failure_info()->set_type("Broken");
      break;
    }
    case End::kTimedOut:
      event.mutable_workflow_execution_timed_out_event_attributes()->set_new_execution_run_id(
          next_run);
      break;
    case End::kCancelled:
      event.mutable_workflow_execution_canceled_event_attributes()
          ->mutable_details()
          ->add_payloads()
          ->set_data("why");
      break;
    case End::kTerminated:
      event.mutable_workflow_execution_terminated_event_attributes()->set_reason(next_run);
      break;
    case End::kContinued:
      event.mutable_workflow_execution_continued_as_new_event_attributes()
          ->set_new_execution_run_id(next_run);
      break;
  }
  return response;
}

pb::GetWorkflowExecutionHistoryRequest poll_of(const Step& step) {
  EXPECT_TRUE(step.long_poll);
  return request_of<pb::GetWorkflowExecutionHistoryRequest>(step, "GetWorkflowExecutionHistory");
}

TEST(ResultProgram, AsksForTheCloseEventAndWaits) {
  ResultProgram program(make_context(), "w", "r", {});
  const auto poll = poll_of(first(program));
  EXPECT_EQ(poll.namespace_(), "ns");
  EXPECT_EQ(poll.execution().workflow_id(), "w");
  EXPECT_EQ(poll.execution().run_id(), "r");
  EXPECT_TRUE(poll.wait_new_event());
  EXPECT_TRUE(poll.skip_archival());
  EXPECT_EQ(poll.history_event_filter_type(), pb::HISTORY_EVENT_FILTER_TYPE_CLOSE_EVENT);
  EXPECT_EQ(poll.maximum_page_size(), 0);
}

TEST(ResultProgram, ANewRunIsFollowedWhereTheEndNamesOne) {
  const struct {
    End end;
    bool follows;
  } kRows[] = {{End::kCompleted, true},  {End::kFailed, true},      {End::kTimedOut, true},
               {End::kCancelled, false}, {End::kTerminated, false}, {End::kContinued, true}};
  for (const auto& row : kRows) {
    for (const bool wanted : {true, false}) {
      ResultProgram program(make_context(), "w", "r", {.follow_runs = wanted});
      (void)first(program);
      const Step step = next(program, ok_reply(closed(row.end, "r2")));
      if (row.follows && wanted) {
        const auto poll = poll_of(step);
        EXPECT_EQ(poll.execution().run_id(), "r2");
        EXPECT_EQ(poll.next_page_token(), "");
      } else {
        EXPECT_EQ(step.kind, Step::Kind::kDone) << static_cast<int>(row.end);
      }
    }
  }
}

TEST(ResultProgram, EndsAsStatus) {
  const struct {
    End end;
    std::string text;
    WorkflowStatus status;
  } kRows[] = {{End::kFailed, "broke", WorkflowStatus::kFailed},
               {End::kTimedOut, "Workflow timed out", WorkflowStatus::kTimedOut},
               {End::kCancelled, "Workflow cancelled", WorkflowStatus::kCanceled},
               {End::kTerminated, "Workflow terminated", WorkflowStatus::kTerminated}};
  for (const auto& row : kRows) {
    ResultProgram program(make_context(), "w", "r", {});
    (void)first(program);
    const Step step = next(program, ok_reply(closed(row.end, "")));
    EXPECT_EQ(step.status.code(), Code::kAborted);
    EXPECT_EQ(step.status.origin(), Origin::kServer);
    EXPECT_FALSE(step.status.retryable());
    const auto* const failed = step.status.as<WorkflowFailed>();
    ASSERT_NE(failed, nullptr);
    EXPECT_EQ(failed->failure.message(), row.text);
    EXPECT_EQ(failed->status, row.status);
    EXPECT_EQ(failed->run_id, "r");
  }
}

TEST(ResultProgram, AReasonOfATerminationIsItsMessage) {
  ResultProgram program(make_context(), "w", "", {});
  (void)first(program);
  const Step step = next(program, ok_reply(closed(End::kTerminated, "enough")));
  EXPECT_EQ(step.status.as<WorkflowFailed>()->failure.message(), "enough");
}

TEST(ResultProgram, CompletionKeepsEveryPayload) {
  ResultProgram program(make_context(), "w", "", {});
  (void)first(program);
  const Step step = next(program, ok_reply(closed(End::kCompleted, "")));
  EXPECT_EQ(step.kind, Step::Kind::kDone);
  EXPECT_TRUE(step.status.ok());
  ASSERT_EQ(program.payloads.size(), 2u);
  EXPECT_EQ(program.payloads[1].data, "two");
}

TEST(ResultProgram, ContinuedAsNewUnfollowedIsAnError) {
  ResultProgram program(make_context(), "w", "r", {.follow_runs = false});
  (void)first(program);
  const Step step = next(program, ok_reply(closed(End::kContinued, "r2")));
  ASSERT_NE(step.status.as<WorkflowContinuedAsNew>(), nullptr);
  EXPECT_EQ(step.status.as<WorkflowContinuedAsNew>()->new_run_id, "r2");
  EXPECT_EQ(step.status.to_string(), "ABORTED (server): the workflow continued as new, run r2");
}

TEST(ResultProgram, ContinuedAsNewMustNameTheRun) {
  for (const bool follow : {true, false}) {
    ResultProgram program(make_context(), "w", "r", {.follow_runs = follow});
    (void)first(program);
    const Step step = next(program, ok_reply(closed(End::kContinued, "")));
    EXPECT_EQ(step.status.code(), Code::kInternal);
    EXPECT_EQ(step.status.message(), "the run continued as new without naming the new run");
  }
}

TEST(ResultProgram, AnEmptyPollIsRepeatedWithItsToken) {
  ResultProgram program(make_context(), "w", "", {});
  (void)first(program);
  Response idle;
  idle.set_next_page_token("token");
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(poll_of(next(program, ok_reply(idle))).next_page_token(), "token");
  }
  EXPECT_EQ(next(program, ok_reply(closed(End::kCompleted, ""))).kind, Step::Kind::kDone);
}

TEST(ResultProgram, AnEndWithoutACloseEventDependsOnTheRunId) {
  ResultProgram known(make_context(), "w", "r", {});
  (void)first(known);
  EXPECT_EQ(poll_of(next(known, ok_reply(Response()))).execution().run_id(), "r");
  ResultProgram unknown(make_context(), "w", "", {});
  (void)first(unknown);
  const Step step = next(unknown, ok_reply(Response()));
  EXPECT_EQ(step.status.code(), Code::kInternal);
  EXPECT_EQ(step.status.message(), "the history ended without a close event");
}

TEST(ResultProgram, OtherEventsAreSkipped) {
  ResultProgram program(make_context(), "w", "r", {});
  (void)first(program);
  Response response;
  response.mutable_history()->add_events()->set_event_id(9);
  *response.mutable_history()->add_events() = closed(End::kCompleted, "").history().events(0);
  EXPECT_EQ(next(program, ok_reply(response)).kind, Step::Kind::kDone);
  EXPECT_EQ(program.payloads.size(), 2u);
}

TEST(ResultProgram, RawHistoryAndRubbishAreInternal) {
  Response raw;
  raw.add_raw_history()->set_data("x");
  ResultProgram program(make_context(), "w", "r", {});
  (void)first(program);
  EXPECT_EQ(next(program, ok_reply(raw)).status.message(),
            "the server sent raw history, which was not asked for");
  ResultProgram garbled(make_context(), "w", "r", {});
  (void)first(garbled);
  const Step step = next(garbled, garbled_reply());
  EXPECT_EQ(step.status.to_string(),
            "INTERNAL (local): the server's reply to GetWorkflowExecutionHistory does not parse as "
            "its message");
  EXPECT_FALSE(step.status.retryable());
}

TEST(ResultProgram, RpcErrorsPassUnchanged) {
  for (const Code code : {Code::kNotFound, Code::kDeadlineExceeded, Code::kUnavailable}) {
    ResultProgram program(make_context(), "w", "", {});
    (void)first(program);
    const Step step = next(program, failed_reply(code, "as it came"));
    EXPECT_EQ(step.status, Status(code, "as it came", Origin::kServer));
  }
}

}  // namespace
}  // namespace minim::internal
