#include "rpc/proxy_request.h"

#include <algorithm>

#include "base/base64.h"
#include "base/secret.h"

namespace minim::rpc {

namespace {

constexpr std::string_view kRefusedFields[] = {
    // The request has them, or they would announce a body (RFC 9110, 9.3.6: it has none).
    "host", "content-length", "content-type", "transfer-encoding", "expect",
    // Hop-by-hop (RFC 9110, 7.6.1): they would change what follows on the connection.
    "connection", "proxy-connection", "keep-alive", "te", "trailer", "upgrade",
    // Meant for the target, where rpc_metadata and the API key carry them.
    "authorization", "cookie"};

// Shorter values are no secrets, and to cut them out would make texts unreadable.
constexpr std::size_t kMinSecretFieldBytes = 8;
// The first part of a secret that is cut out at the end of a text.
constexpr std::size_t kMinSecretPartBytes = 4;
constexpr std::string_view kCut = "***";

bool has_basic(const ProxyOptions& proxy) { return !proxy.user.empty() || !proxy.password.empty(); }

std::string basic_credentials(const ProxyOptions& proxy) {
  std::string pair = proxy.user + ":" + proxy.password;
  std::string coded = base64_encode(pair, Base64Padding::kWrite);
  wipe(pair);
  return coded;
}

bool is_control(char c) { return (c >= 0 && c < 0x20) || c == 0x7f; }

// RFC 6750, 2.1: b64token.
bool is_token_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("-._~+/=").find(c) != std::string_view::npos;
}

}  // namespace

Result<Target> parse_proxy_target(std::string_view text) {
  if (!text.starts_with("unix:") && text.find('@') != std::string_view::npos) {
    // Not quoted: a password may stand before it.
    return Status(Code::kInvalidArgument,
                  "target has an '@': credentials go into user and password");
  }
  return parse_target(text, 0);
}

void check_proxy(const ProxyOptions& proxy, const Result<Target>& target,
                 std::vector<std::string>* wrong) {
  const auto add = [wrong](std::string what) { wrong->push_back("proxy: " + std::move(what)); };
  if (!target) {
    add(std::string(target.error().message()));
  } else if (target->tls && *target->tls != (proxy.tls != nullptr)) {
    add(*target->tls ? "target '" + proxy.target + "' asks for TLS, and tls is not set"
                     : "target '" + proxy.target + "' asks for plaintext, and tls is set");
  }
  if (proxy.user.find(':') != std::string::npos)
    add("user has a ':', which basic credentials forbid");
  if (std::any_of(proxy.user.begin(), proxy.user.end(), is_control)) {
    add("user has a control character");
  }
  if (std::any_of(proxy.password.begin(), proxy.password.end(), is_control)) {
    add("password has a control character");
  }
  if (!std::all_of(proxy.bearer_token.begin(), proxy.bearer_token.end(), is_token_character)) {
    add("bearer_token has a character other than letters, digits and -._~+/=");
  }
  bool has_own = false;
  for (const auto& [name, value] : proxy.headers) {
    const bool refused = std::find(std::begin(kRefusedFields), std::end(kRefusedFields), name) !=
                         std::end(kRefusedFields);
    if (refused) {
      add("headers: '" + name +
          "' cannot be given: it is set by minim, hop-by-hop, or for the target");
    } else if (name == "user-agent" || name.ends_with("-bin")) {
      // What metadata has rules of its own for is plain text here.
      if (Status bad = Metadata{{"value", value}}.validate(); !bad.ok()) {
        add("headers: the value of '" + name + "' holds characters that a header cannot carry");
      }
    } else if (Status bad = Metadata{{name, value}}.validate(); !bad.ok()) {
      add("headers: " + std::string(bad.message()));
    }
    has_own = has_own || name == "proxy-authorization";
  }
  if (int{has_basic(proxy)} + int{!proxy.bearer_token.empty()} + int{has_own} > 1) {
    add("give one kind of credentials: user and password, bearer_token, or a proxy-authorization "
        "header");
  }
  std::string request = connect_request(proxy, std::string_view());
  if (request.size() > kMaxProxyRequestBytes) {
    add("credentials and headers have " + std::to_string(request.size()) + " bytes, at most " +
        std::to_string(kMaxProxyRequestBytes) + " are allowed");
  }
  wipe(request);
}

std::string connect_request(const ProxyOptions& proxy, std::string_view authority) {
  std::string request;
  request.reserve(1024);  // most never move, and leave no copy of a secret behind
  request.append("CONNECT ").append(authority).append(" HTTP/1.1\r\nHost: ").append(authority);
  request += "\r\n";
  if (has_basic(proxy)) {
    std::string coded = basic_credentials(proxy);
    request.append("Proxy-Authorization: Basic ").append(coded).append("\r\n");
    wipe(coded);
  } else if (!proxy.bearer_token.empty()) {
    request.append("Proxy-Authorization: Bearer ").append(proxy.bearer_token).append("\r\n");
  }
  for (const auto& [name, value] : proxy.headers) {
    request.append(name).append(": ").append(value).append("\r\n");
  }
  return request += "\r\n";
}

std::vector<std::string> proxy_secrets(const ProxyOptions& proxy) {
  std::vector<std::string> secrets;
  if (has_basic(proxy)) secrets.push_back(basic_credentials(proxy));
  if (!proxy.password.empty()) secrets.push_back(proxy.password);
  if (!proxy.bearer_token.empty()) secrets.push_back(proxy.bearer_token);
  for (const auto& [name, value] : proxy.headers) {
    if (value.size() >= kMinSecretFieldBytes) secrets.push_back(value);
    // The credentials alone as well: a proxy may show them without their scheme.
    const std::size_t space = name == "proxy-authorization" ? value.find(' ') : std::string::npos;
    if (space != std::string::npos) secrets.push_back(value.substr(space + 1));
  }
  std::erase(secrets, std::string());
  std::stable_sort(secrets.begin(), secrets.end(),
                   [](const auto& a, const auto& b) { return a.size() > b.size(); });
  return secrets;
}

std::string without_secrets(std::string_view text, const std::vector<std::string>& secrets) {
  std::string clean(text);
  for (const std::string& secret : secrets) {
    for (std::size_t at = 0; (at = clean.find(secret, at)) != std::string::npos;
         at += kCut.size()) {
      clean.replace(at, secret.size(), kCut);
    }
  }
  // One that the end of the text has cut.
  for (const std::string& secret : secrets) {
    for (std::size_t known = std::min(secret.size(), clean.size()); known >= kMinSecretPartBytes;
         --known) {
      if (!clean.ends_with(std::string_view(secret).substr(0, known))) continue;
      return clean.replace(clean.size() - known, known, kCut);
    }
  }
  return clean;
}

}  // namespace minim::rpc
