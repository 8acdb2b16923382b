#include "rpc/retry.h"

#include <algorithm>

namespace minim::rpc {

namespace {

// A server that is out of a resource is given more time than one that failed (the SDKs' values).
constexpr Duration kThrottleInitial = std::chrono::seconds(1);
constexpr Duration kThrottleMax = std::chrono::seconds(10);
constexpr double kThrottleMultiplier = 2;
constexpr double kThrottleJitter = 0.2;

}  // namespace

Duration with_jitter(Duration duration, double jitter, Random& random) {
  const double factor = 1 - jitter + 2 * jitter * random_unit(random);
  return Duration(static_cast<Duration::rep>(static_cast<double>(duration.count()) * factor));
}

Duration grown(Duration duration, double factor, Duration cap) {
  const double next = static_cast<double>(duration.count()) * factor;
  return next < static_cast<double>(cap.count()) ? Duration(static_cast<Duration::rep>(next)) : cap;
}

Retry::Decision Retry::decide(Time now, const RetryOptions& options, const Reply& reply,
                              Time deadline, Random& random) {
  ++attempts_;
  if (!reply.status.retryable()) return {};
  if (options.max_attempts != 0 && attempts_ >= options.max_attempts) return {};
  if (first_failure_ == kNever) first_failure_ = now;

  if (interval_ == Duration()) interval_ = options.initial_interval;
  Duration delay = with_jitter(interval_, options.jitter, random);
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
  if (bounded && now - first_failure_ + delay > options.max_elapsed) return {};
  if (add_clamped(now, delay) >= deadline) return {};
  return {true, delay};
}

bool Retry::take_free_repeat() { return !std::exchange(free_repeat_taken_, true); }

}  // namespace minim::rpc
