// A client key that is made in a TPM and never leaves it: tpm2-openssl signs with it.
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "minim/tls_key_store.h"
#include "tls/support/link.h"
#include "tls/support/software_tpm.h"

namespace minim::tls {
namespace {

const SoftwareTpm& tpm() {
  static const SoftwareTpm the_tpm;
  return the_tpm;
}

// A key at a handle of its own, and a certificate for it.
class Device {
 public:
  Device(const std::string& algorithm, std::string handle)
      : handle_(std::move(handle)), public_key_(tpm().make_key(algorithm, handle_)) {}
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;
  ~Device() {
    if (!is_removed_) remove();
  }

  TlsOptions options() const {
    TlsOptions made = trusting();
    made.client_certificate = issued_.certificate_pem;
    made.client_key = tls_key_from_store("handle:" + handle_).value();
    EXPECT_EQ(ERR_peek_error(), 0u);
    return made;
  }
  void remove() {
    tpm().remove_key(handle_);
    is_removed_ = true;
  }

 private:
  const std::string handle_;
  const KeyPtr public_key_;
  const Issued issued_ =
      issue({.subject = "device", .extended_usage = "clientAuth", .key = public_key_.get()},
            &family().root);
  bool is_removed_ = false;
};

ServerSpec demanding(int version) {
  return {.min_version = version, .max_version = version, .wants_client = true};
}

void expect_shown(const TlsOptions& options, int version) {
  Link link(options, demanding(version));
  link.run();
  EXPECT_TRUE(link.filter().is_open()) << link.failure();
  EXPECT_TRUE(link.server().is_open());
  EXPECT_EQ(link.server().client_subject(), "CN=device");
}

TEST(TlsDevice, EcdsaKeySignsInTheTpm) {
  for (const char* const curve : {"ecc256", "ecc384"}) {
    const Device device(curve, "0x81000001");
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
      SCOPED_TRACE(std::string(curve) + " " + std::to_string(version));
      expect_shown(device.options(), version);
    }
  }
}

TEST(TlsDevice, RsaKeySignsInTheTpm) {
  const Device device("rsa2048", "0x81000002");
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    SCOPED_TRACE(version);
    expect_shown(device.options(), version);
  }
}

// A TPM that is asked in the middle of a command refuses both.
TEST(TlsDevice, SeveralThreadsMayUseIt) {
  const Device one("ecc256", "0x81000003"), other("ecc256", "0x81000007");
  const TlsOptions of_one = one.options(), of_other = other.options();
  std::vector<std::thread> threads;
  for (const TlsOptions* const options : {&of_one, &of_other, &of_one, &of_other}) {
    threads.emplace_back([options] {
      for (int round = 0; round < 5; ++round) expect_shown(*options, TLS1_3_VERSION);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(TlsDevice, KeyThatIsGoneFailsTheHandshake) {
  Device device("ecc256", "0x81000004");
  const TlsOptions options = device.options();
  device.remove();
  Link link(options, demanding(TLS1_3_VERSION));
  link.run();
  EXPECT_FALSE(link.filter().is_open());
  EXPECT_TRUE(link.failure().starts_with(
      "TLS handshake with temporal.example failed: the client's key does not sign: cannot sign: "))
      << link.failure();
}

TEST(TlsDevice, HandleWithoutAKey) {
  tpm();
  const auto key = tls_key_from_store("handle:0x81000005");
  ASSERT_FALSE(key);
  EXPECT_EQ(key.error().code(), Code::kFailedPrecondition);
  EXPECT_EQ(key.error().message(),
            "key store handle:0x81000005: no private key can be read (cannot load key)");
  EXPECT_EQ(ERR_peek_error(), 0u);
}

TEST(TlsDevice, KeyMustBeOfTheCertificate) {
  const Device device("ecc256", "0x81000006");
  TlsOptions options = device.options();
  options.client_certificate = family().client.certificate_pem;
  EXPECT_EQ(make_tls(options).error().message(),
            "TLS options: client_key does not belong to client_certificate");
}

}  // namespace
}  // namespace minim::tls
