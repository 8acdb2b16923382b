// haproxy, nginx and nghttpx in front of the server: what they say when it is away, and when they
// take the connection down in good order.
#include <functional>

#include "proxies/support/fixture.h"
#include "proxies/support/load.h"

namespace minim::testing {
namespace {

// An answer that is no gRPC, quoted.
std::string page(int status, const std::string& type, const std::string& body) {
  return "not a gRPC response: HTTP status " + std::to_string(status) + ", content-type " + type +
         "; is this a gRPC server? body: " + body;
}
std::string haproxy_page(int status, const std::string& title, const std::string& text) {
  return page(status, "'text/html'",
              "<html><body><h1>" + std::to_string(status) + " " + title + "</h1> " + text +
                  " </body></html>");
}
std::string nginx_page(int status, const std::string& title) {
  const std::string line = std::to_string(status) + " " + title;
  return page(status, "'text/html', server 'nginx/1.22.1'",
              "<html> <head><title>" + line + "</title></head> <body> <center><h1>" + line +
                  "</h1></center> <hr><center>nginx/1.22.1</center> </body> </html>");
}

std::string nghttpx_page(int status, const std::string& title) {
  const std::string line = std::to_string(status) + " " + title;
  return page(status, "'text/html; charset=UTF-8', server 'nghttpx'",
              "<!DOCTYPE html><html lang=\"en\"><title>" + line + "</title><body><h1>" + line +
                  "</h1><footer>nghttpx</footer></body></html>");
}

class Reverse : public ProxyTest {
 protected:
  // A page that the proxy answers with in place of the server, as the client tells it.
  void expect_page(ConnectOptions options, Code code, const std::string& text) {
    options.retry = rpc::no_retry();
    bed().reset();
    const auto count = wait(Client::create(runtime_, std::move(options))->count_workflows());
    EXPECT_EQ(code_name(count.status().code()), code_name(code)) << count.status().to_string();
    EXPECT_EQ(count.status().origin(), Origin::kTransport);
    EXPECT_EQ(count.status().message(), text);
    expect_server_saw_nothing();
  }

  // A proxy that lets in who has the password of "somebody", and answers others with `text`.
  void expect_authentication(const Way& way, const std::string& text) {
    ConnectOptions options = way.options;
    expect_page(options, Code::kUnauthenticated, text);
    options.rpc_metadata = {{"authorization", "Basic c29tZWJvZHk6d3Jvbmctd29yZA=="}};
    expect_page(options, Code::kUnauthenticated, text);
    options.rpc_metadata = {{"authorization", "Basic c29tZWJvZHk6cGFzcy13b3Jk"}};
    expect_works(options);
  }

  // A call that the proxy gives up on while the server works at it.
  void expect_given_up(const Way& way, Code code, const std::string& text) {
    const Result<Client> client = connect(way.options);
    ASSERT_TRUE(client) << client.status().to_string();
    bed().fail({{"method", "CountWorkflowExecutions"}, {"code", "OK"}, {"delay_ms", 3000}});
    const auto count = wait(client->count_workflows());
    ASSERT_FALSE(count);
    EXPECT_EQ(code_name(count.error().code()), code_name(code)) << count.error().to_string();
    EXPECT_EQ(count.error().origin(), Origin::kTransport);
    EXPECT_TRUE(count.error().may_have_reached_server());
    EXPECT_EQ(count.error().message(), text);
  }

