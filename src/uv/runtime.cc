#include "minim/runtime.h"

#include "uv/loop_thread.h"

namespace minim {

Runtime::Runtime(RuntimeOptions options)
    : thread_(std::make_unique<uv::LoopThread>(options.mailbox_capacity, uv::real_system())) {}

Runtime::~Runtime() = default;

std::shared_ptr<internal::Executor> Runtime::executor() const { return thread_->executor(); }

}  // namespace minim
