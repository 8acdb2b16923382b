// Handshakes that succeed, and how they can fail.
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "tls/support/link.h"

namespace minim::tls {
namespace {

// Every failed handshake has these in common.
void expect_failure(Link& link, const std::vector<std::string>& parts) {
  const Status& status = link.filter().failed();
  EXPECT_EQ(status.code(), Code::kUnavailable);
  EXPECT_EQ(status.origin(), Origin::kTransport);
  EXPECT_FALSE(link.filter().is_open());
  for (const std::string& part : parts) {
    EXPECT_NE(status.message().find(part), std::string_view::npos)
        << "no '" << part << "' in: " << status.message();
  }
}

void expect_open(Link& link) {
  EXPECT_TRUE(link.filter().is_open()) << link.failure();
  EXPECT_TRUE(link.filter().failed().ok()) << link.failure();
  EXPECT_TRUE(link.server().is_open());
  link.send("ping");
  link.run();
  EXPECT_EQ(link.server().plain(), "ping");
  link.server().send("pong");
  link.run();
  EXPECT_EQ(link.take_plain(), "pong");
}

void run_and_expect_failure(const TlsOptions& options, const ServerSpec& server,
                            const std::string& host, const std::vector<std::string>& parts) {
  for (const std::size_t chunk : {kWhole, std::size_t{1}, std::size_t{7}}) {
    Link link(options, server, host, chunk);
    link.run();
    expect_failure(link, parts);
    EXPECT_FALSE(link.filter().failed().may_have_reached_server());
  }
}

TEST(TlsHandshake, OpensInEveryChunkSizeAndVersion) {
  for (const std::size_t chunk :
       {kWhole, std::size_t{1}, std::size_t{2}, std::size_t{3}, std::size_t{7}}) {
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
      Link link(trusting(), {.min_version = version, .max_version = version}, "temporal.example",
                chunk);
      EXPECT_FALSE(link.filter().is_open());
      EXPECT_FALSE(link.filter().output().empty());  // the ClientHello is there at once
      link.run();
      expect_open(link);
      EXPECT_EQ(link.server().sni(), "temporal.example");
      EXPECT_TRUE(link.filter().output().empty());
    }
  }
}

TEST(TlsHandshake, UsesTheIntermediateThatTheServerSends) {
  Link link(trusting(), {.identity = &family().below, .chain = {&family().intermediate}});
  link.run();
  expect_open(link);
  run_and_expect_failure(trusting(), {.identity = &family().below}, "temporal.example",
                         {"is issued by CN=Between", "1 given in root_certificates",
                          "send its intermediate certificates"});
}

TEST(TlsHandshake, TrustsAnIntermediateOrALeafThatIsGivenAsRoot) {
  TlsOptions options;
  options.root_certificates = family().intermediate.certificate_pem;
  Link link(options, {.identity = &family().below});
  link.run();
  expect_open(link);
  const Issued own = issue({.names = {"DNS:temporal.example"}}, nullptr);
  options.root_certificates = own.certificate_pem;
  Link self_signed(options, {.identity = &own});
  self_signed.run();
  expect_open(self_signed);
}

TEST(TlsHandshake, ChecksNamesAndAddresses) {
  for (const char* host :
       {"temporal.example", "TEMPORAL.example", "temporal.example.", "a.wild.example", "10.0.0.1",
        "2001:db8::1", "[2001:db8::1]", "2001:db8::1%eth0"}) {
    Link link(trusting(), {}, host);
    link.run();
    expect_open(link);
  }
  run_and_expect_failure(trusting(), {}, "other.example",
                         {"TLS handshake with other.example failed",
                          "not for the name other.example", "DNS:temporal.example",
                          "IP Address:10.0.0.1", "set server_name", "verification_server_name"});
  run_and_expect_failure(trusting(), {}, "a.b.wild.example", {"not for the name"});
  run_and_expect_failure(trusting(), {}, "10.0.0.2",
                         {"not for the address 10.0.0.2", "IP Address:10.0.0.1"});
  run_and_expect_failure(trusting(), {}, "2001:db8::2", {"not for the address 2001:db8::2"});
  const Issued nameless = issue({.subject = "temporal.example"}, &family().root);
  run_and_expect_failure(trusting(), {.identity = &nameless}, "temporal.example",
                         {"no subject alternative names", "CN=temporal.example"});
}

TEST(TlsHandshake, SendsNoSniForAddressesAndPaths) {
  Link address(trusting(), {}, "10.0.0.1");
  address.run();
  EXPECT_EQ(address.server().sni(), "");
  const Issued local = issue({.names = {"DNS:localhost"}}, &family().root);
  Link path(trusting(), {.identity = &local}, "/run/temporal.sock");
  path.run();
  expect_open(path);
  EXPECT_EQ(path.server().sni(), "localhost");
}

TEST(TlsHandshake, NamesFromOptions) {
  TlsOptions options = trusting();
  options.server_name = "temporal.example";
  Link renamed(options, {}, "10.9.9.9");
  renamed.run();
  expect_open(renamed);
  EXPECT_EQ(renamed.server().sni(), "temporal.example");
  EXPECT_EQ(make_tls(options).value()->authority(), "temporal.example");

  options = trusting();
  options.verification_server_name = "temporal.example";
  Link verified(options, {}, "link.private");
  verified.run();
  expect_open(verified);
  EXPECT_EQ(verified.server().sni(), "link.private");
  EXPECT_EQ(make_tls(options).value()->authority(), "");

  options.server_name = "2001:db8::7";
  EXPECT_EQ(make_tls(options).value()->authority(), "[2001:db8::7]");
  options.verification_server_name = "wrong.example";
  run_and_expect_failure(options, {}, "temporal.example", {"not for the name wrong.example"});
}

TEST(TlsHandshake, ChecksDates) {
  const Issued expired =
      issue({.names = {"DNS:temporal.example"}, .starts_in_days = -9, .ends_in_days = -2},
            &family().root);
  run_and_expect_failure(trusting(), {.identity = &expired}, "temporal.example",
                         {"the server's certificate expired on 20", "UTC, the clock here says 20"});
  const Issued future =
      issue({.names = {"DNS:temporal.example"}, .starts_in_days = 2}, &family().root);
  run_and_expect_failure(trusting(), {.identity = &future}, "temporal.example",
                         {"is not valid before 20", "the clock here says 20"});
  const Issued old_ca = issue(
      {.subject = "Old", .starts_in_days = -9, .ends_in_days = -2, .is_ca = true}, &family().root);
  const Issued leaf = issue({.names = {"DNS:temporal.example"}}, &old_ca);
  run_and_expect_failure(trusting(), {.identity = &leaf, .chain = {&old_ca}}, "temporal.example",
                         {"the CA certificate CN=Old above it expired on"});
}

TEST(TlsHandshake, RefusesStrangers) {
  const Issued leaf = issue({.names = {"DNS:temporal.example"}}, &family().other_root);
  run_and_expect_failure(trusting(), {.identity = &leaf}, "temporal.example",
                         {"is issued by CN=Another root", "root_certificates"});
  run_and_expect_failure(trusting(), {.identity = &leaf, .chain = {&family().other_root}},
                         "temporal.example", {"leads to the root CN=Another root"});
  const Issued own = issue({.names = {"DNS:temporal.example"}}, nullptr);
  run_and_expect_failure(trusting(), {.identity = &own}, "temporal.example", {"is self-signed"});
  run_and_expect_failure(trusting(), {.identity = &family().client}, "temporal.example",
                         {"not made for a server"});
}

TEST(TlsHandshake, SkipsVerificationOnlyWhenAsked) {
  TlsOptions options;
  options.dangerously_skip_verification = true;
  const Issued own = issue({.subject = "anybody"}, nullptr);
  Link link(options, {.identity = &own});
  link.run();
  expect_open(link);
  run_and_expect_failure(options, {.identity = &own, .alpn = ""}, "x", {"ALPN h2"});
}

TEST(TlsHandshake, RequiresH2) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    run_and_expect_failure(trusting(), {.alpn = "", .max_version = version}, "temporal.example",
                           {"chose no protocol", "HTTP/1.1 proxy or load balancer in between"});
  }
  // What was not offered must not be chosen (RFC 7301, 3.2); OpenSSL sees to it.
  run_and_expect_failure(trusting(), {.alpn = "http/1.1"}, "temporal.example",
                         {"another protocol than HTTP/2", "HTTP/1.1 proxy or load balancer"});
  run_and_expect_failure(trusting(), {.refuses_alpn = true}, "temporal.example",
                         {"does not offer HTTP/2", "HTTP/1.1 proxy or load balancer"});
}

