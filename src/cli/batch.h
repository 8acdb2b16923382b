// Commands for one workflow, or for all that a list filter finds (a batch job of the server).
#ifndef MINIM_SRC_CLI_BATCH_H_
#define MINIM_SRC_CLI_BATCH_H_

#include <string>
#include <string_view>

#include "cli/session.h"

namespace minim::cli {

// INVALID_ARGUMENT unless the flags name one workflow or one filter, and only what goes with it.
// `single_reason`: --reason means something for one workflow too.
Status check_target(const Flags& flags, bool single_reason);
inline bool is_batch(const Flags& flags) { return flags.given("query"); }

// "Requested from CLI by <user>", unless --reason says something else.
std::string reason_of(const Flags& flags);

// Asks for confirmation, starts the job and says its id. `operation`: the member of
// StartBatchOperationRequest and its value.
Result<int> run_batch(Session& session, std::string operation, json::Object details);

}  // namespace minim::cli

#endif  // MINIM_SRC_CLI_BATCH_H_
