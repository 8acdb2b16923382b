#include "uv/support/h2_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <nghttp2/nghttp2.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <map>
#include <utility>

namespace minim::test {

namespace {

nghttp2_nv header(const char* name, const char* value) {
  return {reinterpret_cast<std::uint8_t*>(const_cast<char*>(name)),
          reinterpret_cast<std::uint8_t*>(const_cast<char*>(value)), std::strlen(name),
          std::strlen(value), NGHTTP2_NV_FLAG_NONE};
}

void must(bool ok) {
  if (!ok) std::abort();
}

}  // namespace

struct H2Server::Peer {
  struct Stream {
    std::string path;
    std::string body;
    std::size_t sent = 0;
    bool held = false;
    bool is_half = false;  // the rest of `body` is never sent
  };

  H2Server* server = nullptr;
  int fd = -1;
  nghttp2_session* session = nullptr;
  std::map<std::int32_t, Stream> streams;
  std::string unsent;
  bool must_close = false;
  int pings_to_answer = 0;

  ~Peer() {
    nghttp2_session_del(session);
    ::close(fd);
    --server->open_;
  }

  static ssize_t read_body(nghttp2_session* session, std::int32_t id, std::uint8_t* buffer,
                           std::size_t size, std::uint32_t* flags, nghttp2_data_source* source,
                           void*) {
    Stream& stream = *static_cast<Stream*>(source->ptr);
    const std::size_t count = std::min(size, stream.body.size() - stream.sent);
    std::memcpy(buffer, stream.body.data() + stream.sent, count);
    stream.sent += count;
    if (stream.is_half && count == 0) return NGHTTP2_ERR_DEFERRED;
    if (stream.sent == stream.body.size() && !stream.is_half) {
      *flags |= NGHTTP2_DATA_FLAG_EOF | NGHTTP2_DATA_FLAG_NO_END_STREAM;
      const nghttp2_nv trailers[] = {header("grpc-status", "0")};
      nghttp2_submit_trailer(session, id, trailers, 1);
    }
    return static_cast<ssize_t>(count);
  }

  void reply(std::int32_t id, Stream& stream) {
    stream.held = false;
    const nghttp2_nv headers[] = {header(":status", "200"),
                                  header("content-type", "application/grpc")};
    nghttp2_data_provider body;
    body.source.ptr = &stream;
    body.read_callback = read_body;
    nghttp2_submit_response(session, id, headers, 2, &body);
  }

  void on_request(std::int32_t id) {
    Stream& stream = streams[id];
    if (stream.path == "/test/Echo") reply(id, stream);
    if (stream.path == "/test/Half") {
      stream.is_half = true;
      stream.body.resize(stream.body.size() / 2);
      reply(id, stream);
    }
    if (stream.path == "/test/Unavailable") {
      const nghttp2_nv headers[] = {header(":status", "200"),
                                    header("content-type", "application/grpc"),
                                    header("grpc-status", "14")};
      nghttp2_submit_response(session, id, headers, 3, nullptr);
    }
    if (stream.path == "/test/Goaway") {
      nghttp2_submit_goaway(session, NGHTTP2_FLAG_NONE, id, NGHTTP2_NO_ERROR, nullptr, 0);
    }
    if (stream.path == "/test/Hold") {
      stream.held = true;
      if (server->is_released_) reply(id, stream);
    }
    if (stream.path == "/test/Close" || stream.path == "/test/Reset") must_close = true;
    if (stream.path == "/test/Reset") {
      const linger now{1, 0};
      ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    }
    ++server->requests_;
    server->requests_.notify_all();
  }

  void open() {
    nghttp2_session_callbacks* callbacks = nullptr;
    nghttp2_session_callbacks_new(&callbacks);
    nghttp2_session_callbacks_set_on_header_callback(
        callbacks, [](nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name,
                      std::size_t name_size, const std::uint8_t* value, std::size_t value_size,
                      std::uint8_t, void* self) {
          if (std::string_view(reinterpret_cast<const char*>(name), name_size) == ":path") {
            static_cast<Peer*>(self)->streams[frame->hd.stream_id].path.assign(
                reinterpret_cast<const char*>(value), value_size);
          }
          return 0;
        });
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(
        callbacks, [](nghttp2_session*, std::uint8_t, std::int32_t id, const std::uint8_t* data,
                      std::size_t size, void* self) {
          static_cast<Peer*>(self)->streams[id].body.append(reinterpret_cast<const char*>(data),
                                                            size);
          return 0;
        });
    nghttp2_session_callbacks_set_on_frame_recv_callback(
        callbacks, [](nghttp2_session*, const nghttp2_frame* frame, void* self) {
          const bool carries = frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA;
          if (carries && (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0) {
            static_cast<Peer*>(self)->on_request(frame->hd.stream_id);
          }
          const bool asks =
              frame->hd.type == NGHTTP2_PING && (frame->hd.flags & NGHTTP2_FLAG_ACK) == 0;
          static_cast<Peer*>(self)->pings_to_answer += asks ? 1 : 0;
          return 0;
        });
    nghttp2_session_callbacks_set_on_stream_close_callback(
        callbacks, [](nghttp2_session*, std::int32_t id, std::uint32_t, void* self) {
          static_cast<Peer*>(self)->streams.erase(id);
          return 0;
        });
    must(nghttp2_session_server_new(&session, callbacks, this) == 0);
    nghttp2_session_callbacks_del(callbacks);
    const nghttp2_settings_entry settings[] = {
        {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, server->spec_.max_streams}};
    nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, settings, 1);
  }

