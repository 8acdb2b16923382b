// uv::Loop: clients on an event loop that the host has already.
#ifndef MINIM_UV_H_
#define MINIM_UV_H_

#include <uv.h>

#include <memory>

#include "minim/internal/executor.h"

namespace minim::uv {

class LoopCore;

// Borrows a uv_loop_t, which must outlive it. Belongs to the thread that makes it, which must be
// the one that runs the loop: clients used on another thread get FAILED_PRECONDITION.
//
// The loop is kept alive only while operations run: an idle connection does not stop uv_run() from
// returning. While the host does not run the loop nothing happens at all: answers wait in the
// sockets, and deadlines that pass are noticed when it runs again.
//
//   minim::uv::Loop loop{uv_default_loop()};
//   ... make a client on it, start an operation ...
//   uv_run(uv_default_loop(), UV_RUN_DEFAULT);    // returns when the operation has ended
class Loop {
 public:
  explicit Loop(uv_loop_t* loop);
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;
  // May be destroyed in a callback that it delivers. Never blocks and calls nobody: each operation
  // ends with CANCELLED ("client closed"), and the sockets and handles close, in the next
  // iterations of the host's loop. A host that is done runs it once more, until uv_run() returns;
  // uv_loop_close() says UV_EBUSY before that. Clients that live on get CANCELLED. In a forked
  // child: leaves everything as it is.
  ~Loop();

  // For the layers above.
  std::shared_ptr<internal::Executor> executor() const;

 private:
  std::shared_ptr<LoopCore> core_;
};

}  // namespace minim::uv

#endif  // MINIM_UV_H_
