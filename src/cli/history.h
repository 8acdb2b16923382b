// Histories, page by page, and how a run ended.
#ifndef MINIM_SRC_CLI_HISTORY_H_
#define MINIM_SRC_CLI_HISTORY_H_

#include <optional>
#include <string>
#include <string_view>

#include "cli/session.h"

namespace minim::cli {

class HistoryReader {
 public:
  struct Options {
    bool wait = false;        // go on until the run closes
    bool close_only = false;  // only the last event
    bool reverse = false;     // the newest first; not with the others
  };
  HistoryReader(Session& session, std::string workflow_id, std::string run_id, Options options)
      : session_(session),
        workflow_id_(std::move(workflow_id)),
        run_id_(std::move(run_id)),
        options_(options) {}

  // The next page that has events; nothing when there are no more.
  Result<std::optional<Reply>> next();

 private:
  Session& session_;
  const std::string workflow_id_;
  const std::string run_id_;
  const Options options_;
  std::string token_;  // base64, as JSON has it
  bool at_end_ = false;
};

// The events of a page.
Result<json::Array> events_of(const Reply& page, bool shorthand);

// "WorkflowExecutionStarted" of an event's eventType.
std::string event_type_name(const json::Value& event);
// The attributes of an event, whichever they are; null when it has none.
const json::Value* attributes_of(const json::Value& event);

// How a run ended, or did not.
struct Outcome {
  std::string status;       // "COMPLETED", "FAILED", "TIMEOUT", "CANCELED", "TERMINATED"
  json::Value event;        // the last one, payloads in full
  json::Value short_event;  // the same with payloads as the JSON they hold
  std::string next_run_id;  // the run that goes on, if any

  bool is_completed() const { return status == "COMPLETED"; }
  // The one result, an array of several, null for none.
  json::Value result(bool shorthand) const;
  // Status, Result and ResultEncoding, or Failure.
  void add_rows(Card& card) const;
};

// Unset when the last event of a page (the first one, if the newest come first) does not close the
// run.
Result<std::optional<Outcome>> outcome_of(const Reply& page, bool newest_first = false);
// Waits for the end of a run and of those that follow it.
Result<Outcome> wait_for_outcome(Session& session, const std::string& workflow_id,
                                 std::string run_id);

// "\n    Message: ...": a failure and its causes, for the value of a card's row.
std::string failure_text(const json::Value& failure, std::size_t indent = 4);

// The value of a payload or an array of them as text on one line.
std::string value_text(const json::Value& value);
// "Completed" for "WORKFLOW_EXECUTION_STATUS_COMPLETED": the short name of an enum's value in
// `field` of `message`.
std::string short_name(std::string_view message, std::string_view field, std::string_view name);
Colour colour_of(std::string_view name);

}  // namespace minim::cli

#endif  // MINIM_SRC_CLI_HISTORY_H_
