#include "uv/system.h"

#include <unistd.h>

namespace minim::uv {

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
      .getaddrinfo = ::getaddrinfo,
      .freeaddrinfo = ::freeaddrinfo,
      .pthread_create = ::pthread_create,
      .uv_poll_init = ::uv_poll_init,
      .uv_poll_start = ::uv_poll_start,
  };
  return kReal;
}

}  // namespace minim::uv
