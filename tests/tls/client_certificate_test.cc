// Servers that want a client certificate.
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "tls/support/link.h"

namespace minim::tls {
namespace {

TlsOptions with_identity(const Issued& identity) {
  TlsOptions options = trusting();
  options.client_certificate = identity.certificate_pem;
  options.client_private_key = identity.key_pem;
  return options;
}

ServerSpec demanding(int version) {
  return {.min_version = version, .max_version = version, .wants_client = true};
}

void expect_text(Link& link, std::string_view part) {
  const Status& status = link.filter().failed();
  EXPECT_EQ(status.code(), Code::kUnavailable);
  EXPECT_EQ(status.origin(), Origin::kTransport);
  EXPECT_FALSE(link.filter().is_open());
  EXPECT_NE(link.failure().find(part), std::string::npos) << link.failure();
}

TEST(TlsClientCertificate, IsShownWhenAskedFor) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    Link link(with_identity(family().client), demanding(version));
    link.run();
    EXPECT_TRUE(link.filter().is_open()) << link.failure();
    EXPECT_TRUE(link.server().is_open());
    EXPECT_EQ(link.server().client_chain_size(), 1u);
    Link unasked(with_identity(family().client), {.max_version = version});
    unasked.run();
    EXPECT_TRUE(unasked.filter().is_open());
    EXPECT_EQ(unasked.server().client_chain_size(), 0u);
  }
}

TEST(TlsClientCertificate, SendsItsIntermediatesAndNoRoots) {
  const Issued below =
      issue({.subject = "below", .extended_usage = "clientAuth"}, &family().intermediate);
  TlsOptions options = with_identity(below);
  options.client_certificate += family().intermediate.certificate_pem;
  Link link(options, demanding(TLS1_3_VERSION));
  link.run();
  EXPECT_TRUE(link.server().is_open()) << link.failure();
  EXPECT_EQ(link.server().client_chain_size(), 2u);
}

TEST(TlsClientCertificate, IsMissedInTheHandshakeOfTls12) {
  for (const std::size_t chunk : {kWhole, std::size_t{1}}) {
    Link link(trusting(), demanding(TLS1_2_VERSION), "temporal.example", chunk);
    link.run();
    expect_text(link, "TLS handshake with temporal.example failed: the server wants a client");
    EXPECT_FALSE(link.filter().failed().may_have_reached_server());
  }
}

TEST(TlsClientCertificate, IsMissedAfterTheHandshakeOfTls13) {
  for (const std::size_t chunk : {kWhole, std::size_t{1}}) {
    Link link(trusting(), demanding(TLS1_3_VERSION), "temporal.example", chunk);
    link.client_to_server();
    link.server_to_client();
    // Here the client takes the handshake for done: the refusal is still to come.
    EXPECT_TRUE(link.filter().is_open());
    link.send("PRI * HTTP/2.0");
    link.run();
    expect_text(link, "TLS connection to temporal.example failed: the server wants a client");
  }
}

TEST(TlsClientCertificate, IsAskedForByAServerThatJustCloses) {
  Link late(trusting(), demanding(TLS1_3_VERSION));
  late.client_to_server();
  late.server_to_client();
  EXPECT_TRUE(late.filter().is_open());
  late.receive_end();
  expect_text(late, "right after the handshake, in which it asked for a client certificate");
  Link early(trusting(), demanding(TLS1_2_VERSION));
  early.client_to_server();
  early.server_to_client();
  early.receive_end();
  expect_text(early, "after it asked for a client certificate");
}

TEST(TlsClientCertificate, OfAStrangerIsRefused) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    Link link(with_identity(family().stranger), demanding(version));
    link.run();
    expect_text(link, "the server refuses the client certificate: it does not know the issuer");
  }
  const Issued expired =
      issue({.subject = "late", .starts_in_days = -9, .ends_in_days = -1}, &family().root);
  Link late(with_identity(expired), demanding(TLS1_3_VERSION));
  late.run();
  expect_text(late, "the server refuses the client certificate: it has expired");
  Link wrong_use(with_identity(issue({.extended_usage = "serverAuth"}, &family().root)),
                 demanding(TLS1_3_VERSION));
  wrong_use.run();
  expect_text(wrong_use, "the server refuses the client certificate: its kind is not supported");
}

TEST(TlsClientCertificate, EachAlertHasItsWords) {
  const struct {
    char alert;
    const char* text;
  } kTable[] = {{42, "it calls it bad"}, {43, "its kind"},  {44, "it is revoked"},
                {46, "to itself"},       {49, "no access"}, {116, "none of its demands"}};
  for (const auto& row : kTable) {
    Link link(with_identity(family().client), {});
    const char record[] = {21, 3, 3, 0, 2, 2, row.alert};
    link.receive({record, sizeof record});
    expect_text(link, "the server refuses the client certificate: ");
    expect_text(link, row.text);
  }
}

}  // namespace
}  // namespace minim::tls
