// What make_tls() refuses, and in which words.
#include <gtest/gtest.h>
#include <openssl/pem.h>

#include <memory>
#include <string>
#include <vector>

#include "tls/support/link.h"

namespace minim::tls {
namespace {

// Fails with INVALID_ARGUMENT, all of `parts` in the text and no secret.
void expect_refused(const TlsOptions& options, const std::vector<std::string>& parts) {
  const Result<std::shared_ptr<FilterFactory>> made = make_tls(options);
  EXPECT_EQ(ERR_peek_error(), 0u);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code(), Code::kInvalidArgument);
  EXPECT_EQ(made.error().origin(), Origin::kLocal);
  const std::string text(made.error().message());
  for (const std::string& part : parts) {
    EXPECT_NE(text.find(part), std::string::npos) << "no '" << part << "' in: " << text;
  }
  for (const std::string* secret : {&options.client_private_key, &options.client_certificate}) {
    for (std::size_t i = 0; i + 12 <= secret->size(); i += 12) {
      EXPECT_EQ(text.find(secret->substr(i, 12)), std::string::npos) << text;
    }
  }
}

std::string damaged(std::string pem) {
  pem[pem.size() / 2] = '!';
  return pem;
}

TEST(TlsOptions, RootsMustBeCertificates) {
  TlsOptions options;
  options.root_certificates = "/etc/ssl/ca.pem";
  expect_refused(options, {"root_certificates: there is no PEM certificate", "not a file's name"});
  options.root_certificates = std::string("\x30\x82\x01\x02\x00", 5);
  expect_refused(options, {"root_certificates: ", "it looks like DER"});
  options.root_certificates = damaged(family().root.certificate_pem);
  expect_refused(options, {"root_certificates: certificate 1 in it cannot be read"});
  options.root_certificates =
      family().root.certificate_pem + damaged(family().other_root.certificate_pem);
  expect_refused(options, {"root_certificates: certificate 2 in it cannot be read"});
  options.root_certificates = family().root.key_pem;
  expect_refused(options, {"root_certificates: ", "but a private key"});
  options.root_certificates = "\n\n";
  expect_refused(options, {"root_certificates: there is no PEM certificate in it"});
}

TEST(TlsOptions, RootsMayBeSeveralAmongOtherText) {
  TlsOptions options;
  options.root_certificates = "Some words\r\n" + family().other_root.certificate_pem +
                              "\n# more\n" + family().root.certificate_pem + "the end";
  Link link(options, {});
  link.run();
  EXPECT_TRUE(link.filter().is_open()) << link.failure();
}

TEST(TlsOptions, ClientCertificateAndKeyGoTogether) {
  TlsOptions options = trusting();
  options.client_certificate = family().client.certificate_pem;
  expect_refused(options, {"client_certificate is given without client_private_key"});
  options.client_certificate.clear();
  options.client_private_key = family().client.key_pem;
  expect_refused(options, {"client_private_key is given without client_certificate"});
  options.client_certificate = family().stranger.certificate_pem;
  expect_refused(options, {"client_private_key does not belong to client_certificate"});
  options.client_certificate = family().root.certificate_pem + family().client.certificate_pem;
  expect_refused(options, {"does not belong", "whose first certificate must be the client's own"});
}

TEST(TlsOptions, ClientPemMustBeReadable) {
  TlsOptions options = trusting();
  options.client_certificate = damaged(family().client.certificate_pem);
  options.client_private_key = family().client.key_pem;
  expect_refused(options, {"client_certificate: certificate 1 in it cannot be read"});
  options.client_certificate = family().client.certificate_pem;
  options.client_private_key = damaged(family().client.key_pem);
  expect_refused(options, {"client_private_key: the private key in it cannot be read"});
  options.client_private_key = "client.key";
  expect_refused(options, {"client_private_key: there is no PEM private key", "a file's name"});
  options.client_private_key = family().client.certificate_pem;
  expect_refused(options, {"client_private_key: ", "but a certificate"});
}

TEST(TlsOptions, EncryptedKeysAreRefusedWithoutAsking) {
  TlsOptions options = trusting();
  options.client_certificate = family().client.certificate_pem;
  options.client_private_key = pem_of(family().client.key.get(), "opensesame");
  expect_refused(options, {"client_private_key: the key is encrypted", "openssl pkey"});
}

TEST(TlsOptions, TooWeakKeysAreRefused) {
  Issued weak = issue({.subject = "weak"}, nullptr);
  const KeyPtr key(EVP_RSA_gen(1024));
  X509_set_pubkey(weak.certificate.get(), key.get());
  X509_sign(weak.certificate.get(), key.get(), EVP_sha256());
  const BioPtr bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(bio.get(), weak.certificate.get());
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  TlsOptions options = trusting();
  options.client_certificate.assign(data, static_cast<std::size_t>(size));
  options.client_private_key = pem_of(key.get(), nullptr);
  expect_refused(options, {"client_certificate is of no use here: ", "key too small"});
}

TEST(TlsOptions, NamesAreNamesOnly) {
  TlsOptions options = trusting();
  options.server_name = "temporal.example:7233";
  expect_refused(options, {"server_name: it must not have a port"});
  options.server_name = "https://temporal.example";
  expect_refused(options, {"server_name: it is a host name or an address that is wanted"});
  options.server_name = "two words";
  expect_refused(options, {"server_name: it has bytes that are in no name"});
  options.server_name = std::string(300, 'a');
  expect_refused(options, {"server_name: it is longer than 255 bytes"});
  options.server_name.clear();
  options.verification_server_name = std::string("a\0b", 3);
  expect_refused(options, {"verification_server_name: it has bytes that are in no name"});
}

TEST(TlsOptions, AllProblemsAreReportedTogether) {
  TlsOptions options;
  options.root_certificates = "x";
  options.client_certificate = "y";
  options.client_private_key = "z";
  options.server_name = "a b";
  expect_refused(options, {"TLS options: root_certificates: ", "; client_certificate: ",
                           "; client_private_key: ", "; server_name: "});
}

TEST(TlsOptions, HostsThatAreNoNamesAreRefusedWhenOpened) {
  const std::shared_ptr<FilterFactory> factory = make_tls(trusting()).value();
  const Result<std::unique_ptr<Filter>> opened = factory->open(std::string(300, 'a'));
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code(), Code::kInvalidArgument);
  EXPECT_EQ(ERR_peek_error(), 0u);
}

}  // namespace
}  // namespace minim::tls
