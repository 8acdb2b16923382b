// Runtime: a thread of minim's own that runs clients for hosts without an event loop.
#ifndef MINIM_RUNTIME_H_
#define MINIM_RUNTIME_H_

#include <cstddef>
#include <memory>

#include "minim/internal/executor.h"

namespace minim {

namespace uv {
class LoopThread;
}  // namespace uv

// Operations that have been started and that the loop has not taken up yet. One above is
// RESOURCE_EXHAUSTED; cancels and closes are never refused and never wait behind them.
inline constexpr std::size_t kMailboxCapacity = 65'536;

struct RuntimeOptions {
  std::size_t mailbox_capacity = kMailboxCapacity;
};

// Its clients may be used on any thread. Callbacks come on the loop's thread, where nobody may
// block. All signals are blocked there, so that the host's handlers run on the host's threads.
//
// If the thread cannot be started, making a client fails with UNAVAILABLE and the system's reason.
// In a forked child making and using clients fails with FAILED_PRECONDITION; a new Runtime works.
class Runtime {
 public:
  explicit Runtime(RuntimeOptions options = {});
  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;
  // Ends each operation with CANCELLED ("client closed"), waits for the callbacks that say so, and
  // ends the thread. On the loop's own thread (in a callback) it cannot wait: the callbacks follow
  // and the thread finishes by itself. Never waits for a name lookup. Clients that live on get
  // CANCELLED. In a forked child: leaves everything to the parent.
  ~Runtime();

  // For the layers above.
  std::shared_ptr<internal::Executor> executor() const;

 private:
  std::unique_ptr<uv::LoopThread> thread_;
};

}  // namespace minim

#endif  // MINIM_RUNTIME_H_
