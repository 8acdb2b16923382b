// A thread with a loop of its own: what is behind Runtime.
#ifndef MINIM_UV_LOOP_THREAD_H_
#define MINIM_UV_LOOP_THREAD_H_

#include <cstddef>
#include <memory>

#include "minim/internal/executor.h"
#include "uv/system.h"

namespace minim::uv {

class LoopCore;

class LoopThread {
 public:
  LoopThread(std::size_t mailbox_capacity, const System& system);
  LoopThread(const LoopThread&) = delete;
  LoopThread& operator=(const LoopThread&) = delete;
  // Ends all runs, then the thread. On the thread itself: returns at once, and the thread finishes
  // by itself. In a forked child, where there is no thread: leaves everything to the parent.
  ~LoopThread();

  // Never null: an executor that refuses everything if there is no thread.
  std::shared_ptr<internal::Executor> executor() const { return executor_; }

 private:
  std::shared_ptr<internal::Executor> executor_;
  std::shared_ptr<LoopCore> core_;  // null: the thread could not be started
  pthread_t thread_{};
};

}  // namespace minim::uv

#endif  // MINIM_UV_LOOP_THREAD_H_
