#include "client/program_base.h"

namespace minim::internal {

Step workflow_call(std::string_view method, const google::protobuf::MessageLite& request) {
  return Step::call(std::string(kWorkflowService).append(method), request.SerializeAsString());
}

Status unreadable_reply(std::string_view method) {
  return Status(Code::kInternal,
                "the server's reply to " + std::string(method) + " does not parse as its message")
      .with_reached_server(true)
      .with_retryable(false);
}

Status unexpected_raw_history() {
  return Status(Code::kInternal, "the server sent raw history, which was not asked for",
                Origin::kServer)
      .with_retryable(false);
}

const DataConverter& converter_of(const ClientContext& context) { return context.converter; }

}  // namespace minim::internal
