// The turns of a world and its callers.
#include "sim/world.h"

#include "sim/seed_watch.h"

namespace minim::sim {

namespace {

using std::chrono::seconds;

constexpr std::uint32_t kMaxSteps = 60'000;
constexpr std::uint32_t kMaxStepsWithoutTime = 4'000;
constexpr Duration kMaxCalm = std::chrono::minutes(30);
constexpr std::uint32_t kMaxCalls = 120;

}  // namespace

std::pair<Time, std::uint32_t> World::next_up() const {
  Time next = events_.empty() ? kNever : events_.top().when;
  std::uint32_t timer_of = UINT32_MAX;
  for (std::uint32_t i = 0; i < channels_.size(); ++i) {
    if (channels_[i]->timer < next) {
      next = channels_[i]->timer;
      timer_of = i;
    }
  }
  return {next, timer_of};
}

void World::step() {
  const auto [next, timer_of] = next_up();
  if (next == kNever) return note_problem("calls are open and nothing will ever happen");
  if (next > now_) {
    now_ = next;
    steps_without_time_ = 0;
  }
  if (++steps_without_time_ > kMaxStepsWithoutTime) return note_problem("time stands still");
  if (++steps_ > kMaxSteps) return note_problem("too many steps");
  if (now_ > kBegin + plan_.calm_at + slept_ + kMaxCalm) return note_problem("it takes too long");
  if (timer_of != UINT32_MAX) {
    on_timer(timer_of);
  } else {
    const Event event = events_.top();
    events_.pop();
    perform(event);
  }
  check_clocks();
}

void World::perform(const Event& event) {
  const auto index = static_cast<std::size_t>(event.subject);
  const auto channel = static_cast<std::uint32_t>(event.subject);
  switch (event.what) {
    case What::kStart:
      ++started_;
      return start(channel);
    case What::kCancel: {
      const Caller& caller = callers_[index];
      if (caller.reply) return;
      note("cancel", index);
      channels_[caller.channel]->channel->cancel(now_, caller.id);
      return turn_sometime(caller.channel);
    }
    case What::kClose:
      return close(channel);
    case What::kJump:
      slept_ = seconds(dice_.between(1, 100'000));
      now_ += slept_;
      wake_up();
      return note("sleep", 0);
    case What::kLookup:
      return answer_lookup(lookups_[index].first, lookups_[index].second);
    case What::kDialed:
      return answer_dial(wires_[index], index);
    case What::kToServer:
      return to_server(wires_[index], index);
    case What::kToClient:
      return to_client(wires_[index]);
    case What::kServer:
      if (wires_[index].server_turn != event.when) return;  // another one was scheduled since
      wires_[index].server_turn = kNever;
      return server_turn(wires_[index], index);
    case What::kUnblock:
      return turn_sometime(wires_[index].channel);
    case What::kFault:
      return break_wire(wires_[index], index);
    case What::kTurn:
      return turn(channel);
  }
}

void World::start(std::uint32_t channel) {
  const std::size_t index = callers_.size();
  Caller& caller = callers_.emplace_back();
  caller.channel = channel;
  caller.path = "/sim/" + std::to_string(index);
  caller.message_bytes =
      dice_.percent(plan_.large_requests) ? dice_.below(40'000) : dice_.below(200);
  rpc::Request request;
  request.path = caller.path;
  request.message.assign(caller.message_bytes, 'm');
  rpc::CallOptions options = make_call_options(plan_, dice_, now_);
  caller.deadline = options.deadline;
  caller.rpc_timeout = options.rpc_timeout;
  caller.policy = options.retry.value_or(channels_[channel]->channel->options().retry);
  set_clocks(caller);
  ledger_.started(caller.path, caller.policy.max_attempts);
  note("start", index, channel);
  if (dice_.percent(plan_.cancels)) {
    schedule(now_ + dice_.millis(0, 500), What::kCancel, index);
  }
  if (options_.sabotage == Sabotage::kRepeatRequest) {
    channels_[channel]->channel->start(now_, rpc::Request(request), rpc::CallOptions(options));
  }
  caller.id = channels_[channel]->channel->start(now_, std::move(request), std::move(options));
  turn_sometime(channel);
}

void World::close(std::uint32_t channel) {
  const Duration drain = dice_.percent(50) ? dice_.millis(0, 5000) : Duration();
  note("close", channel, static_cast<std::uint64_t>(drain.count()));
  channels_[channel]->channel->close(now_, drain);
  turn(channel);
}

// Often at once; sometimes after other things of the same moment, as in a loop's turn.
void World::turn_sometime(std::uint32_t channel) {
  if (dice_.percent(75)) return turn(channel);
  schedule(now_, What::kTurn, channel);
}

void World::turn(std::uint32_t channel) {
  Slot& slot = *channels_[channel];
  if (dice_.percent(50) && options_.sabotage != Sabotage::kNoClock) {
    slot.channel->on_time(now_);
  }
  take_events(channel);
  take_actions(channel);
  for (std::size_t i = 0; i < wires_.size(); ++i) {
    if (wires_[i].channel == channel) write(wires_[i], i);
  }
  take_events(channel);
  set_timer(slot);
}

void World::set_timer(Slot& slot) {
  const Time next = slot.channel->next_deadline();
  if (next == slot.timer_for && slot.timer != kNever) return;
  slot.timer_for = slot.timer = next;
  if (next == kNever) return;
  slot.timer = next;
  if (happens(plan_.late_timer)) slot.timer += dice_.micros(0, kMostLateMicros);
  if (options_.sabotage == Sabotage::kLateTimer) slot.timer += seconds(1);
  if (options_.sabotage == Sabotage::kNoClock) slot.timer += seconds(1);
  slot.timer = std::max(slot.timer, now_);
}

void World::on_timer(std::uint32_t channel) {
  Slot& slot = *channels_[channel];
  slot.timer = kNever;
  note("timer", channel);
  if (options_.sabotage != Sabotage::kNoClock) slot.channel->on_time(now_);
  take_events(channel);
  check_timer(channel);
  turn(channel);
}

void World::take_events(std::uint32_t channel) {
  Channel::Event event;
  while (channels_[channel]->channel->next_event(&event)) {
    switch (event.kind) {
      case Channel::Event::Kind::kReply:
        on_reply(channel, event);
        break;
      case Channel::Event::Kind::kState:
        note("state", channel, static_cast<std::uint64_t>(event.state), event.status.message());
        break;
      case Channel::Event::Kind::kNotice:
        note("notice", channel, 0, event.status.message());
        break;
      case Channel::Event::Kind::kClosed:
        if (channels_[channel]->is_closed) note_problem("kClosed twice");
        channels_[channel]->is_closed = true;
        break;
    }
  }
}

void World::on_reply(std::uint32_t channel, Channel::Event& event) {
  if (options_.sabotage == Sabotage::kLoseReply && !std::exchange(sabotaged_, true)) return;
  const bool twice =
      options_.sabotage == Sabotage::kRepeatReply && !std::exchange(sabotaged_, true);
  for (int i = 0; i <= int{twice}; ++i) {
    Caller* caller = nullptr;
    std::size_t index = 0;
    for (; index < callers_.size(); ++index) {
      if (callers_[index].channel == channel && callers_[index].id == event.call) {
        caller = &callers_[index];
        break;
      }
    }
    if (caller == nullptr && options_.sabotage == Sabotage::kRepeatRequest) return;
    if (caller == nullptr) return note_problem("a reply of a call that nobody made");
    if (caller->reply) return note_problem("a second reply of call " + std::to_string(index));
    caller->reply = event.reply;
    ++ended_;
    note("reply", index, static_cast<std::uint64_t>(event.reply.status.code()),
         event.reply.status.message());
    check_reply(*caller, index);
  }
  if (callers_.size() < kMaxCalls && happens(plan_.follows)) {
    schedule(now_, What::kStart, channel);
    --started_;  // kStart counts it
  }
}

void World::take_actions(std::uint32_t channel) {
  Channel::Action action;
  while (channels_[channel]->channel->next_action(&action)) {
    switch (action.kind) {
      case Channel::Action::Kind::kResolve:
        lookups_.emplace_back(action.link, channel);
        schedule(now_ + delay(), What::kLookup, lookups_.size() - 1);
        break;
      case Channel::Action::Kind::kDial: {
        Wire& wire = wires_.emplace_back();
        wire.id = action.link;
        wire.channel = channel;
        note("dials", wires_.size() - 1, channel);
        if (!happens(plan_.dial_ignored)) {
          schedule(now_ + delay(), What::kDialed, wires_.size() - 1);
        }
        break;
      }
      case Channel::Action::Kind::kClose:
        for (std::size_t i = 0; i < wires_.size(); ++i) {
          Wire& wire = wires_[i];
          if (wire.channel != channel || wire.id != action.link) continue;
          if (wire.is_closed) note_problem("kClose twice");
          write(wire, i);
          note("closes", i);
          if (wire.is_open) send_to_server(wire, i, {{}, {}, true});
          wire.is_closed = true;
          wire.is_open = false;
        }
        break;
    }
  }
}

Outcome simulate(std::uint64_t seed, const Options& options) {
  const SeedWatch watch(seed);
  return World(seed, options).run();
}

}  // namespace minim::sim
