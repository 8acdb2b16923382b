// Operation<T>: something a user has asked for and that has not begun. Nothing is sent before one
// of
//
//   std::move(op).start(callback);                // callbacks, on the loop's thread
//   Result<T> r = minim::wait(std::move(op));     // <minim/blocking.h>, from any other thread
//   Result<T> r = co_await std::move(op);         // <minim/awaitable.h>, in a coroutine
#ifndef MINIM_OPERATION_H_
#define MINIM_OPERATION_H_

#include <concepts>
#include <memory>
#include <utility>

#include "minim/call_options.h"
#include "minim/internal/operation_run.h"
#include "minim/result.h"

namespace minim {

// A running operation, for who wants to end it early. Copies name the same operation; dropping them
// lets it run on.
class Ticket {
 public:
  Ticket() = default;
  explicit Ticket(std::weak_ptr<internal::OperationRun> run) : run_(std::move(run)) {}
  // Has the operation end with CANCELLED, soon, through its callback. No-op once it has ended. Same
  // threads as start(); never blocks, never waits behind other work.
  void cancel() const {
    if (const auto run = run_.lock()) run->request_cancel();
  }

 private:
  std::weak_ptr<internal::OperationRun> run_;
};

template <class T>
class [[nodiscard]] Operation {
 public:
  using Finish = Result<T> (*)(internal::Program&);

  // For minim's own use: users get operations from Client and WorkflowHandle.
  Operation(std::unique_ptr<internal::Program> program, Finish finish)
      : program_(std::move(program)), finish_(finish) {}

  // The operation with these settings.
  Operation with(CallOptions options) && {
    options_ = std::move(options);
    return std::move(*this);
  }

  // Runs it. `callback(Result<T>)` is called exactly once: on the loop's thread and never from
  // inside start(), also where the client is closed (CANCELLED) or the options of a connect() are
  // wrong. Only where the loop cannot say it start() itself does: the Loop or Runtime is gone
  // (CANCELLED) or never ran (UNAVAILABLE), its mailbox is full (RESOURCE_EXHAUSTED), this is a
  // forked child or a borrowed loop's wrong thread (FAILED_PRECONDITION). A callback that starts
  // the next operation whatever became of the last would then lie in its own start(), ever deeper.
  // It must not throw: that is std::terminate().
  template <std::invocable<Result<T>> Callback>
  Ticket start(Callback callback) && {
    const auto run = std::move(*this).make_run(std::move(callback));
    run->submit();
    return Ticket(run);
  }

  // The run without its start, for faces that need it first.
  template <class Callback>
  std::shared_ptr<internal::OperationRun> make_run(Callback callback) && {
    return std::make_shared<internal::CallbackRun<T, Callback>>(
        std::move(program_), std::move(options_), finish_, std::move(callback));
  }

  bool is_loop_thread() const {
    const auto& port = internal::port_of(*program_);
    return port != nullptr && port->is_loop_thread();
  }

 private:
  std::unique_ptr<internal::Program> program_;
  Finish finish_;
  CallOptions options_;
};

}  // namespace minim

#endif  // MINIM_OPERATION_H_
