// The memory of this program: what C++, nghttp2 and zlib hold of it, and allocations of the two
// libraries that fail. One thread's; what Pool keeps for later (256 KiB at most) is not counted.
#ifndef MINIM_TESTS_UNIT_RPC_FAULTS_MEMORY_H_
#define MINIM_TESTS_UNIT_RPC_FAULTS_MEMORY_H_

#include <algorithm>
#include <cstddef>

namespace minim::test {

struct Memory {
  // Bytes that are held now, and the most since a MemoryGrowth was made.
  static inline std::size_t held = 0;
  static inline std::size_t most = 0;
  // Bytes that zlib has unpacked in all.
  static inline std::size_t inflated = 0;
  // Allocations of the libraries; the one with the number `fail_at` fails, or all from it on.
  static inline int count = 0;
  static inline int fail_at = 0;  // 0: none
  static inline bool fail_on = false;

  static void add(std::size_t bytes) { most = std::max(most, held += bytes); }
  static void remove(std::size_t bytes) { held -= bytes; }
  static bool fails() {
    ++count;
    return fail_at != 0 && (count == fail_at || (fail_on && count > fail_at));
  }
};

// What is held above what was held when it was made. One at a time.
class MemoryGrowth {
 public:
  MemoryGrowth() : begin_(Memory::held) { Memory::most = begin_; }
  std::size_t most() const { return Memory::most - begin_; }
  std::size_t now() const { return Memory::held > begin_ ? Memory::held - begin_ : 0; }

 private:
  std::size_t begin_;
};

}  // namespace minim::test

#endif  // MINIM_TESTS_UNIT_RPC_FAULTS_MEMORY_H_
