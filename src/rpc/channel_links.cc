// The links of a channel: rounds of connecting, the one that is ready, those that drain.
#include <algorithm>

#include "rpc/channel_impl.h"
#include "rpc/texts.h"

namespace minim::rpc {

namespace {

// A round tries this many addresses; a resolver that returns more is not followed further.
constexpr std::size_t kMaxAddressesPerRound = 16;
// What complaints about our PINGs can raise the interval to.
constexpr Duration kMaxKeepaliveInterval = std::chrono::hours(2);

Status check_options(const ChannelOptions& options, const Result<Target>& target,
                     const Result<Target>* proxy) {
  std::vector<std::string> wrong;
  if (!target) {
    wrong.emplace_back(target.error().message());
  } else if (target->tls && *target->tls != (options.tls != nullptr)) {
    wrong.push_back(*target->tls
                        ? "target '" + options.target + "' asks for TLS, and tls is not set"
                        : "target '" + options.target + "' asks for plaintext, and tls is set");
  } else if (target->kind == Target::Kind::kUnix && options.proxy) {
    wrong.emplace_back("a proxy cannot reach a unix socket: leave proxy unset");
  }
  if (proxy != nullptr && !*proxy)
    wrong.push_back("proxy: " + std::string(proxy->error().message()));
  if (Status bad = Metadata{{"user-agent-value", options.user_agent}}.validate(); !bad.ok()) {
    wrong.emplace_back("user_agent holds characters that a header cannot carry");
  }
  const RetryOptions& retry = options.retry;
  if (retry.jitter < 0 || retry.jitter > 1) wrong.emplace_back("retry.jitter must be 0 to 1");
  if (retry.multiplier < 1) wrong.emplace_back("retry.multiplier must be at least 1");
  if (retry.initial_interval < Duration() || retry.max_interval < retry.initial_interval) {
    wrong.emplace_back(
        "retry.max_interval must be at least retry.initial_interval, and both positive");
  }
  if (options.retry_throttle &&
      (options.retry_throttle->max_tokens < 1 || options.retry_throttle->max_tokens > 1000)) {
    wrong.emplace_back("retry_throttle.max_tokens must be 1 to 1000");
  }
  if (options.retry_throttle && !(options.retry_throttle->token_ratio >= 0.001 &&
                                  options.retry_throttle->token_ratio <= 1000)) {
    wrong.emplace_back("retry_throttle.token_ratio must be 0.001 to 1000");
  }
  if (options.keepalive &&
      (options.keepalive->interval <= Duration() || options.keepalive->timeout <= Duration())) {
    wrong.emplace_back("keepalive.interval and keepalive.timeout must be positive");
  }
  if (options.reconnect.connect_timeout <= Duration()) {
    wrong.emplace_back("reconnect.connect_timeout must be positive");
  }
  if (wrong.empty()) return Status();
  std::string text;
  for (const std::string& one : wrong) text.append(text.empty() ? "" : "; ").append(one);
  return Status(Code::kInvalidArgument, std::move(text));
}

// Families in turn, beginning with the first address's (RFC 8305, 4).
std::vector<Address> interleaved(std::vector<Address> addresses) {
  const auto is_v6 = [](const Address& address) {
    return address.host.find(':') != std::string::npos;
  };
  if (addresses.empty()) return addresses;
  const bool first_v6 = is_v6(addresses.front());
  const auto middle =
      std::stable_partition(addresses.begin(), addresses.end(),
                            [&](const Address& address) { return is_v6(address) == first_v6; });
  std::vector<Address> mixed;
  auto preferred = addresses.begin();
  auto other = middle;
  while (preferred != middle || other != addresses.end()) {
    if (preferred != middle) mixed.push_back(std::move(*preferred++));
    if (other != addresses.end()) mixed.push_back(std::move(*other++));
  }
  if (mixed.size() > kMaxAddressesPerRound) mixed.resize(kMaxAddressesPerRound);
  return mixed;
}

}  // namespace

Channel::Channel(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Channel::~Channel() = default;

Result<std::unique_ptr<Channel>> Channel::create(ChannelOptions options, Random& random) {
  Result<Target> target = parse_target(options.target);
  std::optional<Result<Target>> proxy;
  if (options.proxy) proxy = parse_target(options.proxy->target);
  if (Status bad = check_options(options, target, proxy ? &*proxy : nullptr); !bad.ok()) return bad;
  std::optional<Target> proxy_target;
  if (proxy) proxy_target = std::move(**proxy);
  auto impl = std::make_unique<Impl>(std::move(options), std::move(*target),
                                     std::move(proxy_target), random);
  return std::unique_ptr<Channel>(new Channel(std::move(impl)));
}

Channel::Impl::Impl(ChannelOptions options, Target target, std::optional<Target> proxy_target,
                    Random& random)
    : options_(std::move(options)),
      target_(std::move(target)),
      proxy_target_(std::move(proxy_target)),
      random_(random),
      keepalive_(options_.keepalive),
      throttle_(options_.retry_throttle) {
  plan_ = {&options_, &target_, options_.authority};
  if (plan_.authority.empty() && options_.tls) plan_.authority = options_.tls->authority();
  if (plan_.authority.empty()) plan_.authority = target_.authority();
}

void Channel::Impl::set_state(ChannelState state, Status why) {
  if (state_ == state) return;
  state_ = state;
  Event& event = push_event(Event::Kind::kState);
  event.state = state;
  event.status = std::move(why);
}

Channel::Action& Channel::Impl::push_action(Action::Kind kind, LinkId link) {
  Action& action = actions_.emplace_back();
  action.kind = kind;
  action.link = link;
  return action;
}

bool Channel::Impl::next_action(Action* action) {
  parting_.clear();
  if (actions_.empty()) return false;
  *action = std::move(actions_.front());
  actions_.pop_front();
  if (action->kind == Action::Kind::kClose) {
    const auto found = std::find_if(links_.begin(), links_.end(),
                                    [&](const auto& link) { return link->id() == action->link; });
    if (found != links_.end()) {
      parting_.push_back(std::move(*found));
      links_.erase(found);
    }
  }
  return true;
}

Link* Channel::Impl::find_link(LinkId id) {
  for (const auto& link : links_) {
    if (link->id() == id) return link->close_asked ? nullptr : link.get();
  }
  return nullptr;
}

Link& Channel::Impl::make_link(Address address) {
  const auto id = static_cast<LinkId>(next_link_++);
  return *links_.emplace_back(std::make_unique<Link>(id, std::move(address), plan_));
}

// The socket is closed by the driver, and the link goes with that.
void Channel::Impl::close_link(Link& link) {
  if (link.close_asked) return;
  link.close_asked = true;
  link.say_goodbye();
  push_action(Action::Kind::kClose, link.id());
}

void Channel::Impl::connect(Time now) {
  if (state_ == ChannelState::kIdle && ready_ == nullptr) begin_round(now);
}

void Channel::Impl::begin_round(Time now) {
  set_state(ChannelState::kConnecting);
  round_started_ = now;
  round_deadline_ = add_clamped(now, options_.reconnect.connect_timeout);
  next_dial_at_ = kNever;
  round_errors_.clear();
  addresses_.clear();
  next_address_ = 0;
  links_in_round_ = 0;
  const Target& first_hop = proxy_target_ ? *proxy_target_ : target_;
  switch (first_hop.kind) {
    case Target::Kind::kUnix:
      addresses_.push_back({Address::Kind::kUnix, first_hop.host, 0});
      break;
    case Target::Kind::kIp:
      addresses_.push_back({Address::Kind::kIp, first_hop.host, first_hop.port});
      break;
    case Target::Kind::kName: {
      lookup_ = static_cast<LinkId>(next_link_++);
      Action& action = push_action(Action::Kind::kResolve, lookup_);
      action.host = first_hop.host;
      action.port = first_hop.port;
      return;
    }
  }
  dial_next(now);
}

void Channel::Impl::resolved(Time now, LinkId id, Result<std::vector<Address>> addresses) {
  if (id != lookup_ || state_ != ChannelState::kConnecting) return;
  lookup_ = LinkId::kNone;
  if (!addresses) return round_failed(now, addresses.error());
  addresses_ = interleaved(std::move(*addresses));
  if (addresses_.empty()) {
    return round_failed(now,
                        Status(Code::kUnavailable, "the name has no address", Origin::kTransport));
  }
  dial_next(now);
}

void Channel::Impl::dial_next(Time now) {
  next_dial_at_ = kNever;
  if (next_address_ >= addresses_.size()) return;
  Link& link = make_link(addresses_[next_address_++]);
  ++links_in_round_;
  push_action(Action::Kind::kDial, link.id()).address = link.address();
  if (next_address_ < addresses_.size()) {
    next_dial_at_ = add_clamped(now, options_.reconnect.address_stagger);
  }
}

void Channel::Impl::take_link_events(Time now, Link& link) {
  if (link.stage() == Link::Stage::kFailed) {
    if (!link.close_asked) round_link_failed(now, link);
    return;
  }
  Connection* const connection = link.connection();
  if (connection == nullptr || !connection->has_event()) return;
  Connection::Event event;
  while (connection->next_event(&event)) {
    switch (event.kind) {
      case Connection::Event::Kind::kReady:
        become_ready(now, link);
        break;
      case Connection::Event::Kind::kReply:
        on_attempt_reply(now, link, event);
        break;
      case Connection::Event::Kind::kDraining:
        on_drained(now, link, event);
        break;
      case Connection::Event::Kind::kClosed:
        on_link_closed(now, link, event.status);
        break;
      case Connection::Event::Kind::kNotice:
        push_event(Event::Kind::kNotice).status = std::move(event.status);
        break;
    }
  }
}

void Channel::Impl::become_ready(Time now, Link& link) {
  if (state_ != ChannelState::kConnecting || link.close_asked) return;
  end_round(now, &link);
  link.was_ready = true;
  link.ready_since = now;
  ready_ = &link;
  last_failure_ = Status();
  set_state(ChannelState::kReady);
  while (waiting_head_ != nullptr && can_call()) hand_over(now, *waiting_head_, *ready_);
}

bool Channel::Impl::can_call() const {
  return ready_ != nullptr && ready_->connection()->is_ready();
}

// Ends the round; every link of it but the winner goes.
void Channel::Impl::end_round(Time, Link* winner) {
  round_deadline_ = next_dial_at_ = kNever;
  lookup_ = LinkId::kNone;
  addresses_.clear();
  round_errors_.clear();
  links_in_round_ = 0;
  for (const auto& link : links_) {
    if (link.get() != winner && !link->was_ready) close_link(*link);
  }
}

void Channel::Impl::round_link_failed(Time now, Link& link) {
  close_link(link);
  address_failed(now, link.failure());
}

// One address of the round will not do: on to the next, or the round has failed.
void Channel::Impl::address_failed(Time now, const Status& why) {
  if (state_ != ChannelState::kConnecting) return;
  round_errors_.append(round_errors_.empty() ? "" : ", ").append(why.message());
  --links_in_round_;
  if (next_address_ < addresses_.size()) return dial_next(now);
  if (links_in_round_ == 0) round_failed(now, Status());
}

void Channel::Impl::round_failed(Time now, Status why) {
  std::string text = "cannot connect to " + target_.to_string() + ": " + round_errors_;
  if (!why.message().empty()) {
    text.append(round_errors_.empty() ? "" : ", ").append(why.message());
  }
  if (text.ends_with("connection refused")) text += "; is the server running?";
  end_round(now, nullptr);
  back_off(
      now,
      Status(Code::kUnavailable, std::move(text), Origin::kTransport).with_reached_server(false),
      true);
}

void Channel::Impl::back_off(Time now, Status why, bool failed_round) {
  const ReconnectOptions& options = options_.reconnect;
  if (backoff_ == Duration()) backoff_ = options.initial_backoff;
  backoff_until_ = add_clamped(now, with_jitter(backoff_, options.jitter, random_));
  backoff_ = grown(backoff_, options.multiplier, options.max_backoff);
  last_failure_ = why;
  set_state(ChannelState::kBackoff, why);
  for (Call* call = waiting_head_; call != nullptr;) {
    Call* const next = call->next;
    if (!call->options.wait_for_ready && (failed_round || !call->patient)) {
      Reply reply;
      reply.status = why;
      reply.progress = Progress::kNotSent;
      attempt_failed(now, *call, std::move(reply));
    }
    call = next;
  }
}

void Channel::Impl::on_drained(Time now, Link& link, const Connection::Event& event) {
  if (event.too_many_pings && keepalive_) {
    // The peer thinks we ask too often: every later connection asks half as often (gRFC A8).
    keepalive_->interval = grown(keepalive_->interval, 2, kMaxKeepaliveInterval);
    push_event(Event::Kind::kNotice).status = event.status.with_message(
        "too_many_pings: keepalive interval raised to " + duration_text(keepalive_->interval));
  }
  lose_ready(now, link, event.status);
}

void Channel::Impl::on_link_closed(Time now, Link& link, const Status& why) {
  if (link.close_asked) return;  // it had lost the race of its round
  close_link(link);
  if (!link.was_ready) return address_failed(now, why);
  lose_ready(now, link, why);
}

void Channel::Impl::lose_ready(Time now, Link& link, const Status& why) {
  if (ready_ != &link) return;
  ready_ = nullptr;
  if (!link.proven && now - link.ready_since < options_.reconnect.max_backoff) {
    // It was ready for a moment and never answered a call: without a wait, a server that closes
    // each new connection would be dialled in a tight loop.
    return back_off(now, why, false);
  }
  backoff_ = Duration();
  set_state(ChannelState::kIdle, why);
  if (waiting_head_ != nullptr) connect(now);
}

}  // namespace minim::rpc
