// Pinned public keys.
#ifndef MINIM_TLS_PINS_H_
#define MINIM_TLS_PINS_H_

#include <string>
#include <string_view>
#include <vector>

#include "tls/openssl_ptr.h"

namespace minim::tls {

// Empty when `pin` is one.
std::string pin_problem(std::string_view pin);
// "sha256/" and base64 of the SHA-256 of the certificate's SubjectPublicKeyInfo.
std::string pin_of(const X509* certificate);
bool is_pinned(const X509* certificate, const std::vector<std::string>& pins);

}  // namespace minim::tls

#endif  // MINIM_TLS_PINS_H_
