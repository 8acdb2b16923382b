// The system calls that the driver makes, as a table, so that a test can fail the k-th of them, put
// a slow name server in place, or hold the clock.
#ifndef MINIM_UV_SYSTEM_H_
#define MINIM_UV_SYSTEM_H_

#include <netdb.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <uv.h>

#include "minim/time.h"

namespace minim::uv {

// Each entry has the contract of the function that it is named after. A table must live as long as
// the process: a lookup that nobody waits for still uses it.
struct System {
  int (*socket)(int domain, int type, int protocol);
  int (*connect)(int fd, const sockaddr* address, socklen_t length);
  ssize_t (*send)(int fd, const void* bytes, size_t count, int flags);
  ssize_t (*recv)(int fd, void* bytes, size_t count, int flags);
  int (*getsockopt)(int fd, int level, int name, void* value, socklen_t* length);
  int (*setsockopt)(int fd, int level, int name, const void* value, socklen_t length);
  int (*getpeername)(int fd, sockaddr* address, socklen_t* length);
  int (*getsockname)(int fd, sockaddr* address, socklen_t* length);
  int (*close)(int fd);
  int (*set_nonblocking)(int fd);    // fcntl(O_NONBLOCK)
  int (*set_close_on_exec)(int fd);  // fcntl(FD_CLOEXEC)
  int (*getaddrinfo)(const char* node, const char* service, const addrinfo* hints,
                     addrinfo** found);
  void (*freeaddrinfo)(addrinfo* found);
  int (*pthread_create)(pthread_t* thread, const pthread_attr_t* attributes, void* (*body)(void*),
                        void* argument);
  void* (*mmap)(void* address, size_t length, int protection, int flags, int fd, off_t offset);
  int (*madvise)(void* address, size_t length, int advice);
  int (*uv_loop_init)(uv_loop_t* loop);
  int (*uv_async_init)(uv_loop_t* loop, uv_async_t* handle, uv_async_cb callback);
  int (*uv_timer_start)(uv_timer_t* handle, uv_timer_cb callback, uint64_t timeout,
                        uint64_t repeat);
  int (*uv_poll_init)(uv_loop_t* loop, uv_poll_t* handle, int fd);
  int (*uv_poll_start)(uv_poll_t* handle, int events, uv_poll_cb callback);
  Time (*now)();
};

const System& real_system();

}  // namespace minim::uv

#endif  // MINIM_UV_SYSTEM_H_