  // The proxy takes its connections down in good order in the middle of calls: nobody notices.
  void expect_unnoticed(const Way& way, const std::function<void()>& act) {
    const Client client = *Client::create(runtime_, way.options);
    Load load(client, unique_id("unnoticed"), {.width = 16, .workflows = 1});
    ASSERT_TRUE(load.start(400).ok());
    load.wait_for(100);
    act();
    load.wait_for(400);
    EXPECT_EQ(load.failures(), std::vector<std::string>());
    const Client direct = *Client::create(runtime_, {.target = bed()["address"]});
    EXPECT_EQ(load.differences(direct), std::vector<std::string>());
  }
};

TEST_F(Reverse, HaproxyPassesTlsThrough) {
  const Way& way = open_way(WayKind::kHaproxyTcp, {.backend = bed()["tls"]});
  ConnectOptions options = way.options;
  options.tls_options.root_certificates = bed().file("ca.pem");
  expect_works(options);
}

TEST_F(Reverse, HaproxyPassesBytesToNobody) {
  const Way& way = open_way(WayKind::kHaproxyTcp, {.backend = loopback(free_port())});
  expect_refused(way.options, "cannot connect to " + way.options.target + ": " +
                                  way.options.target +
                                  " closed the connection before its HTTP/2 SETTINGS; does it "
                                  "want TLS?");
}

TEST_F(Reverse, HaproxySpeaksTls) {
  expect_works(open_way(WayKind::kHaproxyHttp2, {.tls = true}).options);
}

TEST_F(Reverse, HaproxyWithoutAServer) {
  const Way& way = open_way(WayKind::kHaproxyHttp2, {.backend = loopback(free_port())});
  expect_page(
      way.options, Code::kUnavailable,
      haproxy_page(503, "Service Unavailable", "No server is available to handle this request."));
}

TEST_F(Reverse, HaproxyForbidsAHost) {
  const Way& way = open_way(
      WayKind::kHaproxyHttp2,
      {.location = "  http-request deny deny_status 403 unless { hdr(host) right.example }\n"});
  ConnectOptions options = way.options;
  options.authority = "wrong.example";
  expect_page(options, Code::kPermissionDenied,
              haproxy_page(403, "Forbidden", "Request forbidden by administrative rules."));
  options.authority = "right.example";
  expect_works(options);
}

TEST_F(Reverse, HaproxyAsksForCredentials) {
  expect_authentication(
      open_way(WayKind::kHaproxyHttp2,
               {.extra = "userlist known\n  user somebody insecure-password pass-word\n",
                .location = "  http-request auth realm the-test unless { http_auth(known) }\n",
                .tls = true}),
      haproxy_page(401, "Unauthorized",
                   "You need a valid user and password to access this content."));
}

TEST_F(Reverse, HaproxyGivesUp) {
  expect_given_up(open_way(WayKind::kHaproxyHttp2, {.extra = "  timeout server 300ms\n"}),
                  Code::kUnavailable,
                  haproxy_page(504, "Gateway Time-out", "The server didn't respond in time."));
}

TEST_F(Reverse, NginxSpeaksTls) { expect_works(open_way(WayKind::kNginx, {.tls = true}).options); }

TEST_F(Reverse, NginxWithoutAServer) {
  const Way& way = open_way(WayKind::kNginx, {.backend = loopback(free_port())});
  expect_page(way.options, Code::kUnavailable, nginx_page(502, "Bad Gateway"));
}

TEST_F(Reverse, NginxForAnotherHost) {
  const Way& way =
      open_way(WayKind::kNginx, {.location = "if ($host != \"right.example\") { return 404; }\n"});
  ConnectOptions options = way.options;
  options.authority = "wrong.example";
  expect_page(options, Code::kUnimplemented, nginx_page(404, "Not Found"));
  options.authority = "right.example";
  expect_works(options);
}

TEST_F(Reverse, NginxAsksForCredentials) {
  // Of "pass-word": openssl passwd -apr1 -salt minimtst pass-word
  const std::string users =
      scratch_.write("users", "somebody:$apr1$minimtst$nDNhhR6MigVkUjl2e.JzP0\n");
  expect_authentication(
      open_way(
          WayKind::kNginx,
          {.location = "auth_basic \"nginx of the test\";\nauth_basic_user_file " + users + ";\n",
           .tls = true}),
      nginx_page(401, "Authorization Required"));
}

TEST_F(Reverse, NginxReachesTheServerByTls) {
  const std::string trusted = "grpc_ssl_trusted_certificate " + bed()["certDir"];
  const std::string verified = "grpc_ssl_verify on;\ngrpc_ssl_name localhost;\n";
  expect_works(
      open_way(WayKind::kNginx, {.location = trusted + "/ca.pem;\n" + verified, .tls_inside = true})
          .options);
  const Way& way = open_way(
      WayKind::kNginx, {.location = trusted + "/other-ca.pem;\n" + verified, .tls_inside = true});
  expect_page(way.options, Code::kUnavailable, nginx_page(502, "Bad Gateway"));
}

TEST_F(Reverse, NginxGivesUp) {
  expect_given_up(open_way(WayKind::kNginx, {.location = "grpc_read_timeout 300ms;\n"}),
                  Code::kUnavailable, nginx_page(504, "Gateway Time-out"));
}

TEST_F(Reverse, NginxRefusesALargeRequest) {
  const Way& way = open_way(WayKind::kNginx);
  ConnectOptions options = way.options;
  options.gzip_above_bytes.reset();
  const Result<Client> client = connect(options);
  ASSERT_TRUE(client);
  const auto sent =
      wait(client->signal_workflow("nobody", "note", std::string(std::size_t{2} << 20, 'x')));
  ASSERT_FALSE(sent);
  EXPECT_EQ(code_name(sent.error().code()), code_name(Code::kUnknown));
  EXPECT_EQ(sent.error().message(), nginx_page(413, "Request Entity Too Large"));
}

TEST_F(Reverse, NginxClosesAfterSoManyRequests) {
  const Way& way = open_way(WayKind::kNginx, {.extra = "keepalive_requests 20;\n"});
  expect_unnoticed(way, [] {});
}

TEST_F(Reverse, NginxReloads) {
  const Way& way = open_way(WayKind::kNginx);
  expect_unnoticed(way, [this] { way_.daemon->signal(SIGHUP); });
}

TEST_F(Reverse, NghttpxSpeaksTls) {
  expect_works(open_way(WayKind::kNghttpx, {.tls = true}).options);
}

TEST_F(Reverse, NghttpxWithoutAServer) {
  const Way& way = open_way(WayKind::kNghttpx, {.backend = loopback(free_port())});
  expect_page(way.options, Code::kUnavailable, nghttpx_page(502, "Bad Gateway"));
}

TEST_F(Reverse, NghttpxForAnotherHost) {
  // Other hosts than that of the pattern are led to a port where nobody listens.
  const Way& way = open_way(WayKind::kNghttpx, {.extra = "--backend=127.0.0.1," +
                                                         std::to_string(free_port()) + ";;proto=h2",
                                                .location = "right.example/"});
  ConnectOptions options = way.options;
  options.authority = "wrong.example";
  expect_page(options, Code::kUnavailable, nghttpx_page(502, "Bad Gateway"));
  options.authority = "right.example";
  expect_works(options);
}

TEST_F(Reverse, NghttpxGivesUp) {
  expect_given_up(open_way(WayKind::kNghttpx, {.extra = "--backend-read-timeout=300ms"}),
                  Code::kInternal, "server reset the stream with INTERNAL_ERROR (2)");
}

TEST_F(Reverse, ACertificateForAnotherName) {
  for (const WayKind kind : {WayKind::kHaproxyHttp2, WayKind::kNginx, WayKind::kNghttpx}) {
    const Way& way = open_way(kind, {.tls = true});
    ConnectOptions options = way.options;
    options.tls_options.server_name = "wrong.example";
    expect_refused(options,
                   "cannot connect to " + options.target +
                       ": TLS handshake with wrong.example failed: the server's certificate is not "
                       "for the name wrong.example: it is for DNS:localhost, DNS:testbed.internal, "
                       "IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1; set server_name to the "
                       "right one, or verification_server_name to change this check alone");
  }
}

}  // namespace
}  // namespace minim::testing
