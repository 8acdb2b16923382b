// workflow signal, cancel, terminate and query: one request about workflows that exist.
#include <utility>

#include "cli/batch.h"
#include "cli/command.h"
#include "cli/history.h"
#include "cli/inputs.h"
#include "cli/start_request.h"

namespace minim::cli {

namespace {

json::Value string(std::string text) { return json::Value::string(std::move(text)); }

// What each request about one workflow begins with.
json::Object request_for(const Session& session, std::string field) {
  json::Object request;
  request.set("namespace", string(session.namespace_name()));
  request.set(std::move(field),
              execution(session.flags.text("workflow-id"), session.flags.text("run-id")));
  return request;
}

// In JSON nothing is said, as in the official tool: the exit code is the answer.
Result<int> send(Session& session, std::string_view method, const json::Object& request,
                 std::string_view done) {
  if (const Result<Reply> reply = session.call(method, request); !reply) return reply.error();
  session.out.line(done);
  return 0;
}

// Headers travel with a signal; the other batch operations have no place for them.
Status refuse_headers(const Flags& flags) {
  if (!flags.given("headers")) return Status();
  return Status(Code::kInvalidArgument, "--headers: a cancellation carries no headers");
}

}  // namespace

Result<int> run_signal(Session& session) {
  const Flags& flags = session.flags;
  if (Status status = check_target(flags, false); !status.ok()) return status;
  Result<json::Value> input = read_inputs(flags);
  if (!input) return input.error();
  Result<json::Value> header = read_headers(flags);
  if (!header) return header.error();
  if (Status status = session.open(); !status.ok()) return status;
  json::Object request =
      is_batch(flags) ? json::Object() : request_for(session, "workflowExecution");
  request.set(is_batch(flags) ? "signal" : "signalName", string(flags.text("name")));
  if (!input->is_null()) request.set("input", std::move(*input));
  if (!header->is_null()) request.set("header", std::move(*header));
  if (is_batch(flags)) return run_batch(session, "signalOperation", std::move(request));
  request.set("identity", string(session.identity()));
  request.set("requestId", string(session.new_uuid()));
  return send(session, "SignalWorkflowExecution", request, "Signal workflow succeeded");
}

Result<int> run_cancel(Session& session) {
  if (Status status = check_target(session.flags, false); !status.ok()) return status;
  if (Status status = refuse_headers(session.flags); !status.ok()) return status;
  if (Status status = session.open(); !status.ok()) return status;
  if (is_batch(session.flags)) return run_batch(session, "cancellationOperation", {});
  json::Object request = request_for(session, "workflowExecution");
  request.set("identity", string(session.identity()));
  request.set("requestId", string(session.new_uuid()));
  return send(session, "RequestCancelWorkflowExecution", request, "Canceled workflow");
}

Result<int> run_terminate(Session& session) {
  if (Status status = check_target(session.flags, true); !status.ok()) return status;
  if (is_batch(session.flags) && !session.flags.given("reason")) {
    return Status(Code::kInvalidArgument, "a batch that terminates workflows needs a --reason");
  }
  if (Status status = session.open(); !status.ok()) return status;
  if (is_batch(session.flags)) return run_batch(session, "terminationOperation", {});
  json::Object request = request_for(session, "workflowExecution");
  request.set("identity", string(session.identity()));
  request.set("reason", string(reason_of(session.flags)));
  return send(session, "TerminateWorkflowExecution", request, "Workflow terminated");
}

Result<int> run_query(Session& session) {
  const Flags& flags = session.flags;
  Result<json::Value> input = read_inputs(flags);
  if (!input) return input.error();
  Result<json::Value> header = read_headers(flags);
  if (!header) return header.error();
  if (Status status = session.open(); !status.ok()) return status;
  json::Object query;
  query.set("queryType", string(flags.text("name")));
  if (!input->is_null()) query.set("queryArgs", std::move(*input));
  if (!header->is_null()) query.set("header", std::move(*header));
  json::Object request = request_for(session, "execution");
  request.set("query", json::Value::object(std::move(query)));
  if (const std::string condition = flags.text("reject-condition"); !condition.empty()) {
    request.set("queryRejectCondition",
                string(condition == "not_open" ? "NotOpen" : "NotCompletedCleanly"));
  }
  const Result<Reply> reply = session.call("QueryWorkflow", request);
  if (!reply) return reply.error();
  const Result<json::Value> value = reply->value(session.out.shorthand_payloads());
  if (!value) return value.error();
  if (const json::Value* const rejected = member(*value, "queryRejected")) {
    return Status(Code::kFailedPrecondition,
                  "query was rejected, workflow has status: " +
                      short_name("temporal.api.workflow.v1.WorkflowExecutionInfo", "status",
                                 text_member(*rejected, "status")));
  }
  session.out.json(*value);
  const json::Value* result = member(*value, "queryResult");
  if (result != nullptr && result->as_array() != nullptr && result->as_array()->size() == 1) {
    result = &result->as_array()->front();
  }
  session.out.card("Query result:",
                   {{"QueryResult", value_text(result == nullptr ? json::Value() : *result)}});
  return 0;
}

}  // namespace minim::cli
