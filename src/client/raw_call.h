// Any unary method by its path, bytes in and out.
#ifndef MINIM_CLIENT_RAW_CALL_H_
#define MINIM_CLIENT_RAW_CALL_H_

#include <cstdint>
#include <string>
#include <utility>

#include "client/program_base.h"

namespace minim::internal {

class RawCallProgram final : public Program {
 public:
  // What the call ends with: the status of its reply, or OK whatever that is.
  enum class Outcome : std::uint8_t { kStatus, kReply };

  RawCallProgram(const ContextPtr& context, std::string path, std::string message,
                 Outcome outcome = Outcome::kStatus)
      : Program(context->wire),
        outcome_(outcome),
        namespace_(has_namespace(path) ? context->namespace_ : std::string()),
        path_(std::move(path)),
        message_(std::move(message)) {}

  Step resume(Random&, rpc::Reply* answer) override {
    if (answer == nullptr) return Step::call(std::move(path_), std::move(message_));
    reply = std::move(*answer);
    return Step::done(outcome_ == Outcome::kStatus ? reply.status : Status());
  }
  std::string_view header_namespace() const override { return namespace_; }

  rpc::Reply reply;

 private:
  // The requests of WorkflowService name a namespace, all but these (client specification 0.2).
  static bool has_namespace(std::string_view path) {
    if (!path.starts_with(kWorkflowService)) return false;
    path.remove_prefix(kWorkflowService.size());
    return path != "ListNamespaces" && path != "GetSearchAttributes" && path != "GetClusterInfo" &&
           path != "GetSystemInfo";
  }

  const Outcome outcome_;
  const std::string namespace_;
  std::string path_;
  std::string message_;
};

}  // namespace minim::internal

#endif  // MINIM_CLIENT_RAW_CALL_H_
