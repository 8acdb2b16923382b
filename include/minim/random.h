// A source of random bits, handed in wherever minim needs one (jitter, ids), so that tests and
// simulations repeat exactly. Not for keys: nothing in minim makes keys.
#ifndef MINIM_RANDOM_H_
#define MINIM_RANDOM_H_

#include <cstdint>
#include <string>

namespace minim {

class Random {
 public:
  virtual ~Random() = default;
  // 64 uniform bits. Called on the thread of the object that it was handed to.
  virtual std::uint64_t next() = 0;
};

// A repeatable stream from a seed (xoshiro256**, seeded by splitmix64).
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed);
  std::uint64_t next() override;

 private:
  std::uint64_t state_[4];
};

// Uniform in [0, 1).
double random_unit(Random& random);
// A random UUID, version 4, as canonical lower-case text of 36 characters (RFC 9562, 5.4).
std::string random_uuid4(Random& random);

}  // namespace minim

#endif  // MINIM_RANDOM_H_
