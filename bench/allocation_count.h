// How often this program has asked malloc for memory; only in programs that link
// allocation_count.cc, so that the others run with the allocator as it is.
#ifndef MINIM_BENCH_ALLOCATION_COUNT_H_
#define MINIM_BENCH_ALLOCATION_COUNT_H_

#include <cstdint>

extern "C" __attribute__((weak)) std::uint64_t bench_allocation_count();

namespace bench {

inline bool counts_allocations() { return bench_allocation_count != nullptr; }
inline std::uint64_t allocation_count() {
  return counts_allocations() ? bench_allocation_count() : 0;
}

}  // namespace bench

#endif  // MINIM_BENCH_ALLOCATION_COUNT_H_
