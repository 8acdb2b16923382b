// The one way into a loop from other threads, and from the loop's own thread as well.
#ifndef MINIM_UV_MAILBOX_H_
#define MINIM_UV_MAILBOX_H_

#include <uv.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>

#include "minim/internal/executor.h"
#include "uv/answer.h"
#include "uv/list.h"
#include "uv/run_record.h"
#include "uv/stream_wake.h"

namespace minim::uv {

// CANCELLED, "client closed".
Status closed_status();

// The port's end of the bond between a port, which any thread may let go of, and its driver, which
// lives and dies on the loop's thread.
struct PortEnd {
  Driver* driver = nullptr;  // under the mutex; null once the driver is gone
};

// The driver's end. All members are under the mutex.
struct DriverEnd {
  PortEnd* port = nullptr;  // null once the port is gone
  bool close_requested = false;
  bool drain_requested = false;  // or a close
  Time drain_until = kNever;     // valid if drain_requested; set once
  Hook<DriverEnd> opened_hook;
  Hook<DriverEnd> closed_hook;
  Hook<DriverEnd> drained_hook;
};

// Shared by the loop, its ports and its lookups; may outlive the loop. Only submissions are
// bounded: everything else links what is there already, so cancels and closes never wait or fail.
class Mailbox {
 public:
  // Whether the caller is the loop's thread, which needs no signal: it sees to its mail by itself.
  enum class From : std::uint8_t { kLoopThread, kElsewhere };

  struct Mail {
    List<DriverEnd, &DriverEnd::opened_hook> opened;
    List<DriverEnd, &DriverEnd::closed_hook> closed;
    List<DriverEnd, &DriverEnd::drained_hook> drained;  // to be closed when their runs have ended
    RunQueue submitted;
    CancelQueue cancelled;
    List<Answer, &Answer::hook> answers;  // the taker deletes them
    List<StreamWake, &StreamWake::hook> woken;
    bool stopped = false;
  };

  explicit Mailbox(std::size_t capacity) : capacity_(capacity) {}
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;
  ~Mailbox();

  // --- Any thread. ---

  // Bonds a new driver with its port. CANCELLED: the loop has been stopped.
  Status open(From from, PortEnd& port, Driver& driver);
  // A run of a closed port is taken without a driver, for the loop to end. CANCELLED: there is no
  // loop any more that could. RESOURCE_EXHAUSTED: full.
  Status submit(From from, PortEnd& port, std::shared_ptr<internal::Run> run);
  void request_cancel(From from, const internal::Run& run);
  void close(From from, PortEnd& port);
  // close(), but not before the runs that there are have ended, or `until`.
  void drain(From from, PortEnd& port, Time until);
  // The port is being destroyed.
  void detach(From from, PortEnd& port);
  void answer(std::unique_ptr<Answer> answer);
  // A host's stream can go on.
  void wake(StreamWake& stream);
  void stop(From from);
  bool is_stopped() const;

  // --- Only the loop's thread. ---

  // Where signals go; null: nowhere. Once null has been set, nobody touches the old handle.
  void set_wakeup(uv_async_t* wakeup);
  // False: take() would yield nothing. A hint: what another thread posts just now may be missed,
  // but is signalled then.
  bool has_mail() const { return has_mail_.load(std::memory_order_relaxed); }
  // Takes the first off the list that take() gave; other threads look at its hook meanwhile.
  StreamWake& next_woken(Mail& mail);
  // Retires as well, under the same lock.
  Mail take(RunQueue& ended, RunQueue& blank);
  // Cuts the bond between each run of `ended` and its record; no request for it can come in any
  // more. The records and their references stay with the caller. Takes `blank`, records without
  // runs.
  void retire(RunQueue& ended, RunQueue& blank);
  // The driver is about to be destroyed.
  void forget(DriverEnd& driver);
  // The link behind it is going.
  void forget(StreamWake& stream);

 private:
  struct Shared {
    Mail mail;
    std::size_t submitted_count = 0;
    RunQueue free;
    std::size_t free_count = 0;
    uv_async_t* wakeup = nullptr;
    bool is_signalled = false;  // and the loop has not taken its mail since
  };
  void post(From from);
  void cut_bonds(RunQueue& ended, RunQueue& blank);

  const std::size_t capacity_;
  std::atomic<bool> has_mail_ = false;
  mutable std::mutex mutex_;
  Shared shared_;  // under mutex_
};

}  // namespace minim::uv

#endif  // MINIM_UV_MAILBOX_H_
