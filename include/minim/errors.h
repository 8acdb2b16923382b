// Temporal's own errors, as the typed part of a Status:
//
//   if (auto* e = status.as<minim::WorkflowAlreadyStarted>()) use(e->run_id);
//   if (auto* e = status.as<minim::WorkflowFailed>()) std::puts(e->failure.to_string().c_str());
//
// A Status without one of these is a plain RPC failure: code(), message(), origin(), details().
#ifndef MINIM_ERRORS_H_
#define MINIM_ERRORS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "minim/failure.h"
#include "minim/status.h"
#include "minim/workflow_types.h"

namespace minim {

// ALREADY_EXISTS, server: a workflow of that id is running, or may not be started again.
struct WorkflowAlreadyStarted final : ErrorInfo {
  static constexpr ErrorKind kKind = ErrorKind::kWorkflowAlreadyStarted;
  WorkflowAlreadyStarted(std::string id, std::string type, std::string run)
      : ErrorInfo(kKind),
        workflow_id(std::move(id)),
        workflow_type(std::move(type)),
        run_id(std::move(run)) {}
  std::string workflow_id;    // as asked for
  std::string workflow_type;  // as asked for
  std::string run_id;         // of the run that exists
};

// ABORTED, server: the workflow ended, and not with a result. `failure` says how: an application
// failure with its causes, cancelled, terminated or timed out.
struct WorkflowFailed final : ErrorInfo {
  static constexpr ErrorKind kKind = ErrorKind::kWorkflowFailed;
  WorkflowFailed(Failure why, WorkflowStatus how, std::string run)
      : ErrorInfo(kKind), failure(std::move(why)), status(how), run_id(std::move(run)) {}
  Failure failure;
  WorkflowStatus status;  // kFailed, kCanceled, kTerminated or kTimedOut
  std::string run_id;     // the run that ended so
};

// ABORTED, server: the run continued as a new one, and following runs was switched off.
struct WorkflowContinuedAsNew final : ErrorInfo {
  static constexpr ErrorKind kKind = ErrorKind::kWorkflowContinuedAsNew;
  explicit WorkflowContinuedAsNew(std::string run) : ErrorInfo(kKind), new_run_id(std::move(run)) {}
  std::string new_run_id;
};

// INVALID_ARGUMENT, server: the query handler failed, or there is none; the status has its text.
struct QueryFailed final : ErrorInfo {
  static constexpr ErrorKind kKind = ErrorKind::kQueryFailed;
  QueryFailed() : ErrorInfo(kKind) {}
};

// FAILED_PRECONDITION, server: the reject condition held.
struct QueryRejected final : ErrorInfo {
  static constexpr ErrorKind kKind = ErrorKind::kQueryRejected;
  explicit QueryRejected(std::optional<WorkflowStatus> state) : ErrorInfo(kKind), status(state) {}
  std::optional<WorkflowStatus> status;  // of the workflow; unset: the server did not say
};

// RESOURCE_EXHAUSTED, server: what the server is out of, and whether only this namespace is. Values
// beyond these are of a newer server.
struct ResourceExhausted final : ErrorInfo {
  static constexpr ErrorKind kKind = ErrorKind::kResourceExhausted;
  enum class Cause : std::int32_t {
    kUnspecified,
    kRpsLimit,
    kConcurrentLimit,
    kSystemOverloaded,
    kPersistenceLimit,
    kBusyWorkflow,
    kApsLimit,
    kPersistenceStorageLimit,
    kCircuitBreakerOpen,
    kOpsLimit,
    kWorkerDeploymentLimits,
    kBandwidthLimit,
  };
  enum class Scope : std::int32_t { kUnspecified, kNamespace, kSystem };
  ResourceExhausted(Cause why, Scope where) : ErrorInfo(kKind), cause(why), scope(where) {}
  std::string note() const override;                // "cause RPS_LIMIT, scope NAMESPACE"
  static std::string_view cause_name(Cause cause);  // "RPS_LIMIT"; "UNKNOWN"
  static std::string_view scope_name(Scope scope);
  Cause cause;
  Scope scope;
};

}  // namespace minim

#endif  // MINIM_ERRORS_H_
