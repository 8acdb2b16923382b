// Choices out of a seeded stream: the same seed makes the same choices, in the same order.
#ifndef MINIM_TESTS_SIM_DICE_H_
#define MINIM_TESTS_SIM_DICE_H_

#include <cstdint>

#include "minim/random.h"
#include "minim/time.h"

namespace minim::sim {

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : random_(seed) {}

  std::uint64_t bits() { return random_.next(); }
  // Uniform in [0, bound).
  std::uint32_t below(std::uint32_t bound) {
    return static_cast<std::uint32_t>((random_.next() >> 32) * bound >> 32);
  }
  std::uint32_t between(std::uint32_t least, std::uint32_t most) {
    return least + below(most - least + 1);
  }
  bool percent(std::uint32_t chance) { return below(100) < chance; }
  Duration micros(std::uint32_t least, std::uint32_t most) {
    return std::chrono::microseconds(between(least, most));
  }
  Duration millis(std::uint32_t least, std::uint32_t most) {
    return micros(0, 999) + std::chrono::milliseconds(between(least, most));
  }

 private:
  SeededRandom random_;
};

}  // namespace minim::sim

#endif  // MINIM_TESTS_SIM_DICE_H_
