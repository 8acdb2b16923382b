// A small gRPC server for tests, on a thread and an nghttp2 session of its own. What it does with a
// request is in the path: /test/Echo, /test/Hang, /test/Close, /test/Reset, /test/Hold, /test/Half
// (of the reply comes), /test/Unavailable, /test/Goaway (and no answer).
#ifndef MINIM_TESTS_UV_SUPPORT_H2_SERVER_H_
#define MINIM_TESTS_UV_SUPPORT_H2_SERVER_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace minim::test {

class H2Server {
 public:
  struct Spec {
    bool is_silent = false;  // reads, and never says a word
    std::uint32_t max_streams = 1000;
  };
  H2Server() : H2Server(Spec()) {}                  // 127.0.0.1, any port
  explicit H2Server(Spec spec);                     // likewise
  explicit H2Server(const std::string& unix_path);  // a unix socket
  ~H2Server();

  std::string target() const { return target_; }
  std::uint16_t port() const { return port_; }
  int connections() const { return connections_; }
  int requests() const { return requests_; }
  // Bytes that it has read.
  std::size_t heard() const { return heard_; }
  // Serves a connected socket, which it then owns.
  void adopt(int fd);
  // Answers what came as /test/Hold, now and from now on.
  void release();
  // From its return on reads nothing, until resume().
  void pause();
  void resume();
  // From its return on all connections are closed.
  void hang_up();
  // From its return on a PING and the end have gone out on each, which is still read.
  void hang_up_after_ping();
  // Waits until that many PINGs have been answered in all.
  void wait_for_pings(int count) const;
  // Waits until that many requests have been seen in all.
  void wait_for_requests(int count) const;
  // Waits until that many connections are open.
  void wait_for_open(int count) const;

 private:
  struct Peer;
  void start(int listener);
  void serve();
  void accept_one();
  void add_peer(int fd);
  void wake();

  const Spec spec_{};
  std::string target_;
  std::uint16_t port_ = 0;
  int listener_ = -1;
  int wake_[2] = {-1, -1};
  std::vector<std::unique_ptr<Peer>> peers_;
  std::atomic<bool> is_stopping_ = false;
  std::atomic<bool> is_released_ = false;
  std::atomic<int> adopted_ = -1;
  std::atomic<bool> is_paused_ = false;
  std::atomic<bool> has_paused_ = false;
  std::atomic<bool> is_hanging_up_ = false;
  std::atomic<bool> asks_first_ = false;
  std::atomic<int> pings_ = 0;
  std::atomic<int> connections_ = 0;
  std::atomic<int> open_ = 0;
  std::atomic<int> requests_ = 0;
  std::atomic<std::size_t> heard_ = 0;
  std::thread thread_;
};

// A port on which nobody listens.
std::uint16_t unused_port();

}  // namespace minim::test

#endif  // MINIM_TESTS_UV_SUPPORT_H2_SERVER_H_
