// Tells whether the process has forked since the guard was made.
#ifndef MINIM_UV_FORK_GUARD_H_
#define MINIM_UV_FORK_GUARD_H_

#include <sys/types.h>

#include "uv/system.h"

namespace minim::uv {

// In a forked child the loop's thread does not exist, its mutex may be locked for ever, and its
// epoll set and sockets are the parent's. Nothing may be touched there, and asking must cost next
// to nothing, because each call asks.
class ForkGuard {
 public:
  explicit ForkGuard(const System& system);
  ForkGuard(const ForkGuard&) = delete;
  ForkGuard& operator=(const ForkGuard&) = delete;
  ~ForkGuard();

  // True in a child of the process that made the guard. Any thread.
  bool is_forked() const { return page_ != nullptr ? *page_ == 0 : is_other_process(); }

 private:
  bool is_other_process() const;

  const volatile char* page_ = nullptr;  // the kernel zeroes it in a child; null: it cannot
  pid_t process_;
};

}  // namespace minim::uv

#endif  // MINIM_UV_FORK_GUARD_H_
