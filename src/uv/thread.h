// Threads of minim's own.
#ifndef MINIM_UV_THREAD_H_
#define MINIM_UV_THREAD_H_

#include <cstddef>

#include "uv/system.h"

namespace minim::uv {

// Starts a thread with every signal blocked, so that the host's handlers run on threads of the
// host. `stack_bytes` of 0: the system's default. `thread` null: detached. Gives 0 or an errno
// value.
int start_thread(const System& system, std::size_t stack_bytes, pthread_t* thread,
                 void* (*body)(void*), void* argument);

}  // namespace minim::uv

#endif  // MINIM_UV_THREAD_H_
