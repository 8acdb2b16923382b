#include "uv/socket.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <climits>
#include <cstring>

namespace minim::uv {

namespace {

#ifdef SOCK_CLOEXEC
constexpr int kSocketType = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
#else
constexpr int kSocketType = SOCK_STREAM;
#endif
#ifdef MSG_NOSIGNAL
constexpr int kSendFlags = MSG_NOSIGNAL;
#else
constexpr int kSendFlags = 0;
#endif

int fill_address(const rpc::Address& address, sockaddr_storage* storage, socklen_t* length) {
  *storage = {};
  if (address.kind == rpc::Address::Kind::kUnix) {
    auto* const local = reinterpret_cast<sockaddr_un*>(storage);
    if (address.host.size() >= sizeof local->sun_path) return ENAMETOOLONG;
    local->sun_family = AF_UNIX;
    std::memcpy(local->sun_path, address.host.data(), address.host.size());
    *length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address.host.size() + 1);
    return 0;
  }
  auto* const v4 = reinterpret_cast<sockaddr_in*>(storage);
  if (uv_ip4_addr(address.host.c_str(), address.port, v4) == 0) {
    *length = sizeof *v4;
    return 0;
  }
  auto* const v6 = reinterpret_cast<sockaddr_in6*>(storage);
  if (uv_ip6_addr(address.host.c_str(), address.port, v6) == 0) {
    *length = sizeof *v6;
    return 0;
  }
  return EINVAL;
}

}  // namespace

int Socket::dial(const rpc::Address& address) {
  sockaddr_storage storage;
  socklen_t length = 0;
  if (const int error = fill_address(address, &storage, &length); error != 0) return error;
  family_ = storage.ss_family;
  fd_ = system_->socket(family_, kSocketType, 0);
  if (fd_ < 0) return errno;
  set_up();
  if (system_->connect(fd_, reinterpret_cast<const sockaddr*>(&storage), length) == 0) return 0;
  // An interrupted connect goes on in the background like one that would block (POSIX connect).
  return errno == EINTR ? EINPROGRESS : errno;
}

// What fails here costs speed at most.
void Socket::set_up() {
  const int on = 1;
#ifdef SO_NOSIGPIPE
  system_->setsockopt(fd_, SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof on);
#endif
  // Without it a small request waits for the acknowledgement of the one before (RFC 896).
  if (family_ != AF_UNIX) system_->setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

int Socket::adopt(int fd) {
  fd_ = fd;
  sockaddr_storage own = {};
  socklen_t length = sizeof own;
  if (system_->getsockname(fd_, reinterpret_cast<sockaddr*>(&own), &length) != 0) return errno;
  family_ = own.ss_family;
  if (system_->set_nonblocking(fd_) != 0 || system_->set_close_on_exec(fd_) != 0) return errno;
  set_up();
  return 0;
}

int Socket::connect_result() {
  int error = 0;
  socklen_t length = sizeof error;
  if (system_->getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &length) != 0) return errno;
  if (error != 0) return error;
  sockaddr_storage peer;
  length = sizeof peer;
  if (system_->getpeername(fd_, reinterpret_cast<sockaddr*>(&peer), &length) != 0) {
    return errno == ENOTCONN ? EINPROGRESS : errno;
  }
  return is_connected_to_itself() ? ECONNREFUSED : 0;
}

// TCP's simultaneous open lets a socket connect to itself when nobody listens on a local port and
// the kernel happens to pick that very port as the source: it would then talk HTTP/2 to its own
// echo.
bool Socket::is_connected_to_itself() {
  if (family_ == AF_UNIX) return false;
  sockaddr_storage ends[2] = {};
  socklen_t length = sizeof ends[0];
  if (system_->getpeername(fd_, reinterpret_cast<sockaddr*>(&ends[0]), &length) != 0) return false;
  length = sizeof ends[1];
  if (system_->getsockname(fd_, reinterpret_cast<sockaddr*>(&ends[1]), &length) != 0) return false;
  return std::memcmp(&ends[0], &ends[1], sizeof ends[0]) == 0;
}

void Socket::set_user_timeout(Duration timeout) {
#ifdef TCP_USER_TIMEOUT
  if (family_ == AF_UNIX) return;
  const auto count = std::chrono::ceil<std::chrono::milliseconds>(timeout).count();
  const auto milliseconds = static_cast<unsigned>(std::clamp<long long>(count, 1, INT_MAX));
  system_->setsockopt(fd_, IPPROTO_TCP, TCP_USER_TIMEOUT, &milliseconds, sizeof milliseconds);
#else
  static_cast<void>(timeout);
#endif
}

std::ptrdiff_t Socket::send(std::string_view bytes, int* error) {
  ssize_t count = 0;
  do {
    count = system_->send(fd_, bytes.data(), bytes.size(), kSendFlags);
  } while (count < 0 && errno == EINTR);
  if (count < 0) *error = errno;
  return count;
}

std::ptrdiff_t Socket::receive(char* buffer, std::size_t size, int* error) {
  ssize_t count = 0;
  do {
    count = system_->recv(fd_, buffer, size, 0);
  } while (count < 0 && errno == EINTR);
  if (count < 0) *error = errno;
  return count;
}

void Socket::close() {
  if (fd_ >= 0) system_->close(fd_);
  fd_ = -1;
}

std::string system_reason(int error) {
  char text[128];
  return uv_strerror_r(uv_translate_sys_error(error), text, sizeof text);
}

}  // namespace minim::uv
