// How a channel gets a connection: rounds of a lookup and dials, the waits between them, and what
// a call is told that waits for one.
#include <algorithm>

#include "rpc/channel_impl.h"
#include "rpc/texts.h"

namespace minim::rpc {

namespace {

// Between two rounds of connecting, whatever the options and the jitter make of it.
constexpr Duration kMinReconnectWait = std::chrono::milliseconds(10);

}  // namespace

void Channel::Impl::connect(Time now) {
  if (state_ == ChannelState::kIdle && !closing_) begin_round(now);
}

void Channel::Impl::grow(Time now) {
  if (ready_.empty()) return;
  if (ready_.size() < options_.max_connections) {
    if (!in_round_ && grow_at_ == kNever) begin_round(now);
  } else if (!ready_.back()->limit_noted) {
    ready_.back()->limit_noted = true;
    push_event(Event::Kind::kNotice).status = Status(
        Code::kResourceExhausted, "calls are " + waiting_phase() + "; long polls hold streams" +
                                      (balanced_ ? ", and there is one connection to each address"
                                                 : ": see max_connections"));
  }
}

void Channel::Impl::begin_round(Time now) {
  in_round_ = true;
  if (ready_.empty()) set_state(ChannelState::kConnecting);
  round_started_ = now;
  round_deadline_ = add_clamped(now, options_.reconnect.connect_timeout);
  next_address_ = 0;
  const Target& first_hop = proxy_target_ ? *proxy_target_ : target_;
  switch (first_hop.kind) {
    case Target::Kind::kUnix:
      addresses_.push_back({Address::Kind::kUnix, first_hop.host, 0});
      break;
    case Target::Kind::kIp:
      addresses_.push_back({Address::Kind::kIp, first_hop.host, first_hop.port});
      break;
    case Target::Kind::kName:
      lookup_ = look_up(first_hop);
      return;
  }
  dial_next(now);
}

LinkId Channel::Impl::look_up(const Target& target) {
  const auto id = static_cast<LinkId>(next_link_++);
  Action& action = push_action(Action::Kind::kResolve, id);
  action.host = target.host;
  action.port = target.port;
  return id;
}

void Channel::Impl::resolved(Time now, LinkId id, Result<std::vector<Address>> addresses) {
  if (id != lookup_ || state_ == ChannelState::kClosed) return;
  lookup_ = LinkId::kNone;
  if (balanced_) return take_answer(now, std::move(addresses));
  if (addresses && !addresses->empty()) {
    addresses_ = order_.arrange(now, std::move(*addresses));
    known_addresses_ = addresses_;
    return dial_next(now);
  }
  const Status why = addresses
                         ? Status(Code::kUnavailable, "the name has no address", Origin::kTransport)
                         : addresses.error();
  if (known_addresses_.empty()) return round_failed(now, why);
  // The name server fails, and the server need not: what it said last is as good as it was.
  round_errors_ = why.message();
  push_event(Event::Kind::kNotice).status =
      why.with_message(round_errors_ + "; the " + std::to_string(known_addresses_.size()) +
                       " addresses known before are dialled");
  addresses_ = order_.arrange(now, known_addresses_);
  dial_next(now);
}

Link& Channel::Impl::dial(Time now, Address address) {
  Link& link = make_link(std::move(address));
  link.dialed_since = now;
  push_action(Action::Kind::kDial, link.id()).address = link.address();
  return link;
}

void Channel::Impl::dial_next(Time now) {
  next_dial_at_ = kNever;
  if (next_address_ >= addresses_.size()) return;
  dial(now, addresses_[next_address_++]);
  ++links_in_round_;
  if (next_address_ < addresses_.size()) {
    next_dial_at_ = add_clamped(now, options_.reconnect.address_stagger);
  }
}

// Ends the round and leaves all as the next one wants to find it; every link of it but the winner
// goes. A balanced channel keeps them all.
void Channel::Impl::end_round(const Link* winner) {
  in_round_ = false;
  round_deadline_ = next_dial_at_ = kNever;
  lookup_ = LinkId::kNone;
  addresses_.clear();
  round_errors_.clear();
  links_in_round_ = 0;
  if (balanced_ && winner != nullptr) return;
  for (const auto& link : links_) {
    if (link.get() != winner && !link->was_ready) close_link(*link);
  }
  for (Endpoint& endpoint : endpoints_) {
    if (endpoint.link != nullptr && endpoint.link->close_asked) endpoint.link = nullptr;
  }
}

// Those that still dial, and were dialled before the winner, have been slower than it by their
// whole lead.
void Channel::Impl::note_slow_links(Time now, const Link* winner) {
  for (const auto& link : links_) {
    if (link.get() == winner) return;
    if (!link->was_ready && !link->close_asked) order_.note_bad(now, link->address());
  }
}

// One address of the round will not do: on to the next, or the round has failed.
void Channel::Impl::link_failed(Time now, Link& link, const Status& why) {
  order_.note_bad(now, link.address());
  observe_link(Observation::Kind::kConnectFailed, link, why, Duration());
  if (in_round_) {
    round_errors_.append(round_errors_.empty() ? "" : ", ").append(why.message());
  }
  if (balanced_) return endpoint_failed(now, link);
  if (!in_round_) return;
  --links_in_round_;
  if (next_address_ < addresses_.size()) return dial_next(now);
  if (links_in_round_ == 0) round_failed(now, Status());
}

void Channel::Impl::round_timed_out(Time now) {
  round_failed(now, Status(Code::kUnavailable,
                           "timed out after " + duration_text(now - round_started_) + " while " +
                               connecting_phase(),
                           Origin::kTransport));
}

void Channel::Impl::round_failed(Time now, Status why) {
  std::string text = "cannot connect to " + target_.to_string() + ": " + round_errors_;
  if (!why.message().empty()) {
    text.append(round_errors_.empty() ? "" : ", ").append(why.message());
  }
  if (text.ends_with("connection refused")) {
    text += proxy_target_ ? "; is the proxy running?" : "; is the server running?";
  }
  why = Status(Code::kUnavailable, std::move(text), Origin::kTransport).with_reached_server(false);
  if (round_errors_.empty()) {
    // No address has failed by itself: the lookup did, or time ran out.
    if (Observation* const seen = observe(Observation::Kind::kConnectFailed)) {
      seen->address = target_.to_string();
      seen->status = why;
    }
  }
  note_slow_links(now, nullptr);
  end_round(nullptr);
  if (ready_.empty()) {
    cannot_connect_ = true;
    back_off(now, why);
    return fail_waiting(now, why);
  }
  // Another connection was wanted, and those that there are go on.
  grow_at_ = add_clamped(now, next_backoff(grow_backoff_));
  push_event(Event::Kind::kNotice).status = std::move(why);
}

Duration Channel::Impl::next_backoff(Duration& backoff) {
  const ReconnectOptions& options = options_.reconnect;
  if (backoff == Duration()) backoff = std::max(options.initial_backoff, kMinReconnectWait);
  const Duration wait = with_jitter(backoff, options.jitter, random_);
  backoff = grown(backoff, options.multiplier, std::max(options.max_backoff, kMinReconnectWait));
  return std::max(wait, kMinReconnectWait);
}

void Channel::Impl::back_off(Time now, const Status& why) {
  backoff_until_ = add_clamped(now, next_backoff(backoff_));
  last_failure_ = why;
  set_state(ChannelState::kBackoff, why);
}

void Channel::Impl::fail_waiting(Time now, const Status& why) {
  for (Call* call = waiting_head_; call != nullptr;) {
    Call* const next = call->next;
    if (!call->wait_for_ready) {
      Reply reply;
      reply.status = why;
      reply.progress = Progress::kNotSent;
      attempt_failed(now, *call, std::move(reply));
    }
    call = next;
  }
}

std::string Channel::Impl::connecting_phase() const {
  if (lookup_ != LinkId::kNone) return "resolving " + target_.host;
  for (const auto& link : links_) {
    if (!link->was_ready && !link->close_asked) return link->phase();
  }
  return "waiting for a connection to " + target_.to_string();
}

std::string Channel::Impl::waiting_phase() const {
  if (state_ == ChannelState::kBackoff) return "waiting to reconnect to " + target_.to_string();
  if (ready_.empty()) return connecting_phase();
  std::string text = "waiting for a free stream (the server allows " +
                     std::to_string(ready_.back()->connection()->max_streams());
  if (ready_.size() > 1) {
    text += " on each of " + std::to_string(ready_.size()) + " connections";
  }
  return text + ")";
}

// What went wrong last before a clock struck: on the way to the server now, in the attempt before,
// or when the channel last tried to connect. A server's own text is its user's, not ours to quote.
void Channel::Impl::name_last_error(const Call& call, std::string& text) const {
  if (call.state == CallState::kWaiting && !round_errors_.empty()) {
    text.append("; last error: ").append(round_errors_);
  } else if (call.last_error.origin() == Origin::kServer) {
    text.append("; last error: ")
        .append(code_name(call.last_error.code()))
        .append(" from the server");
  } else if (!call.last_error.ok()) {
    text.append("; last error: ").append(call.last_error.message());
  } else if (call.state == CallState::kWaiting && !last_failure_.ok()) {
    text.append("; last error: ").append(last_failure_.message());
  }
}

}  // namespace minim::rpc
