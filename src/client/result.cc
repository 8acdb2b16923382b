#include "client/result.h"

#include "client/convert/proto.h"
#include "minim/errors.h"
#include "minim/pb/history.pb.h"

namespace minim::internal {

namespace {

constexpr std::string_view kMethod = "GetWorkflowExecutionHistory";

Status server_error(Code code, std::string text) {
  return Status(code, std::move(text), Origin::kServer).with_retryable(false);
}

}  // namespace

Step ResultProgram::poll(std::string page_token) {
  pb::GetWorkflowExecutionHistoryRequest message;
  message.set_namespace_(context_->namespace_);
  message.mutable_execution()->set_workflow_id(workflow_id_);
  message.mutable_execution()->set_run_id(run_id_);
  message.set_next_page_token(std::move(page_token));
  message.set_wait_new_event(true);
  message.set_history_event_filter_type(pb::HISTORY_EVENT_FILTER_TYPE_CLOSE_EVENT);
  message.set_skip_archival(true);
  Step step = workflow_call(kMethod, message);
  step.long_poll = true;
  return step;
}

Step ResultProgram::resume(Random&, rpc::Reply* reply) {
  if (reply == nullptr) {
    Status wrong = first_of(check_context(*context_),
                            check_texts({{"workflow_id", workflow_id_}, {"run_id", run_id_}}));
    return wrong.ok() ? poll({}) : Step::done(std::move(wrong));
  }
  if (!reply->status.ok()) return Step::done(std::move(reply->status));
  pb::GetWorkflowExecutionHistoryResponse response;
  if (!parse(reply->message, response)) return Step::done(unreadable_reply(kMethod));
  if (response.raw_history_size() > 0) return Step::done(unexpected_raw_history());
  for (const pb::HistoryEvent& event : response.history().events()) {
    bool ignored = false;
    Step step = on_event(event, ignored);
    if (!ignored) return step;
  }
  // An empty page is the server's way to end an idle long poll.
  std::string& token = *response.mutable_next_page_token();
  if (token.empty() && run_id_.empty()) {
    return Step::done(server_error(Code::kInternal, "the history ended without a close event"));
  }
  return poll(std::move(token));
}

Step ResultProgram::on_event(const pb::HistoryEvent& event, bool& ignored) {
  switch (event.attributes_case()) {
    case pb::HistoryEvent::kWorkflowExecutionCompletedEventAttributes: {
      const auto& closed = event.workflow_execution_completed_event_attributes();
      if (options_.follow_runs && !closed.new_execution_run_id().empty()) {
        return follow(closed.new_execution_run_id());
      }
      payloads = from_pb(closed.result());
      return Step::done();
    }
    case pb::HistoryEvent::kWorkflowExecutionFailedEventAttributes: {
      const auto& closed = event.workflow_execution_failed_event_attributes();
      if (options_.follow_runs && !closed.new_execution_run_id().empty()) {
        return follow(closed.new_execution_run_id());
      }
      return failed(from_pb(closed.failure()), WorkflowStatus::kFailed);
    }
    case pb::HistoryEvent::kWorkflowExecutionTimedOutEventAttributes: {
      const auto& closed = event.workflow_execution_timed_out_event_attributes();
      if (options_.follow_runs && !closed.new_execution_run_id().empty()) {
        return follow(closed.new_execution_run_id());
      }
      return failed(Failure("Workflow timed out", TimeoutFailure{{}, TimeoutType::kStartToClose}),
                    WorkflowStatus::kTimedOut);
    }
    case pb::HistoryEvent::kWorkflowExecutionCanceledEventAttributes:
      return failed(
          Failure(
              "Workflow cancelled",
              CancelledFailure{
                  {from_pb(event.workflow_execution_canceled_event_attributes().details())}, {}}),
          WorkflowStatus::kCanceled);
    case pb::HistoryEvent::kWorkflowExecutionTerminatedEventAttributes: {
      const auto& closed = event.workflow_execution_terminated_event_attributes();
      return failed(Failure(closed.reason().empty() ? "Workflow terminated" : closed.reason(),
                            TerminatedFailure{{from_pb(closed.details())}, closed.identity()}),
                    WorkflowStatus::kTerminated);
    }
    case pb::HistoryEvent::kWorkflowExecutionContinuedAsNewEventAttributes: {
      const auto& closed = event.workflow_execution_continued_as_new_event_attributes();
      if (closed.new_execution_run_id().empty()) {
        return Step::done(
            server_error(Code::kInternal, "the run continued as new without naming the new run"));
      }
      if (options_.follow_runs) return follow(closed.new_execution_run_id());
      return Step::done(
          server_error(Code::kAborted,
                       "the workflow continued as new, run " + closed.new_execution_run_id())
              .with_info(std::make_shared<WorkflowContinuedAsNew>(closed.new_execution_run_id())));
    }
    case pb::HistoryEvent::kWorkflowExecutionStartedEventAttributes:
    case pb::HistoryEvent::ATTRIBUTES_NOT_SET:
      break;
  }
  ignored = true;
  return Step::done();
}

Step ResultProgram::follow(const std::string& run_id) {
  run_id_ = run_id;
  return poll({});
}

Step ResultProgram::failed(Failure failure, WorkflowStatus status) {
  std::string text = "workflow execution failed: " + failure.to_string();
  return Step::done(
      server_error(Code::kAborted, std::move(text))
          .with_info(std::make_shared<WorkflowFailed>(std::move(failure), status, run_id_)));
}

}  // namespace minim::internal
