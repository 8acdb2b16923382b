// Signal, query, cancel, terminate (client specification 3.3 to 3.6).
#ifndef MINIM_CLIENT_HANDLE_PROGRAMS_H_
#define MINIM_CLIENT_HANDLE_PROGRAMS_H_

#include <string>
#include <string_view>
#include <utility>

#include "client/program_base.h"

namespace minim::internal {

// A call for a workflow that has no result of its own.
class HandleProgram : public CallProgram {
 public:
  std::string_view header_workflow_id() const override { return ids_.workflow_id; }

 protected:
  HandleProgram(ContextPtr context, const WorkflowIds& ids, Status bad_input)
      : CallProgram(std::move(context), first_of(check_ids(ids), std::move(bad_input))),
        ids_(ids) {}
  Step accept(const std::string&) override { return Step::done(); }
  const WorkflowIds& ids() const { return ids_; }

 private:
  const WorkflowIds ids_;
};

class SignalProgram final : public HandleProgram {
 public:
  SignalProgram(ContextPtr context, const WorkflowIds& ids, std::string name,
                Result<Payloads> arguments)
      : HandleProgram(std::move(context), ids,
                      first_of(check_texts({{"signal name", name}}), arguments.status())),
        name_(std::move(name)),
        arguments_(arguments ? std::move(*arguments) : Payloads()) {}

 private:
  Step request(Random& random) override;
  std::string name_;
  Payloads arguments_;
};

class CancelProgram final : public HandleProgram {
 public:
  CancelProgram(ContextPtr context, const WorkflowIds& ids, std::string reason)
      : HandleProgram(std::move(context), ids, check_texts({{"reason", reason}})),
        reason_(std::move(reason)) {}

 private:
  Step request(Random& random) override;
  std::string reason_;
};

class TerminateProgram final : public HandleProgram {
 public:
  TerminateProgram(ContextPtr context, const WorkflowIds& ids, std::string reason,
                   Result<Payloads> details)
      : HandleProgram(std::move(context), ids,
                      first_of(check_texts({{"reason", reason}}), details.status())),
        reason_(std::move(reason)),
        details_(details ? std::move(*details) : Payloads()) {}

 private:
  Step request(Random& random) override;
  std::string reason_;
  Payloads details_;
};

class QueryProgram final : public PayloadsCallProgram {
 public:
  QueryProgram(ContextPtr context, const WorkflowIds& ids, QueryOptions options, std::string name,
               Result<Payloads> arguments)
      : PayloadsCallProgram(std::move(context),
                            first_of(first_of(check_ids(ids), check_texts({{"query name", name}})),
                                     arguments.status())),
        ids_(ids),
        options_(options),
        name_(std::move(name)),
        arguments_(arguments ? std::move(*arguments) : Payloads()) {}
  std::string_view header_workflow_id() const override { return ids_.workflow_id; }

 private:
  Step request(Random& random) override;
  Step accept(const std::string& message) override;
  Status refuse(Status status) override;

  const WorkflowIds ids_;
  const QueryOptions options_;
  std::string name_;
  Payloads arguments_;
};

}  // namespace minim::internal

#endif  // MINIM_CLIENT_HANDLE_PROGRAMS_H_
