// Any unary method by its path, bytes in and out.
#ifndef MINIM_CLIENT_RAW_CALL_H_
#define MINIM_CLIENT_RAW_CALL_H_

#include <string>
#include <utility>

#include "client/program_base.h"

namespace minim::internal {

class RawCallProgram final : public Program {
 public:
  RawCallProgram(const ContextPtr& context, std::string path, std::string message)
      : Program(context->wire),
        namespace_(has_namespace(path) ? context->namespace_ : std::string()),
        path_(std::move(path)),
        message_(std::move(message)) {}

  Step resume(Random&, rpc::Reply* reply) override {
    if (reply == nullptr) return Step::call(std::move(path_), std::move(message_));
    response = std::move(reply->message);
    return Step::done(std::move(reply->status));
  }
  std::string_view header_namespace() const override { return namespace_; }

  std::string response;

 private:
  // The requests of WorkflowService name a namespace, all but these (client specification 0.2).
  static bool has_namespace(std::string_view path) {
    if (!path.starts_with(kWorkflowService)) return false;
    path.remove_prefix(kWorkflowService.size());
    return path != "ListNamespaces" && path != "GetSearchAttributes" && path != "GetClusterInfo" &&
           path != "GetSystemInfo";
  }

  const std::string namespace_;
  std::string path_;
  std::string message_;
};

}  // namespace minim::internal

#endif  // MINIM_CLIENT_RAW_CALL_H_
