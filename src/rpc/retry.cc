#include "rpc/retry.h"

#include <algorithm>

namespace minim::rpc {

namespace {

// A server that is out of a resource is given more time than one that failed (the SDKs' values).
constexpr Duration kThrottleInitial = std::chrono::seconds(1);
constexpr Duration kThrottleMax = std::chrono::seconds(10);
constexpr double kThrottleMultiplier = 2;
constexpr double kThrottleJitter = 0.2;
// Whatever the options and the jitter make of it: in a backoff an attempt fails at the moment it is
// made, and without a wait the next would be due as well, for ever.
constexpr Duration kMinRetryWait = std::chrono::milliseconds(1);

// min(value, cap); not a number counts as too much.
Duration clamped(double value, Duration cap) {
  return value < static_cast<double>(cap.count()) ? Duration(static_cast<Duration::rep>(value))
                                                  : cap;
}

}  // namespace

Duration with_jitter(Duration duration, double jitter, Random& random) {
  const double factor = 1 - jitter + 2 * jitter * random_unit(random);
  return clamped(static_cast<double>(duration.count()) * factor, Duration::max());
}

Duration grown(Duration duration, double factor, Duration cap) {
  return clamped(static_cast<double>(duration.count()) * factor, cap);
}

Retry::Decision Retry::decide(Time now, const RetryOptions& options, const Reply& reply,
                              Time deadline, Random& random) {
  ++attempts_;
  if (!reply.status.retryable()) return {};
  if (options.max_attempts != 0 && attempts_ >= options.max_attempts) return {};
  if (first_failure_ == kNever) first_failure_ = now;

  if (interval_ == Duration()) interval_ = options.initial_interval;
  Duration delay = std::max(with_jitter(interval_, options.jitter, random), kMinRetryWait);
  interval_ = grown(interval_, options.multiplier, options.max_interval);
  if (reply.status.code() == Code::kResourceExhausted) {
    if (throttle_interval_ == Duration()) throttle_interval_ = kThrottleInitial;
    delay = std::max(delay, with_jitter(throttle_interval_, kThrottleJitter, random));
    throttle_interval_ = grown(throttle_interval_, kThrottleMultiplier, kThrottleMax);
  }
  if (reply.pushback) {
    if (reply.pushback->count() < 0) return {};
    delay = *reply.pushback;
  }
  const bool bounded = options.max_elapsed != Duration();
  if (bounded && delay > options.max_elapsed - (now - first_failure_)) return {};
  if (add_clamped(now, delay) >= deadline) return {};
  return {true, delay};
}

bool Retry::take_free_repeat() { return !std::exchange(free_repeat_taken_, true); }

}  // namespace minim::rpc
