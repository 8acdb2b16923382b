// minim: a command line tool for Temporal servers.
#include <fcntl.h>
#include <netdb.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "cli/command.h"
#include "cli/flag_groups.h"
#include "cli/interrupt.h"
#include "cli/output.h"
#include "minim/version.h"

#ifdef __GLIBC__
// What nsswitch.conf would say. Declared in <nss.h> of some versions only.
extern "C" int __nss_configure_lookup(const char* database, const char* services) noexcept;
#endif

namespace minim::cli {
namespace {

int refuse(std::string_view text) {
  complain(text);
  return 1;
}

bool uses_colours(const Flags& flags, OutputForm form) {
  if (form != OutputForm::kText) return false;
  const std::string when = flags.text("color");
  if (when != "auto") return when == "always";
  const char* const none = std::getenv("NO_COLOR");
  const char* const terminal = std::getenv("TERM");
  return (none == nullptr || *none == '\0') && terminal != nullptr &&
         std::string_view(terminal) != "dumb" && ::isatty(STDOUT_FILENO) == 1;
}

Output::Options output_options(const Flags& flags) {
  Output::Options options;
  const std::string form = flags.text("output");
  options.form = form == "json"    ? OutputForm::kJson
                 : form == "jsonl" ? OutputForm::kJsonLines
                 : form == "none"  ? OutputForm::kNone
                                   : OutputForm::kText;
  const std::string times = flags.text("time-format");
  options.times = times == "iso"   ? TimeForm::kIso
                  : times == "raw" ? TimeForm::kRaw
                                   : TimeForm::kRelative;
  options.colours = uses_colours(flags, options.form);
  options.shorthand_payloads = !flags.on("no-json-shorthand-payloads");
  return options;
}

int print(const std::string& text) {
  Output({}).bytes(text);
  return 0;
}

int run_command(const Command& command, std::span<const std::string> arguments,
                const std::stop_token& stop) {
  std::vector<FlagGroup> groups = {kGlobalFlags, kConnectionFlags};
  for (std::size_t i = 0; i < command.groups.size(); ++i) groups.push_back(command.group(i));
  Result<Flags> flags = Flags::parse(groups, arguments);
  const std::string hint = "; see minim " + std::string(command.path) + " --help";
  if (!flags) return refuse(std::string(flags.error().message()) + hint);
  if (flags->on("help")) return print(help_of(command));
  if (const Status missing = flags->check_required(); !missing.ok()) {
    return refuse(std::string(missing.message()) + hint);
  }
  const std::size_t words = command.word.empty() ? 0 : 1;
  if (flags->words().size() > words) {
    return refuse("unexpected argument \"" + flags->words()[words] + "\"" + hint);
  }
  if (flags->words().size() < words) {
    return refuse("missing argument: " + std::string(command.word) + hint);
  }
  const Output::Options output = output_options(*flags);
  Session session(std::move(*flags), output, stop);
  const Result<int> code = command.run(session);
  return code ? *code : refuse(session.error_text(code.error()));
}

int show_help(const std::string& topic) {
  if (const Command* const command = find_command(topic)) return print(help_of(*command));
  if (topic == "options") return print(help_of_options());
  const std::string text = help_of_group(topic);
  return text.empty() ? refuse("no help for: " + topic + "; see minim --help") : print(text);
}

// The words up to a command's path; flags that every command has may stand before and between them.
int run(std::vector<std::string> arguments, const std::stop_token& stop) {
  const bool wants_help = !arguments.empty() && arguments[0] == "help";
  if (wants_help) arguments.erase(arguments.begin());
  std::string path;
  std::vector<std::string> rest;
  const Command* command = nullptr;
  const FlagGroup common[] = {kGlobalFlags, kConnectionFlags};
  std::size_t at = 0;
  for (; at < arguments.size() && command == nullptr && arguments[at] != "--"; ++at) {
    const std::string& word = arguments[at];
    if (word.starts_with('-')) {
      rest.push_back(word);
      if (takes_next_word(common, word) && at + 1 < arguments.size()) {
        rest.push_back(arguments[++at]);
      }
      continue;
    }
    path += (path.empty() ? "" : " ") + word;
    command = find_command(path);
    if (command != nullptr || wants_help || path == "options" || path == "version") continue;
    if (help_of_group(path).empty()) {
      return refuse("unknown command: minim " + path + "; see minim --help");
    }
  }
  if (wants_help) return show_help(path);
  if (command != nullptr) {
    rest.insert(rest.end(), arguments.begin() + static_cast<std::ptrdiff_t>(at), arguments.end());
    return run_command(*command, rest, stop);
  }
  const auto asks = [&rest](std::string_view a, std::string_view b) {
    return rest.size() == 1 && (rest[0] == a || rest[0] == b);
  };
  if (path == "options") return show_help(path);
  if (path == "version" || (path.empty() && asks("--version", "-v"))) {
    return print(std::string("minim version ") + kVersion + "\n");
  }
  if (asks("--help", "-h") || (path.empty() && rest.empty())) return show_help(path);
  if (!rest.empty()) {
    return refuse("no command beside " + rest[0].substr(0, rest[0].find('=')) +
                  "; see minim --help");
  }
  return refuse("minim " + path + " needs a command; see minim " + path + " --help");
}

}  // namespace
}  // namespace minim::cli

namespace {

// The number of a standard stream that is closed would go to the first socket, and what is meant
// for people to the server. A directory takes its place: neither reading nor writing it works, and
// even an empty root has one.
void keep_standard_streams() {
  for (const int file : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(file, F_GETFD) != -1 || errno != EBADF) continue;
    if (::open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC) != file) ::_exit(1);
  }
}

}  // namespace

int main(int argc, char** argv) {
  keep_standard_streams();
  // A pipe that nobody reads is seen as EPIPE, and treated in one place.
  ::signal(SIGPIPE, SIG_IGN);
#ifdef __GLIBC__
  // A static program must not load whatever modules the system's nsswitch.conf names: they belong
  // to another glibc. Files and DNS are built in. Before any thread is started.
  __nss_configure_lookup("hosts", "files dns");
#endif
  const std::stop_token stop = minim::cli::watch_interrupts();
  return minim::cli::run(std::vector<std::string>(argv + 1, argv + argc), stop);
}
