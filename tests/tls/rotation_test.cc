// Certificates, keys and roots that change while a factory lives.
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "tls/file.h"
#include "tls/support/link.h"
#include "tls/support/scratch.h"

namespace minim::tls {
namespace {

ServerSpec demanding() { return {.wants_client = true}; }

const Issued& successor() {
  static const Issued made =
      issue({.subject = "successor", .extended_usage = "clientAuth"}, &family().root);
  return made;
}

void expect_carries(Link& link) {
  link.send("up");
  link.server().send("down");
  link.run();
  EXPECT_EQ(link.take_plain(), "down") << link.failure();
  EXPECT_TRUE(link.server().plain().ends_with("up"));
}

void expect_shows(Link& link, const char* subject) {
  link.run();
  ASSERT_TRUE(link.filter().is_open()) << link.failure();
  EXPECT_EQ(link.server().client_subject(), subject);
  expect_carries(link);
}

// The next connection cannot begin, for the reason given.
void expect_next_fails(FilterFactory& factory, const std::string& text) {
  const Result<std::unique_ptr<Filter>> opened = factory.open("temporal.example");
  EXPECT_EQ(ERR_peek_error(), 0u);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code(), Code::kUnavailable);
  EXPECT_EQ(opened.error().origin(), Origin::kLocal);
  EXPECT_EQ(opened.error().message(), text);
}

void expect_refused(const TlsOptions& options, const std::string& text) {
  const Result<std::shared_ptr<FilterFactory>> made = make_tls(options);
  EXPECT_EQ(ERR_peek_error(), 0u);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code(), Code::kInvalidArgument);
  EXPECT_EQ(made.error().message(), "TLS options: " + text);
}

class TlsRotation : public testing::Test {
 protected:
  TlsRotation() {
    options_.client_certificate_file =
        scratch_.write("client.pem", family().client.certificate_pem);
    options_.client_private_key_file = scratch_.write("client.key", family().client.key_pem);
    options_.root_certificates_file = scratch_.write("ca.pem", family().root.certificate_pem);
  }

  const Scratch scratch_;
  TlsOptions options_;
};

TEST_F(TlsRotation, NextConnectionUsesTheNewPair) {
  const std::shared_ptr<FilterFactory> factory = make_tls(options_).value();
  Link first(factory, demanding());
  expect_shows(first, "CN=client");
  scratch_.write("client.pem", successor().certificate_pem);
  scratch_.write("client.key", successor().key_pem);
  Link second(factory, demanding());
  expect_shows(second, "CN=successor");
  scratch_.replace("client.pem", family().client.certificate_pem);
  scratch_.replace("client.key", family().client.key_pem);
  Link third(factory, demanding());
  expect_shows(third, "CN=client");
  for (Link* const link : {&first, &second, &third}) expect_carries(*link);
}

TEST_F(TlsRotation, NextConnectionUsesTheNewRoots) {
  const std::shared_ptr<FilterFactory> factory = make_tls(options_).value();
  Link first(factory, {});
  first.run();
  expect_carries(first);
  const std::string path = scratch_.write("ca.pem", family().other_root.certificate_pem);
  Link second(factory, {});
  second.run();
  EXPECT_EQ(second.failure(),
            "TLS handshake with temporal.example failed: the server's certificate is issued by "
            "CN=Root of test, which is not among the trusted roots (the 1 given in "
            "root_certificates_file " +
                path +
                "); give the server's CA in root_certificates, or let the server send its "
                "intermediate certificates");
  expect_carries(first);
  scratch_.write("ca.pem", family().other_root.certificate_pem + family().root.certificate_pem);
  Link third(factory, {});
  third.run();
  expect_carries(third);
}

TEST_F(TlsRotation, BadNewFileFailsTheNextConnectionAlone) {
  const std::shared_ptr<FilterFactory> factory = make_tls(options_).value();
  Link first(factory, demanding());
  expect_shows(first, "CN=client");
  const std::string certificate = "client_certificate_file " + scratch_.path("client.pem");
  const std::string key = "client_private_key_file " + scratch_.path("client.key");
  const std::string roots = "root_certificates_file " + scratch_.path("ca.pem");

  scratch_.write("client.pem", successor().certificate_pem);  // the key is still to come
  expect_next_fails(*factory, "TLS: " + key + " does not belong to " + certificate);
  scratch_.write("client.key", pem_of(successor().key.get(), "opensesame"));
  expect_next_fails(*factory, "TLS: " + key +
                                  ": the key is encrypted; decrypt it first (openssl pkey -in "
                                  "FILE)");
  scratch_.write("client.key", "");
  expect_next_fails(*factory, "TLS: " + key + ": it is empty");
  std::filesystem::remove(scratch_.path("client.key"));
  expect_next_fails(*factory, "TLS: " + key + ": it cannot be read: No such file or directory");
  scratch_.write("client.key", successor().key_pem);
  scratch_.write("ca.pem", "nothing\n");
  expect_next_fails(*factory, "TLS: " + roots + ": there is no PEM certificate in it");
  std::filesystem::resize_file(scratch_.path("ca.pem"), kMaxFileBytes + 1);
  expect_next_fails(*factory, "TLS: " + roots +
                                  ": it has 16777217 bytes, at most 16777216 (kMaxFileBytes) are "
                                  "read");
  scratch_.write("client.pem", "x\n");
  expect_next_fails(*factory, "TLS: " + certificate + ": there is no PEM certificate in it; " +
                                  roots +
                                  ": it has 16777217 bytes, at most 16777216 "
                                  "(kMaxFileBytes) are read");
  expect_carries(first);

  scratch_.write("client.pem", successor().certificate_pem);
  scratch_.write("ca.pem", family().root.certificate_pem);
  Link repaired(factory, demanding());
  expect_shows(repaired, "CN=successor");
  expect_carries(first);
}

