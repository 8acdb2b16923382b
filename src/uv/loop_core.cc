#include "uv/loop_core.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "uv/lookup.h"
#include "uv/port.h"
#include "uv/process.h"
#include "uv/socket.h"

namespace minim::uv {

namespace {

using std::chrono::milliseconds;

template <class Handle>
uv_handle_t* as_handle(Handle* handle) {
  return reinterpret_cast<uv_handle_t*>(handle);
}

LoopCore& core_of(void* data) { return *static_cast<LoopCore*>(data); }

}  // namespace

LoopCore::LoopCore(uv_loop_t* loop, Ownership ownership, std::size_t mailbox_capacity,
                   const System& system)
    : ownership_(ownership),
      system_(system),
      guard_(system),
      thread_(ownership == Ownership::kBorrowed ? std::this_thread::get_id() : std::thread::id()),
      mailbox_(std::make_shared<Mailbox>(mailbox_capacity)) {
  only_.loop = loop;
}

LoopCore::~LoopCore() {
  // Nothing is left by now, except in a forked child, where it must be left alone.
  while (RunRecord* const record = only_.blank.pop_front()) delete record;
}

Status LoopCore::check_caller() const {
  if (is_forked()) {
    return Status(Code::kFailedPrecondition,
                  "this process was forked after the client was made: make a new one here");
  }
  if (ownership_ == Ownership::kBorrowed && !is_loop_thread()) {
    return Status(Code::kFailedPrecondition,
                  "a client on a borrowed loop can only be used on the thread of that loop");
  }
  return {};
}

Mailbox::From LoopCore::from() const {
  return is_loop_thread() ? Mailbox::From::kLoopThread : Mailbox::From::kElsewhere;
}

// On the loop's own thread nothing wakes us: a turn that is going on looks again by itself, and
// outside of one the idle handle makes another without a system call. Before there are handles
// nothing has run, and seeing to the mail at once calls nobody.
void LoopCore::see_to_mail(Mailbox::From from) {
  if (from == Mailbox::From::kElsewhere || only_.is_in_turn || only_.is_shut_down) return;
  if (only_.has_handles) {
    uv_idle_start(&only_.again, on_again);
  } else if (take_mail(false)) {
    for (; !only_.dirty.empty(); service_drivers()) deliver_events();
  }
}

Result<std::shared_ptr<internal::Port>> LoopCore::open(rpc::ChannelOptions options) {
  if (Status refused = check_caller(); !refused.ok()) return refused;
  Result<std::unique_ptr<Driver>> driver = Driver::create(*this, std::move(options), entropy());
  if (!driver) return driver.error();
  auto port = std::make_shared<LoopPort>(shared_from_this());
  if (Status refused = mailbox_->open(from(), port->end_, **driver); !refused.ok()) return refused;
  static_cast<void>((*driver).release());  // the loop's now
  return std::shared_ptr<internal::Port>(std::move(port));
}

std::uint64_t LoopCore::entropy() { return system_entropy(); }

std::string LoopCore::default_identity() { return process_identity(); }

std::optional<std::string> LoopCore::environment(const char* name) {
  return process_environment(name);
}

Status LoopCore::submit(PortEnd& port, std::shared_ptr<internal::Run> run) {
  if (Status refused = check_caller(); !refused.ok()) return refused;
  if (ownership_ == Ownership::kBorrowed && !only_.has_handles && !mailbox_->is_stopped()) {
    if (Status failed = start_handles(); !failed.ok()) return failed;
  }
  const Mailbox::From where = from();
  Status posted = mailbox_->submit(where, port, std::move(run));
  see_to_mail(where);
  return posted;
}

void LoopCore::request_cancel(const internal::Run& run) {
  if (is_forked()) return;
  const Mailbox::From where = from();
  mailbox_->request_cancel(where, run);
  see_to_mail(where);
}

void LoopCore::close(PortEnd& port, Duration drain) {
  if (is_forked()) return;
  const Mailbox::From where = from();
  if (drain > Duration()) {
    mailbox_->drain(where, port, add_clamped(now(), drain));
  } else {
    mailbox_->close(where, port);
  }
  see_to_mail(where);
}

void LoopCore::detach(PortEnd& port) {
  if (is_forked()) return;
  const Mailbox::From where = from();
  mailbox_->detach(where, port);
  see_to_mail(where);
}

void LoopCore::stop() {
  if (is_forked()) return;
  const Mailbox::From where = from();
  mailbox_->stop(where);
  // Without handles nothing ever ran, and no turn would come.
  if (ownership_ == Ownership::kBorrowed && !only_.has_handles) {
    take_mail(true);
  } else {
    see_to_mail(where);
  }
}

Status LoopCore::start_handles() {
  if (const int failed = system_.uv_async_init(only_.loop, &only_.wakeup, on_wakeup); failed != 0) {
    return Status(Code::kUnavailable, "cannot use the loop: " + system_reason(-failed));
  }
  uv_timer_init(only_.loop, &only_.timer);
  uv_idle_init(only_.loop, &only_.again);
  uv_unref(as_handle(&only_.timer));
  only_.wakeup.data = only_.timer.data = only_.again.data = this;
  only_.open_handles = 3;
  only_.read_buffer = std::make_unique<char[]>(kReadBytes);
  only_.has_handles = true;
  only_.self = shared_from_this();
  mailbox_->set_wakeup(&only_.wakeup);
  return {};
}

// A forked child that goes on with the loop (uv_loop_fork) shares our sockets with its parent: each
// callback only stops its handle there.
void LoopCore::on_wakeup(uv_async_t* handle) {
  LoopCore& core = core_of(handle->data);
  if (core.is_forked()) return;
  core.settle(true);
}

void LoopCore::on_again(uv_idle_t* handle) {
  LoopCore& core = core_of(handle->data);
  uv_idle_stop(handle);
  if (core.is_forked()) return;
  core.settle(true);
}

void LoopCore::on_timer(uv_timer_t* handle) {
  LoopCore& core = core_of(handle->data);
  if (core.is_forked()) return;
  LoopOnly& only = core.only_;
  only.armed = kNever;
  only.is_in_turn = true;
  // An answer of a lookup that has come is not a lookup that took too long.
  const bool goes_on = core.take_mail(true);
  const Time now = core.now();
  for (Driver* driver = only.drivers.front(); goes_on && driver != nullptr;
       driver = only.drivers.next(driver)) {
    driver->on_time(now);
    only.wanted = std::min(only.wanted, driver->next_deadline());
  }
  core.settle(false);
}

void LoopCore::on_poll(Driver& driver, Link& link, int status, int events) {
  only_.is_in_turn = true;
  driver.on_io(now(), link, status, events);
  settle(false);
}

void LoopCore::touch(Driver& driver) {
  if (!driver.dirty_hook.linked) only_.dirty.push_back(&driver);
}

void LoopCore::forget_start(RunRecord& record) {
  if (!record.is_starting) return;
  record.is_starting = false;
  only_.starting.remove(&record);
}

bool LoopCore::has_no_slot() const {
  return only_.pending.size() >= static_cast<std::size_t>(kMaxLookups);
}

Status LoopCore::look_up(Driver& driver, rpc::LinkId link, const std::string& host,
                         std::uint16_t port) {
  if (has_no_slot()) {
    std::erase_if(only_.waiting, [&](const auto& waiting) { return waiting.driver == &driver; });
    only_.waiting.push_back({&driver, link, host, port});
    return {};
  }
  const std::uint64_t serial = ++only_.answers_awaited;
  Status failed = start_lookup(system_, mailbox_, serial, host, port);
  if (failed.ok()) only_.pending.push_back({serial, &driver, link, Awaited::kAddresses});
  return failed;
}

void LoopCore::begin_lookups() {
  while (!only_.waiting.empty() && !has_no_slot()) {
    const WaitingLookup next = std::move(only_.waiting.front());
    only_.waiting.pop_front();
    Status failed = look_up(*next.driver, next.link, next.host, next.port);
    if (!failed.ok()) next.driver->resolved(now(), next.link, std::move(failed));
  }
}

Result<std::unique_ptr<HostAnswer>> LoopCore::await_host(Driver& driver, rpc::LinkId link,
                                                         Awaited what, const std::string& name) {
  if (has_no_slot()) {
    return Status(Code::kUnavailable,
                  name + ": kMaxLookups: " + std::to_string(kMaxLookups) +
                      " lookups or dials have not come back yet",
                  Origin::kTransport);
  }
  const std::uint64_t serial = ++only_.answers_awaited;
  only_.pending.push_back({serial, &driver, link, what});
  return std::make_unique<HostAnswer>(mailbox_, system_, serial, name);
}

void LoopCore::take_answer(Answer& answer) {
  const auto found =
      std::find_if(only_.pending.begin(), only_.pending.end(),
                   [&](const Pending& pending) { return pending.serial == answer.serial; });
  if (found == only_.pending.end()) return;
  const Pending pending = *found;
  only_.pending.erase(found);
  begin_lookups();
  if (pending.driver == nullptr) return;
  switch (pending.what) {
    case Awaited::kAddresses:
      if (!answer.status.ok()) return pending.driver->resolved(now(), pending.link, answer.status);
      return pending.driver->resolved(now(), pending.link, std::move(answer.addresses));
    case Awaited::kConnection:
      return pending.driver->connected(now(), pending.link, answer);
  }
}

void LoopCore::arm(Time when) {
  // A later deadline needs no system's attention: the timer comes early and looks again.
  if (when >= only_.armed) return;
  only_.armed = when;
  constexpr milliseconds kLongest = std::chrono::hours(24);
  const Time current = now();
  // Compared before subtracted: "at once" may be the earliest time there is.
  const Duration left = when <= current ? Duration() : std::min<Duration>(when - current, kLongest);
  const auto delay = std::max(std::chrono::ceil<milliseconds>(left), milliseconds(1)).count();
  // libuv counts from the time at which the loop last woke up, which may be a while ago.
  const std::uint64_t awake = uv_hrtime() / 1'000'000;
  const std::uint64_t stale = awake - std::min(awake, uv_now(only_.loop));
  system_.uv_timer_start(&only_.timer, on_timer, static_cast<std::uint64_t>(delay) + stale, 0);
}

void LoopCore::handle_closed() {
  if (--only_.open_handles > 0) return;
  const std::shared_ptr<LoopCore> last = std::move(only_.self);
}

void LoopCore::on_core_closed(uv_handle_t* handle) { core_of(handle->data).handle_closed(); }

}  // namespace minim::uv
