// The client's own certificate, its intermediates and its key.
#ifndef MINIM_TLS_IDENTITY_H_
#define MINIM_TLS_IDENTITY_H_

#include <string>
#include <string_view>
#include <vector>

#include "tls/openssl_ptr.h"

namespace minim::tls {

struct Identity {
  std::vector<CertificatePtr> chain;  // the client's own first; empty: there is no identity
  KeyPtr key;                         // of chain[0]
};

// Both texts empty: no identity and no problem. Each problem starts with the option's name.
Identity read_identity(std::string_view certificate_pem, std::string_view key_pem,
                       std::vector<std::string>* problems);

// Hands the identity to connections of `context`. False, with a problem added, when OpenSSL will
// not use it (a key that is too weak for its security level).
bool use_identity(SSL_CTX* context, const Identity& identity, std::vector<std::string>* problems);

}  // namespace minim::tls

#endif  // MINIM_TLS_IDENTITY_H_
