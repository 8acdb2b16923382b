// A new workflow, from flags to the request.
#ifndef MINIM_SRC_CLI_START_REQUEST_H_
#define MINIM_SRC_CLI_START_REQUEST_H_

#include <string>

#include "cli/session.h"

namespace minim::cli {

// A StartWorkflowExecutionRequest as protobuf JSON, with the fields that a
// SignalWithStartWorkflowExecutionRequest has too.
Result<json::Object> start_request(Session& session, const std::string& workflow_id);

struct Started {
  std::string workflow_id;
  std::string run_id;
};
// Starts what the flags say. A workflow of that id that runs already is a success, and its run the
// answer, unless --fail-existing was given.
Result<Started> start_workflow(Session& session);

// {"fields": map} of --headers; null without any.
Result<json::Value> read_headers(const Flags& flags);

}  // namespace minim::cli

#endif  // MINIM_SRC_CLI_START_REQUEST_H_
