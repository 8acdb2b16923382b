// A channel that spreads its calls over all addresses of its target's name.
#include <algorithm>

#include "rpc/channel_impl.h"
#include "rpc/texts.h"

namespace minim::rpc {

namespace {

constexpr double kRefreshJitter = 0.2;

bool contains(const std::vector<Address>& addresses, const Address& address) {
  return std::find(addresses.begin(), addresses.end(), address) != addresses.end();
}

}  // namespace

Channel::Impl::Endpoint* Channel::Impl::endpoint_of(const Link& link) {
  const auto found = std::find_if(endpoints_.begin(), endpoints_.end(),
                                  [&](const Endpoint& one) { return one.link == &link; });
  return found == endpoints_.end() ? nullptr : &*found;
}

// The answer of a round's lookup, or of one to refresh what is known.
void Channel::Impl::take_answer(Time now, Result<std::vector<Address>> answer) {
  schedule_refresh(now);
  if (answer && !answer->empty()) {
    replace_endpoints(now, *answer);
  } else {
    Status why = answer ? Status(Code::kUnavailable, "the name has no address", Origin::kTransport)
                        : answer.error();
    if (endpoints_.empty()) return round_failed(now, std::move(why));
    push_event(Event::Kind::kNotice).status =
        why.with_message("dns_balancing: " + std::string(why.message()) + "; the " +
                         std::to_string(endpoints_.size()) + " known addresses stay in use");
  }
  if (ready_.empty() && !in_round_) {
    // Its lookup outlived the last link. Nobody waits for one, or a backoff does: dialling would
    // cut that short, and the round that follows looks up and dials by itself.
    if (state_ != ChannelState::kReady) return;
    await_endpoints(now);
  }
  if (in_round_) {
    for (Endpoint& endpoint : endpoints_) endpoint.dial_at = now;
  }
  dial_endpoints(now);
}

void Channel::Impl::replace_endpoints(Time now, const std::vector<Address>& answer) {
  // Those that we have come first: a resolver with more addresses than we keep, in another order
  // each time, must not move us from one to another.
  std::vector<Address> wanted;
  for (const bool known : {true, false}) {
    for (const Address& address : answer) {
      const bool is_known =
          std::any_of(endpoints_.begin(), endpoints_.end(),
                      [&](const Endpoint& endpoint) { return endpoint.address == address; });
      if (is_known == known && wanted.size() < kMaxAddressesPerRound &&
          !contains(wanted, address)) {
        wanted.push_back(address);
      }
    }
  }
  for (std::size_t i = endpoints_.size(); i-- > 0;) {
    if (contains(wanted, endpoints_[i].address)) continue;
    Link* const link = endpoints_[i].link;
    endpoints_.erase(endpoints_.begin() + static_cast<std::ptrdiff_t>(i));
    if (link == nullptr) continue;
    link->was_ready ? retire(now, *link) : close_link(*link);
  }
  for (Address& address : wanted) {
    const bool is_known =
        std::any_of(endpoints_.begin(), endpoints_.end(),
                    [&](const Endpoint& endpoint) { return endpoint.address == address; });
    if (!is_known) endpoints_.push_back({.address = std::move(address), .dial_at = now});
  }
}

// No link is ready any more, and the addresses are known: a round without a lookup.
void Channel::Impl::await_endpoints(Time now) {
  in_round_ = true;
  round_started_ = now;
  round_deadline_ = add_clamped(now, options_.reconnect.connect_timeout);
  set_state(ChannelState::kConnecting);
  dial_endpoints(now);
}

void Channel::Impl::dial_endpoints(Time now) {
  for (Endpoint& endpoint : endpoints_) {
    if (endpoint.link != nullptr || endpoint.dial_at > now) continue;
    endpoint.link = &dial(now, endpoint.address);
    endpoint.give_up_at = add_clamped(now, options_.reconnect.connect_timeout);
  }
}

void Channel::Impl::endpoint_ready(const Link& link) {
  if (Endpoint* const endpoint = endpoint_of(link)) endpoint->give_up_at = kNever;
}

void Channel::Impl::endpoint_failed(Time now, const Link& link) {
  if (Endpoint* const endpoint = endpoint_of(link)) {
    endpoint->link = nullptr;
    endpoint->dial_at = add_clamped(now, next_backoff(endpoint->backoff));
  }
  if (in_round_ && !is_dialling()) round_failed(now, Status());
}

void Channel::Impl::endpoint_lost(Time now, const Link& link, bool stood) {
  Endpoint* const endpoint = endpoint_of(link);
  endpoint->link = nullptr;
  endpoint->dial_at = now;
  if (stood) {
    endpoint->backoff = Duration();
  } else {
    endpoint->dial_at = add_clamped(now, next_backoff(endpoint->backoff));
  }
  if (ready_.empty() && !in_round_ && is_dialling()) await_endpoints(now);
}

bool Channel::Impl::is_dialling() const {
  return std::any_of(endpoints_.begin(), endpoints_.end(), [](const Endpoint& endpoint) {
    return endpoint.link != nullptr && !endpoint.link->was_ready;
  });
}

void Channel::Impl::schedule_refresh(Time now) {
  refresh_at_ =
      add_clamped(now, with_jitter(options_.dns_balancing->interval, kRefreshJitter, random_));
}

// Whether dead addresses are dialled again and the name is looked up again: only where calls could
// go. A channel that rests leaves the name server alone, and one without any link begins a round.
bool Channel::Impl::tends_endpoints() const { return !ready_.empty() && is_wanted(); }

Time Channel::Impl::next_endpoint_deadline() const {
  const bool tends = tends_endpoints();
  Time next = tends ? refresh_at_ : kNever;
  for (const Endpoint& endpoint : endpoints_) {
    if (endpoint.link == nullptr) {
      if (tends) next = std::min(next, endpoint.dial_at);
    } else if (!endpoint.link->was_ready) {
      next = std::min(next, endpoint.give_up_at);
    }
  }
  return next;
}

void Channel::Impl::tend_endpoints(Time now) {
  for (std::size_t i = 0; i < endpoints_.size(); ++i) {
    Link* const link = endpoints_[i].link;
    if (link == nullptr || link->was_ready || now < endpoints_[i].give_up_at) continue;
    const Status why(Code::kUnavailable, "timed out while " + link->phase(), Origin::kTransport);
    close_link(*link);
    link_failed(now, *link, why);
  }
  if (!tends_endpoints()) return;
  dial_endpoints(now);
  if (now < refresh_at_) return;
  if (lookup_ == LinkId::kNone) {
    lookup_ = look_up(target_);
    refresh_at_ = add_clamped(now, options_.reconnect.connect_timeout);
  } else {
    // One lookup at a time, also where the name server never answers.
    lookup_ = LinkId::kNone;
    take_answer(now, Status(Code::kUnavailable, "resolving " + target_.host + " takes too long",
                            Origin::kTransport));
  }
}

Link* Channel::Impl::pick_balanced() {
  // Clients that start together must not all begin with the same address.
  if (!next_pick_) next_pick_ = static_cast<std::size_t>(random_.next());
  Link* best = nullptr;
  std::size_t tried = 0;
  for (std::size_t i = 0; i < ready_.size(); ++i) {
    Link* const link = ready_[(*next_pick_ + i) % ready_.size()];
    if (!link->connection()->has_room()) continue;
    const bool better =
        best == nullptr || link->connection()->call_count() < best->connection()->call_count();
    if (!better) continue;
    best = link;
    tried = i + 1;
    if (options_.dns_balancing->pick == DnsBalancingOptions::Pick::kRoundRobin) break;
  }
  *next_pick_ += tried;
  return best;
}

}  // namespace minim::rpc
