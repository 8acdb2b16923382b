// Whether calls of a channel may still be repeated while most of them fail (gRFC A6, "Throttling
// retry attempts and hedged RPCs"). Decides; repeats nothing.
#ifndef MINIM_RPC_RETRY_THROTTLE_H_
#define MINIM_RPC_RETRY_THROTTLE_H_

#include <algorithm>
#include <cstdint>
#include <optional>

#include "minim/rpc/options.h"

namespace minim::rpc {

// A bucket of tokens: a failed attempt takes one, a success puts token_ratio back, and nothing is
// repeated while it is half empty or less.
class RetryThrottle {
 public:
  // Unset: everything may be repeated.
  explicit RetryThrottle(const std::optional<RetryThrottleOptions>& options)
      : max_(options ? std::int64_t{options->max_tokens} * kToken : 0),
        ratio_(options ? static_cast<std::int64_t>(options->token_ratio * kToken) : 0),
        tokens_(max_) {}

  void on_success() { tokens_ = std::min(max_, tokens_ + ratio_); }
  // For attempts that the policy would repeat, or that the server forbade to repeat. Not for a
  // verdict on the request itself (NOT_FOUND), nor for one that was provably not processed.
  void on_failure() { tokens_ = std::max<std::int64_t>(0, tokens_ - kToken); }
  bool allows() const { return max_ == 0 || tokens_ > max_ / 2; }

 private:
  static constexpr std::int64_t kToken = 1000;  // A6 counts in thousandths

  const std::int64_t max_;  // 0: off
  const std::int64_t ratio_;
  std::int64_t tokens_;
};

}  // namespace minim::rpc

#endif  // MINIM_RPC_RETRY_THROTTLE_H_
