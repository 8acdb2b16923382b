#include "minim/rpc/proxy_environment.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "rpc/ip_address.h"
#include "rpc/proxy_request.h"

namespace minim::rpc {

namespace {

constexpr std::string_view kSeparators = ", \t\r\n";

struct Variable {
  const char* name = nullptr;
  std::string value;  // empty: neither is set
};

Variable read(const EnvironmentLookup& lookup, const char* lower, const char* upper) {
  for (const char* const name : {lower, upper}) {
    std::optional<std::string> value = lookup(name);
    if (value && !value->empty()) return {name, std::move(*value)};
  }
  return {};
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string lowered(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), lower);
  return out;
}

// A name or an address as no_proxy has it: without the root's dot, a zone, capitals.
std::string canonical(std::string_view host) {
  host = host.substr(0, host.find('%'));
  if (host.size() > 1 && host.ends_with('.')) host.remove_suffix(1);
  return lowered(host);
}

template <class Number>
bool whole_number(std::string_view text, Number* value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *value);
  return !text.empty() && error == std::errc() && end == text.data() + text.size();
}

bool is_network_of(std::string_view entry, const IpAddress& address) {
  const std::size_t slash = entry.find('/');
  const std::optional<IpAddress> network = parse_ip(entry.substr(0, slash));
  if (!network) return false;
  unsigned bits = static_cast<unsigned>(network->size * 8);
  if (slash != std::string_view::npos && !whole_number(entry.substr(slash + 1), &bits))
    return false;
  return address.is_in(*network, bits);
}

// Takes ":port" off an entry that has one; false if it is not the target's.
bool take_port(std::string_view& entry, std::uint16_t target_port) {
  std::string_view port;
  if (entry.starts_with('[')) {
    const std::size_t end = entry.find(']');
    if (end == std::string_view::npos) return false;
    port = entry.substr(end + 1);
    entry = entry.substr(1, end - 1);
  } else if (const std::size_t colon = entry.find(':'); colon == entry.rfind(':')) {
    port = entry.substr(std::min(entry.size(), colon));
    entry = entry.substr(0, colon);
  }
  if (port.empty()) return true;
  std::uint16_t wanted = 0;
  return port.front() == ':' && whole_number(port.substr(1), &wanted) && wanted == target_port;
}

bool matches(std::string_view entry, const std::string& host, std::uint16_t port,
             const std::optional<IpAddress>& address) {
  if (entry == "*") return true;
  if (!take_port(entry, port)) return false;
  if (address) return is_network_of(entry, *address);
  if (entry.starts_with("*.")) entry.remove_prefix(1);
  const std::string name = canonical(entry);
  if (name.empty() || name == ".") return false;
  if (name.front() == '.') return host.size() > name.size() && host.ends_with(name);
  return host == name || host.ends_with("." + name);
}

bool is_exempt(const Target& target, std::string_view list) {
  const std::string host = canonical(target.host);
  const std::optional<IpAddress> address = parse_ip(host);
  while (!list.empty()) {
    const std::size_t end = std::min(list.size(), list.find_first_of(kSeparators));
    if (end > 0 && matches(list.substr(0, end), host, target.port, address)) return true;
    list.remove_prefix(std::min(list.size(), end + 1));
  }
  return false;
}

std::optional<std::string> percent_decoded(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    unsigned value = static_cast<unsigned char>(text.front());
    std::size_t used = 1;
    if (text.front() == '%') {
      if (text.size() < 3) return std::nullopt;
      const auto [end, error] = std::from_chars(text.data() + 1, text.data() + 3, value, 16);
      if (error != std::errc() || end != text.data() + 3) return std::nullopt;
      used = 3;
    }
    out.push_back(static_cast<char>(value));
    text.remove_prefix(used);
  }
  return out;
}

}  // namespace

Result<std::optional<ProxyOptions>> proxy_from_environment(const Target& target,
                                                           const EnvironmentLookup& lookup) {
  if (target.kind == Target::Kind::kUnix) return std::optional<ProxyOptions>();
  const Variable named = read(lookup, "https_proxy", "HTTPS_PROXY");
  if (named.value.empty()) return std::optional<ProxyOptions>();
  if (is_exempt(target, read(lookup, "no_proxy", "NO_PROXY").value)) {
    return std::optional<ProxyOptions>();
  }
  const auto wrong = [&named](std::string_view why) {
    return Status(Code::kInvalidArgument, std::string(named.name) + ": " + std::string(why));
  };

  std::string_view rest = named.value;
  std::string scheme = "http://";
  if (const std::size_t colon = rest.find("://"); colon != std::string_view::npos) {
    scheme = lowered(rest.substr(0, colon)) + "://";
    rest.remove_prefix(colon + 3);
    if (scheme != "http://" && scheme != "https://") {
      return wrong("its scheme is not known: use http:// or https://");
    }
  }
  ProxyOptions proxy;
  if (const std::size_t at = rest.rfind('@'); at != std::string_view::npos) {
    const std::string_view both = rest.substr(0, at);
    const std::size_t colon = std::min(both.size(), both.find(':'));
    auto user = percent_decoded(both.substr(0, colon));
    auto password = percent_decoded(both.substr(std::min(both.size(), colon + 1)));
    if (!user || !password) return wrong("its credentials have a '%' that begins no escape");
    proxy.user = std::move(*user);
    proxy.password = std::move(*password);
    rest.remove_prefix(at + 1);
  }
  rest = rest.substr(0, rest.find('/'));
  proxy.target = scheme + std::string(rest);
  if (!parse_proxy_target(proxy.target)) {
    return wrong("it names no proxy: use http://host:port or https://host:port");
  }
  return std::optional<ProxyOptions>(std::move(proxy));
}

}  // namespace minim::rpc
