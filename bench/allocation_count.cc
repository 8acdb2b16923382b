// Stands in front of glibc's allocator, for every library of the process, and counts.
#include "bench/allocation_count.h"

#include <atomic>
#include <cstddef>

extern "C" {

void* __libc_malloc(std::size_t bytes);
void* __libc_calloc(std::size_t count, std::size_t bytes);
void* __libc_realloc(void* block, std::size_t bytes);

}  // extern "C"

namespace {
std::atomic<std::uint64_t> asked{0};
}  // namespace

extern "C" {

std::uint64_t bench_allocation_count() { return asked.load(std::memory_order_relaxed); }

void* malloc(std::size_t bytes) {
  asked.fetch_add(1, std::memory_order_relaxed);
  return __libc_malloc(bytes);
}
void* calloc(std::size_t count, std::size_t bytes) {
  asked.fetch_add(1, std::memory_order_relaxed);
  return __libc_calloc(count, bytes);
}
void* realloc(void* block, std::size_t bytes) {
  asked.fetch_add(1, std::memory_order_relaxed);
  return __libc_realloc(block, bytes);
}

}  // extern "C"
