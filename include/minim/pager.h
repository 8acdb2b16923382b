// Lists come in pages, fetched one at a time.
#ifndef MINIM_PAGER_H_
#define MINIM_PAGER_H_

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "minim/operation.h"

namespace minim {

template <class T>
struct Page {
  std::vector<T> items;  // may be empty although more pages follow
};

namespace internal {

// Where a list stands; shared by the pager and the operation that fetches its next page.
class PageSource {
 public:
  virtual ~PageSource() = default;
  virtual std::unique_ptr<Program> next() = 0;
  bool has_next = true;
};

}  // namespace internal

// One list. Nothing is sent before the first page is run. Run one page at a time: the next starts
// where the one before ended.
template <class T>
class Pager {
 public:
  using Finish = Result<Page<T>> (*)(internal::Program&);
  Pager(std::shared_ptr<internal::PageSource> source, Finish finish)
      : source_(std::move(source)), finish_(finish) {}

  // False once the server said that there is no more, or the limit is reached.
  bool has_next() const { return source_->has_next; }
  // Fetches the next page. Without one: an empty page, and nothing is sent.
  Operation<Page<T>> next() { return Operation<Page<T>>(source_->next(), finish_); }

 private:
  std::shared_ptr<internal::PageSource> source_;
  Finish finish_;
};

}  // namespace minim

#endif  // MINIM_PAGER_H_
