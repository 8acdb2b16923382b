#include "minim/internal/operation_run.h"

#include <algorithm>

#include "client/resource_exhausted.h"
#include "client/wire.h"
#include "minim/blocking.h"

namespace minim::internal {

namespace {

constexpr Duration kDefaultTimeout = std::chrono::seconds(30);
constexpr Duration kLongPollTimeout = std::chrono::seconds(70);

}  // namespace

const std::shared_ptr<Port>& port_of(const Program& program) { return program.wire()->port(); }

Status would_block_loop() {
  return Status(
      Code::kFailedPrecondition,
      "wait() on the loop's own thread would wait for ever: use start() or co_await there");
}

OperationRun::OperationRun(std::unique_ptr<Program> program, CallOptions options)
    : port_(port_of(*program)), program_(std::move(program)), options_(std::move(options)) {}

Status OperationRun::try_submit() {
  return port_ == nullptr ? program_->unusable() : port_->submit(shared_from_this());
}

void OperationRun::submit() {
  Status refused = try_submit();
  if (refused.ok()) return;
  const std::unique_ptr<Program> program = std::move(program_);
  deliver(*program, std::move(refused));
}

void OperationRun::request_cancel() {
  if (port_ != nullptr) port_->request_cancel(shared_from_this());
}

void OperationRun::start_clock() {
  if (options_.deadline) deadline_ = add_clamped(port_->now(), *options_.deadline);
  if (!options_.metadata.empty()) {
    if (Status wrong = options_.metadata.validate(); !wrong.ok()) return finish(std::move(wrong));
  }
  advance(nullptr);
}

void OperationRun::wake() {
  if (!deadline_cuts_sleep_) return advance(nullptr);
  finish(Status(Code::kDeadlineExceeded, "deadline exceeded while waiting to go on"));
}

void OperationRun::advance(rpc::Reply* reply) {
  if (reply != nullptr) {
    if (auto why = resource_exhausted(reply->status)) {
      reply->status = reply->status.with_info(std::move(why));
    }
  }
  Step step = program_->resume(port_->random(), reply);
  switch (step.kind) {
    case Step::Kind::kCall: {
      rpc::CallOptions call;
      call.rpc_timeout = step.long_poll ? kLongPollTimeout : kDefaultTimeout;
      call.deadline = deadline_;
      call.wait_for_ready = options_.wait_for_ready;
      if (options_.retry) call.retry = options_.retry;
      call.long_poll = step.long_poll;
      if (step.single_attempt) call.retry = rpc::no_retry();
      const std::string_view namespace_ = program_->header_namespace();
      step.request.common = program_->wire()->common(namespace_);
      if (!step.default_options) {
        if (options_.rpc_timeout && *options_.rpc_timeout > Duration()) {
          call.rpc_timeout = *options_.rpc_timeout;
        }
        if (!options_.metadata.empty()) {
          step.request.metadata = options_.metadata;
          // The header says what the request says, whatever the caller put there.
          if (!namespace_.empty()) step.request.metadata.remove("temporal-namespace");
        }
      }
      program_->wire()->add_resource_id(program_->header_workflow_id(), *step.request.common,
                                        step.request.metadata);
      return port_->start_call(*this, std::move(step.request), std::move(call));
    }
    case Step::Kind::kSleep: {
      const Time when = add_clamped(port_->now(), step.delay);
      deadline_cuts_sleep_ = deadline_ <= when;
      return port_->start_timer(*this, std::min(when, deadline_));
    }
    case Step::Kind::kDone:
      return finish(std::move(step.status));
  }
}

// Delivery may destroy the client and this run's owner: nothing of this object is used after it.
void OperationRun::finish(Status status) {
  // Whatever became of its last call: an earlier one may have been processed.
  if (has_reached_server_ && !status.may_have_reached_server()) {
    status = status.with_reached_server(true);
  }
  const std::unique_ptr<Program> program = std::move(program_);
  port_->finished(*this);
  deliver(*program, std::move(status));
}

}  // namespace minim::internal
