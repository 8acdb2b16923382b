// The world of one seed as an object: what there is, and what happens next.
#ifndef MINIM_TESTS_SIM_WORLD_H_
#define MINIM_TESTS_SIM_WORLD_H_

#include <queue>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "sim/simulation.h"
#include "sim/wire.h"
#include "sim/world_plan.h"

namespace minim::sim {

using rpc::Channel;
using rpc::LinkId;

inline constexpr Time kBegin = Time(std::chrono::hours(1));

// How late a loop comes to its timer, where it does.
inline constexpr std::uint32_t kMostLateMicros = 31'000;
inline constexpr Duration kMostLate = std::chrono::microseconds(kMostLateMicros);

inline constexpr std::size_t kGzipAboveBytes = 1024;  // the channel's default

struct Caller {
  std::string path;
  rpc::CallId id = rpc::CallId::kNone;
  std::uint32_t channel = 0;
  std::size_t message_bytes = 0;
  Time deadline = kNever;
  Duration rpc_timeout{};
  rpc::RetryOptions policy;
  Time first_clock = kNever;  // the latest end of the first attempt
  Time last_clock = kNever;   // and of them all
  std::optional<rpc::Reply> reply;
};

class World {
 public:
  World(std::uint64_t seed, const Options& options) : options_(options), dice_(seed) {
    plan_ = make_plan(dice_);
    for (std::uint32_t i = 0; i < plan_.channels; ++i) {
      auto& slot = channels_.emplace_back(std::make_unique<Slot>(dice_.bits()));
      auto made = Channel::create(make_options(plan_, dice_), slot->random);
      if (!made) {
        note_problem("the channel was refused: " + made.error().to_string());
        return;
      }
      slot->channel = std::move(*made);
    }
    for (std::uint32_t i = 0; i < plan_.calls; ++i) {
      schedule(kBegin + within(plan_.start_span), What::kStart, dice_.below(plan_.channels));
    }
    for (std::uint32_t i = 0; i < plan_.channels; ++i) {
      if (dice_.percent(plan_.closes_early)) {
        schedule(kBegin + within(plan_.calm_at), What::kClose, i);
      }
    }
    if (dice_.percent(plan_.jumps)) schedule(kBegin + within(plan_.calm_at), What::kJump, 0);
  }

  Outcome run() {
    while (problem_.empty() && !all_ended()) step();
    rest();
    if (problem_.empty()) check_rest();
    for (std::uint32_t i = 0; problem_.empty() && i < channels_.size(); ++i) close(i);
    deliver_the_last();
    if (problem_.empty()) check_end();
    Outcome outcome;
    outcome.problem = problem_;
    outcome.fingerprint = fingerprint_;
    outcome.trace = std::move(trace_);
    outcome.calls = static_cast<std::uint32_t>(callers_.size());
    outcome.dials = static_cast<std::uint32_t>(wires_.size());
    outcome.steps = steps_;
    for (const Caller& caller : callers_) {
      if (!caller.reply) continue;
      outcome.good_calls += caller.reply->status.ok();
      outcome.attempts += caller.reply->attempts;
    }
    return outcome;
  }

 private:
  enum class What : std::uint8_t {
    kStart,
    kCancel,
    kClose,
    kJump,
    kLookup,
    kDialed,
    kToServer,
    kToClient,
    kServer,
    kUnblock,
    kFault,
    kTurn,
  };
  struct Event {
    Time when;
    std::uint32_t tie;  // events of one instant come in any order
    std::uint64_t order;
    What what;
    std::uint64_t subject;
    bool operator>(const Event& other) const {
      return std::tie(when, tie, order) > std::tie(other.when, other.tie, other.order);
    }
  };
  struct Slot {
    explicit Slot(std::uint64_t seed) : random(seed) {}
    SeededRandom random;
    std::unique_ptr<Channel> channel;
    Time timer = kNever;      // when the loop will come to it
    Time timer_for = kNever;  // the deadline that it was set for
    bool is_closed = false;
  };

  Duration within(Duration most) {
    return std::chrono::microseconds(
        dice_.bits() % (static_cast<std::uint64_t>(most / std::chrono::microseconds(1)) + 1));
  }
  Duration delay() { return plan_.delay_least + within(plan_.delay_most - plan_.delay_least); }
  bool is_calm() const { return now_ >= kBegin + plan_.calm_at; }
  bool happens(std::uint32_t chance) { return !is_calm() && dice_.percent(chance); }

