// Exceptions for hosts that like them: value_or_throw(result) gives the value or throws an Error.
// Header-only; minim itself never throws.
#ifndef MINIM_THROWING_H_
#define MINIM_THROWING_H_

#include <stdexcept>
#include <type_traits>
#include <utility>

#include "minim/result.h"

namespace minim {

class Error : public std::runtime_error {
 public:
  explicit Error(Status status)
      : std::runtime_error(status.to_string()), status_(std::move(status)) {}
  const Status& status() const { return status_; }

 private:
  Status status_;
};

template <class T>
T value_or_throw(Result<T> result) {
  if (!result) throw Error(result.error());
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

}  // namespace minim

#endif  // MINIM_THROWING_H_
