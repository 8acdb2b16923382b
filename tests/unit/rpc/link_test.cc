// A link's stages before HTTP/2: proxy and filter, alone and together, and how each may fail.
#include <gtest/gtest.h>

#include "support/fake_filter.h"
#include "support/world.h"

namespace minim::test {

using namespace std::chrono_literals;

namespace {

constexpr std::size_t kChunks[] = {SIZE_MAX, 1, 3};

rpc::CallOptions once() { return {.retry = rpc::no_retry()}; }

rpc::ChannelOptions with_proxy(std::string target = "server:7233") {
  rpc::ChannelOptions options = plain_options(std::move(target));
  options.proxy = rpc::ProxyOptions{.target = "10.9.9.9:3128"};
  return options;
}

// The far end behind a proxy: all up to the blank line is for the proxy.
std::function<std::string(std::string_view)> after_head(
    std::function<std::string(std::string_view)> next = {}) {
  return [pending = std::string(), open = false, next](std::string_view bytes) mutable {
    if (open) return next ? next(bytes) : std::string(bytes);
    pending += bytes;
    const std::size_t end = pending.find("\r\n\r\n");
    if (end == std::string::npos) return std::string();
    open = true;
    const std::string rest = pending.substr(end + 4);
    return rest.empty() || !next ? rest : next(rest);
  };
}

void expect_proxy_failure(std::string_view answer, std::string_view text) {
  SCOPED_TRACE(answer);
  World w(with_proxy());
  const auto a = w.start("/svc/A", once());
  w.wires.at(0).read = after_head();
  w.accept(0).send(0, answer);
  w.expect(a, Code::kUnavailable, "cannot connect to server:7233: proxy 10.9.9.9:3128: ");
  w.expect(a, Code::kUnavailable, text);
  EXPECT_TRUE(w.wires[0].is_closed);
}

struct Filtered {
  std::shared_ptr<FakeFilterFactory> factory = std::make_shared<FakeFilterFactory>();
  rpc::ChannelOptions options = [this] {
    rpc::ChannelOptions made = plain_options("10.0.0.1");
    made.tls = factory;
    return made;
  }();
};

}  // namespace

TEST(Proxy, GoodTunnel) {
  for (const std::size_t chunk : kChunks) {
    World w(with_proxy());
    w.chunk_bytes = chunk;
    const auto a = w.start("/svc/A");
    EXPECT_TRUE(w.lookups.empty()) << "the proxy resolves the target";
    w.wires.at(0).read = after_head();
    w.accept(0);
    EXPECT_EQ(w.wires[0].raw, "CONNECT server:7233 HTTP/1.1\r\nHost: server:7233\r\n\r\n");
    w.send(0, "HTTP/1.1 200 Connection established\r\nVia: x\r\n\r\n");
    w.send(0, Peer().settings().settings_ack());
    w.send(0, Peer().reply(1, "a")).expect(a, Code::kOk, "a");
    EXPECT_EQ(w.wires[0].received.find(kHeaders)->field(":authority"), "server:7233");
  }
}

TEST(Proxy, TunnelBytesInTheSamePacketAndIgnoredBodyHeaders) {
  for (const std::string_view head :
       {"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", "HTTP/1.0 200 OK\r\n\r\n",
        "HTTP/1.1 299 Fine\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\nx: y\r\n\r\nHTTP/1.1 "
        "200\r\n\r\n"}) {
    for (const std::size_t chunk : kChunks) {
      World w(with_proxy());
      w.chunk_bytes = chunk;
      const auto a = w.start("/svc/A");
      w.wires.at(0).read = after_head();
      w.accept(0);
      w.send(0, std::string(head) + Peer().settings().settings_ack().bytes());
      w.send(0, Peer().reply(1, "a")).expect(a, Code::kOk, "a");
    }
  }
}

TEST(Proxy, Credentials) {
  rpc::ChannelOptions options = with_proxy();
  options.proxy->user = "user";
  options.proxy->password = "hunter2";
  World w(std::move(options));
  const auto a = w.start("/svc/A", once());
  w.wires.at(0).read = after_head();
  w.accept(0);
  EXPECT_NE(w.wires[0].raw.find("Proxy-Authorization: Basic dXNlcjpodW50ZXIy\r\n\r\n"),
            std::string::npos);
  w.send(0, "HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
  w.expect(a, Code::kUnavailable, "407");
  for (const std::string_view secret : {"hunter2", "dXNl"}) {
    EXPECT_EQ(w.reply(a)->status.message().find(secret), std::string_view::npos);
  }
}

TEST(Proxy, Refusals) {
  expect_proxy_failure("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n",
                       "refused with '407 Proxy Authentication Required': proxy authentication "
                       "required; check the proxy's user and password");
  expect_proxy_failure("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 9\r\n\r\nno route\nmore",
                       "CONNECT server:7233 refused with '502 Bad Gateway'; it says: 'no route'");
  expect_proxy_failure("HTTP/1.0 403 Forbidden\r\n\r\n", "refused with '403 Forbidden'");
  expect_proxy_failure("HTTP/1.1 301 Moved\r\n\r\n", "refused with '301 Moved'");
}

TEST(Proxy, Garbage) {
  expect_proxy_failure("SSH-2.0-OpenSSH\r\n",
                       "does not answer as an HTTP proxy: 'SSH-2.0-OpenSSH'");
  expect_proxy_failure(std::string_view("\x15\x03\x01\x00\x02\x02\x28", 7), "it speaks TLS");
  expect_proxy_failure("HTTP/2 200\r\n\r\n", "does not answer as an HTTP proxy");
  expect_proxy_failure("HTTP/1.1 2\r\n\r\n", "does not answer as an HTTP proxy");
  expect_proxy_failure("HTTP/1.1 200 OK\r\n" + std::string(17'000, 'x'),
                       "the head of its answer passes 16384 bytes");
  expect_proxy_failure("HTTP/1.1 100 C\r\nx: " + std::string(17'000, 'x'), "passes 16384 bytes");
}

TEST(Proxy, EndlessInformationalAnswers) {
  World w(with_proxy());
  const auto a = w.start("/svc/A", once());
  w.wires.at(0).read = after_head();
  w.accept(0);
  for (int i = 0; i < 2000 && !w.wires[0].is_closed; ++i) w.send(0, "HTTP/1.1 100 C\r\n\r\n");
  w.expect(a, Code::kUnavailable, "proxy");
}

TEST(Proxy, HangsUpBeforeItsAnswer) {
  World w(with_proxy());
  const auto a = w.start("/svc/A", once());
  w.wires.at(0).read = after_head();
  w.accept(0).hang_up(0);
  w.expect(a, Code::kUnavailable, "proxy 10.9.9.9:3128: ");
}

TEST(Proxy, SilentProxyTimesOutByName) {
  World w(with_proxy());
  const auto a = w.start("/svc/A", once()), b = w.start("/svc/B", {.rpc_timeout = 3s});
  w.wires.at(0).read = after_head();
  w.accept(0).wait(20s);
  w.expect(b, Code::kDeadlineExceeded, "while waiting for the proxy 10.9.9.9:3128");
  w.expect(a, Code::kUnavailable, "while waiting for the proxy 10.9.9.9:3128");
}

TEST(Proxy, TargetsAsTheProxySeesThem) {
  const struct {
    std::string_view target;
    std::string_view authority;
  } rows[] = {{"[2001:db8::1]:99", "[2001:db8::1]:99"},
              {"10.0.0.1", "10.0.0.1:7233"},
              {"http://host", "host:80"}};
  for (const auto& row : rows) {
    World w(with_proxy(std::string(row.target)));
    w.connect();
    w.wires.at(0).read = after_head();
    w.accept(0);
    EXPECT_TRUE(
        w.wires[0].raw.starts_with("CONNECT " + std::string(row.authority) + " HTTP/1.1\r\n"))
        << w.wires[0].raw;
  }
}

TEST(Proxy, UnixSocketAndName) {
  rpc::ChannelOptions options = plain_options();
  options.proxy = rpc::ProxyOptions{.target = "unix:/run/proxy.sock"};
  World w(std::move(options));
  w.connect();
  ASSERT_EQ(w.wires.size(), 1u);
  EXPECT_EQ(w.wires[0].address.to_string(), "unix:/run/proxy.sock");
  rpc::ChannelOptions named = plain_options();
  named.proxy = rpc::ProxyOptions{.target = "proxy.example:8080"};
  World v(std::move(named));
  v.connect();
  EXPECT_EQ(v.lookups.at(0).host, "proxy.example");
  EXPECT_EQ(v.lookups.at(0).port, 8080);
}

TEST(Filter, GoodHandshake) {
  for (const std::size_t chunk : kChunks) {
    Filtered f;
    World w(f.options);
    w.chunk_bytes = chunk;
    const auto a = w.start("/svc/A");
    w.wires.at(0).read = FilterReader();
    w.accept(0);
    EXPECT_EQ(w.wires[0].raw, kFilterHello) << "nothing plain before the handshake is done";
    EXPECT_EQ(f.factory->last_host, "10.0.0.1");
    w.send(0, kFilterWelcome);
    EXPECT_TRUE(w.wires[0].received.has_preface());
    w.send(0, filter_seal(Peer().settings().settings_ack().bytes()));
    w.send(0, filter_seal(Peer().reply(1, "a").bytes())).expect(a, Code::kOk, "a");
    EXPECT_EQ(w.wires[0].received.find(kHeaders)->field(":scheme"), "https");
    w.close();
    EXPECT_EQ(w.wires[0].raw.back(), '\0') << "the goodbye";
  }
}

TEST(Filter, WelcomeAndSettingsInOnePacket) {
  Filtered f;
  World w(f.options);
  const auto a = w.start("/svc/A");
  w.wires.at(0).read = FilterReader();
  w.accept(0);
  w.send(0, std::string(kFilterWelcome) + filter_seal(Peer().settings().settings_ack().bytes()));
  w.send(0, filter_seal(Peer().reply(1, "a").bytes())).expect(a, Code::kOk, "a");
}

TEST(Filter, AuthorityOfTheFilter) {
  Filtered f;
  f.factory->authority_override = "override.example";
  World w(f.options);
  w.start("/svc/A");
  w.wires.at(0).read = FilterReader();
  w.accept(0).send(0, kFilterWelcome);
  w.send(0, filter_seal(Peer().settings().settings_ack().bytes()));
  EXPECT_EQ(w.wires[0].received.find(kHeaders)->field(":authority"), "override.example");
}

TEST(Filter, NameOfAUnixSocketIsLocalhost) {
  Filtered f;
  f.options.target = "unix:/run/t.sock";
  World w(f.options);
  w.connect();
  w.wires.at(0).read = FilterReader();
  w.accept(0);
  EXPECT_EQ(f.factory->last_host, "localhost");
}

TEST(Filter, CannotBeMade) {
  Filtered f;
  f.factory->refuse_to_open = "the key does not match the certificate";
  World w(f.options);
  const auto a = w.start("/svc/A", once());
  w.accept(0).expect(a, Code::kUnavailable,
                     "cannot connect to 10.0.0.1:7233: the key does not match");
}

TEST(Filter, HandshakeFails) {
  for (const std::size_t chunk : kChunks) {
    Filtered f;
    World w(f.options);
    w.chunk_bytes = chunk;
    const auto a = w.start("/svc/A", once());
    w.wires.at(0).read = FilterReader();
    w.accept(0).send(0, "go away");
    w.expect(a, Code::kUnavailable, "the handshake failed: not welcome");
    EXPECT_EQ(w.wires[0].raw, std::string(kFilterHello) + "alert\n") << "its last words go out";
    EXPECT_FALSE(w.reply(a)->status.may_have_reached_server());
  }
}

TEST(Filter, PeerHangsUpInEachStage) {
  {
    Filtered f;
    World w(f.options);
    const auto a = w.start("/svc/A", once());
    w.wires.at(0).read = FilterReader();
    w.accept(0).hang_up(0).expect(a, Code::kUnavailable, "the peer hung up in the handshake");
  }
  {  // as a TLS 1.3 server does that wants a client certificate
    Filtered f;
    World w(f.options);
    const auto a = w.start("/svc/A", once());
    w.wires.at(0).read = FilterReader();
    w.accept(0).send(0, kFilterWelcome).hang_up(0);
    w.expect(a, Code::kUnavailable, "closed the connection before its HTTP/2 SETTINGS");
    EXPECT_EQ(w.reply(a)->status.message().find("does it want TLS"), std::string_view::npos);
  }
  {
    Filtered f;
    World w(f.options);
    const auto a = w.start("/svc/A", once());
    w.wires.at(0).read = FilterReader();
    w.accept(0).send(0, kFilterWelcome);
    w.send(0, filter_seal(Peer().settings().settings_ack().bytes()));
    w.send(0, "\x30 half a record").hang_up(0);
    w.expect(a, Code::kUnavailable, "the peer hung up inside a record");
  }
}

TEST(Filter, GoodbyeOfThePeerEndsTheLink) {
  Filtered f;
  World w(f.options);
  const auto a = w.start("/svc/A", once());
  w.wires.at(0).read = FilterReader();
  w.accept(0).send(0, kFilterWelcome);
  w.send(0, filter_seal(Peer().settings().settings_ack().bytes()));
  w.send(0, filter_seal(Peer().reply(1, "a").bytes()) + std::string(1, '\0'));
  w.expect(a, Code::kOk, "a");
  EXPECT_TRUE(w.wires[0].is_closed);
}

TEST(Filter, SilentHandshakeNamesItsPhase) {
  Filtered f;
  World w(f.options);
  const auto a = w.start("/svc/A", {.rpc_timeout = 3s});
  w.wires.at(0).read = FilterReader();
  w.accept(0).wait(3s);
  w.expect(a, Code::kDeadlineExceeded, "while shaking hands (TLS) with 10.0.0.1:7233");
}

TEST(Filter, SlowSocketBoundsWhatIsSealed) {
  Filtered f;
  f.options.gzip_above_bytes.reset();
  World w(f.options);
  rpc::Request request;
  request.path = "/svc/A";
  request.message = std::string(500'000, 'x');
  for (int i = 0; i < 10; ++i) w.start(request);
  w.wires.at(0).read = FilterReader();
  w.accept(0).send(0, kFilterWelcome);
  w.wires[0].is_blocked = true;
  w.send(0, filter_seal(Peer()
                            .settings({{kInitialWindowSize, 1 << 30}})
                            .settings_ack()
                            .window_update(0, 1 << 30)
                            .bytes()));
  EXPECT_LT(w.channel().output(w.wires[0].id).size(), 200'000u);
  w.unblock(0);
  EXPECT_EQ(w.wires[0].received.body(19).size(), 500'005u);
}

TEST(Filter, ThroughAProxy) {
  for (const std::size_t chunk : kChunks) {
    Filtered f;
    f.options.proxy = rpc::ProxyOptions{.target = "10.9.9.9:3128"};
    World w(f.options);
    w.chunk_bytes = chunk;
    const auto a = w.start("/svc/A");
    w.wires.at(0).read = after_head(FilterReader());
    w.accept(0).send(0, "HTTP/1.1 200 OK\r\n\r\n").send(0, kFilterWelcome);
    w.send(0, filter_seal(Peer().settings().settings_ack().bytes()));
    w.send(0, filter_seal(Peer().reply(1, "a").bytes())).expect(a, Code::kOk, "a");
  }
}

TEST(Filter, FailureThatCameWithTheProxysAnswerIsNotTheProxys) {
  Filtered f;
  f.options.proxy = rpc::ProxyOptions{.target = "10.9.9.9:3128"};
  World w(f.options);
  const auto a = w.start("/svc/A", once());
  w.wires.at(0).read = after_head(FilterReader());
  w.accept(0).send(0, "HTTP/1.1 200 OK\r\n\r\ngo away");
  w.expect(a, Code::kUnavailable, "cannot connect to 10.0.0.1:7233: the handshake failed");
}

}  // namespace minim::test
