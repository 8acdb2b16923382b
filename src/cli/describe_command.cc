// workflow describe.
#include <utility>

#include "cli/command.h"
#include "cli/history.h"

namespace minim::cli {

namespace {

constexpr std::string_view kInfo = "temporal.api.workflow.v1.WorkflowExecutionInfo";

// Collects the rows of one card; what is not there makes no row.
class Rows {
 public:
  Rows(const Output& out, const json::Value& source) : out_(out), source_(source) {}

  void text(std::string title, std::string_view path) {
    add(std::move(title), text_member(source_, path));
  }
  void time(std::string title, std::string_view path) {
    add(std::move(title), out_.time(text_member(source_, path)));
  }
  void value(std::string title, std::string_view path) {
    if (const json::Value* const found = member(source_, path)) {
      add(std::move(title), value_text(*found));
    }
  }
  void add(std::string title, std::string text) {
    if (!text.empty()) card.emplace_back(std::move(title), std::move(text));
  }

  Card card;

 private:
  const Output& out_;
  const json::Value& source_;
};

// A card of all fields of one object.
Card card_of(const json::Object& object) {
  Card card;
  for (const auto& [name, value] : object) {
    std::string title = name;
    if (title[0] >= 'a' && title[0] <= 'z') title[0] = static_cast<char>(title[0] - 'a' + 'A');
    const std::string* const text = value.as_string();
    card.emplace_back(std::move(title), text != nullptr ? *text : value_text(value));
  }
  return card;
}

void show_object(Output& out, const json::Value& reply, std::string_view path,
                 std::string_view title) {
  const json::Value* const found = member(reply, path);
  if (found == nullptr || found->as_object() == nullptr || found->as_object()->empty()) return;
  out.line("");
  out.card(title, card_of(*found->as_object()));
}

// "Pending Activities: 2", then a card for each with all its fields.
void show_list(Output& out, const json::Value& reply, std::string_view field,
               std::string_view title) {
  const json::Value* const found = member(reply, field);
  const json::Array* const list = found == nullptr ? nullptr : found->as_array();
  out.line("");
  out.line(std::string(title) + ": " + std::to_string(list == nullptr ? 0 : list->size()));
  if (list == nullptr) return;
  for (const json::Value& item : *list) {
    if (item.as_object() == nullptr) continue;
    out.line("");
    out.card("", card_of(*item.as_object()));
  }
}

void show_execution(const Session& session, Output& out, const json::Value& reply) {
  Rows rows(out, reply);
  rows.text("WorkflowId", "workflowExecutionInfo.execution.workflowId");
  rows.text("RunId", "workflowExecutionInfo.execution.runId");
  rows.text("Type", "workflowExecutionInfo.type.name");
  rows.add("Namespace", session.namespace_name());
  rows.text("TaskQueue", "workflowExecutionInfo.taskQueue");
  rows.add("Status",
           short_name(kInfo, "status", text_member(reply, "workflowExecutionInfo.status")));
  rows.text("AssignedBuildId", "workflowExecutionInfo.assignedBuildId");
  rows.time("StartTime", "workflowExecutionInfo.startTime");
  rows.time("CloseTime", "workflowExecutionInfo.closeTime");
  rows.time("ExecutionTime", "workflowExecutionInfo.executionTime");
  rows.value("Memo", "workflowExecutionInfo.memo.fields");
  rows.value("SearchAttributes", "workflowExecutionInfo.searchAttributes.indexedFields");
  rows.text("StateTransitionCount", "workflowExecutionInfo.stateTransitionCount");
  rows.text("HistoryLength", "workflowExecutionInfo.historyLength");
  rows.text("HistorySize", "workflowExecutionInfo.historySizeBytes");
  rows.text("ParentWorkflowId", "workflowExecutionInfo.parentExecution.workflowId");
  rows.text("ParentRunId", "workflowExecutionInfo.parentExecution.runId");
  rows.text("RootWorkflowId", "workflowExecutionInfo.rootExecution.workflowId");
  rows.text("RootRunId", "workflowExecutionInfo.rootExecution.runId");
  out.card("Execution Info:", rows.card);

  Rows extended(out, reply);
  extended.text("CancelRequested", "workflowExtendedInfo.cancelRequested");
  extended.time("ExecutionExpirationTime", "workflowExtendedInfo.executionExpirationTime");
  extended.time("RunExpirationTime", "workflowExtendedInfo.runExpirationTime");
  extended.time("LastResetTime", "workflowExtendedInfo.lastResetTime");
  extended.time("OriginalStartTime", "workflowExtendedInfo.originalStartTime");
  if (!extended.card.empty()) {
    out.line("");
    out.card("Extended Execution Info:", extended.card);
  }
  show_object(out, reply, "workflowExtendedInfo.pauseInfo", "Pause Info:");

  Rows metadata(out, reply);
  metadata.value("StaticSummary", "executionConfig.userMetadata.summary");
  metadata.value("StaticDetails", "executionConfig.userMetadata.details");
  if (!metadata.card.empty()) {
    out.line("");
    out.card("Metadata:", metadata.card);
  }
  show_object(out, reply, "workflowExecutionInfo.versioningInfo", "Versioning Info:");
  if (member(reply, "callbacks") != nullptr) show_list(out, reply, "callbacks", "Callbacks");
}

// {"BinaryChecksum", "CreateTime", "RunId", "EventId"}, named as the official tool names them.
void show_reset_points(Output& out, const json::Value& reply) {
  json::Array points;
  std::vector<Row> rows;
  const json::Value* const found = member(reply, "workflowExecutionInfo.autoResetPoints.points");
  if (found != nullptr && found->as_array() != nullptr) {
    for (const json::Value& point : *found->as_array()) {
      json::Object entry;
      for (const auto& [name, field] :
           {std::pair("BinaryChecksum", "binaryChecksum"), std::pair("CreateTime", "createTime"),
            std::pair("RunId", "runId"), std::pair("EventId", "firstWorkflowTaskCompletedId")}) {
        entry.set(name, json::Value::string(text_member(point, field)));
      }
      rows.push_back({{text_member(point, "binaryChecksum")},
                      {out.time(text_member(point, "createTime"))},
                      {text_member(point, "runId")},
                      {text_member(point, "firstWorkflowTaskCompletedId")}});
      points.push_back(json::Value::object(std::move(entry)));
    }
  }
  const Row header = {{"BinaryChecksum"}, {"CreateTime"}, {"RunId"}, {"EventId"}};
  std::vector<std::size_t> widths;
  out.table(&header, rows, &widths);
  out.json(json::Value::array(std::move(points)));
}

// The last event of the very run that was described.
Result<std::optional<Outcome>> close_of(Session& session, const json::Value& reply) {
  const std::string status = text_member(reply, "workflowExecutionInfo.status");
  if (status.empty() || status.ends_with("_RUNNING") || status.ends_with("_PAUSED")) {
    return std::optional<Outcome>();
  }
  HistoryReader reader(session, text_member(reply, "workflowExecutionInfo.execution.workflowId"),
                       text_member(reply, "workflowExecutionInfo.execution.runId"),
                       {.close_only = true});
  const Result<std::optional<Reply>> page = reader.next();
  if (!page) return page.error();
  if (!*page) return std::optional<Outcome>();
  return outcome_of(**page);
}

}  // namespace

Result<int> run_describe(Session& session) {
  const Flags& flags = session.flags;
  if (Status status = session.open(); !status.ok()) return status;
  json::Object request;
  request.set("namespace", json::Value::string(session.namespace_name()));
  request.set("execution", execution(flags.text("workflow-id"), flags.text("run-id")));
  const Result<Reply> reply = session.call("DescribeWorkflowExecution", request);
  if (!reply) return reply.error();
  const bool shorthand = session.out.shorthand_payloads() && !flags.on("raw");
  Result<json::Value> value = reply->value(shorthand);
  if (!value) return value.error();
  if (flags.on("raw")) {
    session.out.json_document(*value);
    return 0;
  }
  if (flags.on("reset-points")) {
    show_reset_points(session.out, *value);
    return 0;
  }
  const Result<std::optional<Outcome>> close = close_of(session, *value);
  if (!close) return close.error();
  if (session.out.is_text()) {
    const Result<json::Value> readable = shorthand ? reply->readable() : reply->value(false);
    if (!readable) return readable.error();
    show_execution(session, session.out, *readable);
  }
  if (*close) {
    Card card;
    (*close)->add_rows(card);
    session.out.line("");
    session.out.card("Results:", card);
    json::Object* const object = value->as_object();
    object->set("closeEvent", shorthand ? (*close)->short_event : (*close)->event);
    if ((*close)->is_completed()) object->set("result", (*close)->result(shorthand));
    json::sort_members(*value);
  } else {
    show_list(session.out, *value, "pendingActivities", "Pending Activities");
    show_list(session.out, *value, "pendingChildren", "Pending Child Workflows");
    show_list(session.out, *value, "pendingNexusOperations", "Pending Nexus Operations");
  }
  session.out.json(*value);
  return 0;
}

}  // namespace minim::cli
