#include "minim/rpc/target.h"

#include <charconv>

#include "grpcframe/percent.h"

namespace minim::rpc {

namespace {

constexpr std::size_t kMaxQuotedBytes = 120;
constexpr std::size_t kMaxUnixPathBytes = 107;  // sockaddr_un::sun_path, without its NUL

bool is_ipv4(std::string_view host) {
  int parts = 0;
  while (true) {
    const std::size_t dot = host.find('.');
    const std::string_view part = host.substr(0, dot);
    unsigned value = 0;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), value);
    if (part.empty() || part.size() > 3 || error != std::errc() ||
        end != part.data() + part.size() || value > 255) {
      return false;
    }
    ++parts;
    if (dot == std::string_view::npos) return parts == 4;
    host.remove_prefix(dot + 1);
  }
}

bool is_name(std::string_view host) {
  if (host.empty() || host.size() > 253) return false;
  for (const char c : host) {
    const bool good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '-' || c == '.' || c == '_';
    if (!good) return false;
  }
  return host.front() != '.' && host.front() != '-';
}

// Loose on purpose: whether it is a good address is the system's to say when it is dialled.
bool is_ipv6(std::string_view host) {
  const std::size_t percent = host.find('%');
  const std::string_view address = host.substr(0, percent);
  if (percent != std::string_view::npos && !is_name(host.substr(percent + 1))) return false;
  return address.find(':') != std::string_view::npos &&
         address.find_first_not_of("0123456789abcdefABCDEF:.") == std::string_view::npos;
}

Status bad(std::string_view text, std::string_view why) {
  return Status(Code::kInvalidArgument,
                "target '" + printable(text, kMaxQuotedBytes) + "': " + std::string(why));
}

bool take_prefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

// Case does not matter in a scheme (RFC 3986, 3.1).
bool take_scheme(std::string_view& text, std::string_view scheme) {
  if (text.size() < scheme.size()) return false;
  for (std::size_t i = 0; i < scheme.size(); ++i) {
    const char c = text[i];
    if ((c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c) != scheme[i]) return false;
  }
  text.remove_prefix(scheme.size());
  return true;
}

}  // namespace

std::string Address::to_string() const {
  if (kind == Kind::kUnix) return "unix:" + host;
  const bool v6 = host.find(':') != std::string::npos;
  return (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

std::string Target::authority() const {
  if (kind == Kind::kUnix) return "localhost";
  // A zone means something on this machine only (RFC 6874, 1).
  return Address{Address::Kind::kIp, host.substr(0, host.find('%')), port}.to_string();
}

std::string Target::to_string() const {
  if (kind == Kind::kUnix) return "unix:" + host;
  return Address{Address::Kind::kIp, host, port}.to_string();
}

Result<Target> parse_target(std::string_view text, std::uint16_t default_port) {
  Target target;
  target.port = default_port;
  std::string_view rest = text;
  if (take_scheme(rest, "unix:")) {
    if (rest.starts_with("//")) rest.remove_prefix(2);
    while (rest.starts_with("//")) rest.remove_prefix(1);
    if (!rest.starts_with('/'))
      return bad(text, "unix: needs an absolute path, as unix:/run/x.sock");
    if (rest.size() > kMaxUnixPathBytes) {
      return bad(text, "the path has " + std::to_string(rest.size()) + " bytes, at most " +
                           std::to_string(kMaxUnixPathBytes) + " fit a socket address");
    }
    if (rest.find('\0') != std::string_view::npos) return bad(text, "the path has a NUL character");
    target.kind = Target::Kind::kUnix;
    target.host = rest;
    target.port = 0;
    return target;
  }
  if (const std::size_t at = rest.rfind('@'); at != std::string_view::npos) {
    // What stands before it may be a password: it is not quoted.
    return bad("...@" + std::string(rest.substr(at + 1)),
               "a user name cannot be part of it: credentials go into metadata");
  }
  if (take_scheme(rest, "http://")) {
    target.tls = false;
    target.port = 80;
  } else if (take_scheme(rest, "https://")) {
    target.tls = true;
    target.port = 443;
  } else {
    take_scheme(rest, "dns:///");
  }
  if (target.tls && rest.ends_with('/')) rest.remove_suffix(1);
  if (const std::size_t at = rest.find("://"); at != std::string_view::npos) {
    return bad(text, "scheme '" + printable(rest.substr(0, at), kMaxQuotedBytes) +
                         "' is not known: use host:port, unix:/path, http:// or https://");
  }
  if (rest.find_first_of("/?#") != std::string_view::npos) {
    return bad(text, "it names a server: neither path nor query can be part of it");
  }

  std::string_view port;
  bool bracketed = false;
  if (take_prefix(rest, "[")) {
    const std::size_t end = rest.find(']');
    if (end == std::string_view::npos) return bad(text, "']' is missing after the IPv6 address");
    bracketed = true;
    target.host = rest.substr(0, end);
    rest.remove_prefix(end + 1);
    if (!rest.empty() && !take_prefix(rest, ":")) return bad(text, "':port' must follow ']'");
    if (rest.empty() && text.ends_with(':')) return bad(text, "the port after ':' is missing");
    port = rest;
    if (!is_ipv6(target.host)) return bad(text, "what stands in brackets is no IPv6 address");
  } else if (is_ipv6(rest) && rest.find(':') != rest.rfind(':')) {
    target.host = rest;  // a bare IPv6 address: all its colons are its own
  } else {
    const std::size_t colon = rest.rfind(':');
    target.host = rest.substr(0, colon);
    if (colon != std::string_view::npos) {
      port = rest.substr(colon + 1);
      if (port.empty()) return bad(text, "the port after ':' is missing");
    }
  }
  if (!port.empty()) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), value);
    if (error != std::errc() || end != port.data() + port.size() || value == 0 || value > 65'535) {
      return bad(text, "'" + printable(port, kMaxQuotedBytes) + "' is not a port (1 to 65535)");
    }
    target.port = static_cast<std::uint16_t>(value);
  }
  if (target.host.empty()) return bad(text, "the host is missing");
  if (target.port == 0) return bad(text, "the port is missing");
  if (bracketed || is_ipv6(target.host) || is_ipv4(target.host)) {
    target.kind = Target::Kind::kIp;
  } else if (!is_name(target.host)) {
    return bad(text, "'" + printable(target.host, kMaxQuotedBytes) + "' is not a host name");
  }
  return target;
}

}  // namespace minim::rpc
