// A link's way through a proxy: plain and through a filter, with a filter inside, and how it fails.
#include <gtest/gtest.h>

#include "support/fake_filter.h"
#include "support/world.h"

namespace minim::test {

using namespace std::chrono_literals;

namespace {

constexpr std::size_t kChunks[] = {SIZE_MAX, 1, 2, 3, 7};
constexpr std::string_view kEstablished = "HTTP/1.1 200 Connection established\r\n\r\n";

rpc::CallOptions once() { return {.retry = rpc::no_retry()}; }

rpc::ChannelOptions with_proxy(std::string target = "server:7233") {
  rpc::ChannelOptions options = plain_options(std::move(target));
  options.proxy = rpc::ProxyOptions{.target = "10.9.9.9:3128"};
  return options;
}

// The far end behind a proxy: all up to the blank line is for the proxy, which keeps it in `head`.
std::function<std::string(std::string_view)> after_head(
    std::function<std::string(std::string_view)> next = {}, std::string* head = nullptr) {
  return [pending = std::string(), open = false, next, head](std::string_view bytes) mutable {
    if (open) return next ? next(bytes) : std::string(bytes);
    pending += bytes;
    const std::size_t end = pending.find("\r\n\r\n");
    if (end == std::string::npos) return std::string();
    open = true;
    if (head != nullptr) *head = pending.substr(0, end + 4);
    const std::string rest = pending.substr(end + 4);
    return rest.empty() || !next ? rest : next(rest);
  };
}

// How a proxy's answer ends in one piece and in small ones; the texts must not differ.
enum class Then { kNothing, kHangsUp, kTime };

Status refusal(const rpc::ChannelOptions& options, std::string_view answer, Then then,
               std::size_t chunk) {
  World w(options);
  w.chunk_bytes = chunk;
  const auto a = w.start("/svc/A", once());
  w.wires.at(0).read = after_head();
  w.accept(0).send(0, answer);
  if (then == Then::kHangsUp) w.expect_pending(a).hang_up(0);
  if (then == Then::kTime) w.expect_pending(a).wait(1s);
  w.expect(a, Code::kUnavailable, "cannot connect to server:7233: proxy 10.9.9.9:3128: ");
  EXPECT_TRUE(w.wires[0].is_closed);
  const rpc::Reply* const reply = w.reply(a);
  EXPECT_FALSE(reply != nullptr && reply->status.may_have_reached_server());
  return reply != nullptr ? reply->status : Status();
}

void expect_refusal(std::string_view answer, std::string_view text, Then then = Then::kNothing,
                    const rpc::ChannelOptions& options = with_proxy()) {
  const std::string whole =
      "cannot connect to server:7233: proxy 10.9.9.9:3128: " + std::string(text);
  for (const std::size_t chunk : kChunks) {
    SCOPED_TRACE(std::string(answer.substr(0, 400)) + " in pieces of " + std::to_string(chunk));
    EXPECT_EQ(refusal(options, answer, then, chunk).message(), whole);
  }
}

std::string invalid(rpc::ProxyOptions proxy, std::string target = "server:7233") {
  rpc::ChannelOptions options = plain_options(std::move(target));
  options.proxy = std::move(proxy);
  SeededRandom random(1);
  const auto made = rpc::Channel::create(std::move(options), random);
  EXPECT_FALSE(made);
  return std::string(made.status().message());
}

// A filter to the proxy, and perhaps one to the server inside the tunnel.
struct Doubled {
  std::shared_ptr<FakeFilterFactory> outer = std::make_shared<FakeFilterFactory>();
  std::shared_ptr<FakeFilterFactory> inner = std::make_shared<FakeFilterFactory>();
  rpc::ChannelOptions options = [this] {
    rpc::ChannelOptions made = with_proxy();
    made.proxy->target = "https://10.9.9.9:3129";
    made.proxy->tls = outer;
    return made;
  }();
};

// The far end of a filter whose inside is read by `next`.
std::function<std::string(std::string_view)> inside_filter(
    std::function<std::string(std::string_view)> next) {
  return [reader = FilterReader(), next](std::string_view bytes) mutable {
    return next(reader(bytes));
  };
}

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

TEST(Proxy, RefusalsQuoteTheProxysOwnWords) {
  const std::string asked = "CONNECT server:7233 refused with ";
  expect_refusal("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 9\r\n\r\nno route\nmore",
                 asked + "'502 Bad Gateway'; it says: 'no route'");
  expect_refusal("HTTP/1.1 503 Busy\r\n\r\n\r\n  come back\tlater \r\nmore",
                 asked + "'503 Busy'; it says: 'come back later'");
  expect_refusal("HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n", asked + "'403 Forbidden'");
  expect_refusal("HTTP/1.0 403 Forbidden\r\n\r\n", asked + "'403 Forbidden'", Then::kHangsUp);
  expect_refusal("HTTP/1.1 301 Moved\r\n\r\n", asked + "'301 Moved'", Then::kTime);
  expect_refusal("HTTP/1.1 500 \r\n\r\nno line end", asked + "'500'; it says: 'no line end'",
                 Then::kHangsUp);
  expect_refusal("HTTP/1.1 500 X\r\nContent-Length: 4\r\n\r\nshort",
                 asked + "'500 X'; it says: 'shor'");
  expect_refusal(
      "HTTP/1.1 500 X\r\nTransfer-Encoding: Chunked\r\n\r\n7;x=y\r\nchunked\r\n0\r\n\r\n",
      asked + "'500 X'; it says: 'chunked'");
  expect_refusal("HTTP/1.1 500 X\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                 asked + "'500 X'");
  expect_refusal("HTTP/1.1 500 X\r\nTransfer-Encoding: chunked\r\n\r\nzz", asked + "'500 X'",
                 Then::kHangsUp);
  expect_refusal("HTTP/1.1 502 B\x1b[31m\r\n\r\n\x07 bell \xff\n",
                 asked + "'502 B [31m'; it says: 'bell \xef\xbf\xbd'");
  expect_refusal(
      "HTTP/1.1 502 B\r\nProxy-Status: p; error=connection_refused\r\n"
      "X-Squid-Error: ERR_CONNECT_FAIL 111\r\ncontent-length: 0\r\n\r\n",
      asked +
          "'502 B' (proxy-status: 'p; error=connection_refused') (x-squid-error: "
          "'ERR_CONNECT_FAIL 111')");
}

TEST(Proxy, PagesAreQuotedByTheirFirstText) {
  const std::string asked = "CONNECT server:7233 refused with '502 B'; it says: ";
  const std::string head = "HTTP/1.1 502 B\r\n\r\n";
  expect_refusal(head +
                     "<!DOCTYPE html PUBLIC \"-//W3C//DTD\n HTML\">\n<html><head>\n"
                     "<meta charset=\"utf-8\">\n<title>502 Bad Gateway</title></head>",
                 asked + "'502 Bad Gateway'");
  expect_refusal(head + "<html><body><h1>503 Service Unavailable</h1>\nNo server\n</body></html>\n",
                 asked + "'503 Service Unavailable'");
  expect_refusal(head + "<html>text without an end", asked + "'text without an end'",
                 Then::kHangsUp);
  expect_refusal(head + "<html><title", "CONNECT server:7233 refused with '502 B'", Then::kHangsUp);
  expect_refusal(head + "<html>" + std::string(5000, ' ') + "late\n",
                 "CONNECT server:7233 refused with '502 B'");
}

TEST(Proxy, RefusalsAreCutToSize) {
  expect_refusal(
      "HTTP/1.1 502 B\r\n\r\n" + std::string(1'024, 'x') + "\n",
      "CONNECT server:7233 refused with '502 B'; it says: '" + std::string(1'024, 'x') + "'");
  for (const std::size_t size : {std::size_t{2'000}, std::size_t{100'000}}) {
    const Status why =
        refusal(with_proxy(), "HTTP/1.1 502 B\r\n\r\n" + std::string(size, 'x') + "\n",
                Then::kNothing, SIZE_MAX);
    EXPECT_LE(why.message().size(), 1'200u);
    EXPECT_TRUE(why.message().ends_with("xxx...'")) << why.message();
  }
}

TEST(Proxy, RefusalOfCredentialsSaysWhatToSet) {
  const std::string asked =
      "CONNECT server:7233 refused with '407 No': proxy authentication required";
  const std::string answer =
      "HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm=\"squid\"\r\n"
      "Content-Length: 0\r\n\r\n";
  const std::string wants = " (it asks for 'Basic realm=\"squid\"')";
  expect_refusal(answer, asked + wants + ": set the proxy's user and password, or bearer_token");
  expect_refusal("HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n",
                 asked + ": set the proxy's user and password, or bearer_token");
  rpc::ChannelOptions options = with_proxy();
  options.proxy->user = "u";
  expect_refusal(answer,
                 asked + wants + ": it does not accept these credentials: check user and password",
                 Then::kNothing, options);
  expect_refusal("HTTP/1.0 401 Unauthorized\r\n\r\n<title>401 Unauthorized</title>",
                 "CONNECT server:7233 refused with '401 Unauthorized': proxy authentication "
                 "required: it does not accept these credentials: check user and password",
                 Then::kNothing, options);
  options.proxy->user.clear();
  options.proxy->bearer_token = "t";
  expect_refusal(answer,
                 asked + wants + ": it does not accept these credentials: check bearer_token",
                 Then::kNothing, options);
}

TEST(Proxy, SecretsThatItEchoesAreCut) {
  rpc::ChannelOptions options = with_proxy();
  options.proxy->user = "user";
  options.proxy->password = "hunter2";
  options.proxy->headers = {{"x-key", "sesame-open"}, {"x-short", "abc"}};
  expect_refusal(
      "HTTP/1.1 407 bad hunter2\r\nProxy-Authenticate: Basic hunter2\r\n\r\n"
      "you sent Basic dXNlcjpodW50ZXIy, hunter2, hunter2 and sesame-open, abc\n",
      "CONNECT server:7233 refused with '407 bad ***': proxy authentication required "
      "(it asks for 'Basic ***'): it does not accept these credentials: check user and "
      "password; it says: 'you sent Basic ***, ***, *** and ***, abc'",
      Then::kNothing, options);
  expect_refusal("hunter2 echo\r\n", "it does not answer as an HTTP proxy: '*** echo'",
                 Then::kNothing, options);
  options.proxy = rpc::ProxyOptions{.target = "10.9.9.9:3128", .bearer_token = "to.ken"};
  expect_refusal("HTTP/1.1 403 F\r\n\r\nBearer to.ken?\n",
                 "CONNECT server:7233 refused with '403 F'; it says: 'Bearer ***?'", Then::kNothing,
                 options);
  options.proxy = rpc::ProxyOptions{.target = "10.9.9.9:3128",
                                    .headers = {{"Proxy-Authorization", "Digest abc"}}};
  expect_refusal("HTTP/1.1 403 F\r\n\r\nDigest abc / abc\n",
                 "CONNECT server:7233 refused with '403 F'; it says: '*** / ***'", Then::kNothing,
                 options);
}

TEST(Proxy, Garbage) {
  const std::string no = "it does not answer as an HTTP proxy: ";
  expect_refusal("SSH-2.0-OpenSSH\r\n", no + "'SSH-2.0-OpenSSH'");
  expect_refusal("no line end", no + "'no line end'", Then::kTime);
  expect_refusal("no line end", no + "'no line end'", Then::kHangsUp);
  expect_refusal("long" + std::string(200, '\0') + "never read", no + "'long'");
  expect_refusal(std::string_view("\x15\x03\x01\x00\x02\x02\x28", 7),
                 no + "it speaks TLS: turn TLS on");
  expect_refusal("HTTP/2 200\r\n\r\n", no + "it speaks HTTP/1: it answered 'HTTP/2 200'");
  expect_refusal("HTTP/1.1 2\r\n\r\n", no + "it speaks HTTP/1: it answered 'HTTP/1.1 2'");
  expect_refusal("HTTP/1.1 200 OK\r\n" + std::string(17'000, 'x'),
                 "the head of its answer passes 16384 bytes");
  expect_refusal("HTTP/1.1 100 C\r\nx: " + std::string(17'000, 'x'),
                 "the head of its answer passes 16384 bytes");
}

TEST(Proxy, ATunnelThatNobodyAskedForYet) {
  Doubled d;
  World w(d.options);
  const auto a = w.start("/svc/A", once());
  w.wires.at(0).read = inside_filter(after_head());
  w.accept(0).send(0, std::string(kFilterWelcome) + filter_seal(kEstablished));
  w.expect(a, Code::kUnavailable, "it opens a tunnel before it has been asked for one");
}

TEST(Proxy, EndlessInformationalAnswers) {
  World w(with_proxy());
  const auto a = w.start("/svc/A", once());
  w.wires.at(0).read = after_head();
  w.accept(0);
  for (int i = 0; i < 2000 && !w.wires[0].is_closed; ++i) w.send(0, "HTTP/1.1 100 C\r\n\r\n");
  w.expect(a, Code::kUnavailable, "the head of its answer passes 16384 bytes");
}

TEST(Proxy, HangsUp) {
  const std::string start = "cannot connect to server:7233: proxy 10.9.9.9:3128: it hung up ";
  for (const std::size_t cut : {0, 1, 4, 5, 12, 30}) {
    World w(with_proxy());
    const auto a = w.start("/svc/A", once());
    w.wires.at(0).read = after_head();
    w.accept(0).send(0, kEstablished.substr(0, cut)).hang_up(0);
    w.expect(
        a, Code::kUnavailable,
        start + (cut == 0 ? "without an answer" : "in mid-answer") + " to CONNECT server:7233");
  }
  World w(with_proxy());
  const auto a = w.start("/svc/A", once());
  w.wires.at(0).read = after_head();
  w.accept(0).hang_up(0, "connection reset by peer");
  w.expect(a, Code::kUnavailable,
           start + "without an answer to CONNECT server:7233 (connection reset by peer)");
}

TEST(Proxy, ARefusalStandsAlthoughTheSocketWasReset) {
  World w(with_proxy());
  const auto a = w.start("/svc/A", once());
  w.wires.at(0).read = after_head();
  w.accept(0).send(0, "HTTP/1.1 502 B\r\n\r\nno").hang_up(0, "connection reset by peer");
  w.expect(a, Code::kUnavailable, "refused with '502 B'; it says: 'no'");
}

TEST(Proxy, ServerBehindItHangsUp) {
  World w(with_proxy());
  const auto a = w.start("/svc/A", once());
  w.wires.at(0).read = after_head();
  w.accept(0).send(0, kEstablished).hang_up(0);
  w.expect(a, Code::kUnavailable,
           "server:7233 (through the proxy 10.9.9.9:3128) closed the connection before its HTTP/2 "
           "SETTINGS; does it want TLS?");
}

TEST(Proxy, CannotBeDialled) {
  World w(with_proxy());
  const auto a = w.start("/svc/A", once());
  w.refuse(0, "10.9.9.9:3128: connection refused");
  w.expect(a, Code::kUnavailable,
           "cannot connect to server:7233: proxy: 10.9.9.9:3128: connection refused; is the proxy "
           "running?");
}

TEST(Proxy, SilenceTimesOutByNameOfThePhase) {
  const struct {
    std::string_view answer;
    std::string_view phase;
    std::string_view failure;
  } rows[] = {{"", "waiting for the proxy 10.9.9.9:3128", "waiting for the proxy 10.9.9.9:3128"},
              {kEstablished,
               "waiting for the HTTP/2 SETTINGS of server:7233 (through the proxy 10.9.9.9:3128)",
               "the peer sent no SETTINGS in time"}};
  for (const auto& row : rows) {
    World w(with_proxy());
    const auto a = w.start("/svc/A", once()), b = w.start("/svc/B", {.rpc_timeout = 3s});
    w.wires.at(0).read = after_head();
    w.accept(0).send(0, row.answer).wait(20s);
    w.expect(b, Code::kDeadlineExceeded, "while " + std::string(row.phase));
    w.expect(a, Code::kUnavailable, row.failure);
  }
  World w(with_proxy());
  const auto a = w.start("/svc/A", {.rpc_timeout = 3s});
  w.wait(3s).expect(a, Code::kDeadlineExceeded, "while connecting to the proxy 10.9.9.9:3128");
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

TEST(Proxy, WhereItIsDialled) {
  const struct {
    std::string_view target;
    std::string_view address;
  } rows[] = {{"unix:/run/proxy.sock", "unix:/run/proxy.sock"},
              {"http://10.9.9.9", "10.9.9.9:80"},
              {"http://10.9.9.9:3128/", "10.9.9.9:3128"},
              {"[::1]:3128", "[::1]:3128"}};
  for (const auto& row : rows) {
    rpc::ChannelOptions options = plain_options();
    options.proxy = rpc::ProxyOptions{.target = std::string(row.target)};
    World w(std::move(options));
    w.connect();
    EXPECT_EQ(w.wires.at(0).address.to_string(), row.address);
  }
  rpc::ChannelOptions named = plain_options();
  named.proxy = rpc::ProxyOptions{.target = "proxy.example:8080"};
  World v(std::move(named));
  v.connect();
  EXPECT_EQ(v.lookups.at(0).host, "proxy.example");
  EXPECT_EQ(v.lookups.at(0).port, 8080);
}

TEST(Proxy, UnixSocketCarriesATunnel) {
  rpc::ChannelOptions options = plain_options();
  options.proxy = rpc::ProxyOptions{.target = "unix:/run/proxy.sock"};
  World w(std::move(options));
  const auto a = w.start("/svc/A");
  w.wires.at(0).read = after_head();
  w.accept(0).send(0, kEstablished).send(0, Peer().settings().settings_ack());
  w.send(0, Peer().reply(1, "a")).expect(a, Code::kOk, "a");
}

TEST(Proxy, FilterInsideTheTunnel) {
  for (const std::size_t chunk : kChunks) {
    rpc::ChannelOptions options = with_proxy();
    const auto factory = std::make_shared<FakeFilterFactory>();
    options.tls = factory;
    World w(std::move(options));
    w.chunk_bytes = chunk;
    const auto a = w.start("/svc/A");
    w.wires.at(0).read = after_head(FilterReader());
    w.accept(0).send(0, kEstablished).send(0, kFilterWelcome);
    EXPECT_EQ(factory->last_host, "server") << "not the proxy";
    w.send(0, filter_seal(Peer().settings().settings_ack().bytes()));
    w.send(0, filter_seal(Peer().reply(1, "a").bytes())).expect(a, Code::kOk, "a");
  }
}

TEST(Proxy, FailureThatCameWithItsAnswerIsNotTheProxys) {
  rpc::ChannelOptions options = with_proxy();
  options.tls = std::make_shared<FakeFilterFactory>();
  World w(std::move(options));
  const auto a = w.start("/svc/A", once());
  w.wires.at(0).read = after_head(FilterReader());
  w.accept(0).send(0, std::string(kEstablished) + "go away");
  w.expect(a, Code::kUnavailable, "cannot connect to server:7233: the handshake failed");
}

TEST(Proxy, FilterToTheProxy) {
  for (const std::size_t chunk : kChunks) {
    Doubled d;
    World w(d.options);
    w.chunk_bytes = chunk;
    std::string head;
    const auto a = w.start("/svc/A");
    w.wires.at(0).read = inside_filter(after_head({}, &head));
    w.accept(0);
    EXPECT_EQ(w.wires[0].raw, kFilterHello) << "no CONNECT before the handshake is done";
    EXPECT_EQ(d.outer->last_host, "10.9.9.9");
    w.send(0, kFilterWelcome);
    EXPECT_EQ(head, "CONNECT server:7233 HTTP/1.1\r\nHost: server:7233\r\n\r\n");
    EXPECT_EQ(w.wires[0].raw.find("CONNECT"), std::string::npos) << "nothing in the clear";
    w.send(0, filter_seal(std::string(kEstablished) + Peer().settings().settings_ack().bytes()));
    w.send(0, filter_seal(Peer().reply(1, "a").bytes())).expect(a, Code::kOk, "a");
    EXPECT_EQ(w.wires[0].received.find(kHeaders)->field(":scheme"), "http");
    w.close();
    EXPECT_EQ(w.wires[0].raw.back(), '\0') << "the goodbye";
  }
}

TEST(Proxy, FilterInsideFilter) {
  for (const std::size_t chunk : kChunks) {
    Doubled d;
    d.options.tls = d.inner;
    World w(d.options);
    w.chunk_bytes = chunk;
    std::string inside;
    const auto a = w.start("/svc/A");
    w.wires.at(0).read = inside_filter(
        after_head([&inside, reader = FilterReader()](std::string_view bytes) mutable {
          inside += bytes;
          return reader(bytes);
        }));
    w.accept(0).send(0, kFilterWelcome);
    EXPECT_EQ(d.inner->last_host, "") << "no filter to the server before there is a tunnel";
    w.send(0, filter_seal(std::string(kEstablished) + std::string(kFilterWelcome)));
    EXPECT_EQ(d.inner->last_host, "server");
    EXPECT_TRUE(w.wires[0].received.has_preface());
    w.send(0, filter_seal(filter_seal(Peer().settings().settings_ack().bytes())));
    w.send(0, filter_seal(filter_seal(Peer().reply(1, "a").bytes()))).expect(a, Code::kOk, "a");
    EXPECT_EQ(w.wires[0].received.find(kHeaders)->field(":scheme"), "https");
    w.close();
    EXPECT_EQ(inside.back(), '\0') << "the inner goodbye comes before the outer";
    EXPECT_EQ(w.wires[0].raw.back(), '\0');
  }
}

TEST(Proxy, FilterToTheProxyFails) {
  const std::string start = "cannot connect to server:7233: proxy: ";
  {
    Doubled d;
    d.outer->refuse_to_open = "no roots";
    World w(d.options);
    const auto a = w.start("/svc/A", once());
    w.wires.at(0).read = FilterReader();
    w.accept(0).expect(a, Code::kUnavailable, start + "no roots");
  }
  for (const std::size_t chunk : kChunks) {
    Doubled d;
    World w(d.options);
    w.chunk_bytes = chunk;
    const auto a = w.start("/svc/A", once());
    w.wires.at(0).read = FilterReader();
    w.accept(0).send(0, "go away");
    w.expect(a, Code::kUnavailable, start + "the handshake failed: not welcome");
    EXPECT_EQ(w.wires[0].raw, std::string(kFilterHello) + "alert\n");
  }
  {
    Doubled d;
    World w(d.options);
    const auto a = w.start("/svc/A", once());
    w.wires.at(0).read = FilterReader();
    w.accept(0).hang_up(0);
    w.expect(a, Code::kUnavailable, start + "the peer hung up in the handshake");
  }
  {
    Doubled d;
    World w(d.options);
    const auto a = w.start("/svc/A", {.rpc_timeout = 3s});
    w.wires.at(0).read = FilterReader();
    w.accept(0).wait(3s);
    w.expect(a, Code::kDeadlineExceeded, "while shaking hands (TLS) with the proxy 10.9.9.9:3129");
  }
}

TEST(Proxy, FilterToTheProxyEndsInEachStage) {
  const std::string goodbye(1, '\0');
  const std::string refused = filter_seal("HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n");
  const struct {
    std::string answer;
    std::string_view text;
  } rows[] = {
      {refused, "refused with '407 No': proxy authentication required"},
      {refused + goodbye, "refused with '407 No': proxy authentication required"},
      {goodbye, "proxy https://10.9.9.9:3129: it hung up without an answer to CONNECT"},
      {filter_seal("HTTP/1.1 502 B\r\n\r\nno") + goodbye, "'502 B'; it says: 'no'"},
      {filter_seal(kEstablished) + goodbye,
       "server:7233 (through the proxy 10.9.9.9:3129) closed the connection before its HTTP/2"}};
  for (const auto& row : rows) {
    for (const std::size_t chunk : kChunks) {
      Doubled d;
      World w(d.options);
      w.chunk_bytes = chunk;
      const auto a = w.start("/svc/A", once());
      w.wires.at(0).read = inside_filter(after_head());
      w.accept(0)
          .send(0, kFilterWelcome)
          .send(0, row.answer)
          .expect(a, Code::kUnavailable, row.text);
      EXPECT_TRUE(w.wires[0].is_closed);
    }
  }
  // Cut without a goodbye while a call runs: the call was sent and may not be repeated for free.
  Doubled d;
  World w(d.options);
  const auto a = w.start("/svc/A", once());
  w.wires.at(0).read = inside_filter(after_head());
  w.accept(0).send(0, kFilterWelcome);
  w.send(0, filter_seal(std::string(kEstablished) + Peer().settings().settings_ack().bytes()));
  w.send(0, "\x30 half a record").hang_up(0);
  w.expect(a, Code::kUnavailable, "proxy: the peer hung up inside a record");
  EXPECT_TRUE(w.reply(a)->status.may_have_reached_server());
}

TEST(Proxy, SlowSocketBoundsWhatIsSealedTwice) {
  Doubled d;
  d.options.tls = d.inner;
  d.options.gzip_above_bytes.reset();
  World w(d.options);
  rpc::Request request;
  request.path = "/svc/A";
  request.message = std::string(500'000, 'x');
  for (int i = 0; i < 10; ++i) w.start(request);
  w.wires.at(0).read = inside_filter(after_head(FilterReader()));
  w.accept(0).send(0, kFilterWelcome);
  w.send(0, filter_seal(std::string(kEstablished) + std::string(kFilterWelcome)));
  w.wires[0].is_blocked = true;
  w.send(0, filter_seal(filter_seal(Peer()
                                        .settings({{kInitialWindowSize, 1 << 30}})
                                        .settings_ack()
                                        .window_update(0, 1 << 30)
                                        .bytes())));
  EXPECT_LT(w.channel().output(w.wires[0].id).size(), 200'000u);
  w.unblock(0);
  EXPECT_EQ(w.wires[0].received.body(19).size(), 500'005u);
}

}  // namespace minim::test
