#include "minim/workflow_handle.h"

#include "client/handle_programs.h"
#include "client/history.h"
#include "client/result.h"
#include "client/visibility.h"

namespace minim {

WorkflowHandle::ProgramPtr WorkflowHandle::result_program(ResultOptions options) const {
  return std::make_unique<internal::ResultProgram>(context_, ids_.workflow_id, ids_.result_run_id,
                                                   options);
}

WorkflowHandle::ProgramPtr WorkflowHandle::signal_program(std::string name,
                                                          Result<Payloads> arguments) const {
  return std::make_unique<internal::SignalProgram>(context_, ids_, std::move(name),
                                                   std::move(arguments));
}

WorkflowHandle::ProgramPtr WorkflowHandle::query_program(QueryOptions options, std::string name,
                                                         Result<Payloads> arguments) const {
  return std::make_unique<internal::QueryProgram>(context_, ids_, options, std::move(name),
                                                  std::move(arguments));
}

WorkflowHandle::ProgramPtr WorkflowHandle::terminate_program(std::string reason,
                                                             Result<Payloads> details) const {
  return std::make_unique<internal::TerminateProgram>(context_, ids_, std::move(reason),
                                                      std::move(details));
}

Operation<WorkflowDescription> WorkflowHandle::describe() const {
  return {std::make_unique<internal::DescribeProgram>(context_, ids_),
          [](internal::Program& program) {
            return Result<WorkflowDescription>(
                std::move(static_cast<internal::DescribeProgram&>(program).description));
          }};
}

Operation<void> WorkflowHandle::cancel(std::string reason) const {
  return done(std::make_unique<internal::CancelProgram>(context_, ids_, std::move(reason)));
}

Operation<WorkflowHistory> WorkflowHandle::fetch_history(HistoryOptions options) const {
  return {std::make_unique<internal::HistoryProgram>(context_, ids_, options),
          [](internal::Program& program) {
            return Result<WorkflowHistory>(
                std::move(static_cast<internal::HistoryProgram&>(program).history));
          }};
}

}  // namespace minim
