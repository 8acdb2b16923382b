// Fetching a history, page by page (client specification 3.8).
#ifndef MINIM_CLIENT_HISTORY_H_
#define MINIM_CLIENT_HISTORY_H_

#include <string>
#include <string_view>
#include <utility>

#include "client/program_base.h"
#include "minim/workflow_info.h"

namespace minim::internal {

class HistoryProgram final : public CallProgram {
 public:
  HistoryProgram(ContextPtr context, WorkflowIds ids, HistoryOptions options)
      : CallProgram(std::move(context), check_ids(ids)), ids_(std::move(ids)), options_(options) {
    history.workflow_id = ids_.workflow_id;
  }
  std::string_view header_workflow_id() const override { return ids_.workflow_id; }
  WorkflowHistory history;

 private:
  Step request(Random& random) override;
  Step accept(const std::string& message) override;

  const WorkflowIds ids_;
  const HistoryOptions options_;
  std::string next_page_token_;
};

}  // namespace minim::internal

#endif  // MINIM_CLIENT_HISTORY_H_
