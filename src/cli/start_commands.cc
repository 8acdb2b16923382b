// workflow start, execute and signal-with-start.
#include <chrono>
#include <utility>

#include "cli/command.h"
#include "cli/history.h"
#include "cli/inputs.h"
#include "cli/progress.h"
#include "cli/start_request.h"
#include "cli/values.h"

namespace minim::cli {

namespace {

json::Value string(std::string text) { return json::Value::string(std::move(text)); }

// What was started, in the order in which it is shown.
json::Object summary_of(const Session& session, const Started& started, bool with_queue) {
  json::Object summary;
  summary.set("workflowId", string(started.workflow_id));
  summary.set("runId", string(started.run_id));
  summary.set("type", string(session.flags.text("type")));
  summary.set("namespace", string(session.namespace_name()));
  if (with_queue) summary.set("taskQueue", string(session.flags.text("task-queue")));
  return summary;
}

void show_card(Session& session, const json::Object& summary) {
  Card card;
  for (const auto& [name, value] : summary) {
    std::string title = name;
    title[0] = static_cast<char>(title[0] - 'a' + 'A');
    card.emplace_back(std::move(title), *value.as_string());
  }
  session.out.card("Running execution:", card);
}

Duration since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::steady_clock::now() - begin;
}

}  // namespace

Result<int> run_start(Session& session) {
  if (Status status = session.open(); !status.ok()) return status;
  const Result<Started> started = start_workflow(session);
  if (!started) return started.error();
  const json::Object summary = summary_of(session, *started, true);
  show_card(session, summary);
  session.out.json(json::Value::object(summary));
  return 0;
}

Result<int> run_execute(Session& session) {
  if (Status status = session.open(); !status.ok()) return status;
  const auto begin = std::chrono::steady_clock::now();
  const Result<Started> started = start_workflow(session);
  if (!started) return started.error();
  json::Object summary = summary_of(session, *started, true);
  show_card(session, summary);
  session.out.line("");
  const bool detailed = session.flags.on("detailed");
  Progress progress(session, started->workflow_id, {.follow = true, .detailed = detailed});
  Result<std::optional<Outcome>> followed = std::optional<Outcome>();
  if (session.out.is_text() || detailed) {
    followed = progress.run(started->run_id);
  } else {
    Result<Outcome> waited = wait_for_outcome(session, started->workflow_id, started->run_id);
    if (!waited) return waited.error();
    followed = std::optional(std::move(*waited));
  }
  if (!followed) return followed.error();
  if (!*followed) return Status(Code::kInternal, "the history ended before the workflow did");
  const Outcome& outcome = **followed;
  const Duration took = since(begin);
  using std::chrono::milliseconds;
  Card card;
  card.emplace_back("RunTime", duration_words(std::chrono::duration_cast<milliseconds>(took)));
  outcome.add_rows(card);
  session.out.line("");
  session.out.card("Results:", card);
  const bool shorthand = session.out.shorthand_payloads();
  summary.set("durationMillis",
              json::Value::number(std::chrono::duration_cast<milliseconds>(took).count()));
  summary.set("status", string(outcome.status));
  summary.set("closeEvent", shorthand ? outcome.short_event : outcome.event);
  summary.set("result", outcome.result(shorthand));
  if (detailed) summary.set("history", progress.history());
  session.out.json(json::Value::object(std::move(summary)));
  if (!outcome.is_completed()) return Status(Code::kAborted, "workflow failed");
  return 0;
}

Result<int> run_signal_with_start(Session& session) {
  const Flags& flags = session.flags;
  if (!flags.given("workflow-id")) {
    return Status(Code::kInvalidArgument, "missing required flag: --workflow-id");
  }
  if (flags.given("fail-existing")) {
    return Status(Code::kInvalidArgument,
                  "--fail-existing: a workflow that runs already is signalled in any case");
  }
  if (Status status = session.open(); !status.ok()) return status;
  Started started{flags.text("workflow-id"), {}};
  Result<json::Object> request = start_request(session, started.workflow_id);
  if (!request) return request.error();
  request->set("signalName", string(flags.text("signal-name")));
  Result<json::Value> input = read_inputs(flags, "signal-");
  if (!input) return input.error();
  if (!input->is_null()) request->set("signalInput", std::move(*input));
  const Result<Reply> reply = session.call("SignalWithStartWorkflowExecution", *request);
  if (!reply) return reply.error();
  const Result<json::Value> value = reply->value(false);
  if (!value) return value.error();
  started.run_id = text_member(*value, "runId");
  const json::Object summary = summary_of(session, started, false);
  show_card(session, summary);
  session.out.json(json::Value::object(summary));
  return 0;
}

}  // namespace minim::cli
