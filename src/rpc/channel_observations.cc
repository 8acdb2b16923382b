// What a channel keeps for its observer.
#include <utility>

#include "rpc/channel_impl.h"

namespace minim::rpc {

Observation* Channel::Impl::observe(Observation::Kind kind) {
  if (!is_observed_) return nullptr;
  Observation& made = observations_.emplace_back();
  made.kind = kind;
  return &made;
}

Observation* Channel::Impl::observe_call(Observation::Kind kind, const Call& call,
                                         const Status& status) {
  Observation* const made = observe(kind);
  if (made == nullptr) return nullptr;
  made->path = call.request.path;
  made->common = call.request.common;
  made->long_poll = call.long_poll;
  made->attempt = call.attempts;
  made->status = status;
  return made;
}

void Channel::Impl::note_attempt(Time now, Call& call, const Reply& reply) {
  if (!std::exchange(call.is_tried, false)) return;
  Observation& made = *observe_call(Observation::Kind::kAttemptEnded, call, reply.status);
  made.took = now - call.attempt_started;
  made.queued = std::exchange(call.queued, Duration());
  made.request_bytes = call.request.message.size();
  made.response_bytes = reply.message.size();
}

void Channel::Impl::observe_repeat(const Call& call, const Status& why, Duration wait) {
  if (Observation* const made = observe_call(Observation::Kind::kRetry, call, why)) {
    made->wait = wait;
  }
}

void Channel::Impl::note_end(Time now, Call& call, const Reply& reply) {
  note_attempt(now, call, reply);
  observe_call(Observation::Kind::kCallEnded, call, reply.status)->took = now - call.started;
}

void Channel::Impl::observe_link(Observation::Kind kind, const Link& link, const Status& why,
                                 Duration took) {
  Observation* const made = observe(kind);
  if (made == nullptr) return;
  made->connection = static_cast<std::uint64_t>(link.id());
  made->address = link.address().to_string();
  made->status = why;
  made->took = took;
  const bool is_ours = link.retired || state_ == ChannelState::kClosed;
  made->close_cause = !why.ok() ? Observation::CloseCause::kLost
                      : is_ours ? Observation::CloseCause::kLocal
                                : Observation::CloseCause::kDrained;
}

bool Channel::Impl::next_observation(Observation* observation) {
  if (next_observation_ == observations_.size()) {
    observations_.clear();
    next_observation_ = 0;
    return false;
  }
  *observation = std::move(observations_[next_observation_++]);
  return true;
}

}  // namespace minim::rpc
