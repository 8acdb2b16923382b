// What is behind TlsKey.
#ifndef MINIM_TLS_PRIVATE_KEY_H_
#define MINIM_TLS_PRIVATE_KEY_H_

#include "minim/tls.h"
#include "tls/openssl_ptr.h"

namespace minim {

class TlsKey {
 public:
  virtual ~TlsKey() = default;
  // Owned by the TlsKey; OpenSSL counts its references.
  virtual EVP_PKEY* key() const = 0;
};

}  // namespace minim

#endif  // MINIM_TLS_PRIVATE_KEY_H_
