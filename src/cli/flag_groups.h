// The flags that several commands share, in the groups of the official tool.
#ifndef MINIM_SRC_CLI_FLAG_GROUPS_H_
#define MINIM_SRC_CLI_FLAG_GROUPS_H_

#include "cli/flags.h"

namespace minim::cli {

// On every command.
extern const FlagGroup kGlobalFlags;
extern const FlagGroup kConnectionFlags;

extern const FlagGroup kStartFlags;        // what a new workflow is
extern const FlagGroup kStartPolicyFlags;  // when it may start
extern const FlagGroup kInputFlags;
extern const FlagGroup kSignalInputFlags;
extern const FlagGroup kReferenceFlags;  // one workflow
extern const FlagGroup kTargetFlags;     // one workflow, or all that a query finds
extern const FlagGroup kHeaderFlags;
extern const FlagGroup kQueryFlags;

}  // namespace minim::cli

#endif  // MINIM_SRC_CLI_FLAG_GROUPS_H_
