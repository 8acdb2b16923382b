// One channel on the loop: performs what it asks for, feeds it what happens, and moves its runs.
#ifndef MINIM_UV_DRIVER_H_
#define MINIM_UV_DRIVER_H_

#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

#include "minim/internal/executor.h"
#include "minim/random.h"
#include "minim/result.h"
#include "minim/rpc/channel.h"
#include "uv/link.h"
#include "uv/mailbox.h"
#include "uv/run_record.h"

namespace minim::uv {

class LoopCore;

// Made on any thread, then the loop's thread's only. The members that take part in a turn:
//
//   on_io(), resolved(), start_call() ...   inputs; each leaves the driver on the loop's dirty list
//   deliver(), service()                    events out; actions performed, output written
class Driver : public DriverEnd {
 public:
  // INVALID_ARGUMENT as rpc::Channel::create().
  static Result<std::unique_ptr<Driver>> create(LoopCore& core, rpc::ChannelOptions options,
                                                std::uint64_t seed);
  ~Driver();

  // Inputs.
  void resolved(Time now, rpc::LinkId lookup, Result<std::vector<rpc::Address>> addresses);
  // What the host's dialer has to say about a link.
  void connected(Time now, rpc::LinkId link, Answer& answer);
  // A stream of the host's can go on.
  void on_wake(Time now, Link& link);
  void on_io(Time now, Link& link, int status, int events);
  // Reads what has come while nobody ran the loop: a loop that stalled must not take an answer that
  // waits in the socket for one that was lost, nor send a call on a connection that has ended.
  void catch_up(Time now);
  // Catches up before it looks at the clock.
  void on_time(Time now);
  void close(Time now);
  // close() when the last run has ended, or at drain_until.
  void drain();
  // Makes a connection without a call, if the channel is to have one.
  void begin(Time now);

  // Of runs.
  void attach(RunRecord& record);
  bool has_runs() const { return !runs_.empty(); }
  void cancel(Time now, RunRecord& record, Status why);
  void start_call(Time now, RunRecord& record, rpc::Request&& request, rpc::CallOptions&& options);
  void start_timer(RunRecord& record, Time when);
  void finished(RunRecord& record);

  // Hands out events, not all of very many: the loop's other drivers have a turn as well.
  void deliver();
  // Performs actions and writes. True: there are events, for deliver().
  bool service();
  Time next_deadline() const { return std::min(close_at_, channel_->next_deadline()); }
  // Closed, and no run is left that could call in: may be destroyed.
  bool is_done() const { return is_closed_ && runs_.empty() && ending_.empty(); }
  // Gives up runs that did not end when they were cancelled: the loop is going away.
  void abandon_runs();

  Random& random() { return *random_; }
  Hook<Driver> dirty_hook;  // on the loop's list of drivers to service
  Hook<Driver> loop_hook;   // on the loop's list of all drivers

 private:
  Driver(LoopCore& core, std::shared_ptr<Random> random)
      : core_(core), random_(std::move(random)) {}

  void on_reply(rpc::Channel::Event& event);
  void write_log(const rpc::Channel::Event& event);
  void tell_observer();
  void perform(rpc::Channel::Action& action);
  void resolve(const rpc::Channel::Action& action);
  void dial(const rpc::Channel::Action& action);
  void finish_dial(Time now, Link& link);
  void dial_failed(Time now, rpc::LinkId id, Status why);
  // What a short read leaves unseen until the next poll is at most the end of the connection; what
  // a turn's share leaves is read in the next one. Neither may be left when the clock decides.
  enum class Look : std::uint8_t { kWhileReadsAreFull, kForAllThatHasCome };
  void receive(Time now, Link& link, Look look = Look::kWhileReadsAreFull);
  void flush(Link& link);
  void disconnected(Time now, Link& link, Status why);
  void close_link(rpc::LinkId id);
  Link* find(rpc::LinkId id);
  Duration user_timeout() const;

  LoopCore& core_;
  const std::shared_ptr<Random> random_;
  std::unique_ptr<rpc::Channel> channel_;
  rpc::Channel::Action action_;       // reused, with its memory
  std::uint64_t received_bytes_ = 0;  // that no observer has been told of
  std::uint64_t sent_bytes_ = 0;      // likewise
  std::vector<Link*> links_;          // dialling or open; a channel has a handful at most
  DriverRuns runs_;                   // going on
  DriverRuns ending_;                 // cancelled, finished() still to come
  DriverRuns orphans_;                // ended, but the reply of a call is still to come
  bool is_draining_ = false;
  Time close_at_ = kNever;  // however many runs there are
  bool is_observed_ = false;
  bool is_closed_ = false;  // the channel's kClosed has come
};

}  // namespace minim::uv

#endif  // MINIM_UV_DRIVER_H_
