// Certificates made on the spot: ECDSA P-256, valid for a month from yesterday unless asked
// otherwise.
#ifndef MINIM_TESTS_TLS_SUPPORT_CERTIFICATES_H_
#define MINIM_TESTS_TLS_SUPPORT_CERTIFICATES_H_

#include <string>
#include <vector>

#include "tls/openssl_ptr.h"

namespace minim::tls {

struct Issued {
  CertificatePtr certificate;
  KeyPtr key;
  std::string certificate_pem;
  std::string key_pem;  // PKCS#8; empty for a key that was given
};

struct CertificateSpec {
  std::string subject = "leaf";         // the common name
  std::vector<std::string> names = {};  // "DNS:a.example", "IP:10.0.0.1"
  int starts_in_days = -1;
  int ends_in_days = 30;
  bool is_ca = false;
  const char* extended_usage = nullptr;  // "clientAuth"
  EVP_PKEY* key = nullptr;               // null: one of its own; the public part will do
};

// A revocation list of `issuer`'s, in PEM.
std::string issue_list(const Issued& issuer, const std::vector<const Issued*>& revoked,
                       int starts_in_days = -1, int ends_in_days = 30);

KeyPtr make_key();
// `issuer` null: self-signed.
Issued issue(const CertificateSpec& spec, const Issued* issuer);
std::string pem_of(EVP_PKEY* key, const char* passphrase);

// One family of certificates, made once for all tests.
struct Family {
  Issued root = issue({.subject = "Root of test", .is_ca = true}, nullptr);
  Issued intermediate = issue({.subject = "Between", .is_ca = true}, &root);
  Issued other_root = issue({.subject = "Another root", .is_ca = true}, nullptr);
  Issued server = issue(
      {.names = {"DNS:temporal.example", "DNS:*.wild.example", "IP:10.0.0.1", "IP:2001:db8::1"}},
      &root);
  Issued below = issue({.names = {"DNS:temporal.example"}}, &intermediate);
  Issued client = issue({.subject = "client", .extended_usage = "clientAuth"}, &root);
  Issued stranger = issue({.subject = "stranger", .extended_usage = "clientAuth"}, &other_root);
};
const Family& family();

}  // namespace minim::tls

#endif  // MINIM_TESTS_TLS_SUPPORT_CERTIFICATES_H_
