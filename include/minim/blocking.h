// The blocking face: minim::wait() for operations, minim::each() for lists.
#ifndef MINIM_BLOCKING_H_
#define MINIM_BLOCKING_H_

#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <optional>
#include <stop_token>
#include <utility>

#include "minim/operation.h"
#include "minim/pager.h"

namespace minim {

namespace internal {

// FAILED_PRECONDITION: waiting on the loop's own thread would wait for ever.
Status would_block_loop();

}  // namespace internal

// Runs an operation and blocks until it has ended. Any thread but the loop's own, where it is
// refused with FAILED_PRECONDITION (a borrowed loop has only its own). A stop request ends the
// operation with CANCELLED.
template <class T>
Result<T> wait(Operation<T> operation, std::stop_token stop = {}) {
  if (operation.is_loop_thread()) return internal::would_block_loop();
  struct Slot {
    std::mutex mutex;
    std::condition_variable filled;
    std::optional<Result<T>> result;
  } slot;
  // `slot` outlives the callback: this function returns only after it, and the callback's last
  // touch is under the mutex.
  const auto run = std::move(operation).make_run([&slot](Result<T> result) {
    const std::lock_guard lock(slot.mutex);
    slot.result.emplace(std::move(result));
    slot.filled.notify_one();
  });
  run->submit();
  const std::stop_callback on_stop(stop, [&run] { run->request_cancel(); });
  std::unique_lock lock(slot.mutex);
  slot.filled.wait(lock, [&slot] { return slot.result.has_value(); });
  return std::move(*slot.result);
}

// A list as a range for `for`: fetches page after page and blocks meanwhile. Each element is a
// Result; after one that holds an error the range ends.
//
//   for (minim::Result<minim::WorkflowInfo>& run : minim::each(client.list_workflows(query))) ...
template <class T>
class Each {
 public:
  explicit Each(Pager<T> pager) : pager_(std::move(pager)) {}

  class Iterator {
   public:
    explicit Iterator(Each* each) : each_(each) {}
    Result<T>& operator*() const { return *each_->current_; }
    Iterator& operator++() {
      each_->advance();
      return *this;
    }
    bool operator!=(std::nullptr_t) const { return each_->current_.has_value(); }

   private:
    Each* each_;
  };

  Iterator begin() {
    advance();
    return Iterator(this);
  }
  std::nullptr_t end() const { return nullptr; }

 private:
  void advance() {
    const bool failed = current_ && !*current_;
    current_.reset();
    if (failed) return;
    while (index_ == page_.items.size()) {
      if (!pager_.has_next()) return;
      Result<Page<T>> next = wait(pager_.next());
      if (!next) {
        current_.emplace(next.error());
        return;
      }
      page_ = std::move(*next);
      index_ = 0;
    }
    current_.emplace(std::move(page_.items[index_++]));
  }

  Pager<T> pager_;
  Page<T> page_;
  std::size_t index_ = 0;
  std::optional<Result<T>> current_;
};

template <class T>
Each<T> each(Pager<T> pager) {
  return Each<T>(std::move(pager));
}

// Prints an error as one line on standard error. Returns 1, for main().
inline int complain(const Status& status) {
  std::fprintf(stderr, "%s\n", status.to_string().c_str());
  return 1;
}

}  // namespace minim

#endif  // MINIM_BLOCKING_H_
