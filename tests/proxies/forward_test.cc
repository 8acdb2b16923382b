// HTTP CONNECT through squid and tinyproxy, and how each refuses.
#include "proxies/support/fixture.h"

namespace minim::testing {
namespace {

class Forward : public ProxyTest {
 protected:
  static std::string through(const Way& way) {
    return "cannot connect to " + way.options.target + ": proxy " + way.options.proxy->target +
           ": CONNECT " + way.options.target + " refused with ";
  }
  static std::string squid_wants_credentials(const Way& way, const std::string& advice) {
    return through(way) +
           "'407 Proxy Authentication Required' (x-squid-error: 'ERR_CACHE_ACCESS_DENIED 0'): "
           "proxy "
           "authentication required (it asks for 'Basic realm=\"proxy of the test\"'): " +
           advice + "; it says: 'ERROR: Cache Access Denied'";
  }
  static std::string squid_forbids(const Way& way) {
    return through(way) +
           "'403 Forbidden' (x-squid-error: 'ERR_ACCESS_DENIED 0'); it says: 'ERROR: The requested "
           "URL could not be retrieved'";
  }
};

TEST_F(Forward, SquidCarriesTlsToTheServer) {
  expect_works(open_way(WayKind::kSquid, {.tls_inside = true}).options);
}

TEST_F(Forward, SquidReachedByTls) {
  expect_works(open_way(WayKind::kSquid, {.tls = true}).options);
}

TEST_F(Forward, SquidReachedByTlsCarriesTlsAndAsksForCredentials) {
  const Way& way = open_way(WayKind::kSquid, {.user = "somebody", .tls = true, .tls_inside = true});
  expect_works(way.options);
  ConnectOptions wrong = way.options;
  wrong.proxy->password = "wrong-word";
  expect_refused(wrong, squid_wants_credentials(
                            way, "it does not accept these credentials: check user and password"));
}

TEST_F(Forward, SquidWhoseCertificateIsAStrangers) {
  const Way& way = open_way(WayKind::kSquid, {.tls = true});
  ConnectOptions options = way.options;
  options.proxy_tls_options.root_certificates = bed().file("other-ca.pem");
  expect_refused(
      options,
      "cannot connect to " + options.target +
          ": proxy: TLS handshake with 127.0.0.1 failed: the server's certificate is issued by "
          "CN=testbed ca, which is not among the trusted roots (the 1 given in root_certificates); "
          "give the server's CA in root_certificates, or let the server send its intermediate "
          "certificates");
}

TEST_F(Forward, SquidReachedByTlsThatSpeaksNone) {
  const Way& way = open_way(WayKind::kSquid);
  ConnectOptions options = way.options;
  options.proxy->target = "https://" + way.daemon->address();
  options.proxy_tls_options.root_certificates = bed().file("ca.pem");
  expect_refused(options,
                 "cannot connect to " + options.target +
                     ": proxy: TLS handshake with 127.0.0.1 failed: the server answers in plain "
                     "HTTP/1; it speaks no TLS on this port: turn TLS off, or use its TLS port");
}

TEST_F(Forward, SquidWithoutTlsToATlsPort) {
  const Way& way = open_way(WayKind::kSquid, {.tls = true});
  ConnectOptions options = way.options;
  options.proxy->target = way.daemon->address();
  options.proxy_tls_options = {};
  expect_refused(options, "cannot connect to " + options.target + ": proxy " +
                              options.proxy->target + ": it hung up without an answer to CONNECT " +
                              options.target + " (" + options.proxy->target +
                              ": connection reset by peer)");
}

TEST_F(Forward, SquidReachesAnIpv6Target) {
  ConnectOptions options = open_way(WayKind::kSquid).options;
  options.target = bed()["address6"];
  expect_works(options);
}

TEST_F(Forward, SquidBehindAUnixSocket) {
  const Way& way = open_way(WayKind::kSquid);
  // Squid listens on no unix socket itself: haproxy puts one before it.
  const std::string path = scratch_.file("proxy.sock");
  const std::uint16_t port = free_port();
  const std::string file = scratch_.write(
      "unix.cfg",
      "defaults\n  mode tcp\n  timeout connect 5s\n  timeout client 60s\n  timeout server 60s\n"
      "listen sock\n  bind unix@" +
          path + "\n  bind 127.0.0.1:" + std::to_string(port) + "\n  server squid " +
          way.daemon->address() + "\n");
  Daemon socket(scratch_, {"/usr/sbin/haproxy", "-db", "-f", file}, port);
  ASSERT_EQ(socket.start(), "");
  ConnectOptions options = way.options;
  options.proxy->target = "unix:" + path;
  expect_works(options);
}

TEST_F(Forward, SquidNamedByTheEnvironment) {
  const Way& way = open_way(WayKind::kSquid, {.user = "somebody"});
  ConnectOptions options = way.options;
  options.proxy.reset();
  options.proxy_from_environment = true;
  const std::string proxy = "http://somebody:pass%2dword@" + way.daemon->address() + "/";
  setenv("https_proxy", proxy.c_str(), 1);
  expect_works(options);
  const std::string closed = loopback(free_port());
  setenv("https_proxy", ("http://" + closed).c_str(), 1);
  expect_refused(options, "cannot connect to " + options.target + ": proxy: " + closed +
                              ": connection refused; is the proxy running?");
  setenv("no_proxy", "example.com, 127.0.0.0/8", 1);
  expect_works(options);
  unsetenv("https_proxy");
  unsetenv("no_proxy");
}

TEST_F(Forward, SquidWantsCredentials) {
  const Way& way = open_way(WayKind::kSquid, {.user = "somebody"});
  expect_works(way.options);
  ConnectOptions options = way.options;
  options.proxy->password = "wrong-word";
  expect_refused(options,
                 squid_wants_credentials(
                     way, "it does not accept these credentials: check user and password"));
  options.proxy->user.clear();
  options.proxy->password.clear();
  expect_refused(
      options, squid_wants_credentials(way, "set the proxy's user and password, or bearer_token"));
  options.proxy->bearer_token = "to.ken";
  expect_refused(options, squid_wants_credentials(
                              way, "it does not accept these credentials: check bearer_token"));
}

TEST_F(Forward, SquidTakesABearerToken) {
  const Way& way = open_way(WayKind::kSquid, {.extra = "acl token req_header Proxy-Authorization "
                                                       "^Bearer\\ to\\.ken$\n"
                                                       "http_access deny !token\n"});
  ConnectOptions options = way.options;
  options.proxy->bearer_token = "to.ken";
  expect_works(options);
  options.proxy->bearer_token = "tooken";
  expect_refused(options, squid_forbids(way));
}

TEST_F(Forward, SquidTakesAHeaderOfTheHost) {
  const Way& way = open_way(
      WayKind::kSquid, {.extra = "acl team req_header X-Team ^blue$\nhttp_access deny !team\n"});
  ConnectOptions options = way.options;
  options.proxy->headers = {{"x-team", "blue"}};
  expect_works(options);
  options.proxy->headers = {{"x-team", "red"}};
  expect_refused(options, squid_forbids(way));
}

TEST_F(Forward, SquidFailsToReachTheServer) {
  const Way& way = open_way(WayKind::kSquid);
  const std::string says = "; it says: 'ERROR: The requested URL could not be retrieved'";
  const struct {
    std::string target, refusal;
  } rows[] = {
      {loopback(free_port()), "'503 Service Unavailable' (x-squid-error: 'ERR_CONNECT_FAIL 111')"},
      {"no-such-host.invalid:7233",
       "'500 Internal Server Error' (x-squid-error: 'ERR_CANNOT_FORWARD 0')"},
      {"127.0.0.1:9", "'403 Forbidden' (x-squid-error: 'ERR_ACCESS_DENIED 0')"}};
  for (const auto& row : rows) {
    ConnectOptions options = way.options;
    options.target = row.target;
    expect_refused(options, "cannot connect to " + row.target + ": proxy " + way.daemon->address() +
                                ": CONNECT " + row.target + " refused with " + row.refusal + says);
  }
}

TEST_F(Forward, TinyproxyCarriesTlsToTheServer) {
  expect_works(open_way(WayKind::kTinyproxy, {.tls_inside = true}).options);
}

TEST_F(Forward, TinyproxyWantsCredentials) {
  const Way& way = open_way(WayKind::kTinyproxy, {.user = "somebody"});
  expect_works(way.options);
  ConnectOptions options = way.options;
  options.proxy->password = "wrong-word";
  expect_refused(options, through(way) +
                              "'401 Unauthorized': proxy authentication required: it does not "
                              "accept these credentials: check user and password");
  options.proxy->user.clear();
  options.proxy->password.clear();
  expect_refused(options,
                 through(way) +
                     "'407 Proxy Authentication Required': proxy authentication required (it asks "
                     "for 'Basic realm=\"Tinyproxy\"'): set the proxy's user and password, or "
                     "bearer_token");
}

TEST_F(Forward, TinyproxyFailsToReachTheServer) {
  const Way& way = open_way(WayKind::kTinyproxy);
  const struct {
    std::string target, refusal;
  } rows[] = {{"127.0.0.1:1", "'500 Unable to connect'"},
              {"no-such-host.invalid:1", "'500 Unable to connect'"},
              {"127.0.0.1:9", "'403 Access violation'"}};
  for (const auto& row : rows) {
    ConnectOptions options = way.options;
    options.target = row.target;
    expect_refused(options, "cannot connect to " + row.target + ": proxy " + way.daemon->address() +
                                ": CONNECT " + row.target + " refused with " + row.refusal);
  }
}

TEST_F(Forward, AServerThatWantsTlsInsideTheTunnel) {
  const Way& way = open_way(WayKind::kTinyproxy, {.tls_inside = true});
  ConnectOptions options = way.options;
  options.tls_options = {};
  expect_refused(options, "cannot connect to " + options.target + ": " + options.target +
                              " (through the proxy " + way.daemon->address() +
                              ") closed the connection before its HTTP/2 SETTINGS; does it want "
                              "TLS?");
}

}  // namespace
}  // namespace minim::testing