  // All the same letter, and so always smaller when coded.
  bool is_coded(const Caller& caller) const {
    return plan_.has_gzip && caller.message_bytes >= kGzipAboveBytes;
  }

  void schedule(Time when, What what, std::uint64_t subject) {
    events_.push({when, dice_.below(1000), next_order_++, what, subject});
  }

  void note_problem(std::string text) {
    if (problem_.empty()) {
      problem_ = std::move(text) + " (after " +
                 std::to_string((now_ - kBegin) / std::chrono::microseconds(1)) + " us)";
    }
  }

  // Everything that happens is in the fingerprint; the text is made only for a trace.
  void note(const char* what, std::uint64_t who, std::uint64_t more = 0,
            std::string_view text = {}) {
    const auto mix = [&](std::uint64_t value) {
      fingerprint_ = (fingerprint_ ^ value) * 0x100000001b3;
    };
    mix(static_cast<std::uint64_t>(now_.time_since_epoch().count()));
    for (const char* c = what; *c != 0; ++c) mix(static_cast<unsigned char>(*c));
    mix(who);
    mix(more);
    for (const char c : text) mix(static_cast<unsigned char>(c));
    if (!options_.trace) return;
    trace_ += std::to_string((now_ - kBegin) / std::chrono::microseconds(1)) + " us " + what + " " +
              std::to_string(who) + " " + std::to_string(more);
    if (!text.empty()) trace_.append(" ").append(text);
    trace_ += '\n';
  }

  bool all_ended() const { return started_ >= plan_.calls && ended_ == callers_.size(); }

  // When something happens next, and the channel whose timer it is; UINT32_MAX: an event.
  std::pair<Time, std::uint32_t> next_up() const;
  void step();
  void perform(const Event& event);
  void start(std::uint32_t channel);
  void close(std::uint32_t channel);
  void answer_lookup(LinkId id, std::uint32_t channel);
  void answer_dial(Wire& wire, std::size_t index);
  void to_server(Wire& wire, std::size_t index);
  void to_client(Wire& wire);
  void server_turn(Wire& wire, std::size_t index);
  void break_wire(Wire& wire, std::size_t index);
  void turn(std::uint32_t channel);
  void turn_sometime(std::uint32_t channel);
  void take_events(std::uint32_t channel);
  void on_reply(std::uint32_t channel, Channel::Event& event);
  void take_actions(std::uint32_t channel);
  void write(Wire& wire, std::size_t index);
  void send_to_server(Wire& wire, std::size_t index, Packet packet);
  void send_to_client(Wire& wire, std::size_t index, Packet packet);
  void set_timer(Slot& slot);
  void on_timer(std::uint32_t channel);
  Moment this_moment() { return {now_, ++moments_}; }
  Duration most_late() const { return plan_.late_timer == 0 ? Duration() : kMostLate; }
  static Time last_clock(const Caller& caller, Time from);
  void set_clocks(Caller& caller) const;
  void wake_up();
  void check_clocks();
  void check_timer(std::uint32_t channel);
  void check_reply(const Caller& caller, std::size_t index);
  void rest();
  void check_rest();
  void deliver_the_last();
  void check_end();

  const Options options_;
  Dice dice_;
  WorldPlan plan_;
  Ledger ledger_;
  Time now_ = kBegin;
  Duration slept_{};
  std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
  std::uint64_t next_order_ = 0;
  std::uint64_t moments_ = 0;
  std::vector<std::unique_ptr<Slot>> channels_;
  std::vector<Caller> callers_;
  std::size_t ended_ = 0;
  std::uint32_t started_ =
      0;  // of those that are planned; a call that follows a reply counts at its start
  std::deque<Wire> wires_;  // addresses stay
  std::vector<std::pair<LinkId, std::uint32_t>> lookups_;
  std::uint32_t steps_ = 0;
  std::uint32_t steps_without_time_ = 0;
  bool sabotaged_ = false;
  std::string problem_;
  std::uint64_t fingerprint_ = 0xcbf29ce484222325;
  std::string trace_;
};

}  // namespace minim::sim

#endif  // MINIM_TESTS_SIM_WORLD_H_
