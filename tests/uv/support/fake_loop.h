// A borrowed loop whose system calls are fake_system()'s.
#ifndef MINIM_TESTS_UV_SUPPORT_FAKE_LOOP_H_
#define MINIM_TESTS_UV_SUPPORT_FAKE_LOOP_H_

#include <memory>

#include "minim/runtime.h"
#include "uv/loop_core.h"
#include "uv/support/fake_system.h"
#include "uv/support/loop_fixture.h"

namespace minim::test {

class FakeLoop : public LoopFixture {
 protected:
  FakeLoop() { Fake::reset(); }
  ~FakeLoop() override {
    core_->stop();
    run();
    EXPECT_EQ(Fake::opened, 0) << "sockets are left open";
  }

  std::shared_ptr<internal::Port> open(std::string target) {
    return open(std::move(target), *core_);
  }
  std::shared_ptr<internal::Port> open(std::string target, uv::LoopCore& core) {
    return open_with({}, std::move(target), core);
  }
  std::shared_ptr<internal::Port> open_with(rpc::ChannelOptions options, std::string target) {
    return open_with(std::move(options), std::move(target), *core_);
  }
  std::shared_ptr<internal::Port> open_with(rpc::ChannelOptions options, std::string target,
                                            uv::LoopCore& core) {
    options.target = std::move(target);
    options.gzip_above_bytes.reset();  // the server echoes what it gets
    options.reconnect.initial_backoff = std::chrono::milliseconds(1);
    const auto port = core.open(std::move(options));
    EXPECT_TRUE(port) << port.status().to_string();
    return port ? *port : nullptr;
  }

  std::shared_ptr<uv::LoopCore> make_core() {
    return std::make_shared<uv::LoopCore>(&loop_, uv::LoopCore::Ownership::kBorrowed,
                                          kMailboxCapacity, fake_system());
  }

  std::shared_ptr<uv::LoopCore> core_ = make_core();
};

}  // namespace minim::test

#endif  // MINIM_TESTS_UV_SUPPORT_FAKE_LOOP_H_
