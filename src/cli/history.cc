#include "cli/history.h"

#include "base/base64.h"
#include "json/writer.h"

namespace minim::cli {

namespace {

constexpr std::string_view kEventMessage = "temporal.api.history.v1.HistoryEvent";

// Empty for an event that closes nothing. Whether a run that continued as new has ended is a matter
// of its next run.
std::string close_status(std::string_view event_type) {
  if (event_type == "WorkflowExecutionCompleted") return "COMPLETED";
  if (event_type == "WorkflowExecutionFailed") return "FAILED";
  if (event_type == "WorkflowExecutionTimedOut") return "TIMEOUT";
  if (event_type == "WorkflowExecutionCanceled") return "CANCELED";
  if (event_type == "WorkflowExecutionTerminated") return "TERMINATED";
  if (event_type == "WorkflowExecutionContinuedAsNew") return "CONTINUED_AS_NEW";
  return {};
}

}  // namespace

Result<std::optional<Reply>> HistoryReader::next() {
  while (!at_end_) {
    json::Object request;
    request.set("namespace", json::Value::string(session_.namespace_name()));
    request.set("execution", execution(workflow_id_, run_id_));
    if (!token_.empty()) request.set("nextPageToken", json::Value::string(token_));
    if (!options_.reverse) {
      request.set("waitNewEvent", json::Value::boolean(options_.wait));
      request.set("historyEventFilterType",
                  json::Value::string(options_.close_only ? "CloseEvent" : "AllEvent"));
    }
    Result<Reply> reply = session_.call(
        options_.reverse ? "GetWorkflowExecutionHistoryReverse" : "GetWorkflowExecutionHistory",
        request, options_.wait ? Session::Wait::kLongPoll : Session::Wait::kShort);
    if (!reply) return reply.error();
    const Result<json::Value> value = reply->value(false);
    if (!value) return value.error();
    token_ = text_member(*value, "nextPageToken");
    at_end_ = token_.empty();
    // An idle poll ends with no events and a token.
    if (member(*value, "history.events") != nullptr) return std::optional(std::move(*reply));
  }
  return std::optional<Reply>();
}

Result<json::Array> events_of(const Reply& page, bool shorthand) {
  Result<json::Value> value = page.value(shorthand);
  if (!value) return value.error();
  const json::Value* const events = member(*value, "history.events");
  if (events == nullptr || events->as_array() == nullptr) return json::Array();
  return *events->as_array();
}

std::string short_name(std::string_view message, std::string_view field, std::string_view name) {
  const auto type = protojson::find_message(message);
  const auto index = type ? type->field_by_name(field) : std::nullopt;
  if (!index) return std::string(name);
  const protojson::EnumType values = type->field(*index).enumeration();
  const auto number = values.number_of(name);
  return number ? values.short_name_of(*number).value_or(std::string(name)) : std::string(name);
}

std::string event_type_name(const json::Value& event) {
  return short_name(kEventMessage, "eventType", text_member(event, "eventType"));
}

const json::Value* attributes_of(const json::Value& event) {
  const json::Object* const object = event.as_object();
  if (object == nullptr) return nullptr;
  for (const auto& [name, value] : *object) {
    if (name.ends_with("EventAttributes")) return &value;
  }
  return nullptr;
}

Result<std::optional<Outcome>> outcome_of(const Reply& page, bool newest_first) {
  const Result<json::Array> full = events_of(page, false);
  if (!full) return full.error();
  if (full->empty()) return std::optional<Outcome>();
  const std::size_t last = newest_first ? 0 : full->size() - 1;
  Outcome outcome;
  outcome.status = close_status(event_type_name((*full)[last]));
  if (outcome.status.empty()) return std::optional<Outcome>();
  Result<json::Array> brief = events_of(page, true);
  if (!brief) return brief.error();
  outcome.event = (*full)[last];
  outcome.short_event = std::move((*brief)[last]);
  if (const json::Value* const attributes = attributes_of(outcome.event)) {
    outcome.next_run_id = text_member(*attributes, "newExecutionRunId");
  }
  return std::optional(std::move(outcome));
}

Result<Outcome> wait_for_outcome(Session& session, const std::string& workflow_id,
                                 std::string run_id) {
  while (true) {
    HistoryReader reader(session, workflow_id, run_id, {.wait = true, .close_only = true});
    Result<std::optional<Reply>> page = reader.next();
    if (!page) return page.error();
    if (!*page) break;
    Result<std::optional<Outcome>> outcome = outcome_of(**page);
    if (!outcome) return outcome.error();
    if (!*outcome) break;
    if ((*outcome)->next_run_id.empty()) return std::move(**outcome);
    run_id = (*outcome)->next_run_id;
  }
  return Status(Code::kInternal, "the history of workflow " + workflow_id +
                                     " ends with an event that closes nothing");
}

json::Value Outcome::result(bool shorthand) const {
  const json::Value* const attributes = attributes_of(shorthand ? short_event : event);
  const json::Value* const payloads =
      attributes == nullptr ? nullptr : member(*attributes, "result");
  if (payloads == nullptr) return json::Value();
  const json::Array* items = payloads->as_array();
  if (items == nullptr) {
    const json::Value* const list = member(*payloads, "payloads");
    items = list == nullptr ? nullptr : list->as_array();
  }
  if (items == nullptr || items->empty()) return json::Value();
  return items->size() == 1 ? items->front() : *payloads;
}

void Outcome::add_rows(Card& card) const {
  card.emplace_back("Status", status);
  const json::Value* const attributes = attributes_of(event);
  if (attributes == nullptr) return;
  if (is_completed()) {
    card.emplace_back("Result", value_text(result(true)));
    const json::Value* const payloads = member(*attributes, "result.payloads");
    const json::Array* const list = payloads == nullptr ? nullptr : payloads->as_array();
    if (list != nullptr && !list->empty()) {
      const auto encoding = base64_decode(text_member(list->front(), "metadata.encoding"));
      card.emplace_back("ResultEncoding", encoding.value_or(""));
    }
  } else if (const json::Value* const failure = member(*attributes, "failure")) {
    card.emplace_back("Failure", failure_text(*failure));
  } else if (const std::string reason = text_member(*attributes, "reason"); !reason.empty()) {
    card.emplace_back("Reason", reason);
  }
}

std::string failure_text(const json::Value& failure, std::size_t indent) {
  const std::string margin = "\n" + std::string(indent, ' ');
  const auto indented = [&margin](std::string_view text) {
    std::string out;
    for (const char c : text) {
      out += c == '\n' ? margin + "    " : std::string(1, c);
    }
    return out;
  };
  std::string text = margin + "Message: " + indented(text_member(failure, "message"));
  for (const std::string_view kind :
       {"applicationFailureInfo.type", "activityFailureInfo.activityType.name",
        "childWorkflowExecutionFailureInfo.workflowType.name", "timeoutFailureInfo.timeoutType"}) {
    if (const std::string name = text_member(failure, kind); !name.empty()) {
      text += margin + "Type: " + name;
    }
  }
  std::string trace = text_member(failure, "stackTrace");
  while (trace.ends_with('\n')) trace.pop_back();
  if (!trace.empty()) text += margin + "StackTrace:" + margin + "    " + indented(trace);
  if (const json::Value* const cause = member(failure, "cause")) {
    text += margin + "Cause:" + failure_text(*cause, indent + 4);
  }
  return text;
}

std::string value_text(const json::Value& value) { return json::write(value); }

Colour colour_of(std::string_view name) {
  const auto has = [name](std::string_view word) { return name.find(word) != name.npos; };
  if (has("Failed")) return Colour::kRed;
  if (has("TimedOut")) return Colour::kYellow;
  if (has("Cancel") || has("Terminated")) return Colour::kMagenta;
  if (has("Completed")) return Colour::kGreen;
  if (has("Started") || has("Running")) return Colour::kBlue;
  return Colour::kPlain;
}

}  // namespace minim::cli
