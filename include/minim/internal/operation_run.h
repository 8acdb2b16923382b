// A running operation: steps a program through its calls on a port, keeps its clocks, delivers
// once.
#ifndef MINIM_INTERNAL_OPERATION_RUN_H_
#define MINIM_INTERNAL_OPERATION_RUN_H_

#include <memory>
#include <utility>

#include "minim/call_options.h"
#include "minim/internal/executor.h"
#include "minim/internal/program.h"
#include "minim/result.h"

namespace minim::internal {

// The port that a program's calls go through (the wire's).
const std::shared_ptr<Port>& port_of(const Program& program);

// Its virtual functions are all inline: a host compiled with RTTI needs the type information of
// this base class, and the library, compiled without, would keep it from being made if it had one
// of them.
class OperationRun : public Run {
 public:
  OperationRun(std::unique_ptr<Program> program, CallOptions options);
  ~OperationRun() override = default;

  void begin() final { start_clock(); }
  void on_reply(rpc::Reply reply) final {
    has_reached_server_ |= reply.progress == rpc::Progress::kSent;
    advance(&reply);
  }
  void on_timer() final { wake(); }
  void on_cancel(Status why) final { finish(std::move(why)); }

  // Hands the run to its port. Where that refuses it (no loop any more, a full mailbox, a forked
  // child, a wrong thread) the run ends here and now: submit() delivers on the calling thread,
  // try_submit() returns why and delivers nothing.
  void submit();
  [[nodiscard]] Status try_submit();
  void request_cancel();
  const std::shared_ptr<Port>& port() const { return port_; }

 protected:
  // The one delivery; `program` holds the result when `status` is OK. What the host's code throws
  // here must not reach the library: compiled without exceptions, it would be left half way.
  virtual void deliver(Program& program, Status status) noexcept = 0;

 private:
  void start_clock();
  void wake();
  void advance(rpc::Reply* reply);
  void finish(Status status);

  std::shared_ptr<Port> port_;
  std::unique_ptr<Program> program_;  // null once delivered
  CallOptions options_;
  Time deadline_ = kNever;
  bool deadline_cuts_sleep_ = false;
  bool has_reached_server_ = false;  // a call of it may have
};

// The thin typed end: decodes the result and passes it to `callback`.
template <class T, class Callback>
class CallbackRun final : public OperationRun {
 public:
  using Finish = Result<T> (*)(Program&);
  CallbackRun(std::unique_ptr<Program> program, CallOptions options, Finish decode, Callback then)
      : OperationRun(std::move(program), std::move(options)),
        finish_(decode),
        callback_(std::move(then)) {}

 private:
  void deliver(Program& program, Status status) noexcept override {
    // Moved out first: the callback may destroy everything, this run included.
    Callback callback = std::move(callback_);
    callback(status.ok() ? finish_(program) : Result<T>(std::move(status)));
  }

  Finish finish_;
  Callback callback_;
};

}  // namespace minim::internal

#endif  // MINIM_INTERNAL_OPERATION_RUN_H_
