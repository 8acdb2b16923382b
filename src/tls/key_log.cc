#include "tls/key_log.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/secret.h"

namespace minim::tls {

KeyLog::~KeyLog() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

bool KeyLog::open(const std::string& path, std::string* problem) {
  descriptor_ = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0600);
  struct stat facts = {};
  const bool is_open = descriptor_ >= 0 && ::fstat(descriptor_, &facts) == 0;
  if (is_open && S_ISREG(facts.st_mode)) return true;
  // ENXIO: a pipe that nobody reads, or a socket.
  *problem = is_open || errno == ENXIO
                 ? "it is not a regular file: name one, or one that is to be made"
                 : std::string("it cannot be opened: ") + std::strerror(errno);
  return false;
}

void KeyLog::write(const char* line) const {
  std::string text = std::string(line) + '\n';
  const ssize_t written = ::write(descriptor_, text.data(), text.size());
  static_cast<void>(written);
  wipe(text);
}

}  // namespace minim::tls
