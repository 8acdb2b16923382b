// Why the server's certificate was refused.
#ifndef MINIM_TLS_VERIFICATION_H_
#define MINIM_TLS_VERIFICATION_H_

#include <string>

#include "tls/openssl_ptr.h"
#include "tls/peer_name.h"
#include "tls/settings.h"
#include "tls/trust.h"

namespace minim::tls {

// The first complaint of OpenSSL's verification; later ones are its consequences.
struct Refusal {
  int error = X509_V_OK;
  int depth = 0;               // 0: the server's own certificate; above: its issuers
  CertificatePtr certificate;  // the one complained about; may be null
  bool is_of_pin = false;      // all is well but its key
  std::string list_dates;      // of the revocation list complained about: "from A to B"
};

// Whom an SSL object talks to, for its callbacks.
struct Peer {
  PeerName name;
  Refusal refusal;
};

// What sessions with this peer are kept under: a session that was verified for one name must not
// stand for another.
std::string session_key(const PeerName& name);

// `peer` must outlive the SSL object.
bool set_peer(SSL* ssl, Peer* peer);  // false: no memory
Peer& peer_of(const SSL* ssl);

// What is wrong with the peer of `ssl` goes into the refusal of its Peer.
void verify(SSL* ssl);
// Besides, or without verification alone, the pins of `settings`, which must outlive `context`.
void verify_pins(SSL_CTX* context, const Settings& settings);

// `trust` is what was trusted.
std::string refusal_text(const Peer& peer, const Trust& trust);

}  // namespace minim::tls

#endif  // MINIM_TLS_VERIFICATION_H_
