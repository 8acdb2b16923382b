#include "client/program_base.h"

#include "json/utf8.h"

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

Status check_texts(std::initializer_list<NamedText> texts) {
  for (const auto& [name, text] : texts) {
    if (json::is_utf8(text)) continue;
    return Status(Code::kInvalidArgument, std::string(name) + " is not valid UTF-8");
  }
  return Status();
}

Status check_ids(const WorkflowIds& ids) {
  return check_texts({{"workflow_id", ids.workflow_id},
                      {"run_id", ids.run_id},
                      {"first_execution_run_id", ids.first_execution_run_id}});
}

Status unexpected_raw_history() {
  return Status(Code::kInternal, "the server sent raw history, which was not asked for",
                Origin::kServer)
      .with_retryable(false);
}

const DataConverter& converter_of(const ClientContext& context) { return context.converter; }

}  // namespace minim::internal
