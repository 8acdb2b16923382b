// A Run that makes one call, for tests of the executor.
#ifndef MINIM_TESTS_UV_SUPPORT_CALL_RUN_H_
#define MINIM_TESTS_UV_SUPPORT_CALL_RUN_H_

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "minim/internal/executor.h"

namespace minim::test {

class CallRun final : public internal::Run {
 public:
  using Done = std::function<void(Status status, std::string message)>;

  CallRun(std::shared_ptr<internal::Port> port, std::string path, std::string message, Done done)
      : port_(std::move(port)), done_(std::move(done)) {
    request_.path = std::move(path);
    request_.message = std::move(message);
    options_.rpc_timeout = std::chrono::seconds(60);
    options_.retry = rpc::no_retry();
  }

  rpc::CallOptions& options() { return options_; }

  void begin() override {
    port_->start_call(*this, std::move(request_), rpc::CallOptions(options_));
  }
  void on_reply(rpc::Reply reply) override {
    end(std::move(reply.status), std::move(reply.message));
  }
  void on_timer() override {}
  void on_cancel(Status why) override { end(std::move(why), {}); }

 private:
  void end(Status status, std::string message) {
    port_->finished(*this);
    const Done done = std::move(done_);
    port_.reset();
    done(std::move(status), std::move(message));
  }

  std::shared_ptr<internal::Port> port_;
  Done done_;
  rpc::Request request_;
  rpc::CallOptions options_;
};

inline std::shared_ptr<CallRun> make_call(std::shared_ptr<internal::Port> port, std::string path,
                                          std::string message, CallRun::Done done) {
  return std::make_shared<CallRun>(std::move(port), std::move(path), std::move(message),
                                   std::move(done));
}

}  // namespace minim::test

#endif  // MINIM_TESTS_UV_SUPPORT_CALL_RUN_H_
