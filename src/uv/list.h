// An intrusive list: linking costs no memory, so asking for a cancel or a close can never fail.
#ifndef MINIM_UV_LIST_H_
#define MINIM_UV_LIST_H_

#include <utility>

namespace minim::uv {

template <class T>
struct Hook {
  T* next = nullptr;
  T* previous = nullptr;
  bool linked = false;
};

// Owns nothing. An element is on at most one list per hook.
template <class T, Hook<T> T::* kHook>
class List {
 public:
  List() = default;
  List(List&& other) noexcept
      : first_(std::exchange(other.first_, nullptr)), last_(std::exchange(other.last_, nullptr)) {}
  List& operator=(List&&) = delete;

  bool empty() const { return first_ == nullptr; }
  T* front() const { return first_; }
  static T* next(T* element) { return (element->*kHook).next; }

  void push_back(T* element) {
    Hook<T>& hook = element->*kHook;
    hook = {nullptr, last_, true};
    (last_ != nullptr ? (last_->*kHook).next : first_) = element;
    last_ = element;
  }

  void remove(T* element) {
    Hook<T>& hook = element->*kHook;
    (hook.previous != nullptr ? (hook.previous->*kHook).next : first_) = hook.next;
    (hook.next != nullptr ? (hook.next->*kHook).previous : last_) = hook.previous;
    hook = {};
  }

  T* pop_front() {
    T* const element = first_;
    if (element != nullptr) remove(element);
    return element;
  }

 private:
  T* first_ = nullptr;
  T* last_ = nullptr;
};

}  // namespace minim::uv

#endif  // MINIM_UV_LIST_H_
