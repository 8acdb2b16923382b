#include "client/visibility.h"

#include <algorithm>

#include "client/convert/proto.h"
#include "minim/pb/visibility.pb.h"

namespace minim::internal {

namespace {

std::optional<Datetime> time_of(bool has, const pb::Timestamp& time) {
  return has ? std::optional<Datetime>(from_pb(time)) : std::nullopt;
}

WorkflowInfo info_of(const pb::WorkflowExecutionInfo& in, const std::string& namespace_) {
  WorkflowInfo info;
  info.workflow_id = in.execution().workflow_id();
  info.run_id = in.execution().run_id();
  info.workflow_type = in.type().name();
  info.task_queue = in.task_queue();
  info.namespace_ = namespace_;
  if (in.status() != pb::WORKFLOW_EXECUTION_STATUS_UNSPECIFIED) {
    info.status = static_cast<WorkflowStatus>(in.status());
  }
  info.start_time = time_of(in.has_start_time(), in.start_time());
  info.execution_time = time_of(in.has_execution_time(), in.execution_time());
  info.close_time = time_of(in.has_close_time(), in.close_time());
  info.history_length = in.history_length();
  info.history_size_bytes = in.history_size_bytes();
  if (in.has_parent_execution()) {
    info.parent_workflow_id = in.parent_execution().workflow_id();
    info.parent_run_id = in.parent_execution().run_id();
  }
  if (in.has_root_execution()) {
    info.root_workflow_id = in.root_execution().workflow_id();
    info.root_run_id = in.root_execution().run_id();
  }
  info.memo = from_pb(in.memo().fields());
  info.raw_search_attributes = from_pb(in.search_attributes().indexed_fields());
  info.raw = in.SerializeAsString();
  return info;
}

}  // namespace

Step DescribeProgram::request(Random&) {
  pb::DescribeWorkflowExecutionRequest message;
  message.set_namespace_(context().namespace_);
  message.mutable_execution()->set_workflow_id(ids_.workflow_id);
  message.mutable_execution()->set_run_id(ids_.run_id);
  return workflow_call("DescribeWorkflowExecution", message);
}

Step DescribeProgram::accept(const std::string& message) {
  pb::DescribeWorkflowExecutionResponse response;
  if (!parse(message, response)) return Step::done(unreadable_reply("DescribeWorkflowExecution"));
  description.info = info_of(response.workflow_execution_info(), context().namespace_);
  const pb::UserMetadata& metadata = response.execution_config().user_metadata();
  if (metadata.has_summary()) description.summary = from_pb(metadata.summary());
  if (metadata.has_details()) description.details = from_pb(metadata.details());
  description.raw = message;
  return Step::done();
}

ListSource::ListSource(ContextPtr the_context, std::string the_query, ListOptions the_options)
    : context(std::move(the_context)),
      query(std::move(the_query)),
      options(std::move(the_options)) {
  has_next = options.limit != std::size_t{0};
}

std::unique_ptr<Program> ListSource::next() { return std::make_unique<ListProgram>(self.lock()); }

Step ListProgram::resume(Random& random, rpc::Reply* reply) {
  if (!source_->has_next) return Step::done();
  return CallProgram::resume(random, reply);
}

Step ListProgram::request(Random&) {
  const ListOptions& options = source_->options;
  std::int32_t page_size = options.page_size;
  if (options.limit && *options.limit < static_cast<std::size_t>(std::max(page_size, 1))) {
    page_size = static_cast<std::int32_t>(*options.limit);
  }
  pb::ListWorkflowExecutionsRequest message;
  message.set_namespace_(context().namespace_);
  message.set_page_size(page_size);
  message.set_next_page_token(options.next_page_token);
  message.set_query(source_->query);
  return workflow_call("ListWorkflowExecutions", message);
}

Step ListProgram::accept(const std::string& message) {
  pb::ListWorkflowExecutionsResponse response;
  if (!parse(message, response)) return Step::done(unreadable_reply("ListWorkflowExecutions"));
  ListOptions& options = source_->options;
  for (const pb::WorkflowExecutionInfo& info : response.executions()) {
    if (options.limit && page.items.size() == *options.limit) break;
    page.items.push_back(info_of(info, context().namespace_));
  }
  options.next_page_token = response.next_page_token();
  if (options.limit) *options.limit -= page.items.size();
  source_->has_next = !options.next_page_token.empty() && options.limit != std::size_t{0};
  return Step::done();
}

Step CountProgram::request(Random&) {
  pb::CountWorkflowExecutionsRequest message;
  message.set_namespace_(context().namespace_);
  message.set_query(query_);
  return workflow_call("CountWorkflowExecutions", message);
}

Step CountProgram::accept(const std::string& message) {
  pb::CountWorkflowExecutionsResponse response;
  if (!parse(message, response)) return Step::done(unreadable_reply("CountWorkflowExecutions"));
  count.count = response.count();
  for (const auto& group : response.groups()) {
    WorkflowCount::Group& out = count.groups.emplace_back();
    out.count = group.count();
    for (const pb::Payload& value : group.group_values()) out.values.push_back(from_pb(value));
  }
  return Step::done();
}

}  // namespace minim::internal

namespace minim {

Status WorkflowInfo::no_memo(std::string_view key) {
  return Status(Code::kNotFound, "memo '" + std::string(key) + "' is not set");
}

namespace {

Result<std::optional<std::string>> text_of(const std::optional<Payload>& payload) {
  if (!payload) return std::optional<std::string>();
  Result<std::string> text = from_payload<std::string>(*payload);
  if (!text) return text.error();
  return std::optional<std::string>(std::move(*text));
}

}  // namespace

Result<std::optional<std::string>> WorkflowDescription::static_summary() const {
  return text_of(summary);
}
Result<std::optional<std::string>> WorkflowDescription::static_details() const {
  return text_of(details);
}

std::string workflow_status_name(WorkflowStatus status) {
  switch (status) {
    case WorkflowStatus::kRunning:
      return "Running";
    case WorkflowStatus::kCompleted:
      return "Completed";
    case WorkflowStatus::kFailed:
      return "Failed";
    case WorkflowStatus::kCanceled:
      return "Canceled";
    case WorkflowStatus::kTerminated:
      return "Terminated";
    case WorkflowStatus::kContinuedAsNew:
      return "ContinuedAsNew";
    case WorkflowStatus::kTimedOut:
      return "TimedOut";
    case WorkflowStatus::kPaused:
      return "Paused";
  }
  return "Status(" + std::to_string(static_cast<std::int32_t>(status)) + ")";
}

}  // namespace minim
