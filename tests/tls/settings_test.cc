// Versions, ciphers, pins and the key log.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

#include "tls/pins.h"
#include "tls/support/link.h"
#include "tls/support/scratch.h"

namespace minim::tls {
namespace {

constexpr char kStart[] = "TLS handshake with temporal.example failed: ";

std::string failure_of(const TlsOptions& options, const ServerSpec& server) {
  Link link(options, server);
  link.run();
  EXPECT_FALSE(link.filter().is_open());
  EXPECT_EQ(link.filter().failed().code(), Code::kUnavailable);
  return link.failure().starts_with(kStart) ? link.failure().substr(sizeof kStart - 1)
                                            : link.failure();
}

std::string refusal_of(const TlsOptions& options) {
  const Result<std::shared_ptr<FilterFactory>> made = make_tls(options);
  EXPECT_EQ(ERR_peek_error(), 0u);
  if (made) return "made";
  EXPECT_EQ(made.error().code(), Code::kInvalidArgument);
  return std::string(made.error().message());
}

std::string cipher_of(const TlsOptions& options, const ServerSpec& server) {
  Link link(options, server);
  link.run();
  EXPECT_TRUE(link.filter().is_open()) << link.failure();
  return link.server().cipher();
}

TEST(TlsVersions, AreWithinTheLimits) {
  TlsOptions only_13 = trusting();
  only_13.min_version = TlsVersion::k13;
  EXPECT_TRUE(cipher_of(only_13, {}).starts_with("TLS_"));
  EXPECT_EQ(failure_of(only_13, {.max_version = TLS1_2_VERSION}),
            "the server's TLS is too old: it speaks none of the versions that minim offers (1.3); "
            "is min_version too high");
  TlsOptions only_12 = trusting();
  only_12.max_version = TlsVersion::k12;
  EXPECT_TRUE(cipher_of(only_12, {}).starts_with("ECDHE-"));
  EXPECT_EQ(failure_of(only_12, {.min_version = TLS1_3_VERSION}),
            "the server's TLS is another: it speaks none of the versions that minim offers (1.2); "
            "is max_version too low");
  only_12.min_version = TlsVersion::k13;
  EXPECT_EQ(refusal_of(only_12), "TLS options: min_version is above max_version");
}

TEST(TlsCiphers, AreThoseThatAreListed) {
  TlsOptions options = trusting();
  options.ciphers = "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-ECDSA-AES256-GCM-SHA384";
  options.cipher_suites = "TLS_CHACHA20_POLY1305_SHA256";
  EXPECT_EQ(cipher_of(options, {}), "TLS_CHACHA20_POLY1305_SHA256");
  EXPECT_EQ(cipher_of(options, {.max_version = TLS1_2_VERSION}), "ECDHE-ECDSA-CHACHA20-POLY1305");
  EXPECT_EQ(failure_of(options,
                       {.max_version = TLS1_2_VERSION, .ciphers = "ECDHE-ECDSA-AES128-GCM-SHA256"}),
            "the server finds no common ground (handshake failure alert): minim offers TLS 1.3 "
            "with TLS_CHACHA20_POLY1305_SHA256, and TLS 1.2 with "
            "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-ECDSA-AES256-GCM-SHA384");
  EXPECT_EQ(
      failure_of(options, {.min_version = TLS1_3_VERSION, .suites = "TLS_AES_128_GCM_SHA256"}),
      "the server finds no common ground (handshake failure alert): minim offers TLS 1.3 "
      "with TLS_CHACHA20_POLY1305_SHA256, and TLS 1.2 with "
      "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-ECDSA-AES256-GCM-SHA384");
}

TEST(TlsCiphers, AreRefusedByName) {
  TlsOptions options = trusting();
  options.ciphers = "ECDHE-RSA-AES128-GCM-SHA256:AES128-SHA";
  options.cipher_suites = "TLS_AES_128_CCM_8_SHA256";
  EXPECT_EQ(refusal_of(options),
            "TLS options: ciphers: 'AES128-SHA' is none of "
            "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
            "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
            "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305; cipher_suites: "
            "'TLS_AES_128_CCM_8_SHA256' is none of TLS_AES_128_GCM_SHA256:"
            "TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_CCM_SHA256");
  options.cipher_suites = "TLS_AES_128_GCM_SHA256:";
  options.ciphers = ":ECDHE-RSA-AES128-GCM-SHA256";
  EXPECT_TRUE(refusal_of(options).starts_with("TLS options: ciphers: '' is none of "));
  EXPECT_TRUE(
      refusal_of(options).ends_with("; cipher_suites: there is no name after its last ':'"));
  options.ciphers = "ALL:@SECLEVEL=0";
  EXPECT_TRUE(refusal_of(options).starts_with("TLS options: ciphers: 'ALL' is none of "));
}

TEST(TlsCiphers, OfVersionsThatAreExcludedAreRefused) {
  TlsOptions options = trusting();
  options.min_version = TlsVersion::k13;
  options.ciphers = "ECDHE-RSA-AES128-GCM-SHA256";
  EXPECT_EQ(refusal_of(options),
            "TLS options: ciphers: they are for TLS 1.2, which min_version excludes");
  options = trusting();
  options.max_version = TlsVersion::k12;
  options.cipher_suites = "TLS_AES_128_GCM_SHA256";
  EXPECT_EQ(refusal_of(options),
            "TLS options: cipher_suites: they are for TLS 1.3, which max_version excludes");
}

TEST(TlsPins, AreOfTheServerOrOfAnIssuer) {
  const ServerSpec server{.identity = &family().below, .chain = {&family().intermediate}};
  for (const Issued* const pinned : {&family().below, &family().intermediate, &family().root}) {
    TlsOptions options = trusting();
    options.pinned_keys = {pin_of(family().stranger.certificate.get()),
                           pin_of(pinned->certificate.get())};
    Link link(options, server);
    link.run();
    EXPECT_TRUE(link.filter().is_open()) << link.failure();
  }
  TlsOptions options = trusting();
  options.pinned_keys = {pin_of(family().stranger.certificate.get())};
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    EXPECT_EQ(failure_of(options, {.identity = &family().below,
                                   .chain = {&family().intermediate},
                                   .max_version = version}),
              "the server's key is none of those in pinned_keys: it is " +
                  pin_of(family().below.certificate.get()) +
                  "; if it is the right one, add it there");
  }
}

TEST(TlsPins, ComeOnTopOfVerification) {
  TlsOptions options = trusting();
  const Issued stranger = issue({.names = {"DNS:temporal.example"}}, &family().other_root);
  options.pinned_keys = {pin_of(stranger.certificate.get())};
  EXPECT_TRUE(failure_of(options, {.identity = &stranger})
                  .starts_with("the server's certificate "
                               "is issued by CN=Another"));
  options.pinned_keys = {pin_of(family().server.certificate.get())};
  Link link(options, {}, "wrong.example");
  link.run();
  EXPECT_NE(link.failure().find("not for the name wrong.example"), std::string::npos);
}

TEST(TlsPins, WithoutVerificationAreOfTheServerAlone) {
  TlsOptions options;
  options.dangerously_skip_verification = true;
  options.pinned_keys = {pin_of(family().below.certificate.get())};
  Link link(options, {.identity = &family().below});
  link.run();
  EXPECT_TRUE(link.filter().is_open()) << link.failure();
  // Anybody can send along a certificate of the right issuer.
  options.pinned_keys = {pin_of(family().intermediate.certificate.get())};
  EXPECT_TRUE(failure_of(options, {.identity = &family().below, .chain = {&family().intermediate}})
                  .starts_with("the server's key is none of those in pinned_keys: it is sha256/"));
}

TEST(TlsPins, AreWhatOthersCallAPin) {
  // openssl x509 -pubkey -noout | openssl pkey -pubin -outform DER | openssl dgst -sha256 -binary |
  // base64
  constexpr char kCertificate[] =
      "-----BEGIN CERTIFICATE-----\n"
      "MIIBcTCCARegAwIBAgIUO2cjwcnmndbTDiGrDgZ4g5PszB4wCgYIKoZIzj0EAwIw\n"
      "DjEMMAoGA1UEAwwDcGluMB4XDTI2MTEyNjA3NDcwNloXDTM2MTEyMzA3NDcwNlow\n"
      "DjEMMAoGA1UEAwwDcGluMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEo1i0M3/v\n"
      "LNo9l3nQf96rX7Zy9B2mP2DP6nsCvOdYoYrQ0qsxR36OBtGQMc7xr2gGIF0jaAQL\n"
      "iiwIsyEYQqUAVKNTMFEwHQYDVR0OBBYEFA6KHM5BywLwSU9eXP281CjtNe8xMB8G\n"
      "A1UdIwQYMBaAFA6KHM5BywLwSU9eXP281CjtNe8xMA8GA1UdEwEB/wQFMAMBAf8w\n"
      "CgYIKoZIzj0EAwIDSAAwRQIgGsr6VmzasX+0WQmWoZYu6Tx0jYXr++R9L7zVxYsO\n"
      "68cCIQDghuBjzp+FGHsiHRd3oP7knlPgMSIinq41kJJzQT6Suw==\n"
      "-----END CERTIFICATE-----\n";
  const BioPtr bio(BIO_new_mem_buf(kCertificate, -1));
  const CertificatePtr certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  ASSERT_NE(certificate, nullptr);
  EXPECT_EQ(pin_of(certificate.get()), "sha256/wL8ARxo+22sndEXGlLtaFF4LJe1Fz2Cg0TtIrdmd6RE=");
}

TEST(TlsPins, MustBePins) {
  TlsOptions options = trusting();
  const std::string good = pin_of(family().server.certificate.get());
  for (const std::string& bad :
       {std::string("sha1/AAAA"), good.substr(7), good.substr(0, good.size() - 1),
        good.substr(0, good.size() - 5), good + "=", std::string("sha256/"), std::string()}) {
    options.pinned_keys = {good, bad};
    EXPECT_EQ(refusal_of(options),
              "TLS options: pinned_keys: '" + bad +
                  "' is no pin: 'sha256/' and the base64 of 32 bytes, 44 characters, are wanted");
  }
}

TEST(TlsKeyLog, IsWrittenWhenAskedFor) {
  const Scratch scratch;
  TlsOptions options = trusting();
  options.key_log_file = scratch.path("keys");
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    Link link(options, {.max_version = version});
    link.run();
    EXPECT_TRUE(link.filter().is_open()) << link.failure();
  }
  const std::string log = scratch.read("keys");
  EXPECT_TRUE(log.starts_with("CLIENT_RANDOM ")) << log;
  EXPECT_NE(log.find("\nCLIENT_TRAFFIC_SECRET_0 "), std::string::npos) << log;
  EXPECT_EQ(log.back(), '\n');
  struct stat facts = {};
  ASSERT_EQ(stat(options.key_log_file.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777u, 0600u);
}

TEST(TlsKeyLog, IsNotWrittenForAVariable) {
  const Scratch scratch;
  setenv("SSLKEYLOGFILE", scratch.path("keys").c_str(), 1);
  Link link(trusting(), {});
  link.run();
  unsetenv("SSLKEYLOGFILE");
  EXPECT_TRUE(link.filter().is_open()) << link.failure();
  EXPECT_FALSE(std::filesystem::exists(scratch.path("keys")));
}

TEST(TlsKeyLog, ThatCannotBeOpenedIsRefused) {
  TlsOptions options = trusting();
  options.key_log_file = "/nonexistent/keys";
  EXPECT_EQ(refusal_of(options),
            "TLS options: key_log_file /nonexistent/keys: it cannot be opened: No such file or "
            "directory");
}

TEST(TlsKeyLog, ThatIsNoRegularFileIsRefused) {
  const Scratch scratch;
  const std::string pipe = scratch.path("pipe");
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  TlsOptions options = trusting();
  const auto expect_refused = [&options](const std::string& path) {
    options.key_log_file = path;
    EXPECT_EQ(refusal_of(options),
              "TLS options: key_log_file " + path +
                  ": it is not a regular file: name one, or one that is to be made");
  };
  expect_refused(pipe);
  const int reader = ::open(pipe.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  ASSERT_GE(reader, 0);
  expect_refused(pipe);
  ::close(reader);
  expect_refused("/dev/null");
}

}  // namespace
}  // namespace minim::tls
