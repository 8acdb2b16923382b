#include "tls/support/tls_front.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <string_view>

namespace minim::test {

namespace {

void must(bool ok) {
  if (!ok) std::abort();
}

bool send_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

// Until one of the two ends. `plain` is the server's.
void relay(int client, int plain) {
  tls::ServerEnd end({});
  std::size_t forwarded = 0;
  char block[16'384];
  for (;;) {
    // The server speaks at once, TLS not before its handshake.
    pollfd ready[] = {{client, POLLIN, 0}, {end.is_open() ? plain : -1, POLLIN, 0}};
    if (::poll(ready, 2, -1) <= 0) return;
    for (const pollfd& one : ready) {
      if (one.revents == 0) continue;
      const ssize_t count = ::read(one.fd, block, sizeof block);
      if (count <= 0) return;
      const std::string_view bytes(block, static_cast<std::size_t>(count));
      one.fd == client ? end.receive(bytes) : end.send(bytes);
    }
    const std::string_view new_plain = std::string_view(end.plain()).substr(forwarded);
    forwarded += new_plain.size();
    if (!send_all(plain, new_plain) || !send_all(client, end.take_output())) return;
    if (end.has_failed()) return;
  }
}

}  // namespace

TlsFront::TlsFront(H2Server& server) {
  listener_.emplace([this, &server](int client) {
    // Else a second small record waits for the client's acknowledgement of the first, 40 ms.
    const int yes = 1;
    must(::setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes) == 0);
    int ends[2];
    must(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
    server.adopt(ends[1]);
    connections_.emplace_back([client, plain = ends[0]] {
      relay(client, plain);
      ::close(plain);
      ::close(client);
    });
  });
}

TlsFront::~TlsFront() {
  listener_.reset();
  for (std::thread& connection : connections_) connection.join();
}

}  // namespace minim::test
