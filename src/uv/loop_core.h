// Drivers on one uv_loop_t, borrowed or owned: their turns, timers, runs and handles.
#ifndef MINIM_UV_LOOP_CORE_H_
#define MINIM_UV_LOOP_CORE_H_

#include <uv.h>

#include <atomic>
#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/timer_heap.h"
#include "minim/internal/executor.h"
#include "uv/driver.h"
#include "uv/fork_guard.h"
#include "uv/list.h"
#include "uv/mailbox.h"
#include "uv/run_record.h"
#include "uv/system.h"

namespace minim::uv {

// One buffer a loop, for all its sockets: what is read is consumed before the next read.
inline constexpr std::size_t kReadBytes = std::size_t{64} << 10;

// A turn is what one libuv callback sets off: feed what has come, then rounds of events out, mail,
// begins, due timers and services of drivers until all is quiet. Events come before the mail, so
// that a callback that starts the next operation finds it begun and sent in the same round.
//
// Lives until its last handle has closed (LoopOnly::self) and nobody holds it any more.
class LoopCore final : public internal::Executor, public std::enable_shared_from_this<LoopCore> {
 public:
  enum class Ownership : std::uint8_t { kBorrowed, kOwned };

  // A borrowed loop belongs to the calling thread, an owned one to none until adopt_thread().
  LoopCore(uv_loop_t* loop, Ownership ownership, std::size_t mailbox_capacity,
           const System& system);
  ~LoopCore() override;

  // --- Any thread. On a borrowed loop open() and submit() refuse all but the loop's. ---

  Result<std::shared_ptr<internal::Port>> open(rpc::ChannelOptions options) override;
  std::uint64_t entropy() override;
  std::string default_identity() override;
  std::optional<std::string> environment(const char* name) override;
  Status submit(PortEnd& port, std::shared_ptr<internal::Run> run);
  void request_cancel(const internal::Run& run);
  void close(PortEnd& port, Duration drain);
  void detach(PortEnd& port);
  // Ends everything in one of the loop's next turns; refuses what comes later. In a forked child:
  // leaves everything as it is.
  void stop();
  bool is_loop_thread() const { return thread_.load() == std::this_thread::get_id(); }
  bool is_forked() const { return guard_.is_forked(); }
  Time now() const { return system_.now(); }
  const System& system() const { return system_; }

  // --- Only the loop's thread. ---

  // Puts the handles on the loop. A borrowed one gets them with its first submit(), so that a
  // client that was never used needs no turn of the loop to go away.
  Status start_handles();
  void adopt_thread(std::thread::id thread) { thread_ = thread; }

  // For drivers, links and runs.
  void on_poll(Driver& driver, Link& link, int status, int events);
  void handle_opened() { ++only_.open_handles; }
  void handle_closed();
  void touch(Driver& driver);
  void forget_start(RunRecord& record);
  void retire(RunRecord& record) { only_.ended.push_back(&record); }
  void run_ended() { --only_.running; }
  // What an answer is about.
  enum class Awaited : std::uint8_t { kAddresses, kConnection };
  // UNAVAILABLE: no lookup was started. One above kMaxLookups waits its turn.
  Status look_up(Driver& driver, rpc::LinkId link, const std::string& host, std::uint16_t port);
  // Where the host's own resolver or dialer puts its answer about `name`. UNAVAILABLE: it owes too
  // many.
  Result<std::unique_ptr<HostAnswer>> await_host(Driver& driver, rpc::LinkId link, Awaited what,
                                                 const std::string& name);
  const std::shared_ptr<Mailbox>& mailbox() const { return mailbox_; }
  TimerHeap& timers() { return only_.timers; }
  uv_loop_t* loop() { return only_.loop; }
  char* read_buffer() { return only_.read_buffer.get(); }

 private:
  struct Pending {
    std::uint64_t serial;
    Driver* driver;  // null: gone, the answer will be dropped
    rpc::LinkId link;
    Awaited what;
  };

  // Its driver's latest: a channel forgets the one before when it asks anew.
  struct WaitingLookup {
    Driver* driver;
    rpc::LinkId link;
    std::string host;
    std::uint16_t port;
  };

  // What only the loop's thread touches. All that other threads touch is Mailbox::Shared.
  struct LoopOnly {
    uv_loop_t* loop = nullptr;
    uv_async_t wakeup;  // for other threads; referenced while runs are active
    uv_timer_t timer;   // at `armed`; never referenced
    uv_idle_t again;    // active: another turn is due at once
    bool has_handles = false;
    bool is_referenced = true;  // the wakeup handle is
    bool is_shut_down = false;
    int open_handles = 0;
    Time armed = kNever;
    Time wanted = kNever;     // the earliest deadline met in this turn
    std::size_t running = 0;  // runs taken from the mailbox and not ended
    TimerHeap timers;         // of runs
    List<Driver, &Driver::loop_hook> drivers;
    List<Driver, &Driver::dirty_hook> dirty;
    RunQueue starting;
    RunQueue ended;                     // to be retired
    RunQueue blank;                     // retired, to go back to the mailbox
    std::vector<Pending> pending;       // answers, at most kMaxLookups
    std::deque<WaitingLookup> waiting;  // for one of these to come, at most one of each driver
    std::uint64_t answers_awaited = 0;
    std::unique_ptr<char[]> read_buffer;
    bool is_in_turn = false;
    std::shared_ptr<LoopCore> self;  // while there are handles
  };

  static void on_wakeup(uv_async_t* handle);
  static void on_timer(uv_timer_t* handle);
  static void on_again(uv_idle_t* handle);
  static void on_core_closed(uv_handle_t* handle);

  Status check_caller() const;
  Mailbox::From from() const;
  void see_to_mail(Mailbox::From from);
  void settle(bool has_signal);
  bool is_quiet() const;
  bool take_mail(bool may_shut_down);
  void refuse(RunRecord& record);
  bool has_no_slot() const;
  void take_answer(Answer& answer);
  void begin_lookups();
  void begin_runs();
  void fire_timers();
  void service_drivers();
  void destroy(Driver& driver);
  void deliver_events();
  void release_ended();
  void release(RunQueue& ended);
  void rest(bool is_quiet);
  void arm(Time when);
  void shut_down();

  const Ownership ownership_;
  const System& system_;
  const ForkGuard guard_;
  std::atomic<std::thread::id> thread_;
  const std::shared_ptr<Mailbox> mailbox_;
  LoopOnly only_;
};

}  // namespace minim::uv

#endif  // MINIM_UV_LOOP_CORE_H_
