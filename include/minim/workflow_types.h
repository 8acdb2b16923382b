// The words that workflow operations are described with: policies, states, options.
#ifndef MINIM_WORKFLOW_TYPES_H_
#define MINIM_WORKFLOW_TYPES_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "minim/converter.h"
#include "minim/payload.h"
#include "minim/priority.h"
#include "minim/retry_policy.h"
#include "minim/search_attributes.h"
#include "minim/time.h"

namespace minim {

// Numbers are those of the wire; a number that a newer server sends stays as it is.
enum class WorkflowStatus : std::int32_t {
  kRunning = 1,
  kCompleted = 2,
  kFailed = 3,
  kCanceled = 4,
  kTerminated = 5,
  kContinuedAsNew = 6,
  kTimedOut = 7,
  kPaused = 8,
};
// "Running", "ContinuedAsNew" ...; "Status(9)" for a number without a name.
std::string workflow_status_name(WorkflowStatus status);

// What to do when an earlier run of that id has closed.
enum class WorkflowIdReusePolicy : std::int32_t {
  kAllowDuplicate = 1,
  kAllowDuplicateFailedOnly = 2,
  kRejectDuplicate = 3,
  kTerminateIfRunning = 4,  // deprecated by the API: WorkflowIdConflictPolicy::kTerminateExisting
};

// What to do when a run of that id is open.
enum class WorkflowIdConflictPolicy : std::int32_t {
  kUnspecified = 0,  // the server's default: kFail
  kFail = 1,
  kUseExisting = 2,
  kTerminateExisting = 3,
};

enum class QueryRejectCondition : std::int32_t {
  kNone = 1,
  kNotOpen = 2,
  kNotCompletedCleanly = 3,
};

enum class HistoryEventFilter : std::int32_t {
  kAllEvents = 1,
  kCloseEvent = 2,
};

// Pins a workflow to a worker deployment version, or takes it off one.
struct PinnedVersion {
  std::string deployment_name;
  std::string build_id;
};
struct AutoUpgrade {};
using VersioningOverride = std::variant<PinnedVersion, AutoUpgrade>;

// One memo value, converted when it is set: {"note", minim::MemoValue("text")}.
class MemoValue {
 public:
  template <class T>
    requires(!std::is_same_v<std::decay_t<T>, MemoValue>)
  MemoValue(const T& value) : payload_(DataConverter().encode(value)) {}
  // The payload, or why there is none.
  const Result<Payloads>& payload() const { return payload_; }

 private:
  Result<Payloads> payload_;
};
using Memo = std::vector<std::pair<std::string, MemoValue>>;

// The arguments of a signal that starts a workflow if need be.
struct StartSignal {
  std::string name;
  Payloads arguments;  // DataConverter().encode(...) makes them
};

// StartWorkflowExecution, or SignalWithStartWorkflowExecution when `start_signal` is set (client
// specification 2.1). What the server would refuse is left to the server.
struct StartWorkflowOptions {
  std::string id;          // required
  std::string task_queue;  // required
  // All runs together, one run, one workflow task. Unset: the server's default (none, none, 10 s).
  std::optional<Duration> execution_timeout{};
  std::optional<Duration> run_timeout{};
  std::optional<Duration> task_timeout{};
  WorkflowIdReusePolicy id_reuse_policy = WorkflowIdReusePolicy::kAllowDuplicate;
  WorkflowIdConflictPolicy id_conflict_policy = WorkflowIdConflictPolicy::kUnspecified;
  std::optional<RetryPolicy> retry_policy{};  // of the workflow, not of the call
  std::string cron_schedule{};
  Memo memo{};
  SearchAttributes search_attributes{};
  // Shown by the web interface; single line and Markdown.
  std::optional<std::string> static_summary{};
  std::optional<std::string> static_details{};
  std::optional<Duration> start_delay{};  // not together with cron_schedule
  std::optional<StartSignal> start_signal{};
  Priority priority{};
  std::optional<VersioningOverride> versioning_override{};
};

}  // namespace minim

#endif  // MINIM_WORKFLOW_TYPES_H_
