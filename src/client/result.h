// Waiting for a workflow to end: a loop of history long polls (client specification 3.2).
//
//   poll --no event--> poll with the token     poll --closed--> done
//   poll --continued, retried, cron--> poll the new run from its beginning
#ifndef MINIM_CLIENT_RESULT_H_
#define MINIM_CLIENT_RESULT_H_

#include <string>
#include <string_view>

#include "client/program_base.h"

namespace minim::pb {
class HistoryEvent;
}  // namespace minim::pb

namespace minim::internal {

class ResultProgram final : public PayloadsProgram {
 public:
  ResultProgram(ContextPtr context, std::string workflow_id, std::string run_id,
                ResultOptions options)
      : PayloadsProgram(context->wire),
        context_(std::move(context)),
        workflow_id_(std::move(workflow_id)),
        run_id_(std::move(run_id)),
        options_(options) {}

  Step resume(Random& random, rpc::Reply* reply) override;
  std::string_view header_namespace() const override { return context_->namespace_; }
  std::string_view header_workflow_id() const override { return workflow_id_; }
  const DataConverter& converter() const override { return context_->converter; }

 private:
  Step poll(std::string page_token);
  Step on_event(const pb::HistoryEvent& event, bool& ignored);
  Step follow(const std::string& run_id);
  Step failed(Failure failure, WorkflowStatus status);

  const ContextPtr context_;
  const std::string workflow_id_;
  std::string run_id_;
  const ResultOptions options_;
};

}  // namespace minim::internal

#endif  // MINIM_CLIENT_RESULT_H_
