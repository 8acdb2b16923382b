// How long the churn runs, and what it cost this process.
#ifndef MINIM_TESTS_CHURN_REPORT_H_
#define MINIM_TESTS_CHURN_REPORT_H_

#include <poll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace minim::testing {

using Clock = std::chrono::steady_clock;

// The whole time of the named part, in seconds; scripts/churn sets the variables.
inline std::chrono::seconds time_of(const char* variable, int otherwise) {
  const char* const text = std::getenv(variable);
  return std::chrono::seconds(text != nullptr ? std::atoi(text) : otherwise);
}

inline void pause(std::chrono::milliseconds time) {
  poll(nullptr, 0, static_cast<int>(time.count()));
}

inline double resident_mib() {
  long pages = 0;
  std::ifstream statm("/proc/self/statm");
  statm >> pages >> pages;
  return static_cast<double>(pages * sysconf(_SC_PAGESIZE)) / (1 << 20);
}

inline long open_descriptors() {
  const std::filesystem::directory_iterator all("/proc/self/fd");
  return std::distance(begin(all), end(all));
}

// User and system time of this process.
inline double cpu_seconds() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

}  // namespace minim::testing

#endif  // MINIM_TESTS_CHURN_REPORT_H_
