// Why the server's certificate was refused.
#ifndef MINIM_TLS_VERIFICATION_H_
#define MINIM_TLS_VERIFICATION_H_

#include <string>
#include <string_view>

#include "tls/openssl_ptr.h"
#include "tls/peer_name.h"

namespace minim::tls {

// The first complaint of OpenSSL's verification; later ones are its consequences.
struct Refusal {
  int error = X509_V_OK;
  int depth = 0;               // 0: the server's own certificate; above: its issuers
  CertificatePtr certificate;  // the one complained about; may be null
};

// Verifies the peer of `ssl`; what is wrong goes into `refusal`, which must outlive the handshake.
void verify_into(SSL* ssl, Refusal* refusal);

// `roots` says which roots were trusted.
std::string refusal_text(const Refusal& refusal, const PeerName& name, std::string_view roots);

}  // namespace minim::tls

#endif  // MINIM_TLS_VERIFICATION_H_
