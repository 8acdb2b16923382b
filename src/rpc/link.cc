#include "rpc/link.h"

#include "rpc/texts.h"

namespace minim::rpc {

Link::Link(LinkId id, Address address, const Plan& plan)
    : id_(id), address_(std::move(address)), plan_(plan) {}

std::string Link::phase() const {
  switch (stage_) {
    case Stage::kDialing:
      return "connecting to " + address_.to_string();
    case Stage::kProxy:
      return "waiting for the proxy " + address_.to_string();
    case Stage::kFilter:
      return "shaking hands (TLS) with " + address_.to_string();
    case Stage::kHttp2:
      return "waiting for the HTTP/2 SETTINGS of " + address_.to_string();
    case Stage::kFailed:
      break;
  }
  return "closing the connection to " + address_.to_string();
}

void Link::dialed(Time now, const Status& status,
                  const std::optional<KeepaliveOptions>& keepalive) {
  if (stage_ != Stage::kDialing) return;
  if (!status.ok()) return fail(status);
  keepalive_ = keepalive;
  if (plan_.options->proxy) {
    stage_ = Stage::kProxy;
    proxy_.emplace(*plan_.options->proxy, plan_.target->authority());
  } else {
    open_filter(now, {});
  }
}

void Link::open_filter(Time now, std::string_view tunnel_bytes) {
  if (plan_.options->tls == nullptr) {
    open_http2(now);
    if (!tunnel_bytes.empty()) connection_->receive(now, tunnel_bytes);
    return;
  }
  // A path is no name that a certificate can be for.
  const bool is_path = plan_.target->kind == Target::Kind::kUnix;
  Result<std::unique_ptr<Filter>> opened =
      plan_.options->tls->open(is_path ? plan_.target->authority() : plan_.target->host);
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
                                        .tls = options.tls != nullptr,
                                        .keepalive = keepalive_,
                                        .gzip_above_bytes = options.gzip_above_bytes,
                                        .accept_gzip = options.accept_gzip,
                                        .limits = options.limits,
                                        .settings_timeout = options.reconnect.connect_timeout},
                      now);
}

void Link::receive(Time now, std::string_view bytes) {
  switch (stage_) {
    case Stage::kProxy:
      switch (proxy_->receive(bytes)) {
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
    disconnected(now, filter_->failed());
  } else if (filter_->peer_closed()) {
    disconnected(now, Status());
  }
}

void Link::disconnected(Time now, Status why) {
  if (filter_ != nullptr && why.ok() && filter_->failed().ok() && !filter_->peer_closed()) {
    filter_->receive_end();
    if (!filter_->failed().ok()) why = filter_->failed();
  }
  if (why.ok()) {
    std::string text = address_.to_string() + " closed the connection";
    if (connection_ && !connection_->is_ready() && !connection_->is_draining()) {
      text += " before its HTTP/2 SETTINGS";
      if (plan_.options->tls == nullptr) text += "; does it want TLS?";
    }
    why = Status(Code::kUnavailable, std::move(text), Origin::kTransport);
  }
  if (connection_) {
    connection_->lost(now, std::move(why));
    return;
  }
  if (proxy_) {
    proxy_->receive_end();
    why = proxy_->failed();
  }
  fail(std::move(why));
}

void Link::fail(Status why) {
  if (stage_ == Stage::kFailed) return;
  stage_ = Stage::kFailed;
  failure_ = why.with_reached_server(false);
}

std::string_view Link::output() {
  if (proxy_) return proxy_->output();
  if (filter_ == nullptr) return connection_ ? connection_->output() : std::string_view();
  // One piece at a time, so that what a slow socket leaves behind stays bounded by that piece.
  if (connection_ && filter_->output().empty()) {
    const std::string_view plain = connection_->output();
    if (!plain.empty()) {
      filter_->send(plain);
      connection_->consume_output(plain.size());
    }
  }
  return filter_->output();
}

void Link::consume_output(std::size_t count) {
  if (proxy_) {
    proxy_->consume_output(count);
  } else if (filter_ != nullptr) {
    filter_->consume_output(count);
  } else if (connection_) {
    connection_->consume_output(count);
  }
}

void Link::say_goodbye() {
  if (filter_ == nullptr || !filter_->failed().ok() || !connection_) return;
  output();
  filter_->close();
}

Time Link::next_deadline() const { return connection_ ? connection_->next_deadline() : kNever; }

void Link::on_time(Time now) {
  if (connection_) connection_->on_time(now);
}

}  // namespace minim::rpc
