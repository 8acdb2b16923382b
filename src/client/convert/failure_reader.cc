#include <utility>

#include "client/convert/proto.h"
#include "minim/pb/failure.pb.h"

namespace minim {

class FailureReader {
 public:
  static Failure read(const pb::Failure& in) {
    Failure failure = read_link(in);
    failure.bytes_ = in.SerializeAsString();
    return failure;
  }

 private:
  // Recursion ends where the parser's own limit on nesting ended it.
  static Failure read_link(const pb::Failure& in) {
    std::string message = in.message();
    std::string stack_trace = in.stack_trace();
    if (in.has_encoded_attributes()) {
      restore_attributes(in.encoded_attributes(), message, stack_trace);
    }
    Failure failure(std::move(message), read_info(in));
    failure.source_ = in.source();
    failure.stack_trace_ = std::move(stack_trace);
    if (in.has_cause()) failure.cause_ = std::make_shared<const Failure>(read_link(in.cause()));
    return failure;
  }

  // Best effort: an SDK with another codec may have written what cannot be read here.
  static void restore_attributes(const pb::Payload& in, std::string& message,
                                 std::string& stack_trace) {
    internal::JsonDocument document;
    if (!document.open(internal::from_pb(in)).ok()) return;
    for (const auto& [name, out] :
         {std::pair("message", &message), std::pair("stack_trace", &stack_trace)}) {
      const std::optional<JsonView> member = document.root().find(name);
      if (member) (void)member->read(*out).ok();  // unchanged unless it is a string
    }
  }

  static Failure::Info read_info(const pb::Failure& in) {
    switch (in.failure_info_case()) {
      case pb::Failure::kApplicationFailureInfo:
        return read(in.application_failure_info());
      case pb::Failure::kTimeoutFailureInfo:
        return read(in.timeout_failure_info());
      case pb::Failure::kCanceledFailureInfo:
        return read(in.canceled_failure_info());
      case pb::Failure::kTerminatedFailureInfo:
        return TerminatedFailure{{}, in.terminated_failure_info().identity()};
      case pb::Failure::kServerFailureInfo:
        return ServerFailure{in.server_failure_info().non_retryable()};
      case pb::Failure::kResetWorkflowFailureInfo:
        return ResetWorkflowFailure{
            {internal::from_pb(in.reset_workflow_failure_info().last_heartbeat_details())}};
      case pb::Failure::kActivityFailureInfo:
        return read(in.activity_failure_info());
      case pb::Failure::kChildWorkflowExecutionFailureInfo:
        return read(in.child_workflow_execution_failure_info());
      case pb::Failure::kNexusOperationExecutionFailureInfo:
        return read(in.nexus_operation_execution_failure_info());
      case pb::Failure::kNexusHandlerFailureInfo:
        return read(in.nexus_handler_failure_info());
      case pb::Failure::FAILURE_INFO_NOT_SET:
        return std::monostate();
    }
    return std::monostate();
  }

  static ApplicationFailure read(const pb::ApplicationFailureInfo& in) {
    ApplicationFailure info;
    info.payloads = internal::from_pb(in.details());
    info.type = in.type();
    info.non_retryable = in.non_retryable();
    info.next_retry_delay = internal::from_pb(in.next_retry_delay());
    info.category = static_cast<ApplicationErrorCategory>(in.category());
    return info;
  }

  static TimeoutFailure read(const pb::TimeoutFailureInfo& in) {
    TimeoutFailure info;
    info.payloads = internal::from_pb(in.last_heartbeat_details());
    info.type = static_cast<TimeoutType>(in.timeout_type());
    return info;
  }

  static CancelledFailure read(const pb::CanceledFailureInfo& in) {
    CancelledFailure info;
    info.payloads = internal::from_pb(in.details());
    info.identity = in.identity();
    return info;
  }

  static ActivityFailure read(const pb::ActivityFailureInfo& in) {
    return {.scheduled_event_id = in.scheduled_event_id(),
            .started_event_id = in.started_event_id(),
            .identity = in.identity(),
            .activity_type = in.activity_type().name(),
            .activity_id = in.activity_id(),
            .retry_state = static_cast<RetryState>(in.retry_state())};
  }

  static ChildWorkflowFailure read(const pb::ChildWorkflowExecutionFailureInfo& in) {
    return {.namespace_ = in.namespace_(),
            .workflow_id = in.workflow_execution().workflow_id(),
            .run_id = in.workflow_execution().run_id(),
            .workflow_type = in.workflow_type().name(),
            .initiated_event_id = in.initiated_event_id(),
            .started_event_id = in.started_event_id(),
            .retry_state = static_cast<RetryState>(in.retry_state())};
  }

  static NexusOperationFailure read(const pb::NexusOperationFailureInfo& in) {
    return {.scheduled_event_id = in.scheduled_event_id(),
            .endpoint = in.endpoint(),
            .service = in.service(),
            .operation = in.operation(),
            .operation_token = in.operation_token()};
  }

  static NexusHandlerFailure read(const pb::NexusHandlerFailureInfo& in) {
    return {.type = in.type(),
            .retry_behavior = static_cast<NexusRetryBehavior>(in.retry_behavior())};
  }
};

namespace internal {

Failure from_pb(const pb::Failure& in) { return FailureReader::read(in); }

}  // namespace internal

Result<Failure> parse_failure(std::string_view bytes) {
  pb::Failure message;
  if (bytes.size() > static_cast<std::size_t>(INT32_MAX) ||
      !message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return Status(Code::kInternal, "the failure that the server sent cannot be parsed")
        .with_reached_server(true)
        .with_retryable(false);
  }
  return FailureReader::read(message);
}

}  // namespace minim
