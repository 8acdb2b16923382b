#include "uv/system.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

namespace minim::uv {

namespace {

int set_nonblocking(int fd) {
  const int flags = ::fcntl(fd, F_GETFL);
  return flags < 0 ? -1 : ::fcntl(fd, F_SETFL, flags | O_NONBLOCK);
}

int set_close_on_exec(int fd) {
  const int flags = ::fcntl(fd, F_GETFD);
  return flags < 0 ? -1 : ::fcntl(fd, F_SETFD, flags | FD_CLOEXEC);
}

Time steady_now() { return std::chrono::steady_clock::now(); }

}  // namespace

const System& real_system() {
  static constexpr System kReal = {
      .socket = ::socket,
      .connect = ::connect,
      .send = ::send,
      .recv = ::recv,
      .getsockopt = ::getsockopt,
      .setsockopt = ::setsockopt,
      .getpeername = ::getpeername,
      .getsockname = ::getsockname,
      .close = ::close,
      .set_nonblocking = set_nonblocking,
      .set_close_on_exec = set_close_on_exec,
      .getaddrinfo = ::getaddrinfo,
      .freeaddrinfo = ::freeaddrinfo,
      .pthread_create = ::pthread_create,
      .mmap = ::mmap,
      .madvise = ::madvise,
      .uv_loop_init = ::uv_loop_init,
      .uv_async_init = ::uv_async_init,
      .uv_timer_start = ::uv_timer_start,
      .uv_poll_init = ::uv_poll_init,
      .uv_poll_start = ::uv_poll_start,
      .now = steady_now,
  };
  return kReal;
}

}  // namespace minim::uv
