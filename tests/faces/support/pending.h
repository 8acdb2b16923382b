// The faces, and an operation that was begun in one of them and that nobody waits for yet.
#ifndef MINIM_TESTS_FACES_SUPPORT_PENDING_H_
#define MINIM_TESTS_FACES_SUPPORT_PENDING_H_

#include <atomic>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>

#include "minim/awaitable.h"
#include "minim/blocking.h"

namespace minim::test {

enum class FaceKind : std::uint8_t {
  kCallbacks,
  kCoroutines,
  kRuntimeCallbacks,
  kRuntimeCoroutines,
  kBlocking,
};

inline constexpr FaceKind kFaces[] = {FaceKind::kCallbacks, FaceKind::kCoroutines,
                                      FaceKind::kRuntimeCallbacks, FaceKind::kRuntimeCoroutines,
                                      FaceKind::kBlocking};

inline std::string face_name(FaceKind face) {
  switch (face) {
    case FaceKind::kCallbacks:
      return "Callbacks";
    case FaceKind::kCoroutines:
      return "Coroutines";
    case FaceKind::kRuntimeCallbacks:
      return "RuntimeCallbacks";
    case FaceKind::kRuntimeCoroutines:
      return "RuntimeCoroutines";
    case FaceKind::kBlocking:
      return "Blocking";
  }
  return "";
}

inline bool is_borrowed(FaceKind face) {
  return face == FaceKind::kCallbacks || face == FaceKind::kCoroutines;
}
inline bool is_coroutine(FaceKind face) {
  return face == FaceKind::kCoroutines || face == FaceKind::kRuntimeCoroutines;
}

// Must outlive the operation, and a coroutine's Task the loop that may be resuming it.
class Pending {
 public:
  // `then` runs where the operation ends, after its end has been noted.
  Pending(FaceKind face, Operation<std::string> operation, std::function<void()> then = {})
      : then_(std::move(then)) {
    switch (face) {
      case FaceKind::kCallbacks:
      case FaceKind::kRuntimeCallbacks:
        ticket_ =
            std::move(operation).start([this](Result<std::string> got) { end(got.status()); });
        break;
      case FaceKind::kCoroutines:
      case FaceKind::kRuntimeCoroutines:
        task_.emplace(await(std::move(operation), *this));
        break;
      case FaceKind::kBlocking:
        waiter_ = std::jthread(
            [this, own = std::make_shared<Operation<std::string>>(std::move(operation))](
                const std::stop_token& stop) { end(wait(std::move(*own), stop).status()); });
        break;
    }
  }
  Pending(const Pending&) = delete;
  Pending& operator=(const Pending&) = delete;
  ~Pending() {
    if (waiter_.joinable()) waiter_.join();  // without a stop request
  }

  // Ends it early, as its face does. A coroutine only on the loop's thread.
  void cancel() {
    ticket_.cancel();
    waiter_.request_stop();
    task_.reset();
  }

  int ends() const { return ends_; }
  // And nothing of the operation runs any more.
  bool has_ended() const { return ends_ > 0 && (!task_ || task_->done()); }
  const Status& status() const { return status_; }  // once ends()

 private:
  static Task<void> await(Operation<std::string> operation, Pending& out) {
    const Result<std::string> got = co_await std::move(operation);
    out.end(got.status());
  }
  void end(Status status) {
    status_ = std::move(status);
    const auto then = std::move(then_);
    ++ends_;  // from here on this may be gone
    if (then) then();
  }

  std::function<void()> then_;
  Status status_{Code::kInternal, "running"};
  std::atomic<int> ends_ = 0;
  Ticket ticket_;
  std::optional<Task<void>> task_;
  std::jthread waiter_;
};

}  // namespace minim::test

#endif  // MINIM_TESTS_FACES_SUPPORT_PENDING_H_
