// What operations and clients hold of a channel on a loop.
#ifndef MINIM_UV_PORT_H_
#define MINIM_UV_PORT_H_

#include <memory>
#include <utility>

#include "minim/internal/executor.h"
#include "uv/loop_core.h"
#include "uv/mailbox.h"

namespace minim::uv {

// May outlive its driver, its loop and the Loop or Runtime behind that.
class LoopPort final : public internal::Port {
 public:
  explicit LoopPort(std::shared_ptr<LoopCore> core) : core_(std::move(core)) {}
  ~LoopPort() override;

  Status submit(std::shared_ptr<internal::Run> run) override;
  void request_cancel(const std::shared_ptr<internal::Run>& run) override;
  void close(Duration drain) override;
  bool is_loop_thread() const override;
  Time now() const override;
  Random& random() override;
  void start_call(internal::Run& run, rpc::Request&& request, rpc::CallOptions&& options) override;
  void start_timer(internal::Run& run, Time when) override;
  void finished(internal::Run& run) override;

 private:
  friend class LoopCore;
  const std::shared_ptr<LoopCore> core_;
  PortEnd end_;
};

}  // namespace minim::uv

#endif  // MINIM_UV_PORT_H_
