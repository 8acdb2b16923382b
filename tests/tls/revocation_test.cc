// Certificate revocation lists.
#include <gtest/gtest.h>

#include <string>

#include "tls/support/link.h"
#include "tls/support/scratch.h"

namespace minim::tls {
namespace {

constexpr char kStart[] = "TLS handshake with temporal.example failed: ";

TlsOptions with_lists(const std::string& lists) {
  TlsOptions options = trusting();
  options.revocation_lists = lists;
  return options;
}

ServerSpec below_intermediate() {
  return {.identity = &family().below, .chain = {&family().intermediate}};
}

void expect_open(const TlsOptions& options, const ServerSpec& server) {
  Link link(options, server);
  link.run();
  EXPECT_TRUE(link.filter().is_open()) << link.failure();
}

void expect_failure(const TlsOptions& options, const ServerSpec& server, const std::string& text) {
  Link link(options, server);
  link.run();
  EXPECT_FALSE(link.filter().is_open());
  EXPECT_EQ(link.filter().failed().code(), Code::kUnavailable);
  EXPECT_TRUE(link.failure().starts_with(kStart + text)) << link.failure();
}

TEST(TlsRevocation, RefusesWhatIsListed) {
  const Issued& root = family().root;
  expect_open(with_lists(issue_list(root, {&family().below})), {});
  expect_failure(with_lists(issue_list(root, {&family().client, &family().server})), {},
                 "the server's certificate is revoked: its issuer CN=Root of test has put it on "
                 "the list in revocation_lists");
}

TEST(TlsRevocation, LooksAtEachCertificateBelowTheTrustedOne) {
  const std::string of_root = issue_list(family().root, {});
  const std::string of_intermediate = issue_list(family().intermediate, {});
  expect_open(with_lists(of_root + "words\n" + of_intermediate), below_intermediate());
  expect_failure(with_lists(issue_list(family().root, {&family().intermediate}) + of_intermediate),
                 below_intermediate(), "the CA certificate CN=Between above it is revoked");
  expect_failure(with_lists(of_root), below_intermediate(),
                 "there is no list of revoked certificates by CN=Between in revocation_lists, so "
                 "that nobody knows whether the server's certificate is on it");
  expect_failure(with_lists(of_intermediate), below_intermediate(),
                 "there is no list of revoked certificates by CN=Root of test in "
                 "revocation_lists, so that nobody knows whether the CA certificate CN=Between "
                 "above it is on it");
  // Who trusts the intermediate need not ask the root about it.
  TlsOptions options = with_lists(of_intermediate);
  options.root_certificates = family().intermediate.certificate_pem;
  expect_open(options, below_intermediate());
}

TEST(TlsRevocation, ListsMustBeInForceAndSigned) {
  expect_failure(with_lists(issue_list(family().root, {}, -9, -2)), {},
                 "the list of revoked certificates by CN=Root of test in revocation_lists is valid "
                 "from 20");
  expect_failure(with_lists(issue_list(family().root, {}, 2, 9)), {},
                 "the list of revoked certificates by CN=Root of test in revocation_lists is valid "
                 "from 20");
  const Issued impostor = issue({.subject = "Root of test", .is_ca = true}, nullptr);
  expect_failure(with_lists(issue_list(impostor, {})), {},
                 "the server's certificate is refused: CRL signature failure");
}

TEST(TlsRevocation, ListsMustBeReadable) {
  const auto refusal = [](const std::string& lists) {
    return std::string(make_tls(with_lists(lists)).error().message());
  };
  EXPECT_EQ(refusal("x\n"), "TLS options: revocation_lists: there is no PEM revocation list in it");
  EXPECT_EQ(refusal(family().root.certificate_pem),
            "TLS options: revocation_lists: there is no PEM revocation list in it");
  std::string damaged = issue_list(family().root, {});
  damaged[damaged.size() / 2] = '!';
  EXPECT_EQ(refusal(issue_list(family().root, {}) + damaged),
            "TLS options: revocation_lists: revocation list 2 in it cannot be read");
}

TEST(TlsRevocation, NewListCountsFromTheNextConnectionOn) {
  const Scratch scratch;
  TlsOptions options = trusting();
  options.revocation_lists_file = scratch.write("crl.pem", issue_list(family().root, {}));
  const std::shared_ptr<FilterFactory> factory = make_tls(options).value();
  Link first(factory, {});
  first.run();
  EXPECT_TRUE(first.filter().is_open()) << first.failure();
  // A session of before must not get around the new list.
  scratch.write("crl.pem", issue_list(family().root, {&family().server}));
  Link second(factory, {}, &first.server());
  second.run();
  EXPECT_EQ(second.failure(),
            kStart + ("the server's certificate is revoked: its issuer CN=Root of test has put it "
                      "on the list in revocation_lists_file " +
                      scratch.path("crl.pem")));
  first.send("still here");
  first.run();
  EXPECT_EQ(first.server().plain(), "still here");
}

TEST(TlsRevocation, IsNotAskedWithoutVerification) {
  TlsOptions options = with_lists(issue_list(family().root, {&family().server}));
  options.dangerously_skip_verification = true;
  expect_open(options, {});
}

}  // namespace
}  // namespace minim::tls