TEST(TlsHandshake, ToAProxyAsksForNoProtocol) {
  for (const ServerSpec& spec : {ServerSpec{.alpn = ""}, ServerSpec{.alpn = "http/1.1"},
                                 ServerSpec{.alpn = "h2"}, ServerSpec{.refuses_alpn = true}}) {
    const auto filter = make_proxy_tls(trusting()).value()->open("temporal.example").value();
    ServerEnd server(spec);
    for (int turn = 0; turn < 3; ++turn) {
      server.receive(std::string(filter->output()));
      filter->consume_output(filter->output().size());
      filter->receive(server.take_output());
    }
    EXPECT_TRUE(filter->is_open()) << filter->failed().message();
    EXPECT_TRUE(server.is_open());
  }
  const auto stranger = make_proxy_tls({.root_certificates = family().other_root.certificate_pem});
  const auto filter = stranger.value()->open("temporal.example").value();
  ServerEnd server({.alpn = ""});
  server.receive(std::string(filter->output()));
  filter->receive(server.take_output());
  EXPECT_NE(filter->failed().message().find("not among the trusted roots"), std::string::npos);
}

TEST(TlsHandshake, RequiresTls12AndItsGoodCiphers) {
  run_and_expect_failure(trusting(), {.min_version = TLS1_VERSION, .max_version = TLS1_1_VERSION},
                         "temporal.example", {"TLS is too old"});
  run_and_expect_failure(trusting(),
                         {.max_version = TLS1_2_VERSION, .ciphers = "ECDHE-ECDSA-AES128-SHA256"},
                         "temporal.example", {"ECDHE and an AEAD cipher"});
  Link link(trusting(), {.max_version = TLS1_2_VERSION});
  link.run();
  expect_open(link);
  EXPECT_NE(link.server().cipher().find("GCM"), std::string::npos) << link.server().cipher();
}

