// The three ways to run an operation behind one verb, so that each test is written once.
#ifndef MINIM_TESTS_TEMPORAL_SUPPORT_FACE_H_
#define MINIM_TESTS_TEMPORAL_SUPPORT_FACE_H_

#include <uv.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "minim/awaitable.h"
#include "minim/minim.h"
#include "minim/uv.h"

namespace minim::testing {

enum class FaceKind { kCallbacks, kBlocking, kCoroutines };

inline std::string face_name(FaceKind kind) {
  switch (kind) {
    case FaceKind::kCallbacks:
      return "Callbacks";
    case FaceKind::kBlocking:
      return "Blocking";
    case FaceKind::kCoroutines:
      return "Coroutines";
  }
  return "";
}

template <class T>
Task<void> await_into(Operation<T> operation, std::optional<Result<T>>& out) {
  out.emplace(co_await std::move(operation));
}

class Face {
 public:
  explicit Face(FaceKind kind) : kind_(kind) {
    if (kind == FaceKind::kBlocking) {
      runtime_.emplace();
    } else {
      uv_loop_init(&loop_);
      borrowed_.emplace(&loop_);
    }
  }
  Face(const Face&) = delete;
  Face& operator=(const Face&) = delete;
  // What the loop still holds is closed, and nothing of ours may remain in it.
  ~Face() {
    if (kind_ == FaceKind::kBlocking) return;
    borrowed_.reset();
    uv_run(&loop_, UV_RUN_DEFAULT);
    left_open_ = uv_loop_close(&loop_) != 0;
    if (left_open_) std::abort();
  }

  Result<Client> create(ConnectOptions options) {
    return runtime_ ? Client::create(*runtime_, std::move(options))
                    : Client::create(*borrowed_, std::move(options));
  }
  Result<Client> connect(ConnectOptions options) {
    return run(runtime_ ? minim::connect(*runtime_, std::move(options))
                        : minim::connect(*borrowed_, std::move(options)));
  }

  template <class T>
  Result<T> run(Operation<T> operation, CallOptions options = {}) {
    Operation<T> ready = std::move(operation).with(std::move(options));
    std::optional<Result<T>> result;
    switch (kind_) {
      case FaceKind::kBlocking:
        return minim::wait(std::move(ready));
      case FaceKind::kCallbacks:
        std::move(ready).start([&result](Result<T> got) { result.emplace(std::move(got)); });
        break;
      case FaceKind::kCoroutines: {
        const Task<void> task = await_into(std::move(ready), result);
        uv_run(&loop_, UV_RUN_DEFAULT);
        break;
      }
    }
    uv_run(&loop_, UV_RUN_DEFAULT);
    if (!result) return Status(Code::kInternal, "the loop ended before the operation");
    return std::move(*result);
  }

 private:
  const FaceKind kind_;
  uv_loop_t loop_;
  bool left_open_ = false;
  std::optional<uv::Loop> borrowed_;
  std::optional<Runtime> runtime_;
};

}  // namespace minim::testing

#endif  // MINIM_TESTS_TEMPORAL_SUPPORT_FACE_H_
