// workflow show and result.
#include <utility>

#include "cli/command.h"
#include "cli/history.h"
#include "cli/progress.h"

namespace minim::cli {

namespace {

json::Value string(std::string text) { return json::Value::string(std::move(text)); }

// The latest run of a workflow.
Result<std::string> latest_run(Session& session, const std::string& workflow_id) {
  json::Object request;
  request.set("namespace", string(session.namespace_name()));
  request.set("execution", execution(workflow_id, {}));
  const Result<Reply> reply = session.call("DescribeWorkflowExecution", request);
  if (!reply) return reply.error();
  const Result<json::Value> value = reply->value(false);
  if (!value) return value.error();
  return text_member(*value, "workflowExecutionInfo.execution.runId");
}

}  // namespace

Result<int> run_show(Session& session) {
  const Flags& flags = session.flags;
  if (flags.on("follow") && flags.on("reverse")) {
    return Status(Code::kInvalidArgument, "--follow and --reverse exclude each other");
  }
  if (Status status = session.open(); !status.ok()) return status;
  const bool detailed = flags.on("detailed");
  Progress progress(
      session, flags.text("workflow-id"),
      {.follow = flags.on("follow"), .detailed = detailed, .reverse = flags.on("reverse")});
  const Result<std::optional<Outcome>> outcome = progress.run(flags.text("run-id"));
  if (!outcome) return outcome.error();
  session.out.json(progress.history());
  if (*outcome) {
    Card card;
    (*outcome)->add_rows(card);
    session.out.line("");
    session.out.card("Results:", card);
  }
  return 0;
}

Result<int> run_result(Session& session) {
  if (Status status = session.open(); !status.ok()) return status;
  const std::string workflow_id = session.flags.text("workflow-id");
  std::string run_id = session.flags.text("run-id");
  if (run_id.empty() && session.out.is_json()) {  // which shows it
    Result<std::string> latest = latest_run(session, workflow_id);
    if (!latest) return latest.error();
    run_id = std::move(*latest);
  }
  const Result<Outcome> outcome = wait_for_outcome(session, workflow_id, run_id);
  if (!outcome) return outcome.error();
  Card card;
  outcome->add_rows(card);
  session.out.card("Results:", card);
  const bool shorthand = session.out.shorthand_payloads();
  json::Object answer;
  answer.set("workflowId", string(workflow_id));
  answer.set("runId", string(run_id));
  answer.set("namespace", string(session.namespace_name()));
  answer.set("status", string(outcome->status));
  answer.set("closeEvent", shorthand ? outcome->short_event : outcome->event);
  answer.set("result", outcome->result(shorthand));
  session.out.json(json::Value::object(std::move(answer)));
  if (!outcome->is_completed()) return Status(Code::kAborted, "workflow failed");
  return 0;
}

}  // namespace minim::cli
