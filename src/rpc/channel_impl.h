// What is behind Channel: its calls (channel.cc), its links (channel_links.cc), how it gets them
// (channel_rounds.cc, channel_balance.cc).
#ifndef MINIM_RPC_CHANNEL_IMPL_H_
#define MINIM_RPC_CHANNEL_IMPL_H_

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "base/timer_heap.h"
#include "minim/observer.h"
#include "minim/rpc/channel.h"
#include "rpc/address_order.h"
#include "rpc/link.h"
#include "rpc/retry.h"
#include "rpc/retry_throttle.h"

namespace minim::rpc {

class Channel::Impl {
 public:
  Impl(ChannelOptions options, Target target, std::optional<Target> proxy_target, Random& random);

  enum class CallState : std::uint8_t {
    kFree,
    kWaiting,   // in the waiting list: no connection is ready, or none has a free stream
    kOnLink,    // an attempt runs on `link`
    kSleeping,  // until the next attempt
  };

  struct Call {
    CallState state = CallState::kFree;
    bool wait_for_ready = false;
    bool long_poll = false;
    bool patient = false;  // waits through a backoff although it is fail-fast: it was never sent
    bool gzip_retried = false;
    bool is_tried = false;  // an attempt goes on that no observer has been told of
    bool reached = false;   // an attempt that has failed may have been processed
    std::uint32_t slot = 0;
    std::uint32_t generation = 0;
    std::uint32_t attempts = 0;  // begun
    Call* previous = nullptr;    // kWaiting: neighbours in the list
    Call* next = nullptr;
    Link* link = nullptr;            // kOnLink
    CallId attempt = CallId::kNone;  // kOnLink: the connection's name of it
    Request request;                 // the connection refers to it while kOnLink
    Duration rpc_timeout{};
    Time deadline = kNever;
    void* tag = nullptr;
    std::unique_ptr<const RetryOptions> own_policy;  // null: the channel's
    Retry retry;
    Time started{};
    Time attempt_started{};
    Time attempt_deadline = kNever;
    Duration queued{};  // of the attempt, for a free stream; kept for an observer only
    TimerHeap::Entry timer;
    Status last_error;  // of the attempt before
  };

  // An address of a balanced channel.
  struct Endpoint {
    Address address;
    Link* link = nullptr;      // dialling or ready
    Time dial_at{};            // without a link: not before
    Time give_up_at = kNever;  // while dialling
    Duration backoff{};        // the next wait before jitter; zero: none since the last success
  };

  // --- calls (channel.cc) ---
  CallId start(Time now, Request&& request, CallOptions&& options);
  Progress cancel(Time now, CallId id);
  void close(Time now, Duration drain);
  void cut(Time now);
  // Ends each input: what it has made due.
  void settle(Time now);
  void serve_waiting(Time now);
  void begin_attempt(Time now, Call& call);
  void place(Time now, Call& call);
  void hand_over(Time now, Call& call, Link& link);
  void attempt_failed(Time now, Call& call, Reply&& reply);
  void finish(Time now, Call& call, Reply&& reply);
  void finish(Time now, Call& call, Status status, Progress progress);
  void on_attempt_reply(Time now, Link& link, Connection::Event& event);
  void on_call_timer(Time now, Call& call);
  // Its clock has struck, `phase` says where.
  void expire(Time now, Call& call, std::string phase);
  void wait(Call& call);
  void stop_waiting(Call& call);
  Call& take_free();
  Call* find(CallId id);
  static CallId id_of(const Call& call);
  std::string waiting_phase() const;
  void name_last_error(const Call& call, std::string& text) const;

  // --- rounds of connecting (channel_rounds.cc) ---
  void connect(Time now);
  // Another connection beside those that are ready, if that may be.
  void grow(Time now);
  void begin_round(Time now);
  LinkId look_up(const Target& target);
  void resolved(Time now, LinkId id, Result<std::vector<Address>> addresses);
  Link& dial(Time now, Address address);
  void dial_next(Time now);
  void round_failed(Time now, Status why);
  void round_timed_out(Time now);
  void end_round(const Link* winner);
  void note_slow_links(Time now, const Link* winner);
  std::string connecting_phase() const;
  // A link that was never ready will not be.
  void link_failed(Time now, Link& link, const Status& why);
  void back_off(Time now, const Status& why);
  // Fail-fast calls share the fate of the connection that they wait for.
  void fail_waiting(Time now, const Status& why);
  // Jittered; the one after it is longer.
  Duration next_backoff(Duration& backoff);

  // --- several addresses at once (channel_balance.cc) ---
  void take_answer(Time now, Result<std::vector<Address>> answer);
  void replace_endpoints(Time now, const std::vector<Address>& answer);
  void await_endpoints(Time now);
  void dial_endpoints(Time now);
  void endpoint_ready(const Link& link);
  void endpoint_failed(Time now, const Link& link);
  // `stood`: it was of use, and may be dialled again at once.
  void endpoint_lost(Time now, const Link& link, bool stood);
  Endpoint* endpoint_of(const Link& link);
  bool is_dialling() const;
  bool tends_endpoints() const;
  Time next_endpoint_deadline() const;
  void tend_endpoints(Time now);
  void schedule_refresh(Time now);
  Link* pick_balanced();

