// start_workflow and then its result, as one operation.
#ifndef MINIM_CLIENT_EXECUTE_H_
#define MINIM_CLIENT_EXECUTE_H_

#include <optional>
#include <string_view>
#include <utility>

#include "client/result.h"
#include "client/start.h"

namespace minim::internal {

class ExecuteProgram final : public PayloadsProgram {
 public:
  ExecuteProgram(ContextPtr context, std::string type, StartWorkflowOptions options,
                 Result<Payloads> arguments)
      : PayloadsProgram(context->wire),
        context_(context),
        start_(std::move(context), std::move(type), std::move(options), std::move(arguments)) {}

  Step resume(Random& random, rpc::Reply* reply) override {
    Program& current = result_ ? static_cast<Program&>(*result_) : start_;
    Step step = current.resume(random, reply);
    if (!result_ && step.kind == Step::Kind::kDone && step.status.ok()) {
      const WorkflowIds& ids = start_.ids;
      result_.emplace(context_, ids.workflow_id, ids.result_run_id, ResultOptions{});
      step = result_->resume(random, nullptr);
    }
    if (result_) {
      step.default_options = true;
      if (step.kind == Step::Kind::kDone) payloads = std::move(result_->payloads);
    }
    return step;
  }
  std::string_view header_namespace() const override { return context_->namespace_; }
  std::string_view header_workflow_id() const override { return start_.header_workflow_id(); }
  const DataConverter& converter() const override { return context_->converter; }

 private:
  const ContextPtr context_;
  StartProgram start_;
  std::optional<ResultProgram> result_;
};

}  // namespace minim::internal

#endif  // MINIM_CLIENT_EXECUTE_H_
