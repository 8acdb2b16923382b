// What clients live on, borrowed or minim's own, with the same verbs.
#ifndef MINIM_TESTS_FACES_SUPPORT_HOST_H_
#define MINIM_TESTS_FACES_SUPPORT_HOST_H_

#include <gtest/gtest.h>
#include <uv.h>

#include <memory>
#include <thread>
#include <utility>

#include "minim/client.h"
#include "minim/runtime.h"
#include "minim/uv.h"

namespace minim::test {

class Host {
 public:
  explicit Host(bool is_borrowed) : is_borrowed_(is_borrowed) {
    if (is_borrowed) {
      uv_loop_init(&loop_);
      borrowed_ = std::make_unique<uv::Loop>(&loop_);
    } else {
      runtime_ = std::make_unique<Runtime>();
    }
  }
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;
  // A borrowed loop must be free of everything of ours.
  ~Host() {
    destroy();
    run();
    EXPECT_EQ(is_borrowed_ ? uv_loop_close(&loop_) : 0, 0);
  }

  uv_loop_t* loop() { return &loop_; }
  Result<Client> create(ConnectOptions options) {
    return is_borrowed_ ? Client::create(*borrowed_, std::move(options))
                        : Client::create(*runtime_, std::move(options));
  }
  Operation<Client> connect(ConnectOptions options) {
    return is_borrowed_ ? minim::connect(*borrowed_, std::move(options))
                        : minim::connect(*runtime_, std::move(options));
  }
  // The Loop or the Runtime goes. On the thread of the loop or on the test's.
  void destroy() {
    borrowed_.reset();
    runtime_.reset();
  }
  // Until nothing keeps a borrowed loop.
  void run() {
    if (is_borrowed_) uv_run(&loop_, UV_RUN_DEFAULT);
  }
  // Until `holds`, which must not depend on this thread otherwise.
  template <class Condition>
  void until(Condition holds) {
    while (!holds()) {
      is_borrowed_ ? static_cast<void>(uv_run(&loop_, UV_RUN_NOWAIT)) : std::this_thread::yield();
    }
  }

 private:
  const bool is_borrowed_;
  uv_loop_t loop_{};
  std::unique_ptr<uv::Loop> borrowed_;
  std::unique_ptr<Runtime> runtime_;
};

}  // namespace minim::test

#endif  // MINIM_TESTS_FACES_SUPPORT_HOST_H_
