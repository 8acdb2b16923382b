// Whether and when a failed attempt is repeated (gRFC A6; docs/wire.md). Decides; waits for
// nothing.
#ifndef MINIM_RPC_RETRY_H_
#define MINIM_RPC_RETRY_H_

#include "minim/random.h"
#include "minim/rpc/call.h"
#include "minim/rpc/options.h"

namespace minim::rpc {

// The course of one call through its attempts.
class Retry {
 public:
  struct Decision {
    bool repeat = false;
    Duration delay{};  // of the next attempt
  };

  // `deadline`: the whole call's; a wait that would end past it is not begun. The reply counts as
  // one more failed attempt.
  Decision decide(Time now, const RetryOptions& options, const Reply& reply, Time deadline,
                  Random& random);

  // One repeat for free for a call that the server proved not to have processed.
  bool take_free_repeat();

  std::uint32_t attempts() const { return attempts_; }

 private:
  std::uint32_t attempts_ = 0;  // failed ones
  bool free_repeat_taken_ = false;
  Time first_failure_ = kNever;
  Duration interval_{};           // next wait before jitter; zero: none waited yet
  Duration throttle_interval_{};  // the same for RESOURCE_EXHAUSTED
};

// `duration` times a uniform factor in [1 - jitter, 1 + jitter], without overflow.
Duration with_jitter(Duration duration, double jitter, Random& random);
// min(duration * factor, cap), without overflow.
Duration grown(Duration duration, double factor, Duration cap);

}  // namespace minim::rpc

#endif  // MINIM_RPC_RETRY_H_
