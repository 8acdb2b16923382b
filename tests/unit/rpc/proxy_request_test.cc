// What a proxy is asked: the CONNECT request, and the options that cannot make one.
#include <gtest/gtest.h>

#include "support/fake_filter.h"
#include "unit/rpc/behind_proxy.h"

namespace minim::test {

namespace {

std::string invalid(rpc::ProxyOptions proxy, std::string target = "server:7233") {
  rpc::ChannelOptions options = plain_options(std::move(target));
  options.proxy = std::move(proxy);
  SeededRandom random(1);
  const auto made = rpc::Channel::create(std::move(options), random);
  EXPECT_FALSE(made);
  return std::string(made.status().message());
}

}  // namespace

TEST(Proxy, WhatTheRequestSays) {
  const std::string start = "CONNECT server:7233 HTTP/1.1\r\nHost: server:7233\r\n";
  const struct {
    rpc::ProxyOptions proxy;
    std::string_view fields;
  } rows[] = {
      {{.user = "user", .password = "hunter2"}, "Proxy-Authorization: Basic dXNlcjpodW50ZXIy\r\n"},
      {{.user = "only"}, "Proxy-Authorization: Basic b25seTo=\r\n"},
      {{.password = "only"}, "Proxy-Authorization: Basic Om9ubHk=\r\n"},
      {{.user = "g\xc3\xbcnter", .password = "a:b c"},
       "Proxy-Authorization: Basic Z8O8bnRlcjphOmIgYw==\r\n"},
      {{.bearer_token = "abc.def-_~+/=="}, "Proxy-Authorization: Bearer abc.def-_~+/==\r\n"},
      {{.headers = {{"X-Tenant", "blue"}, {"user-agent", "me/1"}, {"x-tenant", "green; q=1"}}},
       "x-tenant: blue\r\nuser-agent: me/1\r\nx-tenant: green; q=1\r\n"},
      {{.headers = {{"Proxy-Authorization", "Negotiate YIIZ"}}},
       "proxy-authorization: Negotiate YIIZ\r\n"}};
  for (const auto& row : rows) {
    rpc::ChannelOptions options = with_proxy();
    options.proxy = row.proxy;
    options.proxy->target = "10.9.9.9:3128";
    World w(std::move(options));
    w.connect();
    w.wires.at(0).read = after_head();
    w.accept(0);
    EXPECT_EQ(w.wires[0].raw, start + std::string(row.fields) + "\r\n");
  }
}

TEST(Proxy, NothingOfACallGoesToTheProxy) {
  World w(with_proxy());
  rpc::Request request;
  request.path = "/svc/A";
  request.metadata.add("authorization", "Bearer of-the-call");
  w.start(request);
  w.wires.at(0).read = after_head();
  w.accept(0);
  EXPECT_EQ(w.wires[0].raw.find("of-the-call"), std::string::npos);
}

TEST(Proxy, RequestsUpToTheirLimit) {  // kMaxProxyRequestBytes
  // The target's name does not count: it has a limit of its own.
  const std::string_view names = "server:7233server:7233";
  const std::size_t other_bytes =
      std::string_view("CONNECT  HTTP/1.1\r\nHost: \r\nx: \r\n\r\n").size();
  rpc::ChannelOptions options = with_proxy();
  options.proxy->headers = {{"x", std::string(16'384 - other_bytes, 'x')}};
  World w(options);
  w.connect();
  w.wires.at(0).read = after_head();
  w.accept(0);
  EXPECT_EQ(w.wires[0].raw.size(), 16'384 + names.size());
  options.proxy->headers = {{"x", std::string(16'385 - other_bytes, 'x')}};
  EXPECT_EQ(invalid(*options.proxy),
            "proxy: credentials and headers have 16385 bytes, at most 16384 are allowed");
}

TEST(Proxy, OptionsThatAreRefused) {
  const struct {
    rpc::ProxyOptions proxy;
    std::string_view text;
  } rows[] = {
      {{.target = "proxy"}, "proxy: target 'proxy': the port is missing"},
      {{.target = "http://user:hunter2@proxy:1"},
       "proxy: target has an '@': credentials go into user and password"},
      {{.target = "socks5://proxy:1"}, "proxy: target 'socks5://proxy:1': scheme 'socks5' is not"},
      {{.target = "https://proxy"},
       "proxy: target 'https://proxy' asks for TLS, and tls is not set"},
      {{.target = "http://proxy:1", .tls = std::make_shared<FakeFilterFactory>()},
       "proxy: target 'http://proxy:1' asks for plaintext, and tls is set"},
      {{.target = "p:1", .user = "a:b"}, "proxy: user has a ':', which basic credentials forbid"},
      {{.target = "p:1", .user = "a\n"}, "proxy: user has a control character"},
      {{.target = "p:1", .password = std::string("a\0", 2)},
       "proxy: password has a control character"},
      {{.target = "p:1", .bearer_token = "hunter2\r\nx: y"},
       "proxy: bearer_token has a character other than letters, digits and -._~+/="},
      {{.target = "p:1", .user = "u", .bearer_token = "t"}, "proxy: give one kind of credentials"},
      {{.target = "p:1", .bearer_token = "t", .headers = {{"proxy-authorization", "Digest x"}}},
       "proxy: give one kind of credentials"},
      {{.target = "p:1", .headers = {{"x y", "z"}}}, "proxy: headers: metadata key 'x y' has a"},
      {{.target = "p:1", .headers = {{"x", "hunter2\r\ny: z"}}}, "value of metadata key 'x' has"},
      {{.target = "p:1", .headers = {{"x-bin", "hunter2\n"}}},
       "the value of 'x-bin' holds characters that a header cannot carry"},
      {{.target = "p:1", .headers = {{"x", std::string(17'000, 'x')}}},
       "bytes, at most 16384 are allowed"}};
  for (const auto& row : rows) {
    const std::string text = invalid(row.proxy);
    EXPECT_NE(text.find(row.text), std::string::npos) << text;
    EXPECT_EQ(text.find("hunter2"), std::string::npos) << text;
  }
  for (const std::string_view name :
       {"Host", "content-length", "content-type", "Transfer-Encoding", "expect", "Connection",
        "proxy-connection", "keep-alive", "TE", "trailer", "upgrade", "Authorization", "cookie"}) {
    const std::string text = invalid({.target = "p:1", .headers = {{std::string(name), "x"}}});
    EXPECT_NE(text.find("cannot be given"), std::string::npos) << text;
  }
  EXPECT_NE(invalid({.target = "p:1"}, "unix:/run/x").find("a proxy cannot reach a unix socket"),
            std::string::npos);
  const std::string all = invalid({.target = "p:1", .user = "a:", .password = "\r"});
  EXPECT_NE(all.find("user has a ':'"), std::string::npos);
  EXPECT_NE(all.find("password has a control"), std::string::npos) << "all problems at once";
}

TEST(Proxy, TargetsAsTheProxySeesThem) {
  const struct {
    std::string_view target;
    std::string_view authority;
  } rows[] = {{"[2001:db8::1]:99", "[2001:db8::1]:99"},
              {"2001:db8::1", "[2001:db8::1]:7233"},
              {"[fe80::1%eth0]:99", "[fe80::1]:99"},
              {"10.0.0.1", "10.0.0.1:7233"},
              {"http://host", "host:80"},
              {"dns:///host:1", "host:1"}};
  for (const auto& row : rows) {
    World w(with_proxy(std::string(row.target)));
    w.connect();
    w.wires.at(0).read = after_head();
    w.accept(0);
    const std::string authority(row.authority);
    EXPECT_EQ(w.wires[0].raw,
              "CONNECT " + authority + " HTTP/1.1\r\nHost: " + authority + "\r\n\r\n");
  }
}

}  // namespace minim::test
