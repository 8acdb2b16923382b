// What the server knows of a workflow run: an item of a list, or a whole description.
#ifndef MINIM_WORKFLOW_INFO_H_
#define MINIM_WORKFLOW_INFO_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "minim/converter.h"
#include "minim/payload.h"
#include "minim/search_attributes.h"
#include "minim/workflow_types.h"

namespace minim {

struct WorkflowInfo {
  std::string workflow_id;
  std::string run_id;
  std::string workflow_type;
  std::string task_queue;
  std::string namespace_;                // of the client that asked
  std::optional<WorkflowStatus> status;  // unset: the server did not say
  std::optional<Datetime> start_time;
  std::optional<Datetime> execution_time;  // later than start_time for cron and delayed starts
  std::optional<Datetime> close_time;
  std::int64_t history_length = 0;
  std::int64_t history_size_bytes = 0;
  std::optional<std::string> parent_workflow_id;
  std::optional<std::string> parent_run_id;
  std::optional<std::string> root_workflow_id;
  std::optional<std::string> root_run_id;
  PayloadMap memo;
  PayloadMap raw_search_attributes;
  std::string raw;  // serialised temporal.api.workflow.v1.WorkflowExecutionInfo

  // One memo value. NOT_FOUND naming the key where there is none.
  template <class T>
  Result<T> memo_value(std::string_view key) const {
    const auto found = memo.find(std::string(key));
    if (found == memo.end()) return no_memo(key);
    return from_payload<T>(found->second);
  }
  // The typed search attributes; entries that are not typed are left out.
  Result<SearchAttributes> search_attributes() const {
    return SearchAttributes::from_payloads(raw_search_attributes);
  }

 private:
  static Status no_memo(std::string_view key);
};

struct WorkflowDescription {
  WorkflowInfo info;
  std::optional<Payload> summary;  // user metadata as it was given at the start
  std::optional<Payload> details;
  std::string raw;  // serialised DescribeWorkflowExecutionResponse, fields unknown here included

  // The decoded user metadata; no value where there is none.
  Result<std::optional<std::string>> static_summary() const;
  Result<std::optional<std::string>> static_details() const;
};

struct WorkflowCount {
  struct Group {
    std::vector<Payload> values;  // one per GROUP BY column; read them with from_payload<T>()
    std::int64_t count = 0;
  };
  std::int64_t count = 0;
  std::vector<Group> groups;  // empty without GROUP BY
};

// One event as the server sent it; attributes are in `raw`.
struct HistoryEvent {
  std::int64_t id = 0;
  std::int32_t type = 0;  // temporal.api.enums.v1.EventType
  std::optional<Datetime> time;
  std::string raw;  // serialised temporal.api.history.v1.HistoryEvent
};

struct WorkflowHistory {
  std::string workflow_id;
  std::vector<HistoryEvent> events;

  // The serialised temporal.api.history.v1.History.
  std::string raw() const;
  // original_execution_run_id of the first event. FAILED_PRECONDITION if that is not
  // WorkflowExecutionStarted (a filtered history, or an empty one).
  Result<std::string> run_id() const;
};

}  // namespace minim

#endif  // MINIM_WORKFLOW_INFO_H_
