// Log: what minim would say if it printed anything.
#ifndef MINIM_LOG_H_
#define MINIM_LOG_H_

#include <cstdint>
#include <string_view>

namespace minim {

enum class LogLevel : std::uint8_t {
  kDebug,    // normal traffic: connections that come and go, a server that asks for a new one
  kWarning,  // somebody should know: no connection can be made, the server finds fault with us
};

// Silent unless a host brings one. Lines are whole, without a line end and without secrets.
class Log {
 public:
  virtual ~Log() = default;
  // Called on the loop's thread, never from inside a call into minim; must not block or throw. May
  // use the client.
  virtual void write(LogLevel level, std::string_view line) = 0;
};

}  // namespace minim

#endif  // MINIM_LOG_H_
