// WorkflowHandle: a workflow, or one run of it, and what can be asked of it. Making one asks
// nothing.
#ifndef MINIM_WORKFLOW_HANDLE_H_
#define MINIM_WORKFLOW_HANDLE_H_

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "minim/errors.h"
#include "minim/operation.h"
#include "minim/workflow_info.h"
#include "minim/workflow_types.h"

namespace minim {

namespace internal {
struct ClientContext;
const DataConverter& converter_of(const ClientContext& context);

// Of a program whose result is payloads: they, decoded. `void`: whatever they are; several values
// for a single type: the first.
class PayloadsProgram : public Program {
 public:
  using Program::Program;
  Payloads payloads;
  virtual const DataConverter& converter() const = 0;
};
template <class T>
Result<T> decode_payloads(Program& program) {
  auto& holder = static_cast<PayloadsProgram&>(program);
  if constexpr (!std::is_void_v<T> && !std::is_same_v<T, Payloads>) {
    if (holder.payloads.size() > 1) holder.payloads.resize(1);
  }
  return holder.converter().decode<T>(holder.payloads);
}
}  // namespace internal

struct WorkflowIds {
  std::string workflow_id;
  // The run that signal, query, describe, cancel, terminate and history are for; empty: the latest.
  std::string run_id{};
  // The run whose result is waited for; empty: the latest.
  std::string result_run_id{};
  // The first run of the chain that cancel and terminate must belong to; empty: not checked.
  std::string first_execution_run_id{};
};

struct ResultOptions {
  // Go on with the run that a retry, a cron schedule or continue-as-new started.
  bool follow_runs = true;
};

struct QueryOptions {
  // Unset: the client's default.
  std::optional<QueryRejectCondition> reject_condition{};
};

struct HistoryOptions {
  HistoryEventFilter filter = HistoryEventFilter::kAllEvents;
  bool skip_archival = false;
  // Wait for the run to close, event by event.
  bool wait_new_event = false;
  std::int32_t page_size = 0;  // 0: the server's
};

// Cheap to copy; may be used wherever its client may, and after the client is gone.
//
// Errors beside the plain RPC ones (NOT_FOUND: no such workflow):
//   result     WorkflowFailed, WorkflowContinuedAsNew; INVALID_ARGUMENT when the result is no T
//   query      QueryFailed, QueryRejected
//   arguments that do not convert: INVALID_ARGUMENT when the operation is run, nothing is sent
class WorkflowHandle {
 public:
  WorkflowHandle(std::shared_ptr<const internal::ClientContext> context, WorkflowIds ids)
      : context_(std::move(context)), ids_(std::move(ids)) {}

  const std::string& workflow_id() const { return ids_.workflow_id; }
  const std::string& run_id() const { return ids_.run_id; }
  const std::string& result_run_id() const { return ids_.result_run_id; }
  const std::string& first_execution_run_id() const { return ids_.first_execution_run_id; }

  // Waits for the workflow to end. void: whatever it returned; Payloads: untouched; several values:
  // the first. Waits for ever unless a deadline is set.
  template <class T = void>
  Operation<T> result(ResultOptions options = {}) const {
    return {result_program(options), internal::decode_payloads<T>};
  }

  template <class... Args>
  Operation<void> signal(std::string name, const Args&... arguments) const {
    return done(signal_program(std::move(name), encode(arguments...)));
  }

  template <class T = Payloads, class... Args>
  Operation<T> query(std::string name, const Args&... arguments) const {
    return query_with<T>({}, std::move(name), arguments...);
  }
  template <class T = Payloads, class... Args>
  Operation<T> query_with(QueryOptions options, std::string name, const Args&... arguments) const {
    return {query_program(options, std::move(name), encode(arguments...)),
            internal::decode_payloads<T>};
  }

  Operation<WorkflowDescription> describe() const;
  // Asks the workflow to end; it may clean up first, or refuse.
  Operation<void> cancel(std::string reason = {}) const;
  // Ends it at once, without asking it. `details` go into its history.
  template <class... Args>
  Operation<void> terminate(std::string reason = {}, const Args&... details) const {
    return done(terminate_program(std::move(reason), encode(details...)));
  }
  Operation<WorkflowHistory> fetch_history(HistoryOptions options = {}) const;

 private:
  friend class Client;
  using ProgramPtr = std::unique_ptr<internal::Program>;

  template <class... Args>
  Result<Payloads> encode(const Args&... values) const {
    return internal::converter_of(*context_).encode(values...);
  }
  static Operation<void> done(ProgramPtr program) {
    return {std::move(program), [](internal::Program&) { return Result<void>(); }};
  }

  ProgramPtr result_program(ResultOptions options) const;
  ProgramPtr signal_program(std::string name, Result<Payloads> arguments) const;
  ProgramPtr query_program(QueryOptions options, std::string name,
                           Result<Payloads> arguments) const;
  ProgramPtr terminate_program(std::string reason, Result<Payloads> details) const;

  std::shared_ptr<const internal::ClientContext> context_;
  WorkflowIds ids_;
};

}  // namespace minim

#endif  // MINIM_WORKFLOW_HANDLE_H_
