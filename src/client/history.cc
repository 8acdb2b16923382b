#include "client/history.h"

#include "client/convert/proto.h"
#include "minim/pb/history.pb.h"

namespace minim::internal {

Step HistoryProgram::request(Random&) {
  pb::GetWorkflowExecutionHistoryRequest message;
  message.set_namespace_(context().namespace_);
  message.mutable_execution()->set_workflow_id(ids_.workflow_id);
  message.mutable_execution()->set_run_id(ids_.run_id);
  message.set_maximum_page_size(options_.page_size);
  message.set_next_page_token(next_page_token_);
  message.set_wait_new_event(options_.wait_new_event);
  message.set_history_event_filter_type(static_cast<pb::HistoryEventFilterType>(options_.filter));
  message.set_skip_archival(options_.skip_archival);
  Step step = workflow_call("GetWorkflowExecutionHistory", message);
  step.long_poll = options_.wait_new_event;
  return step;
}

Step HistoryProgram::accept(const std::string& message) {
  pb::GetWorkflowExecutionHistoryResponse response;
  if (!parse(message, response)) return Step::done(unreadable_reply("GetWorkflowExecutionHistory"));
  if (response.raw_history_size() > 0) return Step::done(unexpected_raw_history());
  for (const pb::HistoryEvent& event : response.history().events()) {
    HistoryEvent& out = history.events.emplace_back();
    out.id = event.event_id();
    out.type = event.event_type();
    if (event.has_event_time()) out.time = from_pb(event.event_time());
    out.raw = event.SerializeAsString();
  }
  next_page_token_ = response.next_page_token();
  if (next_page_token_.empty()) return Step::done();
  SeededRandom unused(0);
  return request(unused);
}

}  // namespace minim::internal

namespace minim {

std::string WorkflowHistory::raw() const {
  // History.events = 1: each event with its tag and length, as it came.
  pb::History list;
  std::string bytes;
  for (const HistoryEvent& event : events) {
    list.Clear();
    if (list.add_events()->ParseFromString(event.raw)) bytes += list.SerializeAsString();
  }
  return bytes;
}

Result<std::string> WorkflowHistory::run_id() const {
  pb::HistoryEvent first;
  if (events.empty() || events.front().type != pb::EVENT_TYPE_WORKFLOW_EXECUTION_STARTED ||
      !first.ParseFromString(events.front().raw)) {
    return Status(Code::kFailedPrecondition,
                  "this history does not begin with WorkflowExecutionStarted, which names the run");
  }
  return first.workflow_execution_started_event_attributes().original_execution_run_id();
}

}  // namespace minim
