#include "client/start.h"

#include "client/convert/proto.h"
#include "minim/errors.h"
#include "minim/pb/errordetails.pb.h"
#include "minim/pb/start.pb.h"
#include "minim/rich_status.h"

namespace minim::internal {

namespace {

constexpr std::string_view kAlreadyStarted =
    "temporal.api.errordetails.v1.WorkflowExecutionAlreadyStartedFailure";

Status invalid(std::string text) { return Status(Code::kInvalidArgument, std::move(text)); }

void fill_versioning(const VersioningOverride& given, pb::VersioningOverride& out) {
  if (const auto* const pinned = std::get_if<PinnedVersion>(&given)) {
    // Both spellings: servers before the oneof read the older one.
    out.set_behavior(pb::VERSIONING_BEHAVIOR_PINNED);
    out.set_pinned_version(pinned->deployment_name + "." + pinned->build_id);
    out.mutable_pinned()->set_behavior(pb::VersioningOverride::PINNED_OVERRIDE_BEHAVIOR_PINNED);
    out.mutable_pinned()->mutable_version()->set_deployment_name(pinned->deployment_name);
    out.mutable_pinned()->mutable_version()->set_build_id(pinned->build_id);
  } else {
    out.set_behavior(pb::VERSIONING_BEHAVIOR_AUTO_UPGRADE);
    out.set_auto_upgrade(true);
  }
}

}  // namespace

StartProgram::StartProgram(ContextPtr context, std::string type, StartWorkflowOptions options,
                           Result<Payloads> arguments)
    : CallProgram(std::move(context), check(type, options, arguments)),
      type_(std::move(type)),
      options_(std::move(options)) {
  if (arguments) arguments_ = std::move(*arguments);
}

Status StartProgram::check(std::string_view type, const StartWorkflowOptions& options,
                           const Result<Payloads>& arguments) {
  if (!arguments) return arguments.error();
  Status not_text = check_texts({{"workflow type", type},
                                 {"id", options.id},
                                 {"task_queue", options.task_queue},
                                 {"cron_schedule", options.cron_schedule}});
  if (!not_text.ok()) return not_text;
  for (const auto& [key, value] : options.memo) {
    if (Status wrong = check_texts({{"a key of memo", key}}); !wrong.ok()) return wrong;
    if (!value.payload()) {
      return invalid("memo '" + key + "': " + std::string(value.payload().error().message()));
    }
  }
  for (const auto& [name, text] : {std::pair("static_summary", &options.static_summary),
                                   std::pair("static_details", &options.static_details)}) {
    if (!*text) continue;
    if (const Result<Payload> made = to_payload(**text); !made) {
      return invalid(std::string(name) + ": " + std::string(made.error().message()));
    }
  }
  if (options.retry_policy) {
    if (Status wrong = options.retry_policy->validate(); !wrong.ok()) return wrong;
  }
  if (Status wrong = options.priority.validate(); !wrong.ok()) return wrong;
  if (Result<PayloadMap> made = options.search_attributes.to_payloads(); !made) {
    return made.error();
  }
  if (!options.start_signal) return Status();
  if (options.start_signal->name.empty()) {
    return invalid("start_signal.name is empty: it names the signal to send");
  }
  return check_texts({{"start_signal.name", options.start_signal->name}});
}

// The two requests name these fields alike.
template <class Message>
void StartProgram::fill(Message& message, std::string request_id) {
  message.set_namespace_(context().namespace_);
  message.set_workflow_id(options_.id);
  message.mutable_workflow_type()->set_name(type_);
  message.mutable_task_queue()->set_name(options_.task_queue);
  if (!arguments_.empty()) to_pb(std::move(arguments_), *message.mutable_input());
  if (options_.execution_timeout) {
    to_pb(*options_.execution_timeout, *message.mutable_workflow_execution_timeout());
  }
  if (options_.run_timeout) to_pb(*options_.run_timeout, *message.mutable_workflow_run_timeout());
  if (options_.task_timeout) {
    to_pb(*options_.task_timeout, *message.mutable_workflow_task_timeout());
  }
  message.set_identity(context().identity);
  message.set_request_id(std::move(request_id));
  message.set_workflow_id_reuse_policy(
      static_cast<pb::WorkflowIdReusePolicy>(options_.id_reuse_policy));
  message.set_workflow_id_conflict_policy(
      static_cast<pb::WorkflowIdConflictPolicy>(options_.id_conflict_policy));
  if (options_.retry_policy) to_pb(*options_.retry_policy, *message.mutable_retry_policy());
  message.set_cron_schedule(options_.cron_schedule);
  for (const auto& [key, value] : options_.memo) {
    to_pb(value.payload()->front(), (*message.mutable_memo()->mutable_fields())[key]);
  }
  if (!options_.search_attributes.empty()) {
    to_pb(std::move(*options_.search_attributes.to_payloads()),
          *message.mutable_search_attributes()->mutable_indexed_fields());
  }
  if (options_.static_summary) {
    to_pb(*to_payload(*options_.static_summary),
          *message.mutable_user_metadata()->mutable_summary());
  }
  if (options_.static_details) {
    to_pb(*to_payload(*options_.static_details),
          *message.mutable_user_metadata()->mutable_details());
  }
  if (options_.start_delay) to_pb(*options_.start_delay, *message.mutable_workflow_start_delay());
  to_pb(options_.priority, *message.mutable_priority());
  if (options_.versioning_override) {
    fill_versioning(*options_.versioning_override, *message.mutable_versioning_override());
  }
}

Step StartProgram::request(Random& random) {
  // Made once: a repeated attempt must not start a second run.
  std::string request_id = random_uuid4(random);
  if (!with_signal()) {
    pb::StartWorkflowExecutionRequest message;
    fill(message, std::move(request_id));
    return workflow_call("StartWorkflowExecution", message);
  }
  pb::SignalWithStartWorkflowExecutionRequest message;
  fill(message, std::move(request_id));
  message.set_signal_name(options_.start_signal->name);
  Payloads& arguments = options_.start_signal->arguments;
  if (!arguments.empty()) to_pb(std::move(arguments), *message.mutable_signal_input());
  return workflow_call("SignalWithStartWorkflowExecution", message);
}

Step StartProgram::accept(const std::string& message) {
  ids.workflow_id = options_.id;
  if (with_signal()) {
    pb::SignalWithStartWorkflowExecutionResponse response;
    if (!parse(message, response)) {
      return Step::done(unreadable_reply("SignalWithStartWorkflowExecution"));
    }
    // No first_execution_run_id: the run may be one that somebody else had started.
    ids.result_run_id = response.run_id();
    return Step::done();
  }
  pb::StartWorkflowExecutionResponse response;
  if (!parse(message, response)) return Step::done(unreadable_reply("StartWorkflowExecution"));
  ids.result_run_id = response.run_id();
  ids.first_execution_run_id = response.run_id();
  return Step::done();
}

Status StartProgram::refuse(Status status) {
  if (status.code() != Code::kAlreadyExists) return status;
  const auto rich = parse_rich_status(status.details());
  if (!rich || rich->details.empty() || rich->details.front().type != kAlreadyStarted) {
    return status;
  }
  pb::WorkflowExecutionAlreadyStartedFailure detail;
  if (!parse(rich->details.front().value, detail)) return status;
  return status.with_info(
      std::make_shared<WorkflowAlreadyStarted>(options_.id, type_, detail.run_id()));
}

}  // namespace minim::internal
