#include "uv/support/listener.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <utility>

namespace minim::test {

Listener::Listener(std::function<void(int fd)> serve)
    : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const own = reinterpret_cast<sockaddr*>(&address);
  if (::bind(fd_, own, size) != 0 || ::listen(fd_, 128) != 0 ||
      ::getsockname(fd_, own, &size) != 0) {
    std::abort();
  }
  target_ = "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
  thread_ = std::thread([fd = fd_, serve = std::move(serve)] {
    for (int one; (one = ::accept4(fd, nullptr, nullptr, SOCK_CLOEXEC)) >= 0;) serve(one);
  });
}

Listener::~Listener() {
  ::shutdown(fd_, SHUT_RDWR);
  thread_.join();
  ::close(fd_);
}

}  // namespace minim::test
