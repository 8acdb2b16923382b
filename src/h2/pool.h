// Memory for one HTTP/2 session. A call costs nghttp2 a score of small blocks that live for a
// moment: kept here by size, they cost a few instructions each instead of a walk through the heap.
#ifndef MINIM_H2_POOL_H_
#define MINIM_H2_POOL_H_

#include <array>
#include <cstddef>

namespace minim::h2 {

// For one thread. Must outlive its blocks.
class Pool {
 public:
  Pool() = default;
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;
  ~Pool();

  // As malloc, free, calloc and realloc; null when the system has no memory.
  void* allocate(std::size_t bytes);
  void release(void* block);
  void* allocate_zeroed(std::size_t count, std::size_t bytes);
  void* resize(void* block, std::size_t bytes);

 private:
  // Before each block; as large as the strictest alignment.
  union Head {
    struct {
      std::size_t size_class;
      std::size_t bytes;  // as asked for
    } used;
    Head* next;  // while free
    std::max_align_t align;
  };

  // Classes of 64, 128, 192 ... 1024 bytes.
  static constexpr std::size_t kClasses = 16;
  static constexpr std::size_t kStepBytes = 64;
  static constexpr std::size_t kTooLarge = kClasses;
  // What one class may keep; more goes back to the system.
  static constexpr std::size_t kMaxKeptBytes = std::size_t{16} << 10;

  static std::size_t class_of(std::size_t bytes);
  static std::size_t bytes_of(std::size_t size_class) { return kStepBytes * (size_class + 1); }

  struct Kept {
    Head* first = nullptr;
    std::size_t count = 0;
  };
  std::array<Kept, kClasses> kept_{};
};

}  // namespace minim::h2

#endif  // MINIM_H2_POOL_H_