  // --- links (channel_links.cc) ---
  void become_ready(Time now, Link& link);
  void take_link_events(Time now, Link& link);
  void on_drained(Time now, Link& link, const Status& why, bool too_many_pings);
  void on_link_closed(Time now, Link& link, const Status& why);
  void close_link(Link& link);
  void lose(Time now, Link& link, const Status& why);
  // Says goodbye to a ready link; its calls, if any, finish.
  void retire(Time now, Link& link);
  Time idle_deadline(Link& link) const;
  void retire_idle(Time now);
  void set_state(ChannelState state, Status why = Status());
  Link* find_link(LinkId id);
  Link& make_link(Address address);
  Action& push_action(Action::Kind kind, LinkId link);
  Event& push_event(Event::Kind kind);

  // --- for an observer (channel_observations.cc) ---
  // On the way of each call, one comparison where there is none.
  void observe_attempt(Time now, Call& call, const Reply& reply) {
    if (is_observed_) note_attempt(now, call, reply);
  }
  void observe_end(Time now, Call& call, const Reply& reply) {
    if (is_observed_) note_end(now, call, reply);
  }
  // A new value to fill in; null: there is no observer.
  Observation* observe(Observation::Kind kind);
  Observation* observe_call(Observation::Kind kind, const Call& call, const Status& status);
  void observe_repeat(const Call& call, const Status& why, Duration wait);
  void observe_link(Observation::Kind kind, const Link& link, const Status& why, Duration took);
  void note_attempt(Time now, Call& call, const Reply& reply);
  void note_end(Time now, Call& call, const Reply& reply);
  bool next_observation(Observation* observation);

  Link* pick();            // takes the next call; null: none has a free stream
  bool is_wanted() const;  // a connection is
  Time next_deadline() const;
  void on_time(Time now);
  bool next_action(Action* action);
  Event* next_event();
  bool has_event() const { return next_event_ < events_.size(); }

  ChannelOptions options_;
  const Target target_;
  const std::optional<Target> proxy_target_;
  Random& random_;
  Link::Plan plan_;
  std::optional<KeepaliveOptions> keepalive_;  // the interval grows on too_many_pings
  RetryThrottle throttle_;

  std::deque<Call> calls_;  // addresses stay
  std::vector<Call*> free_;
  std::size_t call_count_ = 0;
  Time quiet_since_{};  // valid while there are no calls
  Call* waiting_head_ = nullptr;
  Call* waiting_tail_ = nullptr;
  Call* patient_tail_ = nullptr;  // the last of those in front that are patient; null: none is
  TimerHeap timers_;

  bool closing_ = false;  // close() was called; the state is kClosed once it is complete
  Time cut_at_ = kNever;
  ChannelState state_ = ChannelState::kIdle;
  std::vector<std::unique_ptr<Link>> links_;
  std::vector<std::unique_ptr<Link>> parting_;  // kClose handed out: freed at the next input
  std::vector<Link*> ready_;                    // take calls, the oldest first
  std::uint64_t next_link_ = 1;

  // One round of connecting: lookup, then dials until one link is ready.
  bool in_round_ = false;
  LinkId lookup_ = LinkId::kNone;
  std::vector<Address> addresses_;
  std::vector<Address> known_addresses_;  // of the last lookup that had any; not where balanced_
  std::size_t next_address_ = 0;
  std::size_t links_in_round_ = 0;
  std::string round_errors_;
  Time round_started_{};
  Time round_deadline_ = kNever;
  Time next_dial_at_ = kNever;
  AddressOrder order_;
  Time grow_at_ = kNever;    // no round for another connection before; kNever: none has failed
  Duration grow_backoff_{};  // as backoff_, for those rounds: what the first link answers proves
                             // nothing about another

  const bool balanced_;
  std::vector<Endpoint> endpoints_;
  Time refresh_at_ = kNever;  // the next lookup, or the end of our patience with the one that runs
  std::optional<std::size_t> next_pick_;  // drawn at first use: on the loop's thread

  Duration backoff_{};  // the next wait before jitter; zero: none since the last success
  Time backoff_until_ = kNever;
  Status last_failure_;
  // kBackoff: a round has failed. Else a connection was lost, and calls wait for the next one.
  bool cannot_connect_ = false;

  std::deque<Action> actions_;
  const bool is_observed_;
  std::vector<Observation> observations_;
  std::size_t next_observation_ = 0;
  std::vector<Event> events_;
  std::size_t next_event_ = 0;
};

}  // namespace minim::rpc

#endif  // MINIM_RPC_CHANNEL_IMPL_H_
