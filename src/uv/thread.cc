#include "uv/thread.h"

#include <signal.h>

namespace minim::uv {

int start_thread(const System& system, std::size_t stack_bytes, pthread_t* thread,
                 void* (*body)(void*), void* argument) {
  pthread_attr_t attributes;
  if (const int error = pthread_attr_init(&attributes); error != 0) return error;
  if (thread == nullptr) pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  // Refused where thread-local data of the process need more than that; the default serves then.
  if (stack_bytes != 0) pthread_attr_setstacksize(&attributes, stack_bytes);
  pthread_t detached;
  sigset_t all, old;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &old);  // a new thread inherits the mask
  const int error =
      system.pthread_create(thread != nullptr ? thread : &detached, &attributes, body, argument);
  pthread_sigmask(SIG_SETMASK, &old, nullptr);
  pthread_attr_destroy(&attributes);
  return error;
}

}  // namespace minim::uv
