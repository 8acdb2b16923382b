// The runs of a driver.
#include <utility>

#include "uv/driver.h"
#include "uv/loop_core.h"

namespace minim::uv {

void Driver::attach(RunRecord& record) { runs_.push_back(&record); }

void Driver::cancel(Time now, RunRecord& record, Status why) {
  if (record.has_ended || record.is_cancelled) return;
  record.is_cancelled = true;
  runs_.remove(&record);
  ending_.push_back(&record);
  core_.forget_start(record);
  core_.timers().remove(record.timer);
  if (record.call != rpc::CallId::kNone) {
    // on_reply() drops the reply: what it would say about the server is said here.
    const rpc::Progress progress = channel_->cancel(now, record.call);
    if (progress == rpc::Progress::kSent) why = why.with_reached_server(true);
    core_.touch(*this);
  }
  record.run->on_cancel(std::move(why));
}

void Driver::begin(Time now) {
  if (!channel_->options().keep_connected) return;
  channel_->connect(now);
  core_.touch(*this);
}

void Driver::drain() {
  is_draining_ = true;
  close_at_ = drain_until;
  core_.touch(*this);
}

void Driver::close(Time now) {
  is_draining_ = false;
  close_at_ = kNever;
  while (RunRecord* const record = runs_.front()) {
    cancel(now, *record, closed_status());
  }
  channel_->close(now);
  core_.touch(*this);
}

void Driver::start_call(Time now, RunRecord& record, rpc::Request&& request,
                        rpc::CallOptions&& options) {
  options.tag = &record;
  record.call = channel_->start(now, std::move(request), std::move(options));
  core_.touch(*this);
}

void Driver::start_timer(RunRecord& record, Time when) {
  record.timer.owner = &record;
  core_.timers().set(record.timer, when);
}

void Driver::on_reply(rpc::Channel::Event& event) {
  RunRecord& record = *static_cast<RunRecord*>(event.tag);
  record.call = rpc::CallId::kNone;
  if (record.has_ended) {
    orphans_.remove(&record);
    core_.retire(record);
  } else if (!record.is_cancelled) {
    record.run->on_reply(std::move(event.reply));
  }
}

void Driver::finished(RunRecord& record) {
  if (record.has_ended) return;
  record.has_ended = true;
  core_.forget_start(record);
  core_.timers().remove(record.timer);
  (record.is_cancelled ? ending_ : runs_).remove(&record);
  core_.run_ended();
  core_.touch(*this);  // it may have been the last one that a closed driver waited for
  if (record.call == rpc::CallId::kNone) return core_.retire(record);
  // Its record is the call's tag, and is needed until the reply has come.
  orphans_.push_back(&record);
  if (!record.is_cancelled) channel_->cancel(core_.now(), record.call);
}

void Driver::abandon_runs() {
  for (DriverRuns* const runs : {&runs_, &ending_}) {
    while (RunRecord* const record = runs->front()) {
      record->call = rpc::CallId::kNone;
      finished(*record);
    }
  }
  while (RunRecord* const record = orphans_.pop_front()) core_.retire(*record);
}

}  // namespace minim::uv
