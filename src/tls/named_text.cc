#include "tls/named_text.h"

#include <openssl/sha.h>

namespace minim::tls {

std::string fingerprint_of(std::string_view text) {
  unsigned char hash[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), hash);
  return std::string(reinterpret_cast<const char*>(hash), sizeof hash);
}

}  // namespace minim::tls
