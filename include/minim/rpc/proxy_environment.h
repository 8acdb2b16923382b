// The proxy that a machine's environment names. Nothing reads it unless it is asked to
// (ConnectOptions::proxy_from_environment).
#ifndef MINIM_RPC_PROXY_ENVIRONMENT_H_
#define MINIM_RPC_PROXY_ENVIRONMENT_H_

#include <functional>
#include <optional>
#include <string>

#include "minim/result.h"
#include "minim/rpc/options.h"
#include "minim/rpc/target.h"

namespace minim::rpc {

// The value of a variable, as getenv() would give it.
using EnvironmentLookup = std::function<std::optional<std::string>(const char* name)>;

// What https_proxy, else HTTPS_PROXY, says; also for plaintext targets, since a gRPC call needs a
// tunnel either way. "[http://|https://][user[:password]@]host[:port]", percent-coded credentials;
// ports 80 and 443. Unset or empty: none; so is it for unix sockets, and for targets in no_proxy,
// else NO_PROXY, a list separated by commas or spaces:
//
//   example.com     that name and all below it         10.0.0.1  fd00::1        that address
//   .example.com    only names below it (also *.)      10.0.0.0/8  fd00::/8     that network
//   *               everything                         NAME:PORT  [fd00::1]:99  only at that port
//
// Names are not resolved: networks are for targets that are addresses. Entries that are none of
// these match nothing. INVALID_ARGUMENT names the variable and says what is wrong with it, and
// quotes nothing of it: there may be a password in it. For "https://" `tls` is still to be set.
Result<std::optional<ProxyOptions>> proxy_from_environment(const Target& target,
                                                           const EnvironmentLookup& lookup);

}  // namespace minim::rpc

#endif  // MINIM_RPC_PROXY_ENVIRONMENT_H_
