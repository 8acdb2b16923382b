// Text that stays where it is until all of it is dropped at once.
#ifndef MINIM_H2_ARENA_H_
#define MINIM_H2_ARENA_H_

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

namespace minim::h2 {

class Arena {
 public:
  std::string_view add(std::string_view text) {
    if (room_ < text.size()) grow(text.size());
    char* const copy = next_;
    text.copy(copy, text.size());
    next_ += text.size();
    room_ -= text.size();
    return {copy, text.size()};
  }

  // One block is kept for the next texts.
  void clear() {
    if (blocks_.empty()) return;
    blocks_.resize(1);
    next_ = blocks_.front().get();
    room_ = kBlockBytes;
  }

 private:
  static constexpr std::size_t kBlockBytes = 4096;

  void grow(std::size_t bytes) {
    // The first block has the usual size, so that clear() knows it.
    if (blocks_.empty() && bytes > kBlockBytes) grow(kBlockBytes);
    room_ = bytes > kBlockBytes ? bytes : kBlockBytes;
    next_ = blocks_.emplace_back(new char[room_]).get();
  }

  std::vector<std::unique_ptr<char[]>> blocks_;
  char* next_ = nullptr;
  std::size_t room_ = 0;
};

}  // namespace minim::h2

#endif  // MINIM_H2_ARENA_H_
