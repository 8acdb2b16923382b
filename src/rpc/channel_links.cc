// The links of a channel: those that are ready, those that drain.
#include <algorithm>

#include "rpc/channel_impl.h"
#include "rpc/channel_options.h"
#include "rpc/proxy_request.h"
#include "rpc/texts.h"

namespace minim::rpc {

namespace {

// What complaints about our PINGs can raise the interval to.
constexpr Duration kMaxKeepaliveInterval = std::chrono::hours(2);
// How long a connection beside the first one stays without calls.
constexpr Duration kSpareConnectionIdle = std::chrono::minutes(1);

// Whether calls are spread over the addresses of this target.
bool is_balanced(const ChannelOptions& options, const Target& target) {
  return options.dns_balancing && target.kind == Target::Kind::kName && target.host != "localhost";
}

}  // namespace

Channel::Channel(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Channel::~Channel() = default;

Result<std::unique_ptr<Channel>> Channel::create(ChannelOptions options, Random& random) {
  Result<Target> target = parse_target(options.target);
  std::optional<Result<Target>> proxy;
  if (options.proxy) proxy = parse_proxy_target(options.proxy->target);
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
      throttle_(options_.retry_throttle),
      balanced_(is_balanced(options_, target_)),
      is_observed_(options_.observer != nullptr) {
  plan_ = {&options_, &target_, proxy_target_ ? &*proxy_target_ : nullptr, options_.authority,
           is_observed_ ? &observations_ : nullptr};
  if (plan_.authority.empty() && options_.tls) plan_.authority = options_.tls->authority();
  if (plan_.authority.empty()) plan_.authority = target_.authority();
}

void Channel::Impl::set_state(ChannelState state, Status why) {
  if (state_ == state) return;
  state_ = state;
  if (Observation* const seen = observe(Observation::Kind::kState)) {
    seen->state = state;
    seen->status = why;
  }
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

void Channel::Impl::take_link_events(Time now, Link& link) {
  if (link.stage() == Link::Stage::kFailed) {
    if (link.close_asked) return;
    close_link(link);
    return link_failed(now, link, link.failure());
  }
  Connection* const connection = link.connection();
  if (connection == nullptr || !connection->has_event()) return;
  // A reply that sends its call out again here adds to what the loop below goes through: a level
  // of the stack for each call would let a server that refuses thousands at once end the process.
  if (link.in_events) return;
  link.in_events = true;
  while (Connection::Event* const event = connection->next_event()) {
    // Each of these may use the connection again, and the event is gone then.
    switch (event->kind) {
      case Connection::Event::Kind::kReady:
        become_ready(now, link);
        break;
      case Connection::Event::Kind::kReply:
        on_attempt_reply(now, link, *event);
        break;
      case Connection::Event::Kind::kDraining:
        on_drained(now, link, Status(event->status), event->too_many_pings);
        break;
      case Connection::Event::Kind::kClosed:
        on_link_closed(now, link, Status(event->status));
        break;
      case Connection::Event::Kind::kNotice:
        push_event(Event::Kind::kNotice).status = std::move(event->status);
        break;
    }
  }
  link.in_events = false;
}

void Channel::Impl::become_ready(Time now, Link& link) {
  if (link.close_asked) return;
  observe_link(Observation::Kind::kConnectionOpened, link, Status(),
               now - (in_round_ ? round_started_ : link.dialed_since));
  if (in_round_) {
    note_slow_links(now, &link);
    end_round(&link);
  }
  link.was_ready = true;
  link.ready_since = link.idle_since = now;
  if (call_count_ == 0) quiet_since_ = now;
  if (balanced_) endpoint_ready(link);
  order_.note_good(link.address());
  ready_.push_back(&link);
  last_failure_ = Status();
  backoff_until_ = kNever;
  set_state(ChannelState::kReady);
}

// The oldest link that has room: so spare ones fall idle when they are needed no more.
Link* Channel::Impl::pick() {
  if (balanced_) return pick_balanced();
  for (Link* const link : ready_) {
    if (link->connection()->has_room()) return link;
  }
  return nullptr;
}

bool Channel::Impl::is_wanted() const {
  return call_count_ > 0 || (options_.keep_connected && !closing_);
}

void Channel::Impl::on_drained(Time now, Link& link, const Status& why, bool too_many_pings) {
  if (too_many_pings && keepalive_) {
    // The peer thinks that this connection asks too often: every later one asks half as often (gRFC
    // A8). Those that were made with the same interval, and complain of it too, add nothing.
    const Duration raised = grown(link.keepalive()->interval, 2, kMaxKeepaliveInterval);
    if (raised > keepalive_->interval) {
      keepalive_->interval = raised;
      push_event(Event::Kind::kNotice).status =
          why.with_message("too_many_pings: keepalive interval raised to " + duration_text(raised));
    }
  }
  lose(now, link, why);
}

void Channel::Impl::on_link_closed(Time now, Link& link, const Status& why) {
  if (link.close_asked) return;  // it had lost the race of its round
  close_link(link);
  if (!link.was_ready) {
    // Closed by us while it connected: its address has done nothing wrong.
    if (state_ != ChannelState::kClosed) link_failed(now, link, why);
    return;
  }
  observe_link(Observation::Kind::kConnectionClosed, link, why, Duration());
  lose(now, link, why);
}

void Channel::Impl::lose(Time now, Link& link, const Status& why) {
  if (std::erase(ready_, &link) == 0) return;
  // One that was ready for a moment and never answered a call: without a wait, a server that closes
  // each new connection would be dialled in a tight loop.
  const bool stood = link.proven || now - link.ready_since >= options_.reconnect.max_backoff;
  // Nor may it win each race against an address that would serve.
  if (!stood) order_.note_bad(now, link.address());
  if (balanced_) endpoint_lost(now, link, stood);
  if (!ready_.empty()) {
    if (!stood && !balanced_) grow_at_ = add_clamped(now, next_backoff(grow_backoff_));
    return;
  }
  if (in_round_) return set_state(ChannelState::kConnecting, why);
  cannot_connect_ = false;
  if (!stood) return back_off(now, why);
  backoff_ = Duration();
  set_state(ChannelState::kIdle, why);
}

void Channel::Impl::retire(Time now, Link& link) {
  std::erase(ready_, &link);
  link.retired = true;
  link.connection()->shut_down(now);
  take_link_events(now, link);
}

Time Channel::Impl::idle_deadline(Link& link) const {
  Time deadline = kNever;
  if (call_count_ == 0 && options_.idle_timeout > Duration()) {
    deadline = add_clamped(quiet_since_, options_.idle_timeout);
  }
  if (!balanced_ && &link != ready_.front() && link.connection()->call_count() == 0) {
    deadline = std::min(deadline, add_clamped(link.idle_since, kSpareConnectionIdle));
  }
  return deadline;
}

void Channel::Impl::retire_idle(Time now) {
  for (std::size_t i = ready_.size(); i-- > 0;) {
    Link& link = *ready_[i];
    if (now < idle_deadline(link)) continue;
    if (balanced_) endpoint_lost(now, link, true);
    retire(now, link);
  }
  if (!ready_.empty() || state_ != ChannelState::kReady) return;
  end_round(nullptr);  // nobody waits for what is still being dialled
  set_state(ChannelState::kIdle);
}

}  // namespace minim::rpc
