#include "rpc/link.h"

#include <utility>

#include "rpc/texts.h"

namespace minim::rpc {

namespace {

// A path is no name that a certificate can be for.
std::string certified_name(const Target& target) {
  return target.kind == Target::Kind::kUnix ? target.authority() : target.host;
}

Status of_proxy(const Status& why) {
  return why.with_message("proxy: " + std::string(why.message()));
}

}  // namespace

Link::Link(LinkId id, Address address, const Plan& plan)
    : id_(id), address_(std::move(address)), plan_(plan) {}

// The far end: the server, also where the socket leads to a proxy.
std::string Link::server_text() const {
  if (plan_.proxy == nullptr) return address_.to_string();
  return plan_.target->to_string() + " (through the proxy " + address_.to_string() + ")";
}

std::string Link::phase() const {
  const bool proxied = plan_.proxy != nullptr;
  switch (stage_) {
    case Stage::kDialing:
      return std::string("connecting to ") + (proxied ? "the proxy " : "") + address_.to_string();
    case Stage::kProxyFilter:
      return "shaking hands (TLS) with the proxy " + address_.to_string();
    case Stage::kProxy:
      return "waiting for the proxy " + address_.to_string();
    case Stage::kFilter:
      return "shaking hands (TLS) with " + server_text();
    case Stage::kHttp2:
      return "waiting for the HTTP/2 SETTINGS of " + server_text();
    case Stage::kFailed:
      break;
  }
  return "closing the connection to " + server_text();
}

void Link::dialed(Time now, const Status& status,
                  const std::optional<KeepaliveOptions>& keepalive) {
  if (stage_ != Stage::kDialing) return;
  if (!status.ok()) return fail(plan_.proxy == nullptr ? status : of_proxy(status));
  keepalive_ = keepalive;
  if (plan_.proxy == nullptr) {
    open_filter(now, {});
  } else if (plan_.options->proxy->tls != nullptr) {
    open_proxy_filter();
  } else {
    open_proxy();
  }
}

void Link::open_proxy_filter() {
  Result<std::unique_ptr<Filter>> opened =
      plan_.options->proxy->tls->open(certified_name(*plan_.proxy));
  if (!opened) return fail(of_proxy(opened.error()));
  proxy_filter_ = std::move(*opened);
  stage_ = Stage::kProxyFilter;
  if (proxy_filter_->is_open()) open_proxy();
}

void Link::open_proxy() {
  stage_ = Stage::kProxy;
  proxy_.emplace(*plan_.options->proxy, plan_.target->authority());
}

void Link::open_filter(Time now, std::string_view tunnel_bytes) {
  if (plan_.options->tls == nullptr) {
    open_http2(now);
    if (!tunnel_bytes.empty()) connection_->receive(now, tunnel_bytes);
    return;
  }
  Result<std::unique_ptr<Filter>> opened = plan_.options->tls->open(certified_name(*plan_.target));
  if (!opened) return fail(opened.error());
  filter_ = std::move(*opened);
  stage_ = Stage::kFilter;
  if (!tunnel_bytes.empty()) filter_->receive(tunnel_bytes);
  pass_plain(now);
}

void Link::open_http2(Time now) {
  stage_ = Stage::kHttp2;
  const ChannelOptions& options = *plan_.options;
  connection_.emplace(ConnectionOptions{.authority = plan_.authority,
                                        .user_agent = options.user_agent,
                                        .tls = options.tls != nullptr && options.tls->is_secure(),
                                        .keepalive = keepalive_,
                                        .gzip_above_bytes = options.gzip_above_bytes,
                                        .accept_gzip = options.accept_gzip,
                                        .limits = options.limits,
                                        .settings_timeout = options.reconnect.connect_timeout,
                                        .observations = plan_.observations,
                                        .number = static_cast<std::uint64_t>(id_)},
                      now);
}

void Link::receive(Time now, std::string_view bytes) {
  if (proxy_filter_ == nullptr) return receive_tunnel(now, bytes);
  proxy_filter_->receive(bytes);
  if (stage_ == Stage::kProxyFilter && proxy_filter_->is_open()) open_proxy();
  while (!proxy_filter_->plain().empty()) {
    const std::string_view plain = proxy_filter_->plain();
    receive_tunnel(now, plain);
    proxy_filter_->consume_plain(plain.size());
  }
  if (!proxy_filter_->failed().ok()) {
    tunnel_ended(now, of_proxy(proxy_filter_->failed()));
  } else if (proxy_filter_->peer_closed()) {
    tunnel_ended(now, Status());
  }
}

void Link::receive_tunnel(Time now, std::string_view bytes) {
  switch (stage_) {
    case Stage::kProxy:
      switch (proxy_->receive(now, bytes)) {
        case ProxyHandshake::State::kWaiting:
          return;
        case ProxyHandshake::State::kFailed:
          return fail(proxy_->failed());
        case ProxyHandshake::State::kOpen: {
          const std::string tunnel_bytes(proxy_->tunnel_bytes());
          proxy_.reset();  // first: from here on a failure is not the proxy's
          return open_filter(now, tunnel_bytes);
        }
      }
      return;
    case Stage::kFilter:
    case Stage::kHttp2:
      if (filter_ == nullptr) return connection_->receive(now, bytes);
      filter_->receive(bytes);
      return pass_plain(now);
    case Stage::kDialing:
    case Stage::kProxyFilter:
    case Stage::kFailed:
      return;
  }
}

// Moves what the filter has decrypted to HTTP/2, and notices how the filter fares.
void Link::pass_plain(Time now) {
  if (stage_ == Stage::kFilter && filter_->is_open()) open_http2(now);
  if (connection_) {
    while (!filter_->plain().empty()) {
      const std::string_view plain = filter_->plain();
      connection_->receive(now, plain);
      filter_->consume_plain(plain.size());
    }
  }
  if (!filter_->failed().ok()) {
    tunnel_ended(now, filter_->failed());
  } else if (filter_->peer_closed()) {
    tunnel_ended(now, Status());
  }
}

void Link::disconnected(Time now, Status why) {
  if (proxy_filter_ != nullptr && why.ok()) {
    if (proxy_filter_->failed().ok() && !proxy_filter_->peer_closed()) proxy_filter_->receive_end();
    if (!proxy_filter_->failed().ok()) why = of_proxy(proxy_filter_->failed());
  }
  tunnel_ended(now, std::move(why));
}

void Link::tunnel_ended(Time now, Status why) {
  if (proxy_) {
    proxy_->receive_end(why);
    return fail(proxy_->failed());
  }
  if (filter_ != nullptr && why.ok()) {
    if (filter_->failed().ok() && !filter_->peer_closed()) filter_->receive_end();
    if (!filter_->failed().ok()) why = filter_->failed();
  }
  if (why.ok()) {
    std::string text =
        stage_ == Stage::kProxyFilter ? "the proxy " + address_.to_string() : server_text();
    text += " closed the connection";
    if (connection_ && !connection_->is_ready() && !connection_->is_draining()) {
      text += " before its HTTP/2 SETTINGS";
      if (plan_.options->tls == nullptr || !plan_.options->tls->is_secure())
        text += "; does it want TLS?";
    }
    why = Status(Code::kUnavailable, std::move(text), Origin::kTransport);
  }
  if (connection_) {
    connection_->lost(now, std::move(why));
    return;
  }
  fail(std::move(why));
}

void Link::fail(Status why) {
  if (stage_ == Stage::kFailed) return;
  stage_ = Stage::kFailed;
  failure_ = why.with_reached_server(false);
}

std::string_view Link::output() {
  if (proxy_filter_ == nullptr) return tunnel_output();
  // One piece at a time, as below.
  if (proxy_filter_->is_open() && proxy_filter_->failed().ok() && proxy_filter_->output().empty()) {
    const std::string_view plain = tunnel_output();
    if (!plain.empty()) {
      proxy_filter_->send(plain);
      consume_tunnel_output(plain.size());
      send_failed_ = send_failed_ || !proxy_filter_->failed().ok();
    }
  }
  return proxy_filter_->output();
}

void Link::consume_output(std::size_t count) {
  if (proxy_filter_ == nullptr) return consume_tunnel_output(count);
  proxy_filter_->consume_output(count);
}

std::string_view Link::tunnel_output() {
  if (proxy_) return proxy_->output();
  if (filter_ == nullptr) return connection_ ? connection_->output() : std::string_view();
  // One piece at a time, so that what a slow socket leaves behind stays bounded by that piece.
  if (connection_ && filter_->failed().ok() && filter_->output().empty()) {
    const std::string_view plain = connection_->output();
    if (!plain.empty()) {
      filter_->send(plain);
      connection_->consume_output(plain.size());
      send_failed_ = send_failed_ || !filter_->failed().ok();
    }
  }
  return filter_->output();
}

void Link::consume_tunnel_output(std::size_t count) {
  if (proxy_) {
    proxy_->consume_output(count);
  } else if (filter_ != nullptr) {
    filter_->consume_output(count);
  } else if (connection_) {
    connection_->consume_output(count);
  }
}

void Link::say_goodbye() {
  if (!connection_) return;
  if (filter_ != nullptr && filter_->failed().ok()) {
    tunnel_output();
    filter_->close();
  }
  if (proxy_filter_ == nullptr || !proxy_filter_->failed().ok()) return;
  const std::string_view last = tunnel_output();
  proxy_filter_->send(last);
  consume_tunnel_output(last.size());
  proxy_filter_->close();
}

Time Link::next_deadline() const {
  if (send_failed_) return Time();
  if (proxy_) return proxy_->next_deadline();
  return connection_ ? connection_->next_deadline() : kNever;
}

void Link::on_time(Time now) {
  if (std::exchange(send_failed_, false)) {
    const bool is_inner = filter_ != nullptr && !filter_->failed().ok();
    tunnel_ended(now, is_inner ? filter_->failed() : of_proxy(proxy_filter_->failed()));
  }
  if (proxy_ && proxy_->on_time(now) == ProxyHandshake::State::kFailed) fail(proxy_->failed());
  if (connection_) connection_->on_time(now);
}

}  // namespace minim::rpc
