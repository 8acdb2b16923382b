// Result<T>: a T or the Status that says why there is none. Named like std::expected (C++23), which
// the supported compilers do not have yet; error() is always a Status.
#ifndef MINIM_RESULT_H_
#define MINIM_RESULT_H_

#include <cstdio>
#include <cstdlib>
#include <new>
#include <type_traits>
#include <utility>

#include "minim/status.h"

namespace minim {

namespace internal {
// A value was taken from a Result that holds an error, or an error from one that holds a value: a
// bug of the caller. Says so on standard error and aborts; going on would read freed memory.
[[noreturn]] void die_bad_result_access(const Status& status);
}  // namespace internal

template <class T>
class [[nodiscard]] Result {
  static_assert(!std::is_reference_v<T> && !std::is_same_v<T, Status>);

 public:
  using value_type = T;
  using error_type = Status;

  Result(T value) : has_value_(true) { ::new (&value_) T(std::move(value)); }
  Result(Status error) : has_value_(false) {
    ::new (&error_) Status(std::move(error));
    if (error_.ok()) internal::die_bad_result_access(error_);
  }
  Result(const Result& other) : has_value_(other.has_value_) {
    if (has_value_) {
      ::new (&value_) T(other.value_);
    } else {
      ::new (&error_) Status(other.error_);
    }
  }
  Result(Result&& other) noexcept(std::is_nothrow_move_constructible_v<T>)
      : has_value_(other.has_value_) {
    if (has_value_) {
      ::new (&value_) T(std::move(other.value_));
    } else {
      ::new (&error_) Status(other.error_);  // a copy: a moved-from Result still says why
    }
  }
  Result& operator=(Result other) noexcept(std::is_nothrow_move_constructible_v<T>) {
    this->~Result();
    return *::new (this) Result(std::move(other));
  }
  ~Result() {
    if (has_value_) {
      value_.~T();
    } else {
      error_.~Status();
    }
  }

  bool has_value() const { return has_value_; }
  explicit operator bool() const { return has_value_; }

  T& value() & { return checked(), value_; }
  const T& value() const& { return checked(), value_; }
  T&& value() && { return checked(), std::move(value_); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  template <class U>
  T value_or(U&& other) const& {
    return has_value_ ? value_ : static_cast<T>(std::forward<U>(other));
  }

  const Status& error() const {
    if (has_value_) internal::die_bad_result_access(Status());
    return error_;
  }
  // OK when there is a value.
  Status status() const { return has_value_ ? Status() : error_; }

 private:
  void checked() const {
    if (!has_value_) internal::die_bad_result_access(error_);
  }

  union {
    T value_;
    Status error_;
  };
  bool has_value_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  using value_type = void;
  using error_type = Status;

  Result() = default;
  Result(Status status) : status_(std::move(status)) {}  // an OK status is success

  bool has_value() const { return status_.ok(); }
  explicit operator bool() const { return status_.ok(); }
  void value() const {
    if (!status_.ok()) internal::die_bad_result_access(status_);
  }
  const Status& error() const {
    if (status_.ok()) internal::die_bad_result_access(status_);
    return status_;
  }
  Status status() const { return status_; }

 private:
  Status status_;
};

}  // namespace minim

#endif  // MINIM_RESULT_H_
