#include "client/system_info.h"

#include "client/wire.h"
#include "minim/pb/system.pb.h"

namespace minim::internal {

Step SystemInfoProgram::resume(Random& random, rpc::Reply* reply) {
  // An old server, or a proxy that lets only known methods through: it has no capabilities. What a
  // response that is not gRPC comes to (a web server's 404) is no server's word.
  if (reply != nullptr && reply->status.code() == Code::kUnimplemented &&
      reply->status.origin() == Origin::kServer) {
    wire()->set_server_info(info);
    return Step::done();
  }
  return CallProgram::resume(random, reply);
}

Step SystemInfoProgram::request(Random&) {
  Step step = workflow_call("GetSystemInfo", pb::GetSystemInfoRequest());
  step.single_attempt = true;
  return step;
}

Step SystemInfoProgram::accept(const std::string& message) {
  pb::GetSystemInfoResponse response;
  if (!parse(message, response)) return Step::done(unreadable_reply("GetSystemInfo"));
  const auto& capabilities = response.capabilities();
  info.server_version = response.server_version();
  info.capabilities = capabilities.SerializeAsString();
  info.supports_schedules = capabilities.supports_schedules();
  info.encoded_failure_attributes = capabilities.encoded_failure_attributes();
  info.eager_workflow_start = capabilities.eager_workflow_start();
  info.count_group_by_execution_status = capabilities.count_group_by_execution_status();
  info.nexus = capabilities.nexus();
  wire()->set_server_info(info);
  return Step::done();
}

}  // namespace minim::internal
