// Help texts, made from the table of commands: 80 columns, one screen each.
#include <algorithm>
#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/flag_groups.h"

namespace minim::cli {

namespace {

constexpr std::size_t kColumns = 79;
constexpr std::size_t kHelpColumn = 34;

// "-w, --workflow-id ID"
std::string usage_of(const FlagSpec& spec) {
  std::string text = spec.letter != 0 ? std::string("-") + spec.letter + ", " : "    ";
  text += "--" + std::string(spec.name);
  if (!spec.value.empty()) text += ' ' + std::string(spec.value);
  return text;
}

void add_explained(std::string& text, const FlagSpec& spec) {
  std::string line = "  " + usage_of(spec);
  std::string help(spec.help);
  if (spec.required) help += " (required)";
  line.append(line.size() < kHelpColumn ? kHelpColumn - line.size() : 2, ' ');
  for (std::size_t at = 0; (at = help.find('\n', at)) != std::string::npos; at += kHelpColumn) {
    help.replace(at, 1, "\n" + std::string(kHelpColumn, ' '));
  }
  text += line + help + '\n';
}

// The flags whose names say it all, in as few lines as they take.
std::string named_flags(const Command& command) {
  std::string text;
  std::string line = "  More:";
  for (std::size_t i = 0; i < command.groups.size(); ++i) {
    for (const FlagSpec& spec : command.group(i)) {
      if (!spec.help.empty()) continue;
      std::string item = " --" + std::string(spec.name);
      if (!spec.value.empty()) item += ' ' + std::string(spec.value);
      if (line.size() + item.size() > kColumns) {
        text += line + '\n';
        line = "       ";
      }
      line += item;
    }
  }
  return line == "  More:" ? text : text + line + '\n';
}

// Breaks a long example between its words, as a shell takes it.
std::string example_lines(std::string_view example) {
  std::string line = "  minim " + std::string(example);
  if (line.size() <= kColumns) return line + '\n';
  const std::size_t at = line.rfind(" --", kColumns - 2);
  return line.substr(0, at) + " \\\n     " + line.substr(at) + '\n';
}

// The word of `path` after `group`; empty when it is not below it.
std::string_view child_of(std::string_view path, std::string_view group) {
  if (!group.empty()) {
    if (!path.starts_with(group) || path.size() <= group.size() || path[group.size()] != ' ') {
      return {};
    }
    path.remove_prefix(group.size() + 1);
  }
  return path;
}

}  // namespace

std::string help_of(const Command& command) {
  std::string text(command.summary);
  if (!command.details.empty()) text += '\n' + std::string(command.details);
  text += "\n\nUsage: minim " + std::string(command.path) + " [flags]";
  if (!command.word.empty()) text += ' ' + std::string(command.word);
  text += '\n';
  for (std::size_t i = 0; i < command.groups.size(); ++i) {
    for (const FlagSpec& spec : command.group(i)) {
      if (!spec.help.empty()) add_explained(text, spec);
    }
  }
  text += named_flags(command);
  text += "\nExample:\n" + example_lines(command.example);
  return text + "\nFlags of every command, such as --address and --output: minim options\n";
}

std::string help_of_group(std::string_view path) {
  std::size_t width = 0;
  for (const Command& command : commands()) {
    width = std::max(width, child_of(command.path, path).size());
  }
  if (width == 0) return {};
  std::string text;
  if (path.empty()) text = "minim: a small client for Temporal servers\n\n";
  text += "Usage: minim " + std::string(path) + (path.empty() ? "" : " ") + "<command> [flags]\n";
  for (const Command& command : commands()) {
    const std::string_view name = child_of(command.path, path);
    if (name.empty()) continue;
    text += "  " + std::string(name) + std::string(width - name.size() + 2, ' ') +
            std::string(command.summary) + '\n';
  }
  if (!path.empty()) return text;
  return text +
         "\nExample:\n  minim workflow list --address localhost:7233\n\n"
         "minim <command> --help explains a command, minim options the flags that all\n"
         "commands have, minim --version says which minim this is.\n";
}

std::string help_of_options() {
  std::string text = "Flags of every command\n";
  for (const FlagSpec& spec : kGlobalFlags) add_explained(text, spec);
  text += "\nFlags of every command that calls a server, and their variables\n";
  for (const FlagSpec& spec : kConnectionFlags) add_explained(text, spec);
  return text;
}

}  // namespace minim::cli
