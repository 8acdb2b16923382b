// Deadlines of many things, the earliest at hand. Intrusive: an entry lives inside what it times.
#ifndef MINIM_BASE_TIMER_HEAP_H_
#define MINIM_BASE_TIMER_HEAP_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "minim/time.h"

namespace minim {

class TimerHeap {
 public:
  struct Entry {
    void* owner = nullptr;
    Time when = kNever;
    std::uint64_t order = 0;       // equal deadlines come due in the order in which they were set
    std::size_t index = SIZE_MAX;  // in the heap; SIZE_MAX: not set
  };

  // Sets or moves an entry; kNever removes it. The entry must not move in memory while it is set.
  void set(Entry& entry, Time when);
  void remove(Entry& entry);

  Time next() const { return heap_.empty() ? kNever : heap_.front()->when; }
  // Takes the earliest entry that is due at `now`, or null.
  Entry* take_due(Time now);
  std::size_t size() const { return heap_.size(); }

 private:
  static bool before(const Entry& a, const Entry& b) {
    return a.when != b.when ? a.when < b.when : a.order < b.order;
  }
  void place(std::size_t index, Entry* entry) {
    heap_[index] = entry;
    entry->index = index;
  }
  void sift_up(std::size_t index);
  void sift_down(std::size_t index);

  std::vector<Entry*> heap_;
  std::uint64_t next_order_ = 0;
};

}  // namespace minim

#endif  // MINIM_BASE_TIMER_HEAP_H_
