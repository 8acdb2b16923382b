#include "uv/port.h"

#include "uv/driver.h"

namespace minim::uv {

namespace {

// Null once the run is over, or if it never began; a late request is then dropped.
RunRecord* record_of(internal::Run& run) {
  auto* const record = static_cast<RunRecord*>(run.executor_record);
  return record != nullptr && record->driver != nullptr ? record : nullptr;
}

}  // namespace

LoopPort::~LoopPort() { core_->detach(end_); }

Status LoopPort::submit(std::shared_ptr<internal::Run> run) {
  return core_->submit(end_, std::move(run));
}

void LoopPort::request_cancel(const std::shared_ptr<internal::Run>& run) {
  core_->request_cancel(*run);
}

void LoopPort::close(Duration drain) { core_->close(end_, drain); }

bool LoopPort::is_loop_thread() const { return core_->is_loop_thread(); }

Time LoopPort::now() const { return core_->now(); }

// Only a run of this port asks, and the driver outlives those.
Random& LoopPort::random() { return end_.driver->random(); }

void LoopPort::start_call(internal::Run& run, rpc::Request&& request, rpc::CallOptions&& options) {
  if (RunRecord* const record = record_of(run)) {
    record->driver->start_call(core_->now(), *record, std::move(request), std::move(options));
  }
}

void LoopPort::start_timer(internal::Run& run, Time when) {
  if (RunRecord* const record = record_of(run)) record->driver->start_timer(*record, when);
}

void LoopPort::finished(internal::Run& run) {
  if (RunRecord* const record = record_of(run)) record->driver->finished(*record);
}

}  // namespace minim::uv
