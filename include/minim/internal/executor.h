// The seam between operations, which do no I/O, and whoever runs them: a loop with its channels.
// src/uv implements it; tests implement it over byte strings and virtual time.
#ifndef MINIM_INTERNAL_EXECUTOR_H_
#define MINIM_INTERNAL_EXECUTOR_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "minim/result.h"
#include "minim/rpc/call.h"
#include "minim/rpc/channel.h"

namespace minim::internal {

// A running operation as the executor sees it. All members are called on the loop's thread, and
// never from inside a call that the Run itself makes into its Port.
class Run : public std::enable_shared_from_this<Run> {
 public:
  virtual ~Run() = default;
  // First of all, once.
  virtual void begin() = 0;
  // The call that the Run started has ended (its own cancel included).
  virtual void on_reply(rpc::Reply reply) = 0;
  // The timer that the Run started has come due.
  virtual void on_timer() = 0;
  // Somebody asked the Run to end (ticket, stop token, destroyed coroutine, closed client). Its
  // call or timer has been taken back already: no on_reply or on_timer follows. The Run must end
  // with `why`, which knows whether that call may have reached the server, and call
  // Port::finished(). At most once, perhaps before begin().
  virtual void on_cancel(Status why) = 0;

  void* executor_record = nullptr;  // the executor's own; nobody else touches it
};

// One channel on one loop, shared by the clients and handles that use it. The last owner that lets
// go closes it. A Run has at most one call or one timer at a time.
class Port {
 public:
  virtual ~Port() = default;

  // --- Any thread if the loop is minim's own; else only the loop's thread. ---

  // Takes a Run: begin() follows on the loop's thread or, once the channel is closed, on_cancel();
  // never from inside submit(). Not OK: nothing was taken. CANCELLED: the loop is gone.
  // RESOURCE_EXHAUSTED: the mailbox is full (names the limit). FAILED_PRECONDITION: a wrong thread,
  // or a forked child.
  virtual Status submit(std::shared_ptr<Run> run) = 0;
  // Has the Run end with CANCELLED. Never waits behind a full mailbox; no-op once it has finished.
  virtual void request_cancel(const std::shared_ptr<Run>& run) = 0;
  // Ends the channel: each Run with CANCELLED "client closed". Never waits. `drain`: the Runs that
  // there are get this long to end by themselves, and no others are taken meanwhile; a later
  // close() without a drain ends them at once, any other changes nothing.
  virtual void close(Duration drain = Duration()) = 0;
  // True on the loop's own thread, where nobody may block.
  virtual bool is_loop_thread() const = 0;

  // --- Only on the loop's thread, by a Run that was submitted here. ---

  virtual Time now() const = 0;
  virtual Random& random() = 0;
  virtual void start_call(Run& run, rpc::Request&& request, rpc::CallOptions&& options) = 0;
  virtual void start_timer(Run& run, Time when) = 0;
  // The Run is over; the executor drops its reference after the current callback.
  virtual void finished(Run& run) = 0;
};

// A loop, borrowed or owned.
class Executor {
 public:
  virtual ~Executor() = default;
  // Puts a channel on the loop. Same threads as Port::submit(). The options are checked here
  // (rpc::Channel::create); nothing is dialled before the first call.
  virtual Result<std::shared_ptr<Port>> open(rpc::ChannelOptions options) = 0;
  // 64 bits from the operating system, for seeds. Any thread.
  virtual std::uint64_t entropy() = 0;
  // "<pid>@<host name>". Any thread.
  virtual std::string default_identity() = 0;
  // A variable of the process's environment; unset where there is none. Any thread.
  virtual std::optional<std::string> environment(const char*) { return std::nullopt; }
};

}  // namespace minim::internal

#endif  // MINIM_INTERNAL_EXECUTOR_H_
