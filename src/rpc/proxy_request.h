// What a CONNECT request says, and what of it is secret.
#ifndef MINIM_RPC_PROXY_REQUEST_H_
#define MINIM_RPC_PROXY_REQUEST_H_

#include <string>
#include <string_view>
#include <vector>

#include "minim/rpc/options.h"
#include "minim/rpc/target.h"

namespace minim::rpc {

// The request with all its fields may have this many bytes; proxies commonly refuse more.
inline constexpr std::size_t kMaxProxyRequestBytes = std::size_t{16} << 10;

// The options' own target; no port is assumed where neither the text nor a scheme gives one.
Result<Target> parse_proxy_target(std::string_view text);

// Appends what is wrong with the options, never the value of a secret.
void check_proxy(const ProxyOptions& proxy, const Result<Target>& target,
                 std::vector<std::string>* wrong);

// `authority`: host:port of the target.
std::string connect_request(const ProxyOptions& proxy, std::string_view authority);

// Texts that a proxy may echo and that nobody else should read, the longest first.
std::vector<std::string> proxy_secrets(const ProxyOptions& proxy);
// `text` with each of them replaced.
std::string without_secrets(std::string_view text, const std::vector<std::string>& secrets);

}  // namespace minim::rpc

#endif  // MINIM_RPC_PROXY_REQUEST_H_
