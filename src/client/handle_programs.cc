#include "client/handle_programs.h"

#include "client/convert/proto.h"
#include "minim/errors.h"
#include "minim/pb/handle.pb.h"

namespace minim::internal {

namespace {

void fill(const WorkflowIds& ids, pb::WorkflowExecution& out) {
  out.set_workflow_id(ids.workflow_id);
  out.set_run_id(ids.run_id);
}

}  // namespace

Step SignalProgram::request(Random& random) {
  pb::SignalWorkflowExecutionRequest message;
  message.set_namespace_(context().namespace_);
  fill(ids(), *message.mutable_workflow_execution());
  message.set_signal_name(std::move(name_));
  if (!arguments_.empty()) to_pb(std::move(arguments_), *message.mutable_input());
  message.set_identity(context().identity);
  message.set_request_id(random_uuid4(random));
  return workflow_call("SignalWorkflowExecution", message);
}

Step CancelProgram::request(Random& random) {
  pb::RequestCancelWorkflowExecutionRequest message;
  message.set_namespace_(context().namespace_);
  fill(ids(), *message.mutable_workflow_execution());
  message.set_identity(context().identity);
  message.set_request_id(random_uuid4(random));
  message.set_first_execution_run_id(ids().first_execution_run_id);
  message.set_reason(std::move(reason_));
  return workflow_call("RequestCancelWorkflowExecution", message);
}

Step TerminateProgram::request(Random&) {
  pb::TerminateWorkflowExecutionRequest message;
  message.set_namespace_(context().namespace_);
  fill(ids(), *message.mutable_workflow_execution());
  message.set_reason(std::move(reason_));
  if (!details_.empty()) to_pb(std::move(details_), *message.mutable_details());
  message.set_identity(context().identity);
  message.set_first_execution_run_id(ids().first_execution_run_id);
  return workflow_call("TerminateWorkflowExecution", message);
}

Step QueryProgram::request(Random&) {
  pb::QueryWorkflowRequest message;
  message.set_namespace_(context().namespace_);
  fill(ids_, *message.mutable_execution());
  const auto condition = options_.reject_condition ? options_.reject_condition
                                                   : context().default_query_reject_condition;
  if (condition) {
    message.set_query_reject_condition(static_cast<pb::QueryRejectCondition>(*condition));
  }
  message.mutable_query()->set_query_type(std::move(name_));
  if (!arguments_.empty()) {
    to_pb(std::move(arguments_), *message.mutable_query()->mutable_query_args());
  }
  return workflow_call("QueryWorkflow", message);
}

Step QueryProgram::accept(const std::string& message) {
  pb::QueryWorkflowResponse response;
  if (!parse(message, response)) return Step::done(unreadable_reply("QueryWorkflow"));
  if (response.has_query_rejected()) {
    std::optional<WorkflowStatus> status;
    std::string text = "query rejected, the server did not say why";
    if (response.query_rejected().status() != pb::WORKFLOW_EXECUTION_STATUS_UNSPECIFIED) {
      status = static_cast<WorkflowStatus>(response.query_rejected().status());
      text = "query rejected, workflow status: " + workflow_status_name(*status);
    }
    return Step::done(Status(Code::kFailedPrecondition, std::move(text), Origin::kServer)
                          .with_info(std::make_shared<QueryRejected>(status)));
  }
  payloads = from_pb(response.query_result());
  return Step::done();
}

Status QueryProgram::refuse(Status status) {
  if (status.code() != Code::kInvalidArgument || status.origin() != Origin::kServer) return status;
  return status.with_info(std::make_shared<QueryFailed>());
}

}  // namespace minim::internal
