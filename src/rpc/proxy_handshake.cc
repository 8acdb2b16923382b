#include "rpc/proxy_handshake.h"

#include <algorithm>
#include <optional>

#include "base/secret.h"
#include "grpcframe/percent.h"
#include "rpc/proxy_refusal.h"
#include "rpc/proxy_request.h"
#include "rpc/texts.h"

namespace minim::rpc {

namespace {

constexpr std::size_t kMaxQuotedBytes = 200;

std::string_view first_line(std::string_view text) {
  return text.substr(0, text.find_first_of("\r\n"));
}

// Behind the first blank line that begins at `from` or later; npos: there is none. Lines may end
// with LF alone (RFC 9112, 2.2).
std::size_t end_of_head(std::string_view text, std::size_t from) {
  for (std::size_t at = from; (at = text.find('\n', at)) != std::string_view::npos;) {
    const std::string_view rest = text.substr(++at);
    if (rest.starts_with('\n')) return at + 1;
    if (rest.starts_with("\r\n")) return at + 2;
  }
  return std::string_view::npos;
}

std::string credentials_text(const ProxyOptions& proxy) {
  if (!proxy.user.empty() || !proxy.password.empty()) return "user and password";
  if (!proxy.bearer_token.empty()) return "bearer_token";
  if (proxy.headers.find("proxy-authorization") != nullptr) return "proxy-authorization header";
  return {};
}

}  // namespace

ProxyHandshake::ProxyHandshake(const ProxyOptions& proxy, std::string_view authority)
    : proxy_(proxy.target),
      authority_(authority),
      request_(connect_request(proxy, authority)),
      secrets_(proxy_secrets(proxy)),
      credentials_(credentials_text(proxy)) {}

ProxyHandshake::~ProxyHandshake() {
  wipe(request_);
  for (std::string& secret : secrets_) wipe(secret);
}

ProxyHandshake::State ProxyHandshake::fail(std::string text) {
  deadline_ = kNever;
  failed_ =
      Status(Code::kUnavailable, "proxy " + proxy_ + ": " + std::move(text), Origin::kTransport)
          .with_reached_server(false);
  return State::kFailed;
}

std::string ProxyHandshake::quoted(std::string_view text, std::size_t max_bytes) const {
  return "'" + printable(without_secrets(text, secrets_), max_bytes) + "'";
}

ProxyHandshake::State ProxyHandshake::receive(Time now, std::string_view bytes) {
  // A few bytes before the new ones may be the first part of the blank line.
  std::size_t from = reply_.size() < 2 ? 0 : reply_.size() - 2;
  reply_.append(bytes);
  if (head_bytes_ > 0) return refuse(false);
  for (;;) {
    if (reply_.size() >= 5 && !reply_.starts_with("HTTP/")) {
      deadline_ = std::min(deadline_, add_clamped(now, kMaxRefusalWait));
      return not_http(false);
    }
    const std::size_t end = end_of_head(reply_, from);
    const std::size_t head_bytes = std::min(end, reply_.size());
    if (skipped_bytes_ + head_bytes > kMaxProxyReplyBytes) {
      return fail("the head of its answer passes " + std::to_string(kMaxProxyReplyBytes) +
                  " bytes");
    }
    if (end == std::string::npos) return State::kWaiting;
    const bool http = reply_.starts_with("HTTP/1.1 ") || reply_.starts_with("HTTP/1.0 ");
    if (!http || first_line(reply_).size() < 12) return not_http(true);
    const char kind = reply_[9];
    if (kind != '1') {
      head_bytes_ = end;
      // On 2xx, Content-Length and Transfer-Encoding mean nothing: what follows is the tunnel.
      if (kind == '2') {
        if (output().empty()) return State::kOpen;
        return fail("it opens a tunnel before it has been asked for one");
      }
      deadline_ = add_clamped(now, kMaxRefusalWait);
      return refuse(false);
    }
    reply_.erase(0, end);
    skipped_bytes_ += end;
    from = 0;
  }
}

void ProxyHandshake::receive_end(const Status& why) {
  if (!failed_.ok()) return;
  if (deadline_ != kNever) {
    conclude();
    return;
  }
  std::string text = "it hung up ";
  text += reply_.empty() ? "without an answer" : "in mid-answer";
  text += " to CONNECT " + authority_;
  if (!why.ok()) text.append(" (").append(why.message()).append(")");
  fail(std::move(text));
}

ProxyHandshake::State ProxyHandshake::on_time(Time now) {
  return now >= deadline_ ? conclude() : State::kWaiting;
}

// Nothing more will come of it.
ProxyHandshake::State ProxyHandshake::conclude() {
  return head_bytes_ > 0 ? refuse(true) : not_http(true);
}

ProxyHandshake::State ProxyHandshake::not_http(bool ended) {
  // A line is quoted whole, if it comes; no more of it than was waited for. Cut after its secrets
  // are out: of half a one nobody could tell what it is.
  const std::string_view line = first_line(reply_);
  const std::string shown = without_secrets(line, secrets_).substr(0, kMaxQuotedBytes + 1);
  const std::string hint = peer_hint(without_secrets(reply_, secrets_));
  ended = ended || line.size() < reply_.size() || line.size() > kMaxQuotedBytes;
  if (hint.empty() && !ended) return State::kWaiting;
  return fail("it does not answer as an HTTP proxy: " +
              (hint.empty() ? quoted(shown, kMaxQuotedBytes) : hint));
}

// The refusal as a text, once its own text is there or will not come.
ProxyHandshake::State ProxyHandshake::refuse(bool ended) {
  const ProxyRefusal refusal(std::string_view(reply_).substr(0, head_bytes_));
  const std::optional<std::string> said =
      refusal.first_line(std::string_view(reply_).substr(head_bytes_), ended);
  if (!said) return State::kWaiting;
  std::string text = "CONNECT " + authority_ + " refused with ";
  text += quoted(refusal.status(), kMaxQuotedBytes);
  for (const std::string_view name : {"proxy-status", "x-squid-error"}) {
    if (const auto value = refusal.field(name)) {
      text += " (" + std::string(name) + ": " + quoted(*value, kMaxQuotedBytes) + ")";
    }
  }
  // 401 is a server's word, but tinyproxy answers with it to credentials that it does not accept.
  if (refusal.status().starts_with("407") || refusal.status().starts_with("401")) {
    text += ": proxy authentication required";
    if (const auto scheme = refusal.field("proxy-authenticate")) {
      text += " (it asks for " + quoted(*scheme, kMaxQuotedBytes) + ")";
    }
    text += credentials_.empty() ? ": set the proxy's user and password, or bearer_token"
                                 : ": it does not accept these credentials: check " + credentials_;
  }
  if (!said->empty() && *said != refusal.status())
    text += "; it says: " + quoted(*said, kMaxRefusalTextBytes);
  return fail(std::move(text));
}

}  // namespace minim::rpc
