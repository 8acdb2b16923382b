#include "minim/runtime.h"
#include "minim/uv.h"
#include "uv/loop_core.h"

namespace minim::uv {

Loop::Loop(uv_loop_t* loop)
    : core_(std::make_shared<LoopCore>(loop, LoopCore::Ownership::kBorrowed, kMailboxCapacity,
                                       real_system())) {}

Loop::~Loop() { core_->stop(); }

std::shared_ptr<internal::Executor> Loop::executor() const { return core_; }

}  // namespace minim::uv
