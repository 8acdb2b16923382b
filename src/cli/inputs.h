// Arguments of workflows, signals and queries, from flags.
#ifndef MINIM_SRC_CLI_INPUTS_H_
#define MINIM_SRC_CLI_INPUTS_H_

#include <string_view>

#include "cli/flags.h"
#include "json/value.h"
#include "minim/result.h"

namespace minim::cli {

// The payloads of --<prefix>input and --<prefix>input-file, with the metadata of
// --<prefix>input-meta, as {"payloads": [...]}; null without any. The bytes go as they were given.
// INVALID_ARGUMENT names the input by its number: it is not the JSON that its encoding says, is not
// base64, cannot be read.
Result<json::Value> read_inputs(const Flags& flags, std::string_view prefix = {});

}  // namespace minim::cli

#endif  // MINIM_SRC_CLI_INPUTS_H_
