#include "uv/mailbox.h"

#include <string>
#include <utility>

#include "uv/driver.h"

namespace minim::uv {

namespace {

// Records kept for reuse; a burst beyond that gives its memory back.
constexpr std::size_t kKeptRecords = 1024;

}  // namespace

Status closed_status() { return Status(Code::kCancelled, "client closed"); }

Mailbox::~Mailbox() {
  while (RunRecord* const record = shared_.free.pop_front()) delete record;
  while (Answer* const answer = shared_.mail.answers.pop_front()) delete answer;
}

// The signal is sent under the mutex, so that set_wakeup(nullptr) is a barrier: the handle, and the
// loop behind it, may go once it has returned.
void Mailbox::post(From from) {
  has_mail_.store(true, std::memory_order_relaxed);
  if (from == From::kLoopThread || shared_.is_signalled || shared_.wakeup == nullptr) return;
  shared_.is_signalled = true;
  uv_async_send(shared_.wakeup);
}

Status Mailbox::open(From from, PortEnd& port, Driver& driver) {
  const std::lock_guard lock(mutex_);
  if (shared_.mail.stopped) return closed_status();
  port.driver = &driver;
  DriverEnd& end = driver;
  end.port = &port;
  shared_.mail.opened.push_back(&end);
  post(from);
  return {};
}

Status Mailbox::submit(From from, PortEnd& port, std::shared_ptr<internal::Run> run) {
  const std::lock_guard lock(mutex_);
  const bool is_closed =
      shared_.mail.stopped || port.driver == nullptr || port.driver->drain_requested;
  // The loop has made its last turn, in which it could have said so.
  if (is_closed && shared_.wakeup == nullptr) return closed_status();
  if (shared_.submitted_count >= capacity_) {
    return Status(Code::kResourceExhausted, "mailbox_capacity: " + std::to_string(capacity_) +
                                                " operations wait for the loop already");
  }
  RunRecord* record = shared_.free.pop_front();
  if (record != nullptr) {
    --shared_.free_count;
  } else {
    record = new RunRecord;
  }
  run->executor_record = record;
  record->run = std::move(run);
  record->driver = is_closed ? nullptr : port.driver;
  shared_.mail.submitted.push_back(record);
  ++shared_.submitted_count;
  post(from);
  return {};
}

void Mailbox::request_cancel(From from, const internal::Run& run) {
  const std::lock_guard lock(mutex_);
  auto* const record = static_cast<RunRecord*>(run.executor_record);
  if (record == nullptr || record->cancel_requested) return;
  record->cancel_requested = true;
  shared_.mail.cancelled.push_back(record);
  post(from);
}

void Mailbox::close(From from, PortEnd& port) {
  const std::lock_guard lock(mutex_);
  if (port.driver == nullptr || port.driver->close_requested) return;
  port.driver->close_requested = port.driver->drain_requested = true;
  shared_.mail.closed.push_back(port.driver);
  post(from);
}

void Mailbox::drain(From from, PortEnd& port, Time until) {
  const std::lock_guard lock(mutex_);
  if (port.driver == nullptr || port.driver->drain_requested) return;
  port.driver->drain_requested = true;
  port.driver->drain_until = until;
  shared_.mail.drained.push_back(port.driver);
  post(from);
}

void Mailbox::detach(From from, PortEnd& port) {
  close(from, port);
  const std::lock_guard lock(mutex_);
  if (port.driver != nullptr) port.driver->port = nullptr;
  port.driver = nullptr;
}

void Mailbox::answer(std::unique_ptr<Answer> answer) {
  const std::lock_guard lock(mutex_);
  // Without a wakeup the loop is gone or going: nobody would ever take it.
  if (shared_.wakeup == nullptr) return;
  shared_.mail.answers.push_back(answer.release());
  post(From::kElsewhere);
}

void Mailbox::wake(StreamWake& stream) {
  const std::lock_guard lock(mutex_);
  if (stream.is_gone || stream.hook.linked) return;
  shared_.mail.woken.push_back(&stream);
  post(From::kElsewhere);
}

void Mailbox::forget(StreamWake& stream) {
  const std::lock_guard lock(mutex_);
  stream.is_gone = true;
  if (stream.hook.linked) shared_.mail.woken.remove(&stream);
}

void Mailbox::stop(From from) {
  const std::lock_guard lock(mutex_);
  shared_.mail.stopped = true;
  post(from);
}

bool Mailbox::is_stopped() const {
  const std::lock_guard lock(mutex_);
  return shared_.mail.stopped;
}

void Mailbox::set_wakeup(uv_async_t* wakeup) {
  const std::lock_guard lock(mutex_);
  shared_.wakeup = wakeup;
}

Mailbox::Mail Mailbox::take(RunQueue& ended, RunQueue& blank) {
  const std::lock_guard lock(mutex_);
  cut_bonds(ended, blank);
  has_mail_.store(false, std::memory_order_relaxed);
  shared_.is_signalled = false;
  shared_.submitted_count = 0;
  return {std::move(shared_.mail.opened),    std::move(shared_.mail.closed),
          std::move(shared_.mail.drained),   std::move(shared_.mail.submitted),
          std::move(shared_.mail.cancelled), std::move(shared_.mail.answers),
          std::move(shared_.mail.woken),     shared_.mail.stopped};
}

StreamWake& Mailbox::next_woken(Mail& mail) {
  const std::lock_guard lock(mutex_);
  return *mail.woken.pop_front();
}

void Mailbox::retire(RunQueue& ended, RunQueue& blank) {
  const std::lock_guard lock(mutex_);
  cut_bonds(ended, blank);
}

void Mailbox::cut_bonds(RunQueue& ended, RunQueue& blank) {
  for (RunRecord* record = ended.front(); record != nullptr; record = RunQueue::next(record)) {
    record->run->executor_record = nullptr;
    // Asked for after the end; linked here and not on a list that the loop has taken, because it
    // works those off before it retires anything.
    if (record->cancel_hook.linked) shared_.mail.cancelled.remove(record);
  }
  while (RunRecord* const record = blank.pop_front()) {
    if (shared_.free_count >= kKeptRecords) {
      delete record;
      continue;
    }
    *record = {};
    shared_.free.push_back(record);
    ++shared_.free_count;
  }
}

void Mailbox::forget(DriverEnd& driver) {
  const std::lock_guard lock(mutex_);
  if (driver.port != nullptr) driver.port->driver = nullptr;
  if (driver.closed_hook.linked) shared_.mail.closed.remove(&driver);
  if (driver.drained_hook.linked) shared_.mail.drained.remove(&driver);
}

}  // namespace minim::uv
