#include "minim/random.h"

#include <bit>

namespace minim {

namespace {

constexpr char kHexDigits[] = "0123456789abcdef";

std::uint64_t splitmix64(std::uint64_t& state) {
  state += 0x9e3779b97f4a7c15;
  std::uint64_t mixed = state;
  mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
  mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
  return mixed ^ (mixed >> 31);
}

}  // namespace

// xoshiro256** must not start from four zeros, and near-equal seeds must not give near-equal
// streams; splitmix64 sees to both.
SeededRandom::SeededRandom(std::uint64_t seed) {
  for (std::uint64_t& word : state_) word = splitmix64(seed);
}

std::uint64_t SeededRandom::next() {
  const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
  const std::uint64_t shifted = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

double random_unit(Random& random) {
  // 53 bits are what a double holds below 1; more would round up to 1 now and then.
  return static_cast<double>(random.next() >> 11) * 0x1.0p-53;
}

std::string random_uuid4(Random& random) {
  std::uint64_t high = random.next();
  std::uint64_t low = random.next();
  high = (high & 0xffffffffffff0fff) | 0x0000000000004000;  // version 4
  low = (low & 0x3fffffffffffffff) | 0x8000000000000000;    // variant 10
  std::string text(36, '-');
  std::size_t at = 0;
  for (const std::uint64_t half : {high, low}) {
    for (int shift = 60; shift >= 0; shift -= 4) {
      if (at == 8 || at == 13 || at == 18 || at == 23) ++at;
      text[at++] = kHexDigits[(half >> shift) & 15];
    }
  }
  return text;
}

}  // namespace minim
