// StartWorkflowExecution and SignalWithStartWorkflowExecution (client specification 2).
#ifndef MINIM_CLIENT_START_H_
#define MINIM_CLIENT_START_H_

#include <string>
#include <string_view>

#include "client/program_base.h"
#include "minim/workflow_types.h"

namespace minim::internal {

class StartProgram final : public CallProgram {
 public:
  StartProgram(ContextPtr context, std::string type, StartWorkflowOptions options,
               Result<Payloads> arguments);

  WorkflowIds ids;  // when done
  const ContextPtr& shared_context() const { return context_ptr(); }
  std::string_view header_workflow_id() const override { return options_.id; }

 private:
  // What a memo, a policy or an argument is wrong with, before anything is sent.
  static Status check(std::string_view type, const StartWorkflowOptions& options,
                      const Result<Payloads>& arguments);
  bool with_signal() const { return options_.start_signal.has_value(); }
  template <class Message>
  void fill(Message& message, std::string request_id);

  Step request(Random& random) override;
  Step accept(const std::string& message) override;
  Status refuse(Status status) override;

  const std::string type_;
  StartWorkflowOptions options_;
  Payloads arguments_;
};

}  // namespace minim::internal

#endif  // MINIM_CLIENT_START_H_
