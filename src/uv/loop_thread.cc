#include "uv/loop_thread.h"

#include <string>
#include <thread>
#include <utility>

#include "uv/loop_core.h"
#include "uv/process.h"
#include "uv/socket.h"
#include "uv/thread.h"

namespace minim::uv {

namespace {

// What the thread owns. Nothing of it belongs to LoopThread, which may be gone long before.
struct Life {
  uv_loop_t loop;
  std::shared_ptr<LoopCore> core;
};

void run(Life& life) {
  life.core->adopt_thread(std::this_thread::get_id());
  uv_run(&life.loop, UV_RUN_DEFAULT);  // until stop() has closed every handle
  // The system may give this thread's id to another one from now on.
  life.core->adopt_thread(std::thread::id());
  life.core.reset();
  uv_loop_close(&life.loop);
}

void* run_thread(void* argument) {
  const std::unique_ptr<Life> life(static_cast<Life*>(argument));
  run(*life);
  return nullptr;
}

// Stands in for a loop that could not be started: a constructor has no other way to say why.
class NoExecutor final : public internal::Executor {
 public:
  explicit NoExecutor(const std::string& reason)
      : why_(Code::kUnavailable, "cannot start the loop's thread: " + reason) {}
  Result<std::shared_ptr<internal::Port>> open(rpc::ChannelOptions) override { return why_; }
  std::uint64_t entropy() override { return system_entropy(); }
  std::string default_identity() override { return process_identity(); }
  std::optional<std::string> environment(const char* name) override {
    return process_environment(name);
  }

 private:
  const Status why_;
};

}  // namespace

LoopThread::LoopThread(std::size_t mailbox_capacity, const System& system) {
  auto life = std::make_unique<Life>();
  if (const int failed = system.uv_loop_init(&life->loop); failed != 0) {
    executor_ = std::make_shared<NoExecutor>(system_reason(-failed));
    return;
  }
  life->core = std::make_shared<LoopCore>(&life->loop, LoopCore::Ownership::kOwned,
                                          mailbox_capacity, system);
  core_ = life->core;
  Status failed = life->core->start_handles();
  if (failed.ok()) {
    const int error = start_thread(system, 0, &thread_, run_thread, life.get());
    if (error == 0) {
      static_cast<void>(life.release());  // the thread's now
      executor_ = core_;
      return;
    }
    failed = Status(Code::kUnavailable, system_reason(error));
  }
  executor_ = std::make_shared<NoExecutor>(std::string(failed.message()));
  std::exchange(core_, nullptr)->stop();
  run(*life);
}

LoopThread::~LoopThread() {
  if (core_ == nullptr || core_->is_forked()) return;
  if (core_->is_loop_thread()) {
    pthread_detach(thread_);
    core_->stop();
  } else {
    core_->stop();
    pthread_join(thread_, nullptr);
  }
}

}  // namespace minim::uv
