#include "cli/batch.h"

#include <cstdio>
#include <utility>

namespace minim::cli {

namespace {

Status wrong(std::string text) { return Status(Code::kInvalidArgument, std::move(text)); }

// One line of standard input is y or yes. Its end means no.
bool is_confirmed(const std::string& question) {
  std::fprintf(stderr, "%s y/N: ", question.c_str());
  std::string answer;
  for (int c = std::getchar(); c != EOF && c != '\n'; c = std::getchar()) {
    if (answer.size() < 8) answer += static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  }
  return answer == "y" || answer == "yes";
}

Status confirm(Session& session) {
  if (session.flags.on("yes")) return Status();
  if (session.out.is_json()) {
    return wrong("a batch asks for confirmation, which JSON output has no place for: give --yes");
  }
  json::Object request;
  request.set("namespace", json::Value::string(session.namespace_name()));
  request.set("query", json::Value::string(session.flags.text("query")));
  const Result<Reply> reply = session.call("CountWorkflowExecutions", request);
  if (!reply) return reply.error();
  const Result<json::Value> value = reply->value(false);
  if (!value) return value.error();
  const std::string count = text_member(*value, "count");
  const std::string question =
      "Start batch against approximately " + (count.empty() ? "0" : count) + " workflow(s)?";
  if (is_confirmed(printable(question))) return Status();
  return wrong("user denied confirmation");
}

}  // namespace

Status check_target(const Flags& flags, bool single_reason) {
  const bool one = flags.given("workflow-id");
  if (one == flags.given("query")) {
    return wrong("give either --workflow-id or --query");
  }
  if (one && flags.text("workflow-id").empty()) return wrong("--workflow-id is empty");
  if (!one && flags.text("query").empty()) return wrong("--query is empty: a batch needs a filter");
  if (!one && flags.given("run-id")) return wrong("--run-id goes with --workflow-id only");
  for (const char* const name : {"reason", "yes", "rps"}) {
    const bool allowed = single_reason && std::string_view(name) == "reason";
    if (one && flags.given(name) && !allowed) {
      return wrong(std::string("--") + name + " goes with --query only");
    }
  }
  return Status();
}

std::string reason_of(const Flags& flags) {
  return flags.given("reason") ? flags.text("reason") : "Requested from CLI by " + user_name();
}

Result<int> run_batch(Session& session, std::string operation, json::Object details) {
  if (Status status = confirm(session); !status.ok()) return status;
  const std::string job_id = session.new_uuid();
  details.set("identity", json::Value::string(session.identity()));
  json::Object request;
  request.set("namespace", json::Value::string(session.namespace_name()));
  request.set("visibilityQuery", json::Value::string(session.flags.text("query")));
  request.set("jobId", json::Value::string(job_id));
  request.set("reason", json::Value::string(reason_of(session.flags)));
  if (session.flags.given("rps")) {
    Result<json::Value> rate = json::Value::number_text(session.flags.text("rps"));
    if (!rate) return rate.error();
    request.set("maxOperationsPerSecond", std::move(*rate));
  }
  request.set(std::move(operation), json::Value::object(std::move(details)));
  if (const Result<Reply> reply = session.call("StartBatchOperation", request); !reply) {
    return reply.error();
  }
  session.out.line("Started batch for job ID: " + job_id);
  json::Object answer;
  answer.set("batchJobId", json::Value::string(job_id));
  session.out.json(json::Value::object(std::move(answer)));
  return 0;
}

}  // namespace minim::cli
