// The client end of HTTP CONNECT (RFC 9110, 9.3.6), on bytes.
#ifndef MINIM_RPC_PROXY_HANDSHAKE_H_
#define MINIM_RPC_PROXY_HANDSHAKE_H_

#include <string>
#include <string_view>

#include "minim/rpc/options.h"
#include "minim/status.h"

namespace minim::rpc {

// The head of a proxy's reply may have this many bytes, informational ones before it included.
inline constexpr std::size_t kMaxProxyReplyBytes = std::size_t{16} << 10;

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

  State receive(std::string_view bytes);
  // The proxy hung up.
  void receive_end();

  // Valid when kOpen: bytes of the tunnel that came with the proxy's reply.
  std::string_view tunnel_bytes() const { return std::string_view(reply_).substr(head_bytes_); }
  // Valid when kFailed: UNAVAILABLE with the proxy's own status and the first line of its text.
  const Status& failed() const { return failed_; }

 private:
  State fail(std::string text);
  State judge(std::string_view head);

  std::string proxy_;      // for texts
  std::string authority_;  // for texts
  std::string request_;
  std::size_t sent_ = 0;
  std::string reply_;
  std::size_t skipped_bytes_ = 0;  // of informational replies before it
  std::size_t head_bytes_ = 0;     // of reply_, the blank line included
  Status failed_;
};

}  // namespace minim::rpc

#endif  // MINIM_RPC_PROXY_HANDSHAKE_H_
