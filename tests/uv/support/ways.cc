#include "uv/support/ways.h"

#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <string_view>

#include "uv/support/fake_system.h"

namespace minim::test {

namespace {

void must(bool ok) {
  if (!ok) std::abort();
}

// False if it ends before the head of a request does.
bool read_request(int fd) {
  std::string head;
  for (char byte = 0; !head.ends_with("\r\n\r\n"); head += byte) {
    if (::read(fd, &byte, 1) != 1) return false;
  }
  return true;
}

}  // namespace

void PairDialer::dial(const rpc::Address&, DialAnswer answer) {
  int ends[2];
  must(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
  server_.adopt(ends[1]);
  ++Fake::opened;  // closed by the driver
  answer.give(ends[0]);
}

TunnelProxy::TunnelProxy(H2Server& server)
    : listener_([&server](int fd) {
        constexpr std::string_view kReply = "HTTP/1.1 200 OK\r\n\r\n";
        if (read_request(fd) && ::send(fd, kReply.data(), kReply.size(), MSG_NOSIGNAL) > 0) {
          server.adopt(fd);
        } else {
          ::close(fd);
        }
      }) {}

}  // namespace minim::test
