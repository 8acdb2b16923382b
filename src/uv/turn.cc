// The turns of a loop.
#include <utility>

#include "uv/loop_core.h"

namespace minim::uv {

namespace {

// Rounds of one turn: operations that start the next one from their callback go on that long before
// the host's other handles get their turn.
constexpr int kRoundsPerTurn = 8;
// Operations begun in one round: what they want sent is written before more piles up behind it.
constexpr int kBeginsPerRound = 256;
// Due timers handed out in one round.
constexpr int kTimersPerRound = 1024;

}  // namespace

void LoopCore::settle(bool has_signal) {
  only_.is_in_turn = true;
  // The loop's end is taken up at the start of a turn only: whoever destroys it in a callback sees
  // no further callback before that one has returned to the loop.
  if (has_signal || mailbox_->has_mail()) take_mail(true);
  bool quiet = only_.is_shut_down;
  for (int round = 0; round < kRoundsPerTurn && !quiet; ++round) {
    deliver_events();
    if (mailbox_->has_mail()) take_mail(false);
    begin_runs();
    fire_timers();
    // A callback may have forked and returned in the child: the rest of the turn is the parent's.
    if (is_forked()) return;
    service_drivers();
    release_ended();
    quiet = is_quiet();
  }
  only_.is_in_turn = false;
  if (!only_.is_shut_down) rest(quiet);
}

bool LoopCore::is_quiet() const {
  return !mailbox_->has_mail() && only_.dirty.empty() && only_.starting.empty() &&
         only_.ended.empty();
}

// False: the loop has been shut down.
bool LoopCore::take_mail(bool may_shut_down) {
  if (only_.is_shut_down) return false;
  RunQueue ended(std::move(only_.ended));
  Mailbox::Mail mail = mailbox_->take(ended, only_.blank);
  while (DriverEnd* const end = mail.opened.pop_front()) {
    only_.drivers.push_back(static_cast<Driver*>(end));
    if (only_.has_handles) static_cast<Driver*>(end)->begin(now());
  }
  // First, because a link must not go while it is on a list that has been taken.
  while (!mail.woken.empty()) mailbox_->next_woken(mail).link.on_wake();
  while (Answer* const answer = mail.answers.pop_front()) {
    take_answer(*answer);
    delete answer;
  }
  // A borrowed loop need not have run since the last operation ended.
  const bool has_rested = !only_.is_referenced;
  while (RunRecord* const record = mail.submitted.pop_front()) {
    if (record->driver == nullptr) {
      refuse(*record);
      continue;
    }
    if (has_rested && !record->driver->has_runs()) record->driver->catch_up(now());
    record->driver->attach(*record);
    record->is_starting = true;
    only_.starting.push_back(record);
    ++only_.running;
  }
  while (RunRecord* const record = mail.cancelled.pop_front()) {
    if (record->driver == nullptr) continue;
    record->driver->cancel(now(), *record, Status(Code::kCancelled, "the operation was cancelled"));
  }
  while (DriverEnd* const end = mail.drained.pop_front()) static_cast<Driver*>(end)->drain();
  while (DriverEnd* const end = mail.closed.pop_front()) static_cast<Driver*>(end)->close(now());
  release(ended);
  if (!mail.stopped) return true;
  if (!may_shut_down) {
    uv_idle_start(&only_.again, on_again);
    return true;
  }
  shut_down();
  return false;
}

void LoopCore::refuse(RunRecord& record) {
  retire(record);
  record.run->on_cancel(closed_status());
}

void LoopCore::begin_runs() {
  for (int begun = 0; begun < kBeginsPerRound; ++begun) {
    RunRecord* const record = only_.starting.pop_front();
    if (record == nullptr) return;
    record->is_starting = false;
    record->run->begin();
  }
}

void LoopCore::fire_timers() {
  if (only_.timers.next() == kNever) return;
  const Time due = now();
  for (int fired = 0; fired < kTimersPerRound; ++fired) {
    TimerHeap::Entry* const entry = only_.timers.take_due(due);
    if (entry == nullptr) return;
    static_cast<RunRecord*>(entry->owner)->run->on_timer();
  }
}

// Drivers that this makes dirty join the end of the list, and each has one turn.
void LoopCore::deliver_events() {
  for (Driver* driver = only_.dirty.front(); driver != nullptr; driver = only_.dirty.next(driver)) {
    driver->deliver();
  }
}

void LoopCore::service_drivers() {
  // Those that become dirty meanwhile wait for the next round.
  List<Driver, &Driver::dirty_hook> batch(std::move(only_.dirty));
  while (Driver* const driver = batch.pop_front()) {
    if (driver->service()) touch(*driver);
    if (driver->is_done()) {
      destroy(*driver);
    } else {
      only_.wanted = std::min(only_.wanted, driver->next_deadline());
    }
  }
}

void LoopCore::destroy(Driver& driver) {
  mailbox_->forget(driver);
  driver.abandon_runs();
  if (driver.dirty_hook.linked) only_.dirty.remove(&driver);
  only_.drivers.remove(&driver);
  for (Pending& pending : only_.pending) {
    if (pending.driver == &driver) pending.driver = nullptr;
  }
  std::erase_if(only_.waiting, [&](const auto& waiting) { return waiting.driver == &driver; });
  delete &driver;
}

void LoopCore::release_ended() {
  if (only_.ended.empty()) return;
  RunQueue ended(std::move(only_.ended));
  mailbox_->retire(ended, only_.blank);
  release(ended);
}

// Outside of all callbacks, because letting go of a run can run any destructor of the host's.
void LoopCore::release(RunQueue& ended) {
  while (RunRecord* const record = ended.pop_front()) {
    record->run.reset();
    only_.blank.push_back(record);
  }
}

// Between two turns: what keeps the loop alive, and what wakes it.
void LoopCore::rest(bool is_quiet) {
  if (!is_quiet) uv_idle_start(&only_.again, on_again);
  if (ownership_ == Ownership::kBorrowed && only_.is_referenced != (only_.running > 0)) {
    only_.is_referenced = !only_.is_referenced;
    auto* const handle = reinterpret_cast<uv_handle_t*>(&only_.wakeup);
    only_.is_referenced ? uv_ref(handle) : uv_unref(handle);
  }
  arm(std::min(std::exchange(only_.wanted, kNever), only_.timers.next()));
}

void LoopCore::shut_down() {
  only_.is_shut_down = true;
  for (Driver* driver = only_.drivers.front(); driver != nullptr;
       driver = only_.drivers.next(driver)) {
    driver->close(now());
    do driver->deliver();
    while (!is_forked() && driver->service());
    if (is_forked()) return;
  }
  // A run that did not end by its cancel has no loop any more on which it could.
  while (Driver* const driver = only_.drivers.front()) destroy(*driver);
  while (!only_.ended.empty()) release_ended();
  if (!only_.has_handles) return;
  mailbox_->set_wakeup(nullptr);
  // Runs that were started by those that have just ended; what else there is, is answers.
  Mailbox::Mail last = mailbox_->take(only_.ended, only_.blank);
  while (Answer* const answer = last.answers.pop_front()) delete answer;
  while (last.cancelled.pop_front() != nullptr) {
  }
  while (RunRecord* const record = last.submitted.pop_front()) refuse(*record);
  while (!only_.ended.empty()) release_ended();
  uv_close(reinterpret_cast<uv_handle_t*>(&only_.wakeup), on_core_closed);
  uv_close(reinterpret_cast<uv_handle_t*>(&only_.timer), on_core_closed);
  uv_close(reinterpret_cast<uv_handle_t*>(&only_.again), on_core_closed);
}

}  // namespace minim::uv