  // False: the connection is over.
  bool read() {
    std::uint8_t buffer[16384];
    const ssize_t count = ::recv(fd, buffer, sizeof buffer, 0);
    if (count < 0) return errno == EAGAIN || errno == EINTR;
    if (count == 0) return false;
    server->heard_ += static_cast<std::size_t>(count);
    if (server->spec_.is_silent) return true;
    return nghttp2_session_mem_recv(session, buffer, static_cast<std::size_t>(count)) >= 0 &&
           !must_close;
  }

  bool write() {
    if (server->spec_.is_silent) return true;
    for (;;) {
      const std::uint8_t* bytes = nullptr;
      const ssize_t count = nghttp2_session_mem_send(session, &bytes);
      if (count < 0) return false;
      if (count == 0) break;
      unsent.append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(count));
    }
    const int answered = std::exchange(pings_to_answer, 0);
    if (unsent.empty()) return true;
    const ssize_t sent = ::send(fd, unsent.data(), unsent.size(), MSG_NOSIGNAL);
    if (sent < 0) return errno == EAGAIN || errno == EINTR;
    unsent.erase(0, static_cast<std::size_t>(sent));
    server->pings_ += answered;
    server->pings_.notify_all();
    return true;
  }
};

H2Server::H2Server(Spec spec) : spec_(spec) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  must(::bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  socklen_t length = sizeof address;
  ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &length);
  port_ = ntohs(address.sin_port);
  target_ = "127.0.0.1:" + std::to_string(port_);
  start(listener);
}

H2Server::H2Server(const std::string& unix_path) : target_("unix:" + unix_path) {
  const int listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, unix_path.c_str(), sizeof address.sun_path - 1);
  must(::bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  start(listener);
}

void H2Server::start(int listener) {
  listener_ = listener;
  must(::listen(listener, 128) == 0 && ::pipe2(wake_, O_CLOEXEC | O_NONBLOCK) == 0);
  thread_ = std::thread([this] { serve(); });
}

H2Server::~H2Server() {
  is_stopping_ = true;
  wake();
  thread_.join();
  peers_.clear();
  for (const int fd : {listener_, wake_[0], wake_[1]}) ::close(fd);
}

void H2Server::wake() { must(::write(wake_[1], "x", 1) == 1); }

void H2Server::release() {
  is_released_ = true;
  wake();
}

void H2Server::adopt(int fd) {
  must(::fcntl(fd, F_SETFL, O_NONBLOCK) == 0);
  adopted_ = fd;
  wake();
  adopted_.wait(fd);
}

void H2Server::pause() {
  is_paused_ = true;
  wake();
  has_paused_.wait(false);
}

void H2Server::resume() {
  is_paused_ = has_paused_ = false;
  wake();
}

void H2Server::hang_up_after_ping() {
  asks_first_ = true;
  hang_up();
  asks_first_ = false;
}

void H2Server::hang_up() {
  is_hanging_up_ = true;
  wake();
  is_hanging_up_.wait(true);
}

void H2Server::wait_for_pings(int count) const {
  for (int seen; (seen = pings_) < count;) pings_.wait(seen);
}

void H2Server::wait_for_requests(int count) const {
  for (int seen; (seen = requests_) < count;) requests_.wait(seen);
}

void H2Server::wait_for_open(int count) const {
  for (int seen; (seen = open_) != count;) open_.wait(seen);
}

void H2Server::accept_one() {
  const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (fd >= 0) add_peer(fd);
}

void H2Server::add_peer(int fd) {
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);  // no effect on a unix socket
  auto peer = std::make_unique<Peer>();
  peer->server = this;
  peer->fd = fd;
  peer->open();
  peers_.push_back(std::move(peer));
  ++connections_;
  ++open_;
  open_.notify_all();
}

void H2Server::serve() {
  while (!is_stopping_) {
    std::vector<pollfd> polled = {{listener_, POLLIN, 0}, {wake_[0], POLLIN, 0}};
    const bool is_paused = is_paused_;
    if (is_paused) {
      has_paused_ = true;
      has_paused_.notify_all();
    }
    for (const auto& peer : peers_) {
      if (is_paused) break;
      const bool writes = !peer->unsent.empty();
      polled.push_back({peer->fd, static_cast<short>(POLLIN | (writes ? POLLOUT : 0)), 0});
    }
    if (::poll(polled.data(), polled.size(), -1) < 0) continue;
    char ignored[16];
    if (polled[1].revents != 0 && ::read(wake_[0], ignored, sizeof ignored) > 0 && is_released_) {
      for (const auto& peer : peers_) {
        for (auto& [id, stream] : peer->streams) {
          if (stream.held) peer->reply(id, stream);
        }
      }
    }
    for (std::size_t i = polled.size(); i-- > 2;) {
      Peer& peer = *peers_[i - 2];
      const bool reads = (polled[i].revents & ~POLLOUT) != 0;
      if ((reads && !peer.read()) || !peer.write()) {
        peers_.erase(peers_.begin() + static_cast<std::ptrdiff_t>(i - 2));
        open_.notify_all();
      }
    }
    if (is_hanging_up_) {
      if (!asks_first_) peers_.clear();
      for (const auto& peer : peers_) {
        must(nghttp2_submit_ping(peer->session, 0, nullptr) == 0 && peer->write());
        must(::shutdown(peer->fd, SHUT_WR) == 0);
      }
      is_hanging_up_ = false;
      is_hanging_up_.notify_all();
      open_.notify_all();
    }
    if (const int fd = adopted_.exchange(-1); fd >= 0) {
      add_peer(fd);
      adopted_.notify_all();
    }
    if (polled[0].revents != 0) accept_one();
  }
}

std::uint16_t unused_port() {
  const H2Server probe;
  return probe.port();
}

}  // namespace minim::test
