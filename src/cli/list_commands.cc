// workflow list and count.
#include <algorithm>
#include <limits>
#include <utility>

#include "cli/command.h"
#include "cli/history.h"

namespace minim::cli {

namespace {

constexpr std::string_view kInfo = "temporal.api.workflow.v1.WorkflowExecutionInfo";

Row row_of(const Output& out, const json::Value& info) {
  const std::string status = short_name(kInfo, "status", text_member(info, "status"));
  return {{status, colour_of(status)},
          {text_member(info, "execution.workflowId")},
          {text_member(info, "type.name")},
          {out.time(text_member(info, "startTime"))}};
}

// The items come out page by page, so that a pipe sees them as soon as they are there.
Status list_pages(Session& session) {
  const Flags& flags = session.flags;
  const std::int64_t limit = flags.number("limit").value_or(0);
  std::int64_t left = limit > 0 ? limit : std::numeric_limits<std::int64_t>::max();
  const std::int64_t page_size = std::min<std::int64_t>(flags.number("page-size").value_or(0),
                                                        std::numeric_limits<std::int32_t>::max());
  const Row header = {{"Status"}, {"WorkflowId"}, {"Type"}, {"StartTime"}};
  std::vector<std::size_t> widths;
  bool first = true;
  bool unopened = true;
  std::string token;
  do {
    json::Object request;
    request.set("namespace", json::Value::string(session.namespace_name()));
    request.set("query", json::Value::string(flags.text("query")));
    std::int64_t size = page_size;
    if (limit > 0 && (size == 0 || size > left)) {
      size = std::min<std::int64_t>(left, std::numeric_limits<std::int32_t>::max());
    }
    if (size > 0) request.set("pageSize", json::Value::number(size));
    if (!token.empty()) request.set("nextPageToken", json::Value::string(token));
    const Result<Reply> reply = session.call(
        flags.on("archived") ? "ListArchivedWorkflowExecutions" : "ListWorkflowExecutions",
        request);
    if (!reply) return reply.error();
    const Result<json::Value> value = reply->value(session.out.shorthand_payloads());
    if (!value) return value.error();
    // Not before: a list that failed must not look like an empty one.
    if (std::exchange(unopened, false)) session.out.begin_list();
    token = text_member(*value, "nextPageToken");
    const json::Value* const found = member(*value, "executions");
    std::vector<Row> rows;
    if (found != nullptr && found->as_array() != nullptr) {
      for (const json::Value& info : *found->as_array()) {
        if (left-- == 0) break;
        if (session.out.is_json()) session.out.item(info);
        rows.push_back(row_of(session.out, info));
      }
    }
    if (!rows.empty()) {
      session.out.table(std::exchange(first, false) ? &header : nullptr, rows, &widths);
    }
  } while (!token.empty() && left > 0);
  return Status();
}

}  // namespace

Result<int> run_list(Session& session) {
  if (Status status = session.open(); !status.ok()) return status;
  const Status status = list_pages(session);
  session.out.end_list();
  if (!status.ok()) return status;
  return 0;
}

Result<int> run_count(Session& session) {
  if (Status status = session.open(); !status.ok()) return status;
  json::Object request;
  request.set("namespace", json::Value::string(session.namespace_name()));
  request.set("query", json::Value::string(session.flags.text("query")));
  const Result<Reply> reply = session.call("CountWorkflowExecutions", request);
  if (!reply) return reply.error();
  const Result<json::Value> value =
      session.out.shorthand_payloads() ? reply->readable() : reply->value(false);
  if (!value) return value.error();
  session.out.json(*value);
  const auto count_of = [](const json::Value& holder) {
    const std::string count = text_member(holder, "count");
    return count.empty() ? "0" : count;
  };
  session.out.line("Total: " + count_of(*value));
  const json::Value* const groups = member(*value, "groups");
  if (groups == nullptr || groups->as_array() == nullptr) return 0;
  for (const json::Value& group : *groups->as_array()) {
    std::string values;
    const json::Value* const list = member(group, "groupValues");
    if (list != nullptr && list->as_array() != nullptr) {
      for (const json::Value& item : *list->as_array()) {
        values += (values.empty() ? "" : ", ") + value_text(item);
      }
    }
    session.out.line("Group total: " + count_of(group) + ", values: " + values);
  }
  return 0;
}

}  // namespace minim::cli
