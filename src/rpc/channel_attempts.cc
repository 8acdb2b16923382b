// How an attempt of a call ends, and whether another one follows.
#include <string>
#include <utility>

#include "rpc/channel_impl.h"
#include "rpc/texts.h"

namespace minim::rpc {

void Channel::Impl::on_attempt_reply(Time now, Link& link, Connection::Event& event) {
  Call& call = *static_cast<Call*>(event.tag);
  call.link = nullptr;
  call.attempt = CallId::kNone;
  call.state = CallState::kSleeping;
  link.idle_since = now;
  observe_attempt(now, call, event.reply);
  if (event.reply.status.ok() || event.reply.status.origin() == Origin::kServer) {
    if (!link.proven && ready_.size() > 1) grow_backoff_ = Duration();
    link.proven = true;
    backoff_ = Duration();
  }
  if (event.reply.status.ok()) {
    throttle_.on_success();
    return finish(now, call, std::move(event.reply));
  }
  const bool gzip_refused = event.gzip_refused;
  Reply reply = std::move(event.reply);  // the event goes once the connection is used again
  const Status& status = reply.status;
  if (status.code() == Code::kDeadlineExceeded && status.origin() == Origin::kLocal) {
    std::string text(status.message());
    name_last_error(call, text);
    reply.status = status.with_message(std::move(text));
  }
  // A server that has too much to do lets a poll run out before our own clock does; nothing is
  // wrong with what is waited for.
  if (call.long_poll && status.code() == Code::kDeadlineExceeded &&
      status.origin() == Origin::kServer) {
    reply.status = status.with_retryable(true);
  }
  // A server that cannot read a coded request has not acted on it.
  if (reply.progress == Progress::kSent && !gzip_refused) call.reached = true;

  if (gzip_refused && !call.gzip_retried && options_.gzip_above_bytes != 0u) {
    observe_repeat(call, status, Duration());
    // A server without gzip says UNIMPLEMENTED, and so does one without the method: the repeat
    // tells them apart. Coding stays off either way: it is an optimisation.
    call.gzip_retried = true;
    options_.gzip_above_bytes.reset();
    for (const auto& other : links_) {
      if (other->connection() != nullptr) other->connection()->stop_gzip();
    }
    push_event(Event::Kind::kNotice).status =
        Status(Code::kUnimplemented, "the server refused a gzip request; gzip is off from now on");
    return place(now, call);
  }
  const bool unavailable =
      status.code() == Code::kUnavailable && status.origin() == Origin::kTransport;
  if (unavailable &&
      (reply.progress == Progress::kNotSent ||
       (reply.progress == Progress::kNotProcessed && call.retry.take_free_repeat()))) {
    observe_repeat(call, status, Duration());
    call.patient = true;
    call.last_error = status;
    return place(now, call);
  }
  attempt_failed(now, call, std::move(reply));
}

void Channel::Impl::attempt_failed(Time now, Call& call, Reply&& reply) {
  if (call.state == CallState::kWaiting) stop_waiting(call);
  timers_.remove(call.timer);
  call.state = CallState::kSleeping;
  observe_attempt(now, call, reply);
  const RetryOptions& policy = call.own_policy ? *call.own_policy : options_.retry;
  const bool counts = reply.progress == Progress::kSent;
  const bool forbidden = reply.pushback && reply.pushback->count() < 0;
  if (counts && (reply.status.retryable() || forbidden)) {
    const bool allowed = throttle_.allows();
    throttle_.on_failure();
    if (allowed && !throttle_.allows()) {
      push_event(Event::Kind::kNotice).status =
          Status(Code::kUnavailable,
                 "retry_throttle: too many attempts fail; no call is repeated for now");
    }
  }
  const Retry::Decision next = call.retry.decide(now, policy, reply, call.deadline, random_);
  if (!next.repeat || !throttle_.allows()) return finish(now, call, std::move(reply));
  observe_repeat(call, reply.status, next.delay);
  call.last_error = std::move(reply.status);
  call.patient = false;
  timers_.set(call.timer, add_clamped(now, next.delay));
}

}  // namespace minim::rpc
