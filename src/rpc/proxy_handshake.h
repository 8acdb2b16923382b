// The client end of HTTP CONNECT (RFC 9110, 9.3.6), on bytes.
//
//   kWaiting --2xx--> kOpen
//      |  +--any other--> its text is read --line, end, time--> kFailed
//      +--no HTTP, too long, hung up--> kFailed
#ifndef MINIM_RPC_PROXY_HANDSHAKE_H_
#define MINIM_RPC_PROXY_HANDSHAKE_H_

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "minim/rpc/options.h"
#include "minim/status.h"
#include "minim/time.h"

namespace minim::rpc {

// The head of a proxy's reply may have this many bytes, informational ones before it included.
inline constexpr std::size_t kMaxProxyReplyBytes = std::size_t{16} << 10;
// The text of a refusal is waited for this long, and this much of its first line is quoted.
inline constexpr Duration kMaxRefusalWait = std::chrono::seconds(1);
inline constexpr std::size_t kMaxRefusalTextBytes = std::size_t{1} << 10;

class ProxyHandshake {
 public:
  enum class State { kWaiting, kOpen, kFailed };

  // `authority`: host:port of the target, sent as it is: the proxy resolves it.
  ProxyHandshake(const ProxyOptions& proxy, std::string_view authority);
  ProxyHandshake(const ProxyHandshake&) = delete;
  ProxyHandshake& operator=(const ProxyHandshake&) = delete;
  ~ProxyHandshake();

  std::string_view output() const { return std::string_view(request_).substr(sent_); }
  void consume_output(std::size_t count) { sent_ += count; }

  State receive(Time now, std::string_view bytes);
  // The proxy hung up; `why` if the system gave a reason.
  void receive_end(const Status& why);
  Time next_deadline() const { return deadline_; }
  State on_time(Time now);

  // Valid when kOpen: bytes of the tunnel that came with the proxy's reply.
  std::string_view tunnel_bytes() const { return std::string_view(reply_).substr(head_bytes_); }
  // Valid when kFailed: UNAVAILABLE with the proxy's own status and the first line of its text,
  // without our secrets.
  const Status& failed() const { return failed_; }

 private:
  State fail(std::string text);
  State conclude();
  State not_http(bool ended);
  State refuse(bool ended);
  std::string quoted(std::string_view text, std::size_t max_bytes) const;

  std::string proxy_;      // for texts
  std::string authority_;  // for texts
  std::string request_;
  std::vector<std::string> secrets_;
  std::string credentials_;  // for texts: what was sent, by the names of the options
  std::size_t sent_ = 0;
  std::string reply_;
  std::size_t skipped_bytes_ = 0;  // of informational replies before it
  std::size_t head_bytes_ = 0;     // of reply_, the blank line included; 0: not all here yet
  Time deadline_ = kNever;         // set once it has refused, or does not speak HTTP
  Status failed_;
};

}  // namespace minim::rpc

#endif  // MINIM_RPC_PROXY_HANDSHAKE_H_
