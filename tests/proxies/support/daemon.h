// A server program of the system, run under a configuration of the test's own.
#ifndef MINIM_TESTS_PROXIES_SUPPORT_DAEMON_H_
#define MINIM_TESTS_PROXIES_SUPPORT_DAEMON_H_

#include <sys/types.h>

#include <csignal>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace minim::testing {

// A directory of the test's own, readable by whatever user a server runs as; gone at the end.
class Scratch {
 public:
  Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch();

  const std::string& path() const { return path_; }
  std::string file(const std::string& name) const { return path_ + "/" + name; }
  // Writes a file and returns its path.
  std::string write(const std::string& name, std::string_view text) const;

 private:
  std::string path_;
};

// A TCP port of loopback that nobody listens on, below the range that outgoing connections use.
std::uint16_t free_port();
std::string loopback(std::uint16_t port);  // "127.0.0.1:PORT"

class Daemon {
 public:
  // `command`: the program's path and its arguments; it must stay in the foreground. Its output
  // goes to a file of the scratch directory. `port`: where it listens when it is ready.
  Daemon(const Scratch& scratch, std::vector<std::string> command, std::uint16_t port);
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;
  ~Daemon();  // stop()

  // Empty once it accepts connections; else why it does not, with what it said.
  std::string start();
  // Sends a signal to it and its children, and waits for its end.
  void stop(int signal = SIGKILL);
  // Sends a signal to it alone.
  void signal(int signal) const;

  std::uint16_t port() const { return port_; }
  std::string address() const { return loopback(port_); }
  // All it has said so far.
  std::string log() const;

 private:
  std::vector<std::string> command_;
  const std::uint16_t port_;
  const std::string log_;
  pid_t process_ = -1;
};

}  // namespace minim::testing

#endif  // MINIM_TESTS_PROXIES_SUPPORT_DAEMON_H_
