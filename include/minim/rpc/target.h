// Where a channel goes: the target text taken apart, and the addresses that come of it.
#ifndef MINIM_RPC_TARGET_H_
#define MINIM_RPC_TARGET_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "minim/result.h"

namespace minim::rpc {

inline constexpr std::uint16_t kDefaultPort = 7233;

// One thing that can be dialled.
struct Address {
  enum class Kind : std::uint8_t { kIp, kUnix };
  Kind kind = Kind::kIp;
  std::string host{};      // kIp: a numeric address, IPv6 without brackets; kUnix: a path
  std::uint16_t port = 0;  // kIp
  friend bool operator==(const Address&, const Address&) = default;
  std::string to_string() const;  // "10.0.0.5:7233", "[::1]:7233", "unix:/run/x"
};

struct Target {
  enum class Kind : std::uint8_t { kName, kIp, kUnix };
  Kind kind = Kind::kName;
  std::string host{};  // a name, a numeric address without brackets, or a path
  std::uint16_t port = kDefaultPort;
  std::optional<bool> tls{};      // what a scheme asked for: http:// false, https:// true
  std::string authority() const;  // "host:port", "[::1]:7233"; "localhost" for unix sockets
  std::string to_string() const;
};

// Accepts "host", "host:port", "1.2.3.4:port", "[v6]", "[v6]:port", a bare IPv6 address,
// "unix:/path", "unix:///path", "dns:///host[:port]", "http://host[:port]" and
// "https://host[:port]" (ports 80 and 443 when missing). INVALID_ARGUMENT that quotes the text,
// without user name and password, and says what is wrong with it otherwise. `default_port` is for
// texts without a port and without a scheme that gives one; 0: such a text is wrong.
Result<Target> parse_target(std::string_view text, std::uint16_t default_port = kDefaultPort);

}  // namespace minim::rpc

#endif  // MINIM_RPC_TARGET_H_