TEST_F(TlsRotation, FileOfTheGreatestSizeIsRead) {
  std::filesystem::resize_file(scratch_.path("ca.pem"), kMaxFileBytes);
  std::string text;
  std::string problem;
  ASSERT_TRUE(read_file(scratch_.path("ca.pem"), &text, &problem)) << problem;
  EXPECT_EQ(text.size(), kMaxFileBytes);
  EXPECT_TRUE(text.starts_with(family().root.certificate_pem));
}

TEST_F(TlsRotation, FunctionIsAskedForEachConnection) {
  int asked = 0;
  Result<TlsIdentity> answer = TlsIdentity{};
  TlsOptions options = trusting();
  options.client_identity = [&] {
    ++asked;
    ERR_raise(ERR_LIB_USER, 1);  // what a host leaves behind that uses OpenSSL, too
    return answer;
  };
  const std::shared_ptr<FilterFactory> factory = make_tls(options).value();
  EXPECT_EQ(asked, 0);
  Link nobody(factory, {});
  expect_shows(nobody, "");
  EXPECT_EQ(asked, 1);
  answer = TlsIdentity{.certificate = family().client.certificate_pem,
                       .private_key = family().client.key_pem};
  Link first(factory, demanding());
  expect_shows(first, "CN=client");
  answer =
      TlsIdentity{.certificate = successor().certificate_pem, .private_key = successor().key_pem};
  Link second(factory, demanding());
  expect_shows(second, "CN=successor");
  EXPECT_EQ(asked, 3);

  answer = Status(Code::kNotFound, "no lease\n");
  expect_next_fails(*factory, "TLS: client_identity: no lease?");
  answer = TlsIdentity{.certificate = successor().certificate_pem,
                       .private_key = family().client.key_pem};
  expect_next_fails(*factory,
                    "TLS: client_identity's private_key does not belong to client_identity's "
                    "certificate");
  answer = TlsIdentity{.certificate = successor().certificate_pem};
  expect_next_fails(*factory,
                    "TLS: client_identity's certificate is given without client_identity's "
                    "private_key");
  expect_carries(first);
  expect_carries(second);
}

TEST_F(TlsRotation, FilesMustBeOfUseFromTheStart) {
  TlsOptions options = options_;
  options.client_private_key_file = scratch_.path("none");
  expect_refused(options, "client_private_key_file " + scratch_.path("none") +
                              ": it cannot be read: No such file or directory");
  options.client_private_key_file = scratch_.path("");
  expect_refused(options,
                 "client_private_key_file " + scratch_.path("") + ": it is not a regular file");
  options.client_private_key_file.clear();
  expect_refused(options, "client_certificate_file " + scratch_.path("client.pem") +
                              " is given without client_private_key");
}

TEST_F(TlsRotation, OneWayIsWantedForEachThing) {
  TlsOptions options = options_;
  options.root_certificates = family().root.certificate_pem;
  options.client_certificate = family().client.certificate_pem;
  options.client_private_key = family().client.key_pem;
  options.revocation_lists = "x";
  options.revocation_lists_file = "x";
  expect_refused(options,
                 "root_certificates and root_certificates_file: one of them is wanted; "
                 "revocation_lists and revocation_lists_file: one of them is wanted; "
                 "client_certificate and client_certificate_file: one of them is wanted; "
                 "client_private_key and client_private_key_file: one of them is wanted; "
                 "client_certificate and client_private_key: both as texts or both as files");
  options = options_;
  options.client_identity = [] { return TlsIdentity{}; };
  expect_refused(options,
                 "client_identity and another option of the client's certificate: one way is "
                 "wanted");
  options = trusting();
  options.client_certificate = family().client.certificate_pem;
  options.client_private_key_file = scratch_.path("client.key");
  expect_refused(options,
                 "client_certificate and client_private_key: both as texts or both as files");
}

}  // namespace
}  // namespace minim::tls
