// Names the seed that a program dies of, or does not come to the end of.
#ifndef MINIM_TESTS_SIM_SEED_WATCH_H_
#define MINIM_TESTS_SIM_SEED_WATCH_H_

#include <cstdint>

namespace minim::sim {

// While one exists the seed is printed to standard error when the process gets a fatal signal, a
// sanitizer ends it, or `most_seconds` have passed; that ends it too. One at a time.
class SeedWatch {
 public:
  // Far above what a seed takes in the slowest build, some tens of milliseconds.
  static constexpr unsigned kMostSeconds = 60;

  explicit SeedWatch(std::uint64_t seed, unsigned most_seconds = kMostSeconds);
  SeedWatch(const SeedWatch&) = delete;
  SeedWatch& operator=(const SeedWatch&) = delete;
  ~SeedWatch();
};

}  // namespace minim::sim

#endif  // MINIM_TESTS_SIM_SEED_WATCH_H_
