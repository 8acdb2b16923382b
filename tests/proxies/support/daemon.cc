#include "proxies/support/daemon.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace minim::testing {

namespace {

constexpr int kLookEveryMs = 10;
constexpr int kMaxLooksAtEnd = 200;
constexpr int kMaxLooks = 3000;  // 30 s: machines that test are busy

sockaddr_in loopback_address(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

// Whether `act` (bind or connect) works at this port.
template <class Act>
bool try_socket(std::uint16_t port, Act act) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = loopback_address(port);
  const bool works = act(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  close(fd);
  return works;
}

}  // namespace

Scratch::Scratch() : path_(std::filesystem::temp_directory_path() / "minim-proxies-XXXXXX") {
  if (mkdtemp(path_.data()) == nullptr || chmod(path_.c_str(), 0777) != 0) std::abort();
}

Scratch::~Scratch() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string Scratch::write(const std::string& name, std::string_view text) const {
  std::ofstream(file(name)) << text;
  return file(name);
}

std::uint16_t free_port() {
  static auto next = static_cast<std::uint16_t>(10'000 + getpid() % 10'000);
  do {
    ++next;
  } while (!try_socket(next, bind));
  return next;
}

std::string loopback(std::uint16_t port) { return "127.0.0.1:" + std::to_string(port); }

Daemon::Daemon(const Scratch& scratch, std::vector<std::string> command, std::uint16_t port)
    : command_(std::move(command)),
      port_(port),
      log_(scratch.file("log-" + std::to_string(port))) {}

Daemon::~Daemon() { stop(); }

std::string Daemon::start() {
  const std::string name = command_.front();
  std::vector<char*> arguments;
  for (std::string& word : command_) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  process_ = fork();
  if (process_ == 0) {
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    const int log = open(log_.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0666);
    const int nothing = open("/dev/null", O_RDONLY);
    dup2(nothing, STDIN_FILENO);
    dup2(log, STDOUT_FILENO);
    dup2(log, STDERR_FILENO);
    execv(arguments.front(), arguments.data());
    _exit(127);
  }
  setpgid(process_, process_);
  for (int look = 0; look < kMaxLooks; ++look) {
    if (try_socket(port_, connect)) return {};
    if (waitpid(process_, nullptr, WNOHANG) != 0) {
      process_ = -1;
      return name + " has ended (scripts/deps test installs it); it said:\n" + log();
    }
    poll(nullptr, 0, kLookEveryMs);
  }
  return name + " does not listen on port " + std::to_string(port_) + "; it said:\n" + log();
}

void Daemon::stop(int signal) {
  if (process_ <= 0) return;
  kill(-process_, signal);
  // In good order may take for ever: nghttpx waits for its clients.
  for (int look = 0; look < kMaxLooksAtEnd && waitpid(process_, nullptr, WNOHANG) == 0; ++look) {
    poll(nullptr, 0, kLookEveryMs);
  }
  kill(-process_, SIGKILL);  // with children that have outlived it
  waitpid(process_, nullptr, 0);
  process_ = -1;
}

void Daemon::signal(int signal) const { kill(process_, signal); }

std::string Daemon::log() const {
  std::ifstream in(log_);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

}  // namespace minim::testing
