// A channel whose way to the server is through a proxy, and the proxy's side of it.
#ifndef MINIM_TESTS_UNIT_RPC_BEHIND_PROXY_H_
#define MINIM_TESTS_UNIT_RPC_BEHIND_PROXY_H_

#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "support/world.h"

namespace minim::test {

inline constexpr std::size_t kChunks[] = {SIZE_MAX, 1, 2, 3, 7};
inline constexpr std::string_view kEstablished = "HTTP/1.1 200 Connection established\r\n\r\n";

inline rpc::CallOptions once() { return {.retry = rpc::no_retry()}; }

inline rpc::ChannelOptions with_proxy(std::string target = "server:7233") {
  rpc::ChannelOptions options = plain_options(std::move(target));
  options.proxy = rpc::ProxyOptions{.target = "10.9.9.9:3128"};
  return options;
}

// The far end behind a proxy: all up to the blank line is for the proxy, which keeps it in `head`.
inline std::function<std::string(std::string_view)> after_head(
    std::function<std::string(std::string_view)> next = {}, std::string* head = nullptr) {
  return [pending = std::string(), open = false, next, head](std::string_view bytes) mutable {
    if (open) return next ? next(bytes) : std::string(bytes);
    pending += bytes;
    const std::size_t end = pending.find("\r\n\r\n");
    if (end == std::string::npos) return std::string();
    open = true;
    if (head != nullptr) *head = pending.substr(0, end + 4);
    const std::string rest = pending.substr(end + 4);
    return rest.empty() || !next ? rest : next(rest);
  };
}

}  // namespace minim::test

#endif  // MINIM_TESTS_UNIT_RPC_BEHIND_PROXY_H_
