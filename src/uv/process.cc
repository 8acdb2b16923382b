#include "uv/process.h"

#include <uv.h>

#include <cstdlib>

namespace minim::uv {

std::uint64_t system_entropy() {
  std::uint64_t bits = 0;
  if (uv_random(nullptr, nullptr, &bits, sizeof bits, 0, nullptr) == 0) return bits;
  // No entropy yet, early at boot: it is enough that processes and calls differ.
  return uv_hrtime() ^ static_cast<std::uint64_t>(uv_os_getpid()) << 40 ^
         reinterpret_cast<std::uintptr_t>(&bits);
}

std::string process_identity() {
  char host[UV_MAXHOSTNAMESIZE];
  std::size_t size = sizeof host;
  const bool has_name = uv_os_gethostname(host, &size) == 0;
  return std::to_string(uv_os_getpid()) + "@" + (has_name ? host : "unknown-host");
}

std::optional<std::string> process_environment(const char* name) {
  const char* const value = std::getenv(name);
  return value != nullptr ? std::optional<std::string>(value) : std::nullopt;
}

}  // namespace minim::uv
