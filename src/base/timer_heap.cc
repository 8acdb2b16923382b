#include "base/timer_heap.h"

namespace minim {

void TimerHeap::set(Entry& entry, Time when) {
  remove(entry);
  if (when == kNever) return;
  entry.when = when;
  entry.order = next_order_++;
  entry.index = heap_.size();
  heap_.push_back(&entry);
  sift_up(entry.index);
}

void TimerHeap::remove(Entry& entry) {
  const std::size_t hole = entry.index;
  if (hole == SIZE_MAX) return;
  entry.index = SIZE_MAX;
  entry.when = kNever;
  Entry* const last = heap_.back();
  heap_.pop_back();
  if (last == &entry) return;
  place(hole, last);
  sift_up(hole);
  sift_down(last->index);
}

TimerHeap::Entry* TimerHeap::take_due(Time now) {
  if (heap_.empty() || heap_.front()->when > now) return nullptr;
  Entry* const due = heap_.front();
  remove(*due);
  return due;
}

void TimerHeap::sift_up(std::size_t index) {
  Entry* const entry = heap_[index];
  while (index > 0) {
    const std::size_t parent = (index - 1) / 2;
    if (!before(*entry, *heap_[parent])) break;
    place(index, heap_[parent]);
    index = parent;
  }
  place(index, entry);
}

void TimerHeap::sift_down(std::size_t index) {
  Entry* const entry = heap_[index];
  for (;;) {
    std::size_t child = 2 * index + 1;
    if (child >= heap_.size()) break;
    if (child + 1 < heap_.size() && before(*heap_[child + 1], *heap_[child])) ++child;
    if (!before(*heap_[child], *entry)) break;
    place(index, heap_[child]);
    index = child;
  }
  place(index, entry);
}

}  // namespace minim
