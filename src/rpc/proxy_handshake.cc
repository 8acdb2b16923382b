#include "rpc/proxy_handshake.h"

#include <algorithm>

#include "base/base64.h"
#include "grpcframe/percent.h"
#include "rpc/texts.h"

namespace minim::rpc {

namespace {

constexpr std::size_t kMaxQuotedBytes = 200;

// The compiler may not drop these stores although nobody reads them.
void wipe(std::string& text) {
  volatile char* const bytes = text.data();
  for (std::size_t i = 0; i < text.size(); ++i) bytes[i] = 0;
}

std::string_view first_line(std::string_view text) {
  return text.substr(0, text.find_first_of("\r\n"));
}

}  // namespace

ProxyHandshake::ProxyHandshake(const ProxyOptions& proxy, std::string_view authority)
    : proxy_(proxy.target), authority_(authority) {
  request_.append("CONNECT ").append(authority).append(" HTTP/1.1\r\nHost: ").append(authority);
  request_ += "\r\n";
  if (!proxy.user.empty() || !proxy.password.empty()) {
    std::string pair = proxy.user + ":" + proxy.password;
    std::string coded = base64_encode(pair, Base64Padding::kWrite);
    request_.append("Proxy-Authorization: Basic ").append(coded).append("\r\n");
    wipe(pair);
    wipe(coded);
  }
  request_ += "\r\n";
}

ProxyHandshake::~ProxyHandshake() { wipe(request_); }

ProxyHandshake::State ProxyHandshake::fail(std::string text) {
  failed_ =
      Status(Code::kUnavailable, "proxy " + proxy_ + ": " + std::move(text), Origin::kTransport)
          .with_reached_server(false);
  return State::kFailed;
}

void ProxyHandshake::receive_end() {
  if (!failed_.ok()) return;
  fail("it hung up " + std::string(reply_.empty() ? "without an answer" : "in mid-answer") +
       " to CONNECT " + authority_);
}

ProxyHandshake::State ProxyHandshake::receive(std::string_view bytes) {
  // A few bytes before the new ones may be the first part of the blank line.
  std::size_t from = reply_.size() < 3 ? 0 : reply_.size() - 3;
  reply_.append(bytes);
  for (;;) {
    const std::size_t end = reply_.find("\r\n\r\n", from);
    if (end == std::string::npos) {
      if (skipped_bytes_ + reply_.size() > kMaxProxyReplyBytes) {
        return fail("the head of its answer passes " + std::to_string(kMaxProxyReplyBytes) +
                    " bytes");
      }
      if (reply_.size() >= 5 && !reply_.starts_with("HTTP/")) return judge(reply_);
      return State::kWaiting;
    }
    const std::string_view head = std::string_view(reply_).substr(0, end);
    const bool informational = head.starts_with("HTTP/1.1 1") || head.starts_with("HTTP/1.0 1");
    if (!informational) {
      head_bytes_ = end + 4;
      return judge(head);
    }
    reply_.erase(0, end + 4);
    skipped_bytes_ += end + 4;
    from = 0;
  }
}

ProxyHandshake::State ProxyHandshake::judge(std::string_view head) {
  const std::string line(first_line(head));
  const bool http = line.starts_with("HTTP/1.1 ") || line.starts_with("HTTP/1.0 ");
  if (!http || line.size() < 12) {
    const std::string hint = peer_hint(head);
    return fail("it does not answer as an HTTP proxy: " +
                (hint.empty() ? "'" + printable(line, kMaxQuotedBytes) + "'" : hint));
  }
  // On 2xx, Content-Length and Transfer-Encoding mean nothing: what follows is the tunnel.
  if (line[9] == '2') return State::kOpen;
  std::string text = "CONNECT " + authority_ + " refused with '" +
                     printable(std::string_view(line).substr(9), kMaxQuotedBytes) + "'";
  const std::string_view status = std::string_view(line).substr(9, 3);
  if (status == "407")
    text += ": proxy authentication required; check the proxy's user and password";
  const std::string_view body = first_line(tunnel_bytes());
  if (!body.empty()) text += "; it says: '" + printable(body, kMaxQuotedBytes) + "'";
  return fail(std::move(text));
}

}  // namespace minim::rpc
