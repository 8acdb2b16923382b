// The client's own certificate, its intermediates and its key.
#ifndef MINIM_TLS_IDENTITY_H_
#define MINIM_TLS_IDENTITY_H_

#include <memory>
#include <string>
#include <vector>

#include "tls/named_text.h"
#include "tls/openssl_ptr.h"
#include "tls/private_key.h"

namespace minim::tls {

struct Identity {
  std::vector<CertificatePtr> chain;  // the client's own first; empty: there is no identity
  std::shared_ptr<const TlsKey> handle;
  KeyPtr key;  // of chain[0]; after the handle, which may be what it works by
  std::string certificate_name;
  std::string fingerprint;  // of the texts that it was read from
};

struct IdentityTexts {
  NamedText certificate;
  NamedText key;
  std::shared_ptr<const TlsKey> handle;  // in place of key.text
};

std::string fingerprint_of(const IdentityTexts& texts);

// Both texts empty and no handle: no identity and no problem. Each problem starts with the name of
// what it is about. Never null; of use when no problem was added.
std::shared_ptr<const Identity> read_identity(const IdentityTexts& texts,
                                              std::vector<std::string>* problems);

// Hands the identity to connections of `context`; adds a problem when OpenSSL will not use it (a
// key that is too weak for its security level).
void use_identity(SSL_CTX* context, const Identity& identity, std::vector<std::string>* problems);

}  // namespace minim::tls

#endif  // MINIM_TLS_IDENTITY_H_
