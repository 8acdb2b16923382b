#include "uv/lookup.h"

#include <netinet/in.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "uv/socket.h"
#include "uv/thread.h"

namespace minim::uv {

namespace {

// getaddrinfo() of glibc keeps a few kilobytes on the stack, some NSS modules much more.
constexpr std::size_t kStackBytes = std::size_t{512} << 10;

struct Lookup {
  const System& system;
  std::shared_ptr<Mailbox> mailbox;
  std::uint64_t serial;
  std::string host;
  std::uint16_t port;
};

Status failure(const std::string& host, const std::string& reason) {
  return Status(Code::kUnavailable, host + ": " + reason, Origin::kTransport);
}

std::string lookup_reason(int error, int system_error) {
  if (error == EAI_SYSTEM) return system_reason(system_error);
  std::string text = gai_strerror(error);
  if (!text.empty() && text[0] >= 'A' && text[0] <= 'Z') text[0] = static_cast<char>(text[0] | 32);
  return text;
}

// "" for a family that is neither IPv4 nor IPv6.
std::string numeric_text(const sockaddr* address) {
  char text[INET6_ADDRSTRLEN];
  if (address->sa_family == AF_INET) {
    const auto* const v4 = reinterpret_cast<const sockaddr_in*>(address);
    return uv_inet_ntop(AF_INET, &v4->sin_addr, text, sizeof text) == 0 ? text : "";
  }
  if (address->sa_family != AF_INET6) return {};
  const auto* const v6 = reinterpret_cast<const sockaddr_in6*>(address);
  if (uv_inet_ntop(AF_INET6, &v6->sin6_addr, text, sizeof text) != 0) return {};
  std::string numeric = text;
  char zone[UV_IF_NAMESIZE];
  std::size_t zone_size = sizeof zone;
  // A link-local address means nothing without its interface.
  if (v6->sin6_scope_id != 0 && uv_if_indextoname(v6->sin6_scope_id, zone, &zone_size) == 0) {
    numeric.append("%").append(zone);
  }
  return numeric;
}

void resolve(const Lookup& lookup, Answer* answer) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  // No AI_ADDRCONFIG: where only the loopback interface is up it hides "localhost", and the channel
  // gets past an address family that does not work by itself. No service either: that would read
  // the services database, and the port is a number anyway.
  addrinfo* found = nullptr;
  const int error = lookup.system.getaddrinfo(lookup.host.c_str(), nullptr, &hints, &found);
  if (error != 0) {
    answer->status = failure(lookup.host, lookup_reason(error, errno));
    return;
  }
  for (const addrinfo* entry = found; entry != nullptr; entry = entry->ai_next) {
    rpc::Address address{rpc::Address::Kind::kIp, numeric_text(entry->ai_addr), lookup.port};
    std::vector<rpc::Address>& known = answer->addresses;
    if (address.host.empty() || std::find(known.begin(), known.end(), address) != known.end()) {
      continue;
    }
    known.push_back(std::move(address));
  }
  lookup.system.freeaddrinfo(found);
  if (answer->addresses.empty()) answer->status = failure(lookup.host, "has no address");
}

void* run_lookup(void* argument) {
  const std::unique_ptr<Lookup> lookup(static_cast<Lookup*>(argument));
  auto answer = std::make_unique<Answer>(lookup->system, lookup->serial);
  resolve(*lookup, answer.get());
  lookup->mailbox->answer(std::move(answer));
  return nullptr;
}

}  // namespace

std::optional<rpc::Address> numeric_address(const std::string& host, std::uint16_t port) {
  sockaddr_in v4;
  sockaddr_in6 v6;
  if (uv_ip4_addr(host.c_str(), port, &v4) != 0 && uv_ip6_addr(host.c_str(), port, &v6) != 0) {
    return std::nullopt;
  }
  return rpc::Address{rpc::Address::Kind::kIp, host, port};
}

Status start_lookup(const System& system, std::shared_ptr<Mailbox> mailbox, std::uint64_t serial,
                    std::string host, std::uint16_t port) {
  auto lookup =
      std::make_unique<Lookup>(Lookup{system, std::move(mailbox), serial, std::move(host), port});
  const int error = start_thread(system, kStackBytes, nullptr, run_lookup, lookup.get());
  if (error != 0) {
    return failure(lookup->host, "no thread for the lookup: " + system_reason(error));
  }
  lookup.release();  // the thread's now
  return {};
}

}  // namespace minim::uv