TEST(TlsHandshake, SaysThatTheServerIsPlaintext) {
  for (const std::size_t chunk : {kWhole, std::size_t{1}}) {
    Link http(trusting(), {}, "temporal.example", chunk);
    http.receive("HTTP/1.1 400 Bad Request\r\n\r\n");
    expect_failure(http, {"plain HTTP/1", "turn TLS off"});
    Link http2(trusting(), {}, "temporal.example", chunk);
    http2.receive(std::string_view("\0\0\x06\x04\0\0\0\0\0\0\x05\0\0\x40\0", 15));
    expect_failure(http2, {"speaks plaintext", "turn TLS off"});
    Link cut(trusting(), {}, "temporal.example", chunk);
    cut.receive("220");
    cut.receive_end();
    expect_failure(cut, {"speaks plaintext"});
  }
}

TEST(TlsHandshake, ReadsAlertsInstantly) {
  const struct {
    char alert;
    const char* text;
  } kTable[] = {
      {40, "finds no common ground"},
      {42, "wants a client certificate"},
      {48, "wants a client certificate"},
      {49, "denies access"},
      {70, "TLS is too old"},
      {71, "shares no cipher suite"},
      {80, "a problem of its own"},
      {112, "does not know the name"},
      {120, "does not offer HTTP/2"},
      {20, "could not decipher"},
      {51, "could not decipher"},
      {99, "alert 99"},
      {50, "alert 50 (decode error)"},
  };
  for (const auto& row : kTable) {
    Link link(trusting(), {});
    const char record[] = {21, 3, 3, 0, 2, 2, row.alert};
    link.receive({record, sizeof record});
    expect_failure(link, {row.text});
  }
  Link goodbye(trusting(), {});
  goodbye.receive(std::string_view("\x15\x03\x03\x00\x02\x01\x00", 7));
  expect_failure(goodbye, {"goodbye in the middle of the handshake"});
}

TEST(TlsHandshake, OneFactoryServesThreads) {
  const std::shared_ptr<FilterFactory> factory = make_tls(trusting()).value();
  family();
  std::vector<std::thread> threads;
  std::atomic<int> opened = 0;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&factory, &opened] {
      for (int round = 0; round < 5; ++round) {
        const std::unique_ptr<Filter> filter = factory->open("temporal.example").value();
        ServerEnd server({});
        for (int turn = 0; turn < 4; ++turn) {
          server.receive(filter->output());
          filter->consume_output(filter->output().size());
          filter->receive(server.take_output());
        }
        if (filter->is_open()) ++opened;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(opened, 20);
}

}  // namespace
}  // namespace minim::tls
