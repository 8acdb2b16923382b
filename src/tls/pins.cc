#include "tls/pins.h"

#include <openssl/sha.h>

#include <algorithm>
#include <optional>

#include "base/base64.h"
#include "tls/certificate_text.h"

namespace minim::tls {

namespace {

constexpr std::string_view kPrefix = "sha256/";

std::string pin_of_hash(std::string_view hash) {
  std::string pin(kPrefix);
  base64_append(pin, hash, Base64Padding::kWrite);
  return pin;
}

}  // namespace

std::string pin_problem(std::string_view pin) {
  if (pin.starts_with(kPrefix)) {
    const std::optional<std::string> hash = base64_decode(pin.substr(kPrefix.size()));
    // The way back finds what can never match: no padding, unused bits that are set.
    if (hash && hash->size() == SHA256_DIGEST_LENGTH && pin_of_hash(*hash) == pin) return {};
  }
  return "'" + printable(pin) +
         "' is no pin: 'sha256/' and the base64 of 32 bytes, 44 characters, are wanted";
}

std::string pin_of(const X509* certificate) {
  unsigned char* key = nullptr;
  const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &key);
  if (size <= 0) return "an unreadable key";
  unsigned char hash[SHA256_DIGEST_LENGTH];
  SHA256(key, static_cast<std::size_t>(size), hash);
  OPENSSL_free(key);
  return pin_of_hash({reinterpret_cast<const char*>(hash), sizeof hash});
}

bool is_pinned(const X509* certificate, const std::vector<std::string>& pins) {
  return std::find(pins.begin(), pins.end(), pin_of(certificate)) != pins.end();
}

}  // namespace minim::tls
