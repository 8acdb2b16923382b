#include "h2/pool.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>

namespace minim::h2 {

Pool::~Pool() {
  for (Kept& kept : kept_) {
    while (Head* const head = kept.first) {
      kept.first = head->next;
      std::free(head);
    }
  }
}

std::size_t Pool::class_of(std::size_t bytes) {
  return bytes == 0 ? 0 : std::min((bytes - 1) / kStepBytes, kTooLarge);
}

void* Pool::allocate(std::size_t bytes) {
  const std::size_t size_class = class_of(bytes);
  Head* head = nullptr;
  if (size_class == kTooLarge) {
    if (bytes > SIZE_MAX - sizeof(Head)) return nullptr;
    head = static_cast<Head*>(std::malloc(sizeof(Head) + bytes));
  } else if (Kept& kept = kept_[size_class]; kept.first != nullptr) {
    head = kept.first;
    kept.first = head->next;
    --kept.count;
  } else {
    head = static_cast<Head*>(std::malloc(sizeof(Head) + bytes_of(size_class)));
  }
  if (head == nullptr) return nullptr;
  head->used = {size_class, bytes};
  return head + 1;
}

void Pool::release(void* block) {
  if (block == nullptr) return;
  Head* const head = static_cast<Head*>(block) - 1;
  const std::size_t size_class = head->used.size_class;
  if (size_class == kTooLarge || kept_[size_class].count * bytes_of(size_class) >= kMaxKeptBytes) {
    std::free(head);
    return;
  }
  Kept& kept = kept_[size_class];
  head->next = kept.first;
  kept.first = head;
  ++kept.count;
}

void* Pool::allocate_zeroed(std::size_t count, std::size_t bytes) {
  if (bytes != 0 && count > SIZE_MAX / bytes) return nullptr;
  void* const block = allocate(count * bytes);
  if (block != nullptr) std::memset(block, 0, count * bytes);
  return block;
}

void* Pool::resize(void* block, std::size_t bytes) {
  if (block == nullptr) return allocate(bytes);
  Head& head = static_cast<Head*>(block)[-1];
  const std::size_t size_class = head.used.size_class;
  const std::size_t room = size_class == kTooLarge ? head.used.bytes : bytes_of(size_class);
  if (bytes <= room) {
    head.used.bytes = bytes;
    return block;
  }
  void* const larger = allocate(bytes);
  if (larger == nullptr) return nullptr;
  std::memcpy(larger, block, head.used.bytes);
  release(block);
  return larger;
}

}  // namespace minim::h2
