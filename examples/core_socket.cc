// The bare core over a plain blocking socket: no libuv, no threads, no TLS.
//
//   core_socket 127.0.0.1 7233
#include <arpa/inet.h>
#include <minim/core.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>

static minim::Time now() { return std::chrono::steady_clock::now(); }

static int dial(const char* host, int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  inet_pton(AF_INET, host, &address.sin_addr);
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) return fd;
  close(fd);
  return -1;
}

// Blocks until bytes come or `until` has passed, which is when the connection wants to be told.
static ssize_t read_until(int fd, minim::Time until, char* buffer, std::size_t size) {
  const auto left = std::chrono::duration_cast<std::chrono::microseconds>(until - now()).count();
  timeval wait{};
  wait.tv_sec = left / 1'000'000;
  wait.tv_usec = left > 0 ? left % 1'000'000 : 1;  // zero would mean for ever
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
  return recv(fd, buffer, size, 0);
}

int main(int argc, char** argv) {
  const int fd = dial(argc > 1 ? argv[1] : "127.0.0.1", argc > 2 ? std::atoi(argv[2]) : 7233);
  if (fd < 0) return std::perror("connect"), 1;

  minim::rpc::ConnectionOptions options;
  options.authority = "localhost";
  minim::rpc::Connection connection(options, now());
  minim::rpc::Request request;
  request.path = "/grpc.health.v1.Health/Check";
  connection.start(now(), std::move(request), now() + std::chrono::seconds(5));

  minim::rpc::Connection::Event event;
  for (;;) {
    while (connection.next_event(&event)) {
      if (event.kind != minim::rpc::Connection::Event::Kind::kReply) continue;
      std::printf("%s, %zu bytes\n", event.reply.status.to_string().c_str(),
                  event.reply.message.size());
      close(fd);
      return event.reply.status.ok() ? 0 : 1;
    }
    for (auto out = connection.output(); !out.empty(); out = connection.output()) {
      const ssize_t sent = send(fd, out.data(), out.size(), MSG_NOSIGNAL);
      if (sent < 0) return std::perror("send"), 1;
      connection.consume_output(static_cast<std::size_t>(sent));
    }
    char buffer[16384];
    const ssize_t got = read_until(fd, connection.next_deadline(), buffer, sizeof buffer);
    if (got > 0) {
      connection.receive(now(), {buffer, static_cast<std::size_t>(got)});
    } else if (got == 0 || errno != EAGAIN) {
      connection.lost(now(), {minim::Code::kUnavailable, "the server closed the connection"});
    }
    connection.on_time(now());
  }
}
