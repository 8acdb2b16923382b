// What a channel says of options that are wrong: the whole text of each, and the last good value
// beside the first bad one.
#include <gtest/gtest.h>

#include <limits>

#include "support/fake_filter.h"
#include "support/world.h"

namespace minim::test {

using namespace std::chrono_literals;

namespace {

using rpc::ChannelOptions;

// The text of create()'s error; empty: it takes them.
std::string complaint(ChannelOptions options) {
  SeededRandom random(1);
  const auto made = rpc::Channel::create(std::move(options), random);
  return made ? "" : std::string(made.error().message());
}

std::string complaint(const std::function<void(ChannelOptions&)>& change) {
  ChannelOptions options = plain_options();
  change(options);
  return complaint(std::move(options));
}

std::string proxy_complaint(rpc::ProxyOptions proxy) {
  ChannelOptions options = plain_options();
  options.proxy = std::move(proxy);
  options.proxy->target = "10.9.9.9:3128";
  return complaint(std::move(options));
}

}  // namespace

TEST(Options, EachBoundHasItsText) {
  using rpc::DnsBalancingOptions;
  using rpc::KeepaliveOptions;
  using rpc::RetryThrottleOptions;
  const std::string jitter = "retry.jitter must be 0 to 1";
  const std::string multiplier = "retry.multiplier must be at least 1";
  const std::string intervals =
      "retry.max_interval must be at least retry.initial_interval, and both positive";
  const std::string tokens = "retry_throttle.max_tokens must be 1 to 1000";
  const std::string ratio = "retry_throttle.token_ratio must be 0.001 to 1000";
  const std::string keepalive = "keepalive.interval and keepalive.timeout must be positive";
  const std::string connect = "reconnect.connect_timeout must be positive";
  const std::string idle = "idle_timeout must not be negative";
  const std::string eager =
      "idle_timeout and keep_connected contradict each other: set one of them";
  const std::string connections = "max_connections must be 1 to 64";
  const std::string interval = "dns_balancing.interval must be at least 1 s";
  const std::string again_jitter = "reconnect.jitter must be 0 to 1";
  const std::string again_multiplier = "reconnect.multiplier must be at least 1";
  const std::string backoffs =
      "reconnect.max_backoff must be at least reconnect.initial_backoff, and both positive";
  const std::string authority = "authority holds characters that a host cannot have";
  const double not_a_number = std::numeric_limits<double>::quiet_NaN();
  const struct {
    std::function<void(ChannelOptions&)> change;
    std::string text;
  } rows[] = {
      {[](auto& o) { o.retry.jitter = -0.01; }, jitter},
      {[](auto& o) { o.retry.jitter = 0; }, ""},
      {[](auto& o) { o.retry.jitter = 1; }, ""},
      {[](auto& o) { o.retry.jitter = 1.01; }, jitter},
      {[](auto& o) { o.retry.multiplier = 0.99; }, multiplier},
      {[](auto& o) { o.retry.multiplier = 1; }, ""},
      {[](auto& o) { o.retry.initial_interval = o.retry.max_interval = 0s; }, ""},
      {[](auto& o) { o.retry.initial_interval = -1ms; }, intervals},
      {[](auto& o) { o.retry.max_interval = o.retry.initial_interval; }, ""},
      {[](auto& o) { o.retry.max_interval = o.retry.initial_interval - 1ms; }, intervals},
      {[](auto& o) { o.retry.max_elapsed = 0s; }, ""},
      {[](auto& o) { o.retry.max_elapsed = -1ms; }, "retry.max_elapsed must not be negative"},
      {[](auto& o) { o.retry_throttle = RetryThrottleOptions{.max_tokens = 0}; }, tokens},
      {[](auto& o) { o.retry_throttle = RetryThrottleOptions{.max_tokens = 1}; }, ""},
      {[](auto& o) { o.retry_throttle = RetryThrottleOptions{.max_tokens = 1000}; }, ""},
      {[](auto& o) { o.retry_throttle = RetryThrottleOptions{.max_tokens = 1001}; }, tokens},
      {[](auto& o) { o.retry_throttle = RetryThrottleOptions{.token_ratio = 0.0009}; }, ratio},
      {[](auto& o) { o.retry_throttle = RetryThrottleOptions{.token_ratio = 0.001}; }, ""},
      {[](auto& o) { o.retry_throttle = RetryThrottleOptions{.token_ratio = 1000}; }, ""},
      {[](auto& o) { o.retry_throttle = RetryThrottleOptions{.token_ratio = 1000.1}; }, ratio},
      {[](auto& o) { o.keepalive = KeepaliveOptions{.interval = 1ms, .timeout = 1ms}; }, ""},
      {[](auto& o) { o.keepalive = KeepaliveOptions{.interval = 0s, .timeout = 1s}; }, keepalive},
      {[](auto& o) { o.keepalive = KeepaliveOptions{.interval = 1s, .timeout = 0s}; }, keepalive},
      {[](auto& o) { o.reconnect.connect_timeout = 1ms; }, ""},
      {[](auto& o) { o.reconnect.connect_timeout = 0s; }, connect},
      {[](auto& o) { o.reconnect.jitter = -0.01; }, again_jitter},
      {[](auto& o) { o.reconnect.jitter = 0; }, ""},
      {[](auto& o) { o.reconnect.jitter = 1; }, ""},
      {[](auto& o) { o.reconnect.jitter = 1.01; }, again_jitter},
      {[=](auto& o) { o.reconnect.jitter = not_a_number; }, again_jitter},
      {[](auto& o) { o.reconnect.multiplier = 0.99; }, again_multiplier},
      {[](auto& o) { o.reconnect.multiplier = 1; }, ""},
      {[=](auto& o) { o.reconnect.multiplier = not_a_number; }, again_multiplier},
      {[](auto& o) { o.reconnect.initial_backoff = o.reconnect.max_backoff = 0s; }, ""},
      {[](auto& o) { o.reconnect.initial_backoff = -1ms; }, backoffs},
      {[](auto& o) { o.reconnect.max_backoff = o.reconnect.initial_backoff; }, ""},
      {[](auto& o) { o.reconnect.max_backoff = o.reconnect.initial_backoff - 1ms; }, backoffs},
      {[](auto& o) { o.reconnect.address_stagger = 0s; }, ""},
      {[](auto& o) { o.reconnect.address_stagger = -1ms; },
       "reconnect.address_stagger must not be negative"},
      {[](auto& o) { o.limits.max_output_bytes = 0; },
       "limits.max_output_bytes is 0, and must be at least 1"},
      {[](auto& o) { o.limits.max_output_bytes = 1; }, ""},
      {[](auto& o) { o.limits.stream_window_bytes = 0; },
       "limits.stream_window_bytes is 0, and must be at least 1"},
      {[](auto& o) { o.limits.stream_window_bytes = 0x7fffffff; }, ""},
      {[](auto& o) { o.limits.stream_window_bytes = 0x80000000; },
       "limits.stream_window_bytes is 2147483648, and must be at most 2147483647"},
      {[](auto& o) { o.limits.connection_window_bytes = 0; }, ""},
      {[](auto& o) { o.limits.connection_window_bytes = 0x7fffffff; }, ""},
      {[](auto& o) { o.limits.connection_window_bytes = 0x80000000; },
       "limits.connection_window_bytes is 2147483648, and must be at most 2147483647"},
      {[](auto& o) { o.authority = "a\r\nx: y"; }, authority},
      {[](auto& o) { o.authority = "a b"; }, authority},
      {[](auto& o) { o.authority = "a\x7f"; }, authority},
      {[](auto& o) { o.authority = "[::1]:7233"; }, ""},
      {[](auto& o) { o.authority = "~!"; }, ""},
      {[](auto& o) { o.idle_timeout = -1ms; }, idle},
      {[](auto& o) { o.keep_connected = true; }, ""},
      {[](auto& o) { o.idle_timeout = 1ms, o.keep_connected = true; }, eager},
      {[](auto& o) { o.max_connections = 0; }, connections},
      {[](auto& o) { o.max_connections = 64; }, ""},
      {[](auto& o) { o.max_connections = 65; }, connections},
      {[](auto& o) { o.dns_balancing = DnsBalancingOptions{.interval = 1s}; }, ""},
      {[](auto& o) { o.dns_balancing = DnsBalancingOptions{.interval = 999ms}; }, interval},
      {[](auto& o) { o.user_agent = "a\nb"; },
       "user_agent holds characters that a header cannot carry"},
  };
  for (std::size_t i = 0; i < std::size(rows); ++i) {
    EXPECT_EQ(complaint(rows[i].change), rows[i].text) << "row " << i;
  }
}

TEST(Options, ThoseThatContradictEachOther) {
  const auto tls = std::make_shared<FakeFilterFactory>();
  const struct {
    std::function<void(ChannelOptions&)> change;
    std::string text;
  } rows[] = {
      {[](auto& o) { o.target = "https://host"; },
       "target 'https://host' asks for TLS, and tls is not set"},
      {[&](auto& o) { o.target = "http://host", o.tls = tls; },
       "target 'http://host' asks for plaintext, and tls is set"},
      {[](auto& o) { o.target = "unix:/run/x", o.proxy = rpc::ProxyOptions{.target = "p:1"}; },
       "a proxy cannot reach a unix socket: leave proxy unset"},
      {[](auto& o) {
         o.dns_balancing.emplace(), o.proxy = rpc::ProxyOptions{.target = "p:1"};
         o.max_connections = 2;
       },
       "dns_balancing and proxy contradict each other: the proxy looks the name up; "
       "dns_balancing and max_connections contradict each other: there is one connection to each "
       "address"},
  };
  for (const auto& row : rows) EXPECT_EQ(complaint(row.change), row.text);
}

TEST(Options, OfAProxyHaveTheirTexts) {
  const std::string credentials =
      "proxy: give one kind of credentials: user and password, bearer_token, or a "
      "proxy-authorization header";
  const struct {
    rpc::ProxyOptions proxy;
    std::string text;
  } rows[] = {
      {{.user = "a:b"}, "proxy: user has a ':', which basic credentials forbid"},
      {{.user = "a\x1f"}, "proxy: user has a control character"},
      {{.user = "a b\x80"}, ""},
      {{.user = "a\x7f"}, "proxy: user has a control character"},
      {{.password = "a\n"}, "proxy: password has a control character"},
      {{.bearer_token = "azAZ09-._~+/="}, ""},
      {{.user = "u", .bearer_token = "t"}, credentials},
      {{.password = "p", .bearer_token = "t"}, credentials},
      {{.user = "u", .headers = {{"proxy-authorization", "Digest x"}}}, credentials},
      {{.bearer_token = "t", .headers = {{"proxy-authorization", "Digest x"}}}, credentials},
      {{.headers = {{"proxy-authorization", "Digest x"}}}, ""},
      {{.headers = {{"proxy-authorization", "Digest x"}, {"x", "y"}}}, ""},
      {{.headers = {{"te", "trailers"}}},
       "proxy: headers: 'te' cannot be given: it is set by minim, hop-by-hop, or for the target"},
      {{.headers = {{"x-bin", "a\n"}}},
       "proxy: headers: the value of 'x-bin' holds characters that a header cannot carry"},
      {{.headers = {{"user-agent", "a\n"}}},
       "proxy: headers: the value of 'user-agent' holds characters that a header cannot carry"},
      {{.headers = {{"x-bin", "any text"}, {"user-agent", "mine"}}}, ""},
  };
  for (const auto& row : rows) EXPECT_EQ(proxy_complaint(row.proxy), row.text);
  for (const char other : std::string_view("\"`@[{:,")) {
    EXPECT_EQ(proxy_complaint({.bearer_token = std::string(1, other)}),
              "proxy: bearer_token has a character other than letters, digits and -._~+/=");
  }
}

TEST(Options, OfAProxyAreBoundedTogether) {
  const auto with = [](std::size_t bytes) {
    return proxy_complaint({.headers = {{"x", std::string(bytes, 'x')}}});
  };
  const std::string past = with(17'000);
  std::size_t fixed = 0;  // the line of the request, and what stands around the value
  ASSERT_EQ(std::sscanf(past.c_str(), "proxy: credentials and headers have %zu bytes", &fixed), 1);
  fixed -= 17'000;
  EXPECT_EQ(with(16'384 - fixed), "");
  EXPECT_EQ(with(16'385 - fixed),
            "proxy: credentials and headers have 16385 bytes, at most 16384 are allowed");
}

TEST(Options, RetryOfACallIsHeldToTheSameBounds) {
  const struct {
    rpc::RetryOptions retry;
    std::string_view text;
  } rows[] = {
      {{.initial_interval = -1ms}, "retry.max_interval must be at least retry.initial_interval"},
      {{.jitter = 1.01}, "retry.jitter must be 0 to 1"},
      {{.multiplier = 0}, "retry.multiplier must be at least 1"},
      {{.multiplier = std::numeric_limits<double>::quiet_NaN()}, "retry.multiplier"},
      {{.max_interval = 1ms}, "retry.max_interval must be at least retry.initial_interval"},
      {{.max_elapsed = -1ms}, "retry.max_elapsed must not be negative"},
  };
  World w;
  w.connect().resolve({"10.0.0.1"}).open(0);
  for (const auto& row : rows) {
    const auto a = w.start("/svc/A", {.retry = row.retry});
    w.expect(a, Code::kInvalidArgument, row.text);
    EXPECT_FALSE(w.reply(a)->status.may_have_reached_server());
  }
  const auto good = w.start("/svc/Good", {.retry = rpc::RetryOptions{.max_attempts = 0}});
  w.expect_pending(good);
  EXPECT_EQ(w.sent_count("/svc/A"), 0u);
}

}  // namespace minim::test
