#include "cli/command.h"
#include "cli/flag_groups.h"

namespace minim::cli {

namespace {

using enum FlagKind;

constexpr FlagSpec kExecute[] = {
    {.name = "detailed", .kind = kSwitch, .help = "events with all their fields"},
};
constexpr FlagSpec kSignal[] = {
    {.name = "name", .value = "NAME", .help = "the signal", .alias = "type", .required = true},
};
constexpr FlagSpec kDescribe[] = {
    {.name = "raw", .kind = kSwitch, .help = "the server's reply as JSON, payloads in full"},
    {.name = "reset-points", .kind = kSwitch, .help = "only where it can be reset to"},
};
constexpr FlagSpec kFilter[] = {
    {.name = "query", .letter = 'q', .value = "FILTER", .help = "a list filter; default: all"},
};
constexpr FlagSpec kList[] = {
    {.name = "limit", .kind = kNumber, .value = "N", .help = "at most so many; default: all"},
    {.name = "page-size", .kind = kNumber, .value = "N", .help = "fetched at once"},
    {.name = "archived", .kind = kSwitch, .help = "from the archive"},
};
constexpr FlagSpec kShow[] = {
    {.name = "follow", .kind = kSwitch, .letter = 'f', .help = "wait for what comes"},
    {.name = "detailed", .kind = kSwitch, .help = "events with all their fields"},
    {.name = "reverse", .kind = kSwitch, .help = "the newest first"},
};
constexpr FlagSpec kRpc[] = {
    {.name = "json",
     .value = "TEXT",
     .help = "the request as protobuf JSON; the reply\nis JSON too"},
    {.name = "data-hex", .value = "HEX", .help = "the request's bytes; without any: empty"},
    {.name = "data-file", .value = "FILE", .help = "the same from a file; - is standard input"},
    {.name = "hex", .kind = kSwitch, .help = "the reply's bytes as hex digits"},
    {.name = "plain-grpc", .kind = kSwitch, .help = "send no header of Temporal's"},
    {.name = "timeout", .kind = kDuration, .value = "D", .help = "for the call; default: 30s"},
};

constinit const FlagGroup kExecuteFlags = kExecute;
constinit const FlagGroup kSignalFlags = kSignal;
constinit const FlagGroup kDescribeFlags = kDescribe;
constinit const FlagGroup kFilterFlags = kFilter;
constinit const FlagGroup kListFlags = kList;
constinit const FlagGroup kShowFlags = kShow;
constinit const FlagGroup kRpcFlags = kRpc;

constexpr Command kCommands[] = {
    {"workflow start",
     "Start a workflow and return at once.",
     "If one of that id runs already, its run is the answer.",
     "workflow start --type Greet -t hello -w greet-1 -i '\"Ann\"'",
     "",
     {&kStartFlags, &kStartPolicyFlags, &kInputFlags},
     run_start},
    {"workflow execute",
     "Start a workflow, follow it and print its result.",
     "The exit code is 1 unless it completed.",
     "workflow execute --type Greet -t hello -i '\"Ann\"' -o json",
     "",
     {&kExecuteFlags, &kStartFlags, &kStartPolicyFlags, &kInputFlags},
     run_execute},
    {"workflow signal",
     "Send a signal to one workflow or to many.",
     "",
     "workflow signal -w greet-1 --name add -i 5",
     "",
     {&kSignalFlags, &kTargetFlags, &kInputFlags, &kHeaderFlags},
     run_signal},
    {"workflow signal-with-start",
     "Signal a workflow, starting it if it does not run.",
     "",
     "workflow signal-with-start -w greet-1 --type Greet -t hello --signal-name add "
     "--signal-input 5",
     "",
     {&kSignalInputFlags, &kStartFlags, &kStartPolicyFlags, &kInputFlags},
     run_signal_with_start},
    {"workflow query",
     "Ask a workflow.",
     "",
     "workflow query -w greet-1 --name state",
     "",
     {&kQueryFlags, &kReferenceFlags, &kInputFlags, &kHeaderFlags},
     run_query},
    {"workflow describe",
     "Show the state of a workflow.",
     "",
     "workflow describe -w greet-1",
     "",
     {&kReferenceFlags, &kDescribeFlags},
     run_describe},
    {"workflow result",
     "Wait for the result of a workflow and print it.",
     "The exit code is 1 unless it completed.",
     "workflow result -w greet-1 -o json",
     "",
     {&kReferenceFlags},
     run_result},
    {"workflow cancel",
     "Ask one workflow or many to end.",
     "",
     "workflow cancel -w greet-1",
     "",
     {&kTargetFlags, &kHeaderFlags},
     run_cancel},
    {"workflow terminate",
     "End one workflow or many without asking them.",
     "",
     "workflow terminate -w greet-1 --reason 'wrong order'",
     "",
     {&kTargetFlags},
     run_terminate},
    {"workflow list",
     "List workflows.",
     "",
     "workflow list -q 'WorkflowType=\"Greet\"' --limit 10",
     "",
     {&kFilterFlags, &kListFlags},
     run_list},
    {"workflow count",
     "Count workflows.",
     "",
     "workflow count -q 'GROUP BY ExecutionStatus'",
     "",
     {&kFilterFlags},
     run_count},
    {"workflow show",
     "Print the history of a workflow.",
     "",
     "workflow show -w greet-1 --follow",
     "",
     {&kReferenceFlags, &kShowFlags},
     run_show},
    {"operator cluster health",
     "Ask the server whether it serves.",
     "",
     "operator cluster health --address localhost:7233",
     "",
     {},
     run_health},
    {"rpc",
     "Call one method of any gRPC server, once.",
     "The reply goes to standard output, the status to standard error. The exit\n"
     "code is 0, or 10 and the number of the gRPC status code.",
     "rpc --json '{\"service\": \"\"}' --plain-grpc /grpc.health.v1.Health/Check",
     "/package.Service/Method",
     {&kRpcFlags},
     run_rpc},
};

}  // namespace

std::span<const Command> commands() { return kCommands; }

const Command* find_command(std::string_view path) {
  for (const Command& command : kCommands) {
    if (command.path == path) return &command;
  }
  return nullptr;
}

}  // namespace minim::cli
