// What is behind Channel: its calls (channel.cc) and its links (channel_links.cc).
#ifndef MINIM_RPC_CHANNEL_IMPL_H_
#define MINIM_RPC_CHANNEL_IMPL_H_

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "base/timer_heap.h"
#include "minim/rpc/channel.h"
#include "rpc/link.h"
#include "rpc/retry.h"
#include "rpc/retry_throttle.h"

namespace minim::rpc {

class Channel::Impl {
 public:
  Impl(ChannelOptions options, Target target, std::optional<Target> proxy_target, Random& random);

  enum class CallState : std::uint8_t {
    kFree,
    kWaiting,   // in the waiting list: no connection is ready
    kOnLink,    // an attempt runs on `link`
    kSleeping,  // until the next attempt
  };

  struct Call {
    CallState state = CallState::kFree;
    bool patient = false;  // waits through a backoff although it is fail-fast: it was never sent
    bool gzip_retried = false;
    bool reached = false;  // an attempt that has failed may have been processed
    std::uint32_t slot = 0;
    std::uint32_t generation = 0;
    std::uint32_t attempts = 0;  // begun
    Call* previous = nullptr;    // kWaiting: neighbours in the list
    Call* next = nullptr;
    Link* link = nullptr;            // kOnLink
    CallId attempt = CallId::kNone;  // kOnLink: the connection's name of it
    Request request;                 // not while kOnLink
    CallOptions options;
    Retry retry;
    Time started{};
    Time attempt_started{};
    Time attempt_deadline = kNever;
    TimerHeap::Entry timer;
    Status last_error;  // of the attempt before
  };

  // --- calls (channel.cc) ---
  CallId start(Time now, Request&& request, CallOptions&& options);
  void cancel(Time now, CallId id);
  void close(Time now);
  void begin_attempt(Time now, Call& call);
  void place(Time now, Call& call);
  void hand_over(Time now, Call& call, Link& link);
  void attempt_failed(Time now, Call& call, Reply&& reply);
  void finish(Time now, Call& call, Reply&& reply);
  void finish(Time now, Call& call, Status status, Progress progress);
  void on_attempt_reply(Time now, Link& link, Connection::Event& event);
  void on_call_timer(Time now, Call& call);
  void wait(Call& call);
  void stop_waiting(Call& call);
  Call& take_free();
  Call* find(CallId id);
  static CallId id_of(const Call& call);
  std::string waiting_phase() const;
  void name_last_error(const Call& call, std::string& text) const;

  // --- links (channel_links.cc) ---
  void connect(Time now);
  void begin_round(Time now);
  void resolved(Time now, LinkId id, Result<std::vector<Address>> addresses);
  void dial_next(Time now);
  void round_link_failed(Time now, Link& link);
  void round_failed(Time now, Status why);
  void end_round(Time now, Link* winner);
  void become_ready(Time now, Link& link);
  void take_link_events(Time now, Link& link);
  void on_drained(Time now, Link& link, const Connection::Event& event);
  void on_link_closed(Time now, Link& link, const Status& why);
  void close_link(Link& link);
  // `failed_round`: also calls that were never sent, and waited for this very connection, end.
  void back_off(Time now, Status why, bool failed_round);
  void lose_ready(Time now, Link& link, const Status& why);
  void address_failed(Time now, const Status& why);
  void set_state(ChannelState state, Status why = Status());
  Link* find_link(LinkId id);
  Link& make_link(Address address);
  Action& push_action(Action::Kind kind, LinkId link);
  Event& push_event(Event::Kind kind);

  bool can_call() const;  // the ready link takes calls
  Time next_deadline() const;
  void on_time(Time now);
  bool next_action(Action* action);
  bool next_event(Event* event);

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
  Call* waiting_head_ = nullptr;
  Call* waiting_tail_ = nullptr;
  TimerHeap timers_;

  ChannelState state_ = ChannelState::kIdle;
  std::vector<std::unique_ptr<Link>> links_;
  std::vector<std::unique_ptr<Link>> parting_;  // kClose handed out: freed at the next input
  Link* ready_ = nullptr;
  std::uint64_t next_link_ = 1;

  // One round of connecting: lookup, then dials until one link is ready.
  LinkId lookup_ = LinkId::kNone;
  std::vector<Address> addresses_;
  std::size_t next_address_ = 0;
  std::size_t links_in_round_ = 0;
  std::string round_errors_;
  Time round_started_{};
  Time round_deadline_ = kNever;
  Time next_dial_at_ = kNever;

  Duration backoff_{};  // the next wait before jitter; zero: none since the last success
  Time backoff_until_ = kNever;
  Status last_failure_;

  std::deque<Action> actions_;
  std::vector<Event> events_;
  std::size_t next_event_ = 0;
};

}  // namespace minim::rpc

#endif  // MINIM_RPC_CHANNEL_IMPL_H_
