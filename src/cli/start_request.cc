#include "cli/start_request.h"

#include <utility>

#include "cli/inputs.h"
#include "cli/values.h"
#include "json/writer.h"
#include "protojson/protojson.h"

namespace minim::cli {

namespace {

json::Value string(std::string text) { return json::Value::string(std::move(text)); }

json::Value named(std::string text) {
  json::Object object;
  object.set("name", string(std::move(text)));
  return json::Value::object(std::move(object));
}

void set_text(json::Object& request, const Flags& flags, std::string_view flag, std::string field) {
  if (flags.given(flag)) request.set(std::move(field), string(flags.text(flag)));
}

void set_duration(json::Object& request, const Flags& flags, std::string_view flag,
                  std::string field) {
  const Duration duration = flags.duration(flag).value_or(Duration::zero());
  if (duration != Duration::zero()) request.set(std::move(field), string(duration_json(duration)));
}

// {<inner>: map} of repeated KEY=JSON flags.
Status set_map(json::Object& request, const Flags& flags, std::string_view flag, std::string field,
               std::string inner) {
  Result<json::Value> map = payload_map(flag, flags.all(flag));
  if (!map) return map.error();
  if (map->is_null()) return Status();
  json::Object wrapper;
  wrapper.set(std::move(inner), std::move(*map));
  request.set(std::move(field), json::Value::object(std::move(wrapper)));
  return Status();
}

// Shown by the web interface.
void set_user_metadata(json::Object& request, const Flags& flags) {
  json::Object metadata;
  for (const auto& [flag, field] :
       {std::pair("static-summary", "summary"), std::pair("static-details", "details")}) {
    if (flags.given(flag)) metadata.set(field, json_payload(json::write(string(flags.text(flag)))));
  }
  if (!metadata.empty()) request.set("userMetadata", json::Value::object(std::move(metadata)));
}

Status set_priority(json::Object& request, const Flags& flags) {
  json::Object priority;
  if (const auto key = flags.number("priority-key")) {
    priority.set("priorityKey", json::Value::number(*key));
  }
  set_text(priority, flags, "fairness-key", "fairnessKey");
  if (flags.given("fairness-weight")) {
    Result<json::Value> weight = json::Value::number_text(flags.text("fairness-weight"));
    if (!weight) return weight.error();
    priority.set("fairnessWeight", std::move(*weight));
  }
  if (!priority.empty()) request.set("priority", json::Value::object(std::move(priority)));
  return Status();
}

// The run that an ALREADY_EXISTS is about; empty when the server did not say.
std::string existing_run(const Status& status) {
  const auto type = protojson::find_message("google.rpc.Status");
  if (status.code() != Code::kAlreadyExists || !type || status.details().empty()) return {};
  const Result<std::string> text = protojson::to_json(*type, status.details());
  if (!text) return {};
  const Result<json::Value> value = json::parse(*text);
  const json::Value* const details = value ? member(*value, "details") : nullptr;
  if (details == nullptr || details->as_array() == nullptr || details->as_array()->empty())
    return {};
  const json::Value& first = details->as_array()->front();
  if (!text_member(first, "@type").ends_with("WorkflowExecutionAlreadyStartedFailure")) return {};
  return text_member(first, "runId");
}

}  // namespace

Result<json::Value> read_headers(const Flags& flags) {
  json::Object holder;
  if (Status status = set_map(holder, flags, "headers", "header", "fields"); !status.ok()) {
    return status;
  }
  const json::Value* const header = holder.find("header");
  return header == nullptr ? json::Value() : *header;
}

Result<json::Object> start_request(Session& session, const std::string& workflow_id) {
  const Flags& flags = session.flags;
  json::Object request;
  request.set("namespace", string(session.namespace_name()));
  request.set("workflowId", string(workflow_id));
  request.set("workflowType", named(flags.text("type")));
  request.set("taskQueue", named(flags.text("task-queue")));
  request.set("identity", string(session.identity()));
  request.set("requestId", string(session.new_uuid()));
  Result<json::Value> input = read_inputs(flags);
  if (!input) return input.error();
  if (!input->is_null()) request.set("input", std::move(*input));
  set_duration(request, flags, "execution-timeout", "workflowExecutionTimeout");
  set_duration(request, flags, "run-timeout", "workflowRunTimeout");
  set_duration(request, flags, "task-timeout", "workflowTaskTimeout");
  set_duration(request, flags, "start-delay", "workflowStartDelay");
  set_text(request, flags, "cron", "cronSchedule");
  set_text(request, flags, "id-reuse-policy", "workflowIdReusePolicy");
  set_text(request, flags, "id-conflict-policy", "workflowIdConflictPolicy");
  Status wrong = set_map(request, flags, "memo", "memo", "fields");
  if (wrong.ok()) {
    wrong = set_map(request, flags, "search-attribute", "searchAttributes", "indexedFields");
  }
  if (wrong.ok()) wrong = set_map(request, flags, "headers", "header", "fields");
  if (wrong.ok()) wrong = set_priority(request, flags);
  if (!wrong.ok()) return wrong;
  set_user_metadata(request, flags);
  return request;
}

Result<Started> start_workflow(Session& session) {
  Started started{session.flags.text("workflow-id"), {}};
  if (started.workflow_id.empty()) started.workflow_id = session.new_uuid();
  const Result<json::Object> request = start_request(session, started.workflow_id);
  if (!request) return request.error();
  const Result<Reply> reply = session.call("StartWorkflowExecution", *request);
  if (!reply) {
    started.run_id = existing_run(reply.error());
    if (started.run_id.empty() || session.flags.on("fail-existing")) return reply.error();
    return started;
  }
  const Result<json::Value> value = reply->value(false);
  if (!value) return value.error();
  started.run_id = text_member(*value, "runId");
  return started;
}

}  // namespace minim::cli
