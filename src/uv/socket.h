// A non-blocking stream socket of our own. Not a libuv stream: those write without MSG_NOSIGNAL on
// Linux, and a peer that resets would end the host process with SIGPIPE.
#ifndef MINIM_UV_SOCKET_H_
#define MINIM_UV_SOCKET_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "minim/rpc/target.h"
#include "minim/time.h"
#include "uv/system.h"

namespace minim::uv {

// Functions that return an int give 0 or an errno value.
class Socket {
 public:
  explicit Socket(const System& system) : system_(&system) {}
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  ~Socket() { close(); }

  // Begins to connect: 0: connected, EINPROGRESS: ask connect_result() once writable.
  int dial(const rpc::Address& address);
  // Takes a connected stream socket; owned whatever comes of it.
  int adopt(int fd);
  // 0: connected, EINPROGRESS: not yet.
  int connect_result();
  // Has the kernel give up when sent bytes stay unacknowledged that long (gRFC A18); where it
  // cannot, nothing happens.
  void set_user_timeout(Duration timeout);
  // Bytes moved, or -1 with `*error` set. EINTR does not occur. receive() gives 0 at the end.
  std::ptrdiff_t send(std::string_view bytes, int* error);
  std::ptrdiff_t receive(char* buffer, std::size_t size, int* error);
  void close();

  int fd() const { return fd_; }

 private:
  void set_up();
  bool is_connected_to_itself();

  const System* system_;
  int fd_ = -1;
  int family_ = AF_UNSPEC;
};

// "connection refused": lower case, no stop. Any thread.
std::string system_reason(int error);

}  // namespace minim::uv

#endif  // MINIM_UV_SOCKET_H_
