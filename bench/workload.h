// What the clients of a row have in common: how many calls, how many at once, and the one line that
// they print about them.
#ifndef MINIM_BENCH_WORKLOAD_H_
#define MINIM_BENCH_WORKLOAD_H_

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "bench/flags.h"

namespace bench {

inline constexpr char kPath[] =
    "/temporal.api.workflowservice.v1.WorkflowService/SignalWorkflowExecution";

// user + system time of this process
inline double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

class Workload {
 public:
  using Clock = std::chrono::steady_clock;

  explicit Workload(const Flags& flags)
      : calls(flags.number("calls", 1000)),
        in_flight(std::min(flags.number("in-flight", 1), calls)),
        message(flags.number("message-bytes", 100), 'm'),
        path(flags.text("path", kPath)),
        timed_(flags.number("clock", 1) != 0) {
    if (timed_) latencies_.reserve(calls);
  }

  const std::size_t calls;
  const std::size_t in_flight;
  const std::string message;
  const std::string path;

  bool all_started() const { return started_ == calls; }
  bool all_done() const { return done_ == calls; }

  Clock::time_point on_start() {
    ++started_;
    return timed_ ? Clock::now() : Clock::time_point();
  }
  // `good`: status OK and the message came back.
  void on_done(Clock::time_point started, bool good) {
    ++done_;
    failed_ += !good;
    if (timed_) {
      latencies_.push_back(
          std::chrono::duration<float, std::micro>(Clock::now() - started).count());
    }
  }

  // Prints the line; the program's exit code.
  int report() {
    const double seconds = std::chrono::duration<double>(Clock::now() - begun_).count();
    const double cpu = cpu_seconds() - cpu_begun_;
    std::sort(latencies_.begin(), latencies_.end());
    std::printf(
        "calls=%zu failed=%zu seconds=%.6f calls_per_second=%.0f cpu_us_per_call=%.3f "
        "p50_us=%.1f p90_us=%.1f p99_us=%.1f\n",
        done_, failed_, seconds, static_cast<double>(done_) / seconds,
        cpu * 1e6 / static_cast<double>(done_), percentile(50), percentile(90), percentile(99));
    return failed_ == 0 && all_done() ? 0 : 1;
  }

 private:
  double percentile(std::size_t percent) const {
    if (latencies_.empty()) return 0;
    return static_cast<double>(latencies_[(latencies_.size() - 1) * percent / 100]);
  }

  const bool timed_;  // off under callgrind: reading the clock is no part of a call
  const Clock::time_point begun_ = Clock::now();
  const double cpu_begun_ = cpu_seconds();
  std::size_t started_ = 0;
  std::size_t done_ = 0;
  std::size_t failed_ = 0;
  std::vector<float> latencies_;  // microseconds
};

}  // namespace bench

#endif  // MINIM_BENCH_WORKLOAD_H_
