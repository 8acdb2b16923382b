#include "rpc/channel_options.h"

#include <algorithm>
#include <string>
#include <vector>

#include "rpc/proxy_request.h"

namespace minim::rpc {

namespace {

constexpr Duration kMinResolutionInterval = std::chrono::seconds(1);
// RFC 9113, 6.9.1: nghttp2 takes no larger one, and no connection would come to be.
constexpr std::size_t kMaxWindowBytes = 0x7fffffff;

// What an :authority is made of at least: a blank or a line end in it would begin another field.
bool is_visible(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
}

// Waits that grow from `initial` to `max`; "retry" and "interval" are how their options are named.
// Negated, so that what is not a number is refused.
void check_waits(const std::string& name, const char* unit, double jitter, double multiplier,
                 Duration initial, Duration max, std::vector<std::string>& wrong) {
  if (!(jitter >= 0 && jitter <= 1)) wrong.push_back(name + ".jitter must be 0 to 1");
  if (!(multiplier >= 1)) wrong.push_back(name + ".multiplier must be at least 1");
  if (initial < Duration() || max < initial) {
    wrong.push_back(name + ".max_" + unit + " must be at least " + name + ".initial_" + unit +
                    ", and both positive");
  }
}

void check_retry(const RetryOptions& retry, std::vector<std::string>& wrong) {
  check_waits("retry", "interval", retry.jitter, retry.multiplier, retry.initial_interval,
              retry.max_interval, wrong);
  if (retry.max_elapsed < Duration()) wrong.emplace_back("retry.max_elapsed must not be negative");
}

Status status_of(const std::vector<std::string>& wrong) {
  if (wrong.empty()) return Status();
  std::string text;
  for (const std::string& one : wrong) text.append(text.empty() ? "" : "; ").append(one);
  return Status(Code::kInvalidArgument, std::move(text));
}

void check_reconnect(const ReconnectOptions& reconnect, std::vector<std::string>& wrong) {
  check_waits("reconnect", "backoff", reconnect.jitter, reconnect.multiplier,
              reconnect.initial_backoff, reconnect.max_backoff, wrong);
  if (reconnect.connect_timeout <= Duration()) {
    wrong.emplace_back("reconnect.connect_timeout must be positive");
  }
  if (reconnect.address_stagger < Duration()) {
    wrong.emplace_back("reconnect.address_stagger must not be negative");
  }
}

void check_limits(const Limits& limits, std::vector<std::string>& wrong) {
  const struct {
    const char* name;
    std::size_t value, least, most;
  } rows[] = {
      {"max_output_bytes", limits.max_output_bytes, 1, SIZE_MAX},
      {"stream_window_bytes", limits.stream_window_bytes, 1, kMaxWindowBytes},
      {"connection_window_bytes", limits.connection_window_bytes, 0, kMaxWindowBytes},
  };
  for (const auto& row : rows) {
    if (row.value >= row.least && row.value <= row.most) continue;
    std::string text = std::string("limits.") + row.name + " is " + std::to_string(row.value);
    text += row.value < row.least ? ", and must be at least " + std::to_string(row.least)
                                  : ", and must be at most " + std::to_string(row.most);
    wrong.push_back(std::move(text));
  }
}

}  // namespace

Status check_options(const ChannelOptions& options, const Result<Target>& target,
                     const Result<Target>* proxy) {
  std::vector<std::string> wrong;
  if (!target) {
    wrong.emplace_back(target.error().message());
  } else if (target->tls && *target->tls != (options.tls != nullptr && options.tls->is_secure())) {
    wrong.push_back(*target->tls
                        ? "target '" + options.target + "' asks for TLS, and tls is not set"
                        : "target '" + options.target + "' asks for plaintext, and tls is set");
  } else if (target->kind == Target::Kind::kUnix && options.proxy) {
    wrong.emplace_back("a proxy cannot reach a unix socket: leave proxy unset");
  }
  if (proxy != nullptr) check_proxy(*options.proxy, *proxy, &wrong);
  if (Status bad = Metadata{{"user-agent-value", options.user_agent}}.validate(); !bad.ok()) {
    wrong.emplace_back("user_agent holds characters that a header cannot carry");
  }
  if (!is_visible(options.authority)) {
    wrong.emplace_back("authority holds characters that a host cannot have");
  }
  if (options.tls && !is_visible(options.tls->authority())) {
    wrong.emplace_back(
        "the name that tls gives the server holds characters that a host cannot have");
  }
  check_retry(options.retry, wrong);
  check_reconnect(options.reconnect, wrong);
  check_limits(options.limits, wrong);
  if (options.retry_throttle &&
      (options.retry_throttle->max_tokens < 1 || options.retry_throttle->max_tokens > 1000)) {
    wrong.emplace_back("retry_throttle.max_tokens must be 1 to 1000");
  }
  if (options.retry_throttle && !(options.retry_throttle->token_ratio >= 0.001 &&
                                  options.retry_throttle->token_ratio <= 1000)) {
    wrong.emplace_back("retry_throttle.token_ratio must be 0.001 to 1000");
  }
  if (options.keepalive &&
      (options.keepalive->interval <= Duration() || options.keepalive->timeout <= Duration())) {
    wrong.emplace_back("keepalive.interval and keepalive.timeout must be positive");
  }
  if (options.idle_timeout < Duration()) wrong.emplace_back("idle_timeout must not be negative");
  if (options.idle_timeout > Duration() && options.keep_connected) {
    wrong.emplace_back("idle_timeout and keep_connected contradict each other: set one of them");
  }
  if (options.max_connections < 1 || options.max_connections > kMaxConnections) {
    wrong.push_back("max_connections must be 1 to " + std::to_string(kMaxConnections));
  }
  if (options.dns_balancing) {
    if (options.dns_balancing->interval < kMinResolutionInterval) {
      wrong.emplace_back("dns_balancing.interval must be at least 1 s");
    }
    if (options.proxy) {
      wrong.emplace_back(
          "dns_balancing and proxy contradict each other: the proxy looks the name up");
    }
    if (options.max_connections > 1) {
      wrong.emplace_back(
          "dns_balancing and max_connections contradict each other: there is one connection to "
          "each address");
    }
  }
  return status_of(wrong);
}

Status check_retry(const RetryOptions& retry) {
  std::vector<std::string> wrong;
  check_retry(retry, wrong);
  return status_of(wrong);
}

}  // namespace minim::rpc
