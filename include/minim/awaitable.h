// The coroutine face: co_await an operation, and Task for coroutines of one's own.
//
// Give an operation a name before awaiting it where its arguments hold braces: g++ 12.2 destroys
// the members of a braced temporary inside a co_await expression twice.
//
//   auto start = client.start_workflow("Greet", {.id = "greet-1", .task_queue = "hello"}, "Ann");
//   auto run = co_await std::move(start);
#ifndef MINIM_AWAITABLE_H_
#define MINIM_AWAITABLE_H_

#include <atomic>
#include <coroutine>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <utility>

#include "minim/operation.h"

namespace minim {

namespace internal {

// Links an awaiting coroutine with the run that will resume it; either may go first. Touched by the
// loop's thread, and by the one that starts to wait before it submits.
template <class T>
struct Awaited {
  std::optional<Result<T>> result;
  std::coroutine_handle<> waiting;  // null: nobody waits (any more)
};

template <class T>
class Awaiter {
 public:
  explicit Awaiter(Operation<T> operation) : operation_(std::move(operation)) {}
  Awaiter(Awaiter&&) = default;
  // A coroutine that is destroyed while it waits gives up what it waits for. Only on the loop's
  // thread.
  ~Awaiter() {
    if (awaited_ == nullptr || awaited_->waiting == nullptr) return;
    awaited_->waiting = nullptr;
    run_->request_cancel();
  }

  bool await_ready() const { return false; }
  // False: refused. The coroutine goes on where it is, instead of being resumed from in here, so
  // that one which is refused again and again does not grow the stack. Never inlined: some versions
  // of clang would keep its locals in the coroutine, which may be gone.
  [[gnu::noinline]] bool await_suspend(std::coroutine_handle<> waiting) {
    const auto awaited = awaited_ = std::make_shared<Awaited<T>>();
    awaited->waiting = waiting;
    run_ = std::move(operation_).make_run([awaited](Result<T> result) {
      const std::coroutine_handle<> handle = std::exchange(awaited->waiting, nullptr);
      if (handle == nullptr) return;
      awaited->result.emplace(std::move(result));
      handle.resume();
    });
    // From here on this awaiter may be gone: the loop's thread may have resumed, and ended, the
    // coroutine already.
    const std::shared_ptr<OperationRun> run = run_;
    Status refused = run->try_submit();
    if (refused.ok()) return true;
    awaited->waiting = nullptr;
    awaited->result.emplace(std::move(refused));
    return false;
  }
  Result<T> await_resume() { return std::move(*awaited_->result); }

 private:
  Operation<T> operation_;
  std::shared_ptr<Awaited<T>> awaited_;
  std::shared_ptr<OperationRun> run_;
};

}  // namespace internal

// Resumes on the loop's thread. Where start() would call back itself it does not suspend at all.
template <class T>
internal::Awaiter<T> operator co_await(Operation<T>&& operation) {
  return internal::Awaiter<T>(std::move(operation));
}

// A coroutine that starts at once, on the thread that calls it, and is owned by the Task:
// destroying the Task destroys the coroutine, which cancels what it waits for; detach() lets it
// finish alone; awaiting it makes it part of the coroutine that waits, and leaves the Task empty.
// Unless it is done(), destroyed only on the loop's thread, and not by itself; the rest on any.
template <class T = void>
class [[nodiscard]] Task;

namespace internal {

// The end of a coroutine may come on the loop's thread while another one detaches or awaits it:
// whoever comes second sees in `fate` what the first one left there.
struct TaskPromiseBase {
  // One of these, or the address of the coroutine that waits for the end.
  static constexpr std::uintptr_t kOwned = 0, kDone = 1, kDetached = 2;
  std::atomic<std::uintptr_t> fate = kOwned;

  std::suspend_never initial_suspend() noexcept { return {}; }
  struct Final {
    bool await_ready() noexcept { return false; }
    template <class Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> done) noexcept {
      const std::uintptr_t before = done.promise().fate.exchange(kDone);
      if (before == kDetached) done.destroy();
      if (before == kOwned || before == kDetached) return std::noop_coroutine();
      return std::coroutine_handle<>::from_address(reinterpret_cast<void*>(before));
    }
    void await_resume() noexcept {}
  };
  Final final_suspend() noexcept { return {}; }
  // minim reports errors as values; what a user's code throws out of a coroutine has nowhere to go.
  void unhandled_exception() noexcept { std::terminate(); }
};

template <class T>
struct TaskPromise : TaskPromiseBase {
  std::optional<T> value;
  Task<T> get_return_object();
  void return_value(T returned) { value.emplace(std::move(returned)); }
};

template <>
struct TaskPromise<void> : TaskPromiseBase {
  Task<void> get_return_object();
  void return_void() {}
};

}  // namespace internal

template <class T>
class [[nodiscard]] Task {
 public:
  using promise_type = internal::TaskPromise<T>;
  explicit Task(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Task& operator=(Task&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~Task() {
    if (handle_) handle_.destroy();
  }

  bool done() const { return handle_ == nullptr || handle_.promise().fate == promise_type::kDone; }
  // Lets the coroutine live on until it has finished.
  void detach() && {
    const auto handle = std::exchange(handle_, nullptr);
    if (handle == nullptr) return;
    if (handle.promise().fate.exchange(promise_type::kDetached) == promise_type::kDone) {
      handle.destroy();
    }
  }

  // Waits for the coroutine in another one, which owns it from here on: its end must not resume one
  // that has been destroyed meanwhile.
  auto operator co_await() && {
    struct Joined {
      Task task;
      bool await_ready() const { return false; }
      // False: it has ended meanwhile, or had before.
      bool await_suspend(std::coroutine_handle<> waiting) {
        std::uintptr_t owned = promise_type::kOwned;
        return task.handle_.promise().fate.compare_exchange_strong(
            owned, reinterpret_cast<std::uintptr_t>(waiting.address()));
      }
      T await_resume() {
        if constexpr (!std::is_void_v<T>) return std::move(*task.handle_.promise().value);
      }
    };
    return Joined{std::move(*this)};
  }

 private:
  std::coroutine_handle<promise_type> handle_;
};

namespace internal {

template <class T>
Task<T> TaskPromise<T>::get_return_object() {
  return Task<T>(std::coroutine_handle<TaskPromise<T>>::from_promise(*this));
}
inline Task<void> TaskPromise<void>::get_return_object() {
  return Task<void>(std::coroutine_handle<TaskPromise<void>>::from_promise(*this));
}

}  // namespace internal

}  // namespace minim

#endif  // MINIM_AWAITABLE_H_
