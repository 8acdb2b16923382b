// The commands: one row each, from which parsing, help and running follow.
#ifndef MINIM_SRC_CLI_COMMAND_H_
#define MINIM_SRC_CLI_COMMAND_H_

#include <array>
#include <span>
#include <string_view>

#include "cli/flags.h"
#include "cli/session.h"
#include "minim/result.h"

namespace minim::cli {

struct Command {
  std::string_view path;                   // "workflow start"
  std::string_view summary;                // one line
  std::string_view details;                // further lines, or none
  std::string_view example;                // without "minim "
  std::string_view word;                   // what the one word after the flags is, or none
  std::array<const FlagGroup*, 6> groups;  // filled from the front
  // The exit code, or what becomes an error and 1.
  Result<int> (*run)(Session& session);

  FlagGroup group(std::size_t index) const {
    return groups[index] == nullptr ? FlagGroup() : *groups[index];
  }
};

std::span<const Command> commands();
// Null when there is none of that path.
const Command* find_command(std::string_view path);

// What --help prints.
std::string help_of(const Command& command);
// The commands below "" (all) or "workflow"; empty when there are none.
std::string help_of_group(std::string_view path);
std::string help_of_options();

Result<int> run_start(Session& session);
Result<int> run_execute(Session& session);
Result<int> run_signal(Session& session);
Result<int> run_signal_with_start(Session& session);
Result<int> run_query(Session& session);
Result<int> run_cancel(Session& session);
Result<int> run_terminate(Session& session);
Result<int> run_describe(Session& session);
Result<int> run_list(Session& session);
Result<int> run_count(Session& session);
Result<int> run_show(Session& session);
Result<int> run_result(Session& session);
Result<int> run_health(Session& session);
Result<int> run_rpc(Session& session);

}  // namespace minim::cli

#endif  // MINIM_SRC_CLI_COMMAND_H_
