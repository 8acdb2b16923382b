// What a world is held to: the clocks of its calls, what is left of them when they have ended, and
// what is left at the end.
#include "sim/world.h"

namespace minim::sim {

namespace {

using std::chrono::seconds;
using State = rpc::ChannelState;

// Longer than all that a call may leave under way: delays, a socket that stalls, a round of
// connecting, an idle timeout.
constexpr Duration kRest = seconds(30);
constexpr std::uint32_t kMaxLastEvents = 60'000;

}  // namespace

// Without repeats rpc_timeout is a clock like the deadline. With them each attempt has it anew, and
// none starts later than max_elapsed after the first one failed.
Time World::last_clock(const Caller& caller, Time from) {
  if (caller.rpc_timeout == Duration()) return caller.deadline;
  const Time first = std::min(caller.deadline, from + caller.rpc_timeout);
  if (caller.policy.max_attempts == 1) return first;
  return std::min(caller.deadline,
                  from + 2 * (caller.rpc_timeout + kMostLate) + caller.policy.max_elapsed);
}

void World::set_clocks(Caller& caller) const {
  caller.last_clock = last_clock(caller, now_);
  caller.first_clock = caller.rpc_timeout == Duration()
                           ? caller.deadline
                           : std::min(caller.deadline, now_ + caller.rpc_timeout);
}

// A machine that slept comes to its clocks when it wakes, and what failed meanwhile fails then.
void World::wake_up() {
  for (Caller& caller : callers_) {
    if (caller.reply) continue;
    const bool may_repeat = caller.last_clock != caller.first_clock;
    caller.first_clock = std::max(caller.first_clock, now_);
    if (may_repeat) caller.last_clock = std::max(caller.last_clock, last_clock(caller, now_));
    caller.last_clock = std::max(caller.last_clock, now_);
  }
}

void World::check_clocks() {
  for (std::size_t i = 0; i < callers_.size(); ++i) {
    const Caller& caller = callers_[i];
    if (!caller.reply && now_ > caller.last_clock + most_late()) {
      return note_problem("call " + std::to_string(i) + " lives on after its deadline");
    }
  }
}

// The loop has come to its clocks: now there is no excuse.
void World::check_timer(std::uint32_t channel) {
  for (std::size_t i = 0; i < callers_.size(); ++i) {
    const Caller& caller = callers_[i];
    if (caller.channel == channel && !caller.reply && caller.last_clock <= now_ &&
        caller.id != rpc::CallId::kNone) {
      return note_problem("call " + std::to_string(i) + " lives on after its deadline");
    }
  }
}

void World::check_reply(const Caller& caller, std::size_t index) {
  const std::string call = "call " + std::to_string(index);
  // Its caller may end it in the wait after the first attempt as well.
  const bool in_first =
      caller.reply->attempts == 1 && caller.reply->status.code() != Code::kCancelled;
  const Time clock = in_first ? caller.first_clock : caller.last_clock;
  if (now_ > clock + most_late()) note_problem(call + " ends after its deadline");
  const std::string wrong = ledger_.contradiction(caller.path, *caller.reply);
  if (!wrong.empty()) note_problem(call + ": " + wrong);
  if (caller.reply->status.ok() &&
      caller.reply->message !=
          Ledger::answer_to(caller.path, caller.message_bytes, is_coded(caller))) {
    note_problem(call + " has the reply '" + caller.reply->message + "'");
  }
}

// All calls have ended: lets what they left under way arrive.
void World::rest() {
  const Time until = now_ + kRest;
  const Duration slept = slept_;  // the machine may yet sleep
  while (problem_.empty() && next_up().first <= until + (slept_ - slept)) step();
}

void World::check_rest() {
  std::vector<std::size_t> open(channels_.size());
  for (std::size_t i = 0; i < wires_.size(); ++i) {
    const Wire& wire = wires_[i];
    if (!wire.is_open || wire.is_closed) continue;
    ++open[wire.channel];
    if (wire.is_gone || wire.blocked_until > now_) continue;
    const std::string link = " on link " + std::to_string(i);
    if (wire.server != nullptr && wire.server->open_streams() != 0) {
      note_problem("streams are left open" + link);
    }
    if (!channels_[wire.channel]->channel->output(wire.id).empty()) {
      note_problem("bytes are left unwritten" + link);
    }
  }
  for (std::size_t i = 0; i < channels_.size(); ++i) {
    const Channel& channel = *channels_[i]->channel;
    if (channel.call_count() != 0) note_problem("calls are left on the channel");
    if (channel.has_event()) note_problem("events are left on the channel");
    const rpc::ChannelOptions& options = channel.options();
    std::size_t most = options.dns_balancing ? plan_.addresses.size() : options.max_connections;
    if (channel.state() == State::kConnecting) continue;  // all addresses at once, for a while
    if (channel.state() != State::kReady || options.idle_timeout != Duration()) most = 0;
    if (open[i] > most) {
      note_problem("channel " + std::to_string(i) + " has " + std::to_string(open[i]) +
                   " connections at rest, and may have " + std::to_string(most));
    }
  }
}

// What was written before the end still reaches the servers.
void World::deliver_the_last() {
  for (std::uint32_t guard = 0; guard < kMaxLastEvents && problem_.empty() && !events_.empty();
       ++guard) {
    const Event event = events_.top();
    events_.pop();
    now_ = std::max(now_, event.when);
    if (event.what == What::kToServer) to_server(wires_[event.subject], event.subject);
  }
}

void World::check_end() {
  for (std::uint32_t i = 0; i < channels_.size(); ++i) {
    Slot& slot = *channels_[i];
    if (!slot.is_closed) note_problem("close() and no kClosed");
    if (slot.channel->call_count() != 0) note_problem("calls are left after close()");
    if (slot.channel->next_deadline() != kNever) note_problem("a deadline is left after close()");
  }
  for (std::size_t i = 0; i < wires_.size(); ++i) {
    if (!wires_[i].is_closed) note_problem("link " + std::to_string(i) + " was never closed");
  }
  for (std::size_t i = 0; i < callers_.size(); ++i) {
    const Caller& caller = callers_[i];
    if (!caller.reply) {
      note_problem("call " + std::to_string(i) + " has had no reply");
      continue;
    }
    const std::string wrong = ledger_.contradiction_at_end(caller.path, *caller.reply);
    if (!wrong.empty()) {
      note_problem("call " + std::to_string(i) + ": " + wrong +
                   "; its reply: " + caller.reply->status.to_string());
    }
  }
}

}  // namespace minim::sim
