#include "minim/rpc/channel.h"

#include <algorithm>

#include "rpc/channel_impl.h"
#include "rpc/channel_options.h"
#include "rpc/request_check.h"
#include "rpc/texts.h"

namespace minim::rpc {

namespace {

Status closed_status() { return Status(Code::kCancelled, "client closed"); }

}  // namespace

Channel::Impl::Call& Channel::Impl::take_free() {
  if (free_.empty()) {
    Call& made = calls_.emplace_back();
    made.slot = static_cast<std::uint32_t>(calls_.size() - 1);
    made.timer.owner = &made;
    free_.push_back(&made);
  }
  Call& call = *free_.back();
  free_.pop_back();
  ++call.generation;
  ++call_count_;
  return call;
}

CallId Channel::Impl::id_of(const Call& call) {
  return static_cast<CallId>(std::uint64_t{call.generation} << 32 | call.slot);
}

Channel::Impl::Call* Channel::Impl::find(CallId id) {
  const auto slot = static_cast<std::uint32_t>(static_cast<std::uint64_t>(id));
  if (slot >= calls_.size()) return nullptr;
  Call& call = calls_[slot];
  return call.state != CallState::kFree && id_of(call) == id ? &call : nullptr;
}

CallId Channel::Impl::start(Time now, Request&& request, CallOptions&& options) {
  Call& call = take_free();
  call.request = std::move(request);
  call.rpc_timeout = options.rpc_timeout;
  call.deadline = options.deadline;
  call.wait_for_ready = options.wait_for_ready;
  call.long_poll = options.long_poll;
  call.tag = options.tag;
  if (options.retry) call.own_policy = std::make_unique<RetryOptions>(*options.retry);
  call.retry = Retry();
  call.attempts = 0;
  call.patient = false;
  call.gzip_retried = false;
  call.reached = false;
  call.last_error = Status();
  call.started = now;
  call.state = CallState::kSleeping;
  const CallId id = id_of(call);
  if (closing_) {
    finish(now, call, closed_status(), Progress::kNotSent);
  } else if (call_count_ > options_.limits.max_calls) {
    finish(
        now, call,
        Status(Code::kResourceExhausted, "max_calls: " + std::to_string(options_.limits.max_calls) +
                                             " calls are open on this channel already")
            .with_retryable(false),
        Progress::kNotSent);
  } else if (call.own_policy != nullptr && !check_retry(*call.own_policy).ok()) {
    finish(now, call, check_retry(*call.own_policy), Progress::kNotSent);
  } else {
    begin_attempt(now, call);
  }
  return id;
}

// rpc_timeout starts anew with each attempt, and covers its wait for a connection.
void Channel::Impl::begin_attempt(Time now, Call& call) {
  ++call.attempts;
  call.attempt_started = now;
  call.attempt_deadline =
      call.rpc_timeout == Duration() ? kNever : add_clamped(now, call.rpc_timeout);
  place(now, call);
}

void Channel::Impl::place(Time now, Call& call) {
  call.is_tried = true;
  if (state_ == ChannelState::kClosed) {
    return finish(now, call, closed_status(), Progress::kNotSent);
  }
  // Behind those that wait already.
  if (Link* const link = waiting_head_ == nullptr ? pick() : nullptr) {
    return hand_over(now, call, *link);
  }
  // What no connection would take must not wait for one. One that is ready looks by itself.
  if (Status wrong = check_request(call.request, options_.limits); !wrong.ok()) {
    return finish(now, call, std::move(wrong), Progress::kNotSent);
  }
  if (std::min(call.attempt_deadline, call.deadline) <= now) {
    return finish(now, call,
                  Status(Code::kDeadlineExceeded, "deadline exceeded before the call was started"),
                  Progress::kNotSent);
  }
  if (state_ == ChannelState::kBackoff && cannot_connect_ && !call.wait_for_ready &&
      !call.patient) {
    Reply reply;
    reply.status = last_failure_;
    reply.progress = Progress::kNotSent;
    return attempt_failed(now, call, std::move(reply));
  }
  wait(call);
}

void Channel::Impl::settle(Time now) {
  if (waiting_head_ != nullptr && !ready_.empty()) serve_waiting(now);
  if (state_ == ChannelState::kIdle && is_wanted()) begin_round(now);
  if (closing_ && call_count_ == 0) cut(now);
}

void Channel::Impl::serve_waiting(Time now) {
  while (waiting_head_ != nullptr) {
    Link* const link = pick();
    if (link == nullptr) return grow(now);
    hand_over(now, *waiting_head_, *link);
  }
}

void Channel::Impl::hand_over(Time now, Call& call, Link& link) {
  if (call.state == CallState::kWaiting) {
    // A loop that stalled has read what the call waited for before it looks at the clock.
    if (const Time due = std::min(call.attempt_deadline, call.deadline); due <= now) {
      return expire(now, call, due <= link.ready_since ? link.phase() : waiting_phase());
    }
    stop_waiting(call);
    if (is_observed_) call.queued = now - std::max(call.attempt_started, link.ready_since);
  }
  timers_.remove(call.timer);
  call.state = CallState::kOnLink;
  call.link = &link;
  const bool whole = call.deadline < call.attempt_deadline;
  call.attempt = link.connection()->start_borrowed(
      now, call.request, whole ? call.deadline : call.attempt_deadline, &call,
      whole ? call.started : call.attempt_started);
  take_link_events(now, link);
}

void Channel::Impl::wait(Call& call) {
  call.state = CallState::kWaiting;
  // A call that had a connection already has waited its turn: it goes behind its like, and before
  // all others.
  call.previous = call.patient ? patient_tail_ : waiting_tail_;
  call.next = call.previous == nullptr ? waiting_head_ : call.previous->next;
  if (call.patient) patient_tail_ = &call;
  (call.previous == nullptr ? waiting_head_ : call.previous->next) = &call;
  (call.next == nullptr ? waiting_tail_ : call.next->previous) = &call;
  timers_.set(call.timer, std::min(call.attempt_deadline, call.deadline));
}

void Channel::Impl::stop_waiting(Call& call) {
  if (patient_tail_ == &call) patient_tail_ = call.previous;
  (call.previous == nullptr ? waiting_head_ : call.previous->next) = call.next;
  (call.next == nullptr ? waiting_tail_ : call.next->previous) = call.previous;
}

void Channel::Impl::finish(Time now, Call& call, Status status, Progress progress) {
  Reply reply;
  reply.status = std::move(status);
  reply.progress = progress;
  finish(now, call, std::move(reply));
}

void Channel::Impl::finish(Time now, Call& call, Reply&& reply) {
  if (call.state == CallState::kWaiting) stop_waiting(call);
  timers_.remove(call.timer);
  reply.attempts = std::max(call.attempts, 1u);
  // However little the last attempt did, or none: an earlier one may have been processed.
  if (call.reached) {
    reply.progress = Progress::kSent;
    if (!reply.status.may_have_reached_server()) {
      reply.status = reply.status.with_reached_server(true);
    }
  }
  if (!reply.status.ok() && call.attempts > 1 && reply.status.origin() != Origin::kServer) {
    reply.status = reply.status.with_message(std::string(reply.status.message()) + " (" +
                                             std::to_string(call.attempts) + " attempts, " +
                                             duration_text(now - call.started) + ")");
  }
  observe_end(now, call, reply);
  Event& event = push_event(Event::Kind::kReply);
  event.call = id_of(call);
  event.tag = call.tag;
  event.reply = std::move(reply);
  call.request = Request();
  call.last_error = Status();
  call.own_policy.reset();
  call.state = CallState::kFree;
  free_.push_back(&call);
  if (--call_count_ == 0) quiet_since_ = now;
}

Progress Channel::Impl::cancel(Time now, CallId id) {
  Call* const call = find(id);
  if (call == nullptr) return Progress::kSent;  // its reply, whatever it says, is an event already
  Progress progress = call->reached ? Progress::kSent : Progress::kNotSent;
  if (call->state == CallState::kOnLink) {
    Link& link = *call->link;
    progress = std::max(progress, link.connection()->cancel(now, call->attempt));
    take_link_events(now, link);
  } else {
    finish(now, *call, Status(Code::kCancelled, "the call was cancelled"), Progress::kNotSent);
  }
  return progress;
}

void Channel::Impl::on_call_timer(Time now, Call& call) {
  if (call.state == CallState::kSleeping) return begin_attempt(now, call);
  expire(now, call, waiting_phase());
}

void Channel::Impl::expire(Time now, Call& call, std::string phase) {
  name_last_error(call, phase);
  const bool whole = call.deadline <= now;
  finish(now, call, deadline_exceeded(now - (whole ? call.started : call.attempt_started), phase),
         Progress::kNotSent);
}

void Channel::Impl::close(Time now, Duration drain) {
  closing_ = true;
  cut_at_ = std::min(cut_at_, add_clamped(now, drain));
  if (cut_at_ <= now) cut(now);
}

void Channel::Impl::cut(Time now) {
  if (state_ == ChannelState::kClosed) return;
  set_state(ChannelState::kClosed);
  lookup_ = LinkId::kNone;
  in_round_ = false;
  for (Call& call : calls_) {
    if (call.state == CallState::kFree) continue;
    if (call.state == CallState::kOnLink) {
      call.link->connection()->cancel(now, call.attempt, closed_status());
    } else {
      finish(now, call, closed_status(), Progress::kNotSent);
    }
  }
  ready_.clear();
  endpoints_.clear();
  for (std::size_t i = 0; i < links_.size(); ++i) {
    Link& link = *links_[i];
    if (link.connection() != nullptr) link.connection()->shut_down(now);
    take_link_events(now, link);
    close_link(link);
  }
  push_event(Event::Kind::kClosed);
}

Time Channel::Impl::next_deadline() const {
  if (state_ == ChannelState::kClosed) return kNever;
  Time next =
      std::min({timers_.next(), round_deadline_, next_dial_at_, backoff_until_, grow_at_, cut_at_});
  if (balanced_) next = std::min(next, next_endpoint_deadline());
  for (Link* const link : ready_) next = std::min(next, idle_deadline(*link));
  for (const auto& link : links_) {
    if (!link->close_asked) next = std::min(next, link->next_deadline());
  }
  return next;
}

void Channel::Impl::on_time(Time now) {
  if (state_ == ChannelState::kClosed) return;
  for (std::size_t i = 0; i < links_.size(); ++i) {
    Link& link = *links_[i];
    link.on_time(now);
    take_link_events(now, link);
  }
  if (now >= round_deadline_) round_timed_out(now);
  if (now >= next_dial_at_) dial_next(now);
  if (now >= backoff_until_) {
    backoff_until_ = kNever;
    set_state(ChannelState::kIdle);
  }
  if (now >= grow_at_) grow_at_ = kNever;
  if (balanced_) tend_endpoints(now);
  while (TimerHeap::Entry* const due = timers_.take_due(now)) {
    on_call_timer(now, *static_cast<Call*>(due->owner));
  }
  retire_idle(now);
  if (now >= cut_at_) cut(now);
}

Channel::Event* Channel::Impl::next_event() {
  if (next_event_ < events_.size()) return &events_[next_event_++];
  events_.clear();
  next_event_ = 0;
  return nullptr;
}

Channel::Event& Channel::Impl::push_event(Event::Kind kind) {
  Event& event = events_.emplace_back();
  event.kind = kind;
  return event;
}

CallId Channel::start(Time now, Request&& request, CallOptions&& options) {
  const CallId id = impl_->start(now, std::move(request), std::move(options));
  impl_->settle(now);
  return id;
}

Progress Channel::cancel(Time now, CallId call) {
  const Progress progress = impl_->cancel(now, call);
  impl_->settle(now);
  return progress;
}

void Channel::connect(Time now) { impl_->connect(now); }

void Channel::close(Time now, Duration drain) {
  impl_->close(now, drain);
  impl_->settle(now);
}

bool Channel::next_action(Action* action) { return impl_->next_action(action); }
void Channel::resolved(Time now, LinkId link, Result<std::vector<Address>> addresses) {
  impl_->resolved(now, link, std::move(addresses));
  impl_->settle(now);
}

void Channel::dialed(Time now, LinkId id, Status status) {
  Link* const link = impl_->find_link(id);
  if (link == nullptr) return;
  link->dialed(now, status, impl_->keepalive_);
  impl_->take_link_events(now, *link);
  impl_->settle(now);
}

void Channel::receive(Time now, LinkId id, std::string_view bytes) {
  Link* const link = impl_->find_link(id);
  if (link == nullptr) return;
  link->receive(now, bytes);
  impl_->take_link_events(now, *link);
  impl_->settle(now);
}

void Channel::disconnected(Time now, LinkId id, Status why) {
  Link* const link = impl_->find_link(id);
  if (link == nullptr) return;
  link->disconnected(now, std::move(why));
  impl_->take_link_events(now, *link);
  impl_->settle(now);
}

std::string_view Channel::output(LinkId id) {
  for (const auto* links : {&impl_->links_, &impl_->parting_}) {
    for (const auto& link : *links) {
      if (link->id() == id) return link->output();
    }
  }
  return {};
}

void Channel::consume_output(LinkId id, std::size_t count) {
  for (const auto* links : {&impl_->links_, &impl_->parting_}) {
    for (const auto& link : *links) {
      if (link->id() == id) return link->consume_output(count);
    }
  }
}

Time Channel::next_deadline() const { return impl_->next_deadline(); }
bool Channel::has_event() const { return impl_->has_event(); }
void Channel::on_time(Time now) {
  impl_->on_time(now);
  impl_->settle(now);
}
Channel::Event* Channel::next_event() { return impl_->next_event(); }
bool Channel::next_event(Event* event) {
  Event* const next = impl_->next_event();
  if (next != nullptr) *event = std::move(*next);
  return next != nullptr;
}
bool Channel::next_observation(Observation* observation) {
  return impl_->next_observation(observation);
}
ChannelState Channel::state() const { return impl_->state_; }
std::size_t Channel::call_count() const { return impl_->call_count_; }
const ChannelOptions& Channel::options() const { return impl_->options_; }

}  // namespace minim::rpc
