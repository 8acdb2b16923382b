// Settings of a channel. Plain aggregates for designated initialisers; the defaults are those of
// the Temporal SDKs where they agree, and conservative where a default changes traffic.
#ifndef MINIM_RPC_OPTIONS_H_
#define MINIM_RPC_OPTIONS_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "minim/filter.h"
#include "minim/metadata.h"
#include "minim/time.h"

namespace minim {
class Dialer;
class Log;
class Observer;
class Random;
class Resolver;
}  // namespace minim

namespace minim::rpc {

// Every bound that minim keeps. Hitting one is RESOURCE_EXHAUSTED, and the text names the bound and
// its value.
struct Limits {
  // One reply, before and after decompression.
  std::size_t max_receive_message_bytes = std::size_t{128} << 20;
  // One request. Servers commonly refuse more than 4 MiB themselves.
  std::size_t max_send_message_bytes = std::size_t{128} << 20;
  // One header list as HTTP/2 counts it: names + values + 32 for each field.
  std::size_t max_header_list_bytes = std::size_t{64} << 10;
  // Calls that one channel holds at once, open and queued.
  std::size_t max_calls = 100'000;
  // Bytes coalesced for one write to the socket.
  std::size_t max_output_bytes = std::size_t{64} << 10;
  // Receive windows (RFC 9113, 6.9): what a peer may send ahead on one stream and on one
  // connection. At most 2^31-1.
  std::uint32_t stream_window_bytes = 1u << 20;
  std::uint32_t connection_window_bytes = 4u << 20;
};

// PING while nothing is heard from the peer (gRFC A8). Unset in ChannelOptions: no PING at all.
struct KeepaliveOptions {
  Duration interval = std::chrono::seconds(30);  // since the last byte read
  Duration timeout = std::chrono::seconds(15);   // for the answer; then the connection is given up
  bool without_calls = true;                     // also while no call is open
};

// How failed attempts of one call are repeated. No wait is shorter than 1 ms, but for one that the
// server has asked for.
struct RetryOptions {
  Duration initial_interval = std::chrono::milliseconds(100);
  double jitter = 0.2;  // each wait is multiplied by a uniform factor in [1 - jitter, 1 + jitter]
  double multiplier = 1.7;  // growth of the wait
  Duration max_interval = std::chrono::seconds(5);
  // From the first failure (since the last success): no attempt starts later. Zero: no bound.
  Duration max_elapsed = std::chrono::seconds(10);
  // Attempts in all, the first one included. 1: never repeated. 0: no bound.
  std::uint32_t max_attempts = 10;
};

inline constexpr RetryOptions no_retry() { return {.max_attempts = 1}; }

// Against storms of repeats at a server that is failing already (gRFC A6): each attempt that fails
// takes a token, each success puts `token_ratio` of one back, and while no more than half of
// `max_tokens` are left no call of the channel is repeated.
struct RetryThrottleOptions {
  std::uint32_t max_tokens = 10;  // 1 to 1000
  double token_ratio = 0.1;       // at least 0.001; further decimals do not count
};

// Waits between connection attempts (gRPC connection-backoff). None is shorter than 10 ms.
struct ReconnectOptions {
  Duration initial_backoff = std::chrono::milliseconds(200);
  double multiplier = 1.6;
  double jitter = 0.2;
  Duration max_backoff = std::chrono::seconds(10);
  // From the start of name resolution to the peer's SETTINGS: DNS, TCP, proxy, TLS, HTTP/2.
  Duration connect_timeout = std::chrono::seconds(20);
  // The next address is tried this long after the one before, if that has not answered (RFC 8305).
  Duration address_stagger = std::chrono::milliseconds(250);
};

// What ChannelOptions::max_connections can be at most.
inline constexpr std::size_t kMaxConnections = 64;

// One connection to each address of the target's name, the calls spread over those that are ready:
// an address that is dead gets none. The name is looked up again and again: calls on an address
// that has vanished finish, and no new ones start there; a lookup that fails changes nothing.
// Without effect for numeric addresses, unix sockets and "localhost".
struct DnsBalancingOptions {
  enum class Pick : std::uint8_t { kRoundRobin, kLeastLoaded };  // kLeastLoaded: by open calls
  Pick pick = Pick::kRoundRobin;
  // Between two lookups while there are calls, +-20 % so that clients do not march in step. At
  // least 1 s.
  Duration interval = std::chrono::seconds(30);
};

// HTTP CONNECT (RFC 9110, 9.3.6). The target's name is resolved by the proxy. Nothing of a call
// goes to it: no metadata, no API key.
struct ProxyOptions {
  // "host:port", "unix:/path", "http://host[:port]" (port 80) or "https://host[:port]" (port 443):
  // TLS to the proxy itself, and then `tls` must be set.
  std::string target{};
  // Basic credentials (RFC 7617), sent with the first request; both empty: none. No ':' in user.
  std::string user{};
  std::string password{};
  // In their place: "Proxy-Authorization: Bearer <token>" (RFC 6750).
  std::string bearer_token{};
  // Further fields of the CONNECT request. Refused are those that it has already, the hop-by-hop
  // ones, and credentials that are meant for the target (authorization, cookie). A
  // proxy-authorization of one's own scheme goes here.
  Metadata headers{};
  // TLS to the proxy: make_proxy_tls() of minim/tls.h. Unset: plaintext.
  std::shared_ptr<FilterFactory> tls{};
};

struct ChannelOptions {
  // "host", "host:port", "[v6]:port", "unix:/path", "http://..." or "https://..."; port 7233 when a
  // bare host names none.
  std::string target{};
  // Unset: plaintext. See minim/tls.h for the one that comes with minim.
  std::shared_ptr<FilterFactory> tls{};
  // :authority; empty: taken from the target.
  std::string authority{};
  std::string user_agent{};
  std::optional<ProxyOptions> proxy{};
  std::optional<KeepaliveOptions> keepalive = KeepaliveOptions{};
  RetryOptions retry{};
  // Unset: repeats are bounded by `retry` alone.
  std::optional<RetryThrottleOptions> retry_throttle{};
  ReconnectOptions reconnect{};
  Limits limits{};
  // A connection is made when the first call needs one, and lives until it is lost. True: from
  // connect() or the first call on there is always one, calls or not.
  bool keep_connected = false;
  // After this time without a call the connection is closed, politely; the next call makes a new
  // one. Zero: never. Not together with keep_connected.
  Duration idle_timeout{};
  // More than 1: while calls wait because the server's stream limit is reached, further connections
  // are made; those go again after a minute without calls. At most kMaxConnections.
  std::size_t max_connections = 1;
  // Unset: one connection, to the first address that answers. Not together with a proxy, which
  // looks the name up itself, nor with max_connections.
  std::optional<DnsBalancingOptions> dns_balancing{};
  // Requests of at least this many bytes are sent gzip-coded, if that makes them smaller; a server
  // that cannot read them switches it off for the life of the channel. Unset: never. 0: every
  // request, be it larger for it, and a server's refusal stands.
  std::optional<std::size_t> gzip_above_bytes = 1024;
  // Whether replies may come gzip-coded.
  bool accept_gzip = true;
  // What the driver asks instead of the system, and whom it tells; null: the system, nobody.
  std::shared_ptr<Resolver> resolver{};
  std::shared_ptr<Dialer> dialer{};
  // For jitter and request ids, on the loop's thread: it must not repeat itself.
  std::shared_ptr<Random> random{};
  std::shared_ptr<Log> log{};
  // Set: the channel keeps what it is told, and the driver tells it (Channel::next_observation).
  std::shared_ptr<Observer> observer{};
};

}  // namespace minim::rpc

#endif  // MINIM_RPC_OPTIONS_H_
