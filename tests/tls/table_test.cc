// The servers and certificates that go wrong, row by row: each has its own text, which is what the
// user reads. Where a date stands in it, "..." stands here.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tls/certificate_text.h"
#include "tls/support/link.h"

namespace minim::tls {
namespace {

// What may be known to the caller: the request may have been acted on only once it was open. What
// options say of themselves comes before there is a connection.
enum class Phase { kOptions, kHandshake, kOpen };

struct Row {
  const char* name;
  std::function<void(Link&)> play;
  TlsOptions options = trusting();
  ServerSpec server{};
  const char* host = "temporal.example";
  std::string text{};  // empty: it is open
  Phase phase = Phase::kHandshake;
};

void run(Link& link) { link.run(); }

Issued leaf(int starts_in_days, int ends_in_days) {
  return issue({.names = {"DNS:temporal.example"},
                .starts_in_days = starts_in_days,
                .ends_in_days = ends_in_days},
               &family().root);
}

TlsOptions showing(const Issued& identity) {
  TlsOptions options = trusting();
  options.client_certificate = identity.certificate_pem;
  options.client_private_key = identity.key_pem;
  return options;
}

TlsOptions mismatched() {
  TlsOptions options = showing(family().client);
  options.client_private_key = family().stranger.key_pem;
  return options;
}

TlsOptions with_list() {
  TlsOptions options = trusting();
  options.revocation_lists = issue_list(family().root, {&family().server});
  return options;
}

const std::vector<Row>& rows() {
  static const Issued expired = leaf(-9, -2);
  static const Issued future = leaf(2, 9);
  static const Issued own = issue({.names = {"DNS:temporal.example"}}, nullptr);
  static const Issued foreign = issue({.names = {"DNS:temporal.example"}}, &family().other_root);
  static const std::string names =
      "it is for DNS:temporal.example, DNS:*.wild.example, IP Address:10.0.0.1, IP "
      "Address:2001:DB8:0:0:0:0:0:1; set server_name to the right one, or "
      "verification_server_name to change this check alone";
  const ServerSpec demanding_12{.max_version = TLS1_2_VERSION, .wants_client = true};
  const ServerSpec demanding_13{.min_version = TLS1_3_VERSION, .wants_client = true};
  const std::string wanted =
      "the server wants a client certificate; give one in client_certificate and "
      "client_private_key";
  const std::string unknown =
      "the server refuses the client certificate: it does not know the issuer; is the CA "
      "registered there, and do the intermediates follow in client_certificate";
  static const std::vector<Row> all = {
      {"Good", run},
      {"GoodAddress", run, trusting(), {}, "10.0.0.1"},
      {"WrongName",
       run,
       trusting(),
       {},
       "other.example",
       "the server's certificate is not for the name other.example: " + names},
      {"WrongAddress",
       run,
       trusting(),
       {},
       "10.0.0.2",
       "the server's certificate is not for the address 10.0.0.2: " + names},
      {"Expired",
       run,
       trusting(),
       {.identity = &expired},
       "temporal.example",
       "the server's certificate expired on ..., the clock here says ..."},
      {"NotYetValid",
       run,
       trusting(),
       {.identity = &future},
       "temporal.example",
       "the server's certificate is not valid before ..., the clock here says ..."},
      {"UnknownCa",
       run,
       trusting(),
       {.identity = &foreign},
       "temporal.example",
       "the server's certificate is issued by CN=Another root, which is not among the trusted "
       "roots (the 1 given in root_certificates); give the server's CA in root_certificates, or "
       "let the server send its intermediate certificates"},
      {"SelfSigned",
       run,
       trusting(),
       {.identity = &own},
       "temporal.example",
       "the server's certificate is self-signed and not among the trusted roots (the 1 given in "
       "root_certificates); if it is the right one, give it in root_certificates"},
      {"NoAlpn",
       run,
       trusting(),
       {.alpn = ""},
       "temporal.example",
       "the server chose no protocol where HTTP/2 was asked for (ALPN h2); is an HTTP/1.1 proxy or "
       "load balancer in between"},
      {"Http1Only",
       run,
       trusting(),
       {.refuses_alpn = true},
       "temporal.example",
       "the server does not offer HTTP/2 (ALPN h2); is an HTTP/1.1 proxy or load balancer in "
       "between"},
      {"Http1Insisted",
       run,
       trusting(),
       {.alpn = "http/1.1"},
       "temporal.example",
       "the server's answer has a bad extension, as when it insists on another protocol than "
       "HTTP/2 (ALPN h2); is an HTTP/1.1 proxy or load balancer in between"},
      {"Tls11Only",
       run,
       trusting(),
       {.min_version = TLS1_VERSION, .max_version = TLS1_1_VERSION},
       "temporal.example",
       "the server's TLS is too old: it speaks none of the versions that minim offers (1.2 and "
       "1.3)"},
      {"ClientCertificateWanted12", run, trusting(), demanding_12, "temporal.example", wanted},
      {"ClientCertificateWanted13", run, trusting(), demanding_13, "temporal.example", wanted,
       Phase::kOpen},
      {"ClientCertificateRefused12", run, showing(family().stranger), demanding_12,
       "temporal.example", unknown},
      {"ClientCertificateRefused13", run, showing(family().stranger), demanding_13,
       "temporal.example", unknown, Phase::kOpen},
      {"ClientCertificateOfAnotherKey",
       run,
       mismatched(),
       {},
       "temporal.example",
       "client_private_key does not belong to client_certificate",
       Phase::kOptions},
      {"ClientCertificateGood12", run, showing(family().client), demanding_12},
      {"ClientCertificateGood13", run, showing(family().client), demanding_13},
      {"Revoked",
       run,
       with_list(),
       {},
       "temporal.example",
       "the server's certificate is revoked: its issuer CN=Root of test has put it on the list in "
       "revocation_lists"},
      {"Plaintext",
       [](Link& link) { link.receive(std::string_view("\0\0\x06\x04\0\0\0\0\0", 9)); },
       trusting(),
       {},
       "temporal.example",
       "the server speaks plaintext on this port: turn TLS off, or use its TLS port"},
      {"PlaintextHttp1",
       [](Link& link) { link.receive("HTTP/1.1 400 Bad Request\r\n\r\n"); },
       trusting(),
       {},
       "temporal.example",
       "the server answers in plain HTTP/1; it speaks no TLS on this port: turn TLS off, or use "
       "its TLS port"},
      {"NothingSaid",
       [](Link& link) { link.receive_end(); },
       trusting(),
       {},
       "temporal.example",
       "the server closed the connection without an answer; is this its TLS port"},
      {"HandshakeTruncated",
       [](Link& link) {
         link.client_to_server();
         link.receive(link.server().take_output().substr(0, 100));
         link.receive_end();
       },
       trusting(),
       {},
       "temporal.example",
       "connection lost: it ended in the middle of the handshake"},
      {"RecordDamaged",
       [](Link& link) {
         link.run();
         link.server().send("x");
         std::string bytes = link.server().take_output();
         bytes.back() = static_cast<char>(bytes.back() ^ 1);
         link.receive(bytes);
       },
       trusting(),
       {},
       "temporal.example",
       "a record arrived damaged (it is not authentic): something on the way alters it",
       Phase::kOpen},
      {"EndInMidMessage",
       [](Link& link) {
         link.run();
         link.server().send("half of a message");
         const std::string bytes = link.server().take_output();
         link.receive(std::string_view(bytes).substr(0, bytes.size() - 3));
         link.receive_end();
       },
       trusting(),
       {},
       "temporal.example",
       "connection lost: it ended without TLS's close_notify",
       Phase::kOpen},
      {"TicketsAndKeyUpdatesBetween",
       [](Link& link) {
         link.run();
         link.server().send("a");
         link.server().send_ticket();
         link.server().update_keys();
         link.server().send("b");
         link.run();
         EXPECT_EQ(link.take_plain(), "ab");
       }},
  };
  return all;
}

// Dates out.
std::string without_dates(std::string text) {
  for (std::size_t at = 0; (at = text.find(" UTC", at)) != text.npos;) {
    const std::size_t size = std::string_view("2026-05-01 12:00:00").size();
    text.replace(at - size, size + 4, "...");
  }
  return text;
}

class TlsTable : public testing::TestWithParam<std::size_t> {};

void expect_options_refused(const Row& row) {
  const auto made = make_tls(row.options);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code(), Code::kInvalidArgument);
  EXPECT_EQ(made.error().origin(), Origin::kLocal);
  EXPECT_EQ(made.error().message(), "TLS options: " + row.text);
}

TEST_P(TlsTable, HasTheText) {
  const Row& row = rows()[GetParam()];
  if (row.phase == Phase::kOptions) return expect_options_refused(row);
  Link link(row.options, row.server, row.host);
  row.play(link);
  if (row.text.empty()) {
    EXPECT_TRUE(link.filter().is_open()) << link.failure();
    link.send("up");
    link.run();
    EXPECT_EQ(link.server().plain(), "up");
    return;
  }
  EXPECT_FALSE(link.filter().is_open());
  const Status& status = link.filter().failed();
  EXPECT_EQ(status.code(), Code::kUnavailable);
  EXPECT_EQ(status.origin(), Origin::kTransport);
  EXPECT_EQ(status.may_have_reached_server(), row.phase == Phase::kOpen);
  const std::string start =
      row.phase == Phase::kOpen ? "TLS connection to " : "TLS handshake with ";
  EXPECT_EQ(without_dates(link.failure()), start + row.host + " failed: " + row.text);
  // Nothing of ours went over before the server was known to be the right one.
  EXPECT_EQ(link.server().plain(), "");
}

std::vector<std::size_t> numbers() {
  std::vector<std::size_t> all(rows().size());
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
  return all;
}

INSTANTIATE_TEST_SUITE_P(Row, TlsTable, testing::ValuesIn(numbers()),
                         [](const auto& row) { return std::string(rows()[row.param].name); });

TEST(TlsTableTexts, AreDistinct) {
  std::set<std::string> texts;
  for (const Row& row : rows()) {
    if (row.text.empty() || std::string_view(row.name).ends_with("12")) continue;
    EXPECT_TRUE(texts.insert(row.text).second) << row.name;
  }
  EXPECT_GE(texts.size(), 18u);
}

// kMaxNames and kMaxTextBytes.
TEST(TlsTableTexts, AreCutToSize) {
  std::vector<std::string> names;
  std::string listed;
  for (int i = 0; i < 8; ++i) {
    names.push_back("DNS:host" + std::to_string(i));
    listed += (i > 0 ? ", " : "") + names.back();
  }
  EXPECT_EQ(names_of(issue({.names = names}, nullptr).certificate.get()), listed);
  names.emplace_back("DNS:host8");
  EXPECT_EQ(names_of(issue({.names = names}, nullptr).certificate.get()), listed + " and 1 more");
  EXPECT_EQ(printable(std::string(160, 'x')), std::string(160, 'x'));
  EXPECT_EQ(printable(std::string(161, 'x')), std::string(160, 'x') + "...");
}

}  // namespace
}  // namespace minim::tls
