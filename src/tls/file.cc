#include "tls/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/secret.h"

namespace minim::tls {

namespace {

class Descriptor {
 public:
  explicit Descriptor(const std::string& path)
      : number_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  int get() const { return number_; }

 private:
  const int number_;
};

bool refuse(std::string* problem, std::string why) {
  *problem = std::move(why);
  return false;
}

}  // namespace

bool read_file(const std::string& path, std::string* text, std::string* problem) {
  wipe(*text);
  const Descriptor file(path);
  struct stat facts = {};
  if (file.get() < 0 || ::fstat(file.get(), &facts) != 0) {
    return refuse(problem, std::string("it cannot be read: ") + std::strerror(errno));
  }
  if (!S_ISREG(facts.st_mode)) return refuse(problem, "it is not a regular file");
  const std::size_t size = static_cast<std::size_t>(facts.st_size);
  if (size > kMaxFileBytes) {
    return refuse(problem, "it has " + std::to_string(size) + " bytes, at most " +
                               std::to_string(kMaxFileBytes) + " (kMaxFileBytes) are read");
  }
  text->resize(size);
  std::size_t had = 0;
  while (had < size) {
    const ssize_t got = ::read(file.get(), text->data() + had, size - had);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      wipe(*text);
      return refuse(problem, std::string("it cannot be read: ") + std::strerror(errno));
    }
    if (got == 0) break;  // somebody is shortening it: what is left will tell
    had += static_cast<std::size_t>(got);
  }
  text->resize(had);
  if (had == 0) return refuse(problem, "it is empty");
  return true;
}

}  // namespace minim::tls
