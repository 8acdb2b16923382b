// Time as minim's core sees it: a monotonic instant that the caller passes in. Only the driver
// reads a clock; wall-clock jumps therefore change nothing.
#ifndef MINIM_TIME_H_
#define MINIM_TIME_H_

#include <chrono>

namespace minim {

using Time = std::chrono::steady_clock::time_point;
using Duration = std::chrono::nanoseconds;

// "Never": later than any deadline. Arithmetic on it overflows; use add_clamped().
inline constexpr Time kNever = Time::max();

// `start + delay`, or kNever (Time::min() for a negative delay) where that would overflow.
constexpr Time add_clamped(Time start, Duration delay) {
  if (start == kNever) return kNever;
  if (delay > Duration::zero()) return start > kNever - delay ? kNever : start + delay;
  return start < Time::min() - delay ? Time::min() : start + delay;
}

}  // namespace minim

#endif  // MINIM_TIME_H_
