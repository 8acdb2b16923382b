#include "temporal/support/testbed.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>

namespace minim::testing {

namespace {

std::string program() {
  const char* const named = std::getenv("MINIM_TESTBED");
  return named != nullptr && *named != '\0' ? named : MINIM_TESTBED_DEFAULT;
}

std::string read_line(int from) {
  std::string line;
  char c = 0;
  while (read(from, &c, 1) == 1 && c != '\n') line += c;
  return line;
}

// Everything that a peer sends until it closes.
std::string read_all(int from) {
  std::string text;
  char buffer[16384];
  for (ssize_t n = 0; (n = read(from, buffer, sizeof buffer)) > 0;) {
    text.append(buffer, static_cast<std::size_t>(n));
  }
  return text;
}

}  // namespace

Testbed::Testbed(std::vector<std::string> flags) {
  const std::string path = program();
  if (access(path.c_str(), X_OK) != 0) {
    problem_ = "no testbed at '" + path + "' (" + std::strerror(errno) +
               "): build it with 'go build' in tests/testbed and set MINIM_TESTBED";
    return;
  }
  int to[2];
  int from[2];
  if (pipe2(to, O_CLOEXEC) != 0 || pipe2(from, O_CLOEXEC) != 0) {
    problem_ = std::string("pipe: ") + std::strerror(errno);
    return;
  }
  std::vector<char*> arguments{const_cast<char*>(path.c_str())};
  for (std::string& flag : flags) arguments.push_back(flag.data());
  arguments.push_back(nullptr);
  process_ = fork();
  if (process_ == 0) {
    dup2(to[0], STDIN_FILENO);
    dup2(from[1], STDOUT_FILENO);
    execv(path.c_str(), arguments.data());
    _exit(127);
  }
  close(to[0]);
  close(from[1]);
  input_ = to[1];
  const std::string line = read_line(from[0]);
  close(from[0]);
  ready_ = Json::parse(line, nullptr, false);
  if (!ready_.is_object()) {
    ready_ = Json::object();
    problem_ = "the testbed at '" + path + "' ended without a ready line: '" + line + "'";
  }
}

Testbed::~Testbed() {
  if (process_ <= 0) return;
  close(input_);
  waitpid(process_, nullptr, 0);
}

Testbed& Testbed::shared() {
  static Testbed testbed;
  return testbed;
}

std::string Testbed::file(const std::string& name) const {
  std::ifstream in((*this)["certDir"] + "/" + name);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

Json Testbed::last_call(const std::string& method) const {
  const Json found = calls(method);
  return found.empty() ? Json::object() : found.back();
}

Json Testbed::ask(const std::string& verb, const std::string& path, const std::string& body) const {
  const std::string control = (*this)["control"];
  const std::size_t colon = control.rfind(':');
  if (colon == std::string::npos) return Json::object();
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(control.substr(colon + 1))));
  inet_pton(AF_INET, control.substr(0, colon).c_str(), &address.sin_addr);
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  std::string text = verb + " " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" +
                     "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  std::string answer;
  if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 &&
      send(fd, text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size())) {
    answer = read_all(fd);
  }
  close(fd);
  const std::size_t end = answer.find("\r\n\r\n");
  if (end == std::string::npos) return Json::object();
  return Json::parse(answer.substr(end + 4), nullptr, false);
}

}  // namespace minim::testing
