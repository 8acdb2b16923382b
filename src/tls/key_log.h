// The secrets of connections, written down for tools that decipher captured traffic.
#ifndef MINIM_TLS_KEY_LOG_H_
#define MINIM_TLS_KEY_LOG_H_

#include <string>

namespace minim::tls {

// May be written to by several threads: a line is one write() at the file's end.
class KeyLog {
 public:
  KeyLog() = default;
  KeyLog(const KeyLog&) = delete;
  KeyLog& operator=(const KeyLog&) = delete;
  ~KeyLog();

  // Makes the file, for its owner alone, when it is missing. False, with a phrase in `problem`,
  // when it cannot be opened, or is none: a write to a pipe can raise SIGPIPE or block the loop.
  bool open(const std::string& path, std::string* problem);
  // A line that cannot be written (a full disk) is lost: the connection matters more.
  void write(const char* line) const;

 private:
  int descriptor_ = -1;
};

}  // namespace minim::tls

#endif  // MINIM_TLS_KEY_LOG_H_
