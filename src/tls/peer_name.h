// Which name a connection asks for and which it demands of the certificate.
#ifndef MINIM_TLS_PEER_NAME_H_
#define MINIM_TLS_PEER_NAME_H_

#include <string>
#include <string_view>

#include "tls/openssl_ptr.h"

namespace minim::tls {

struct PeerName {
  std::string sent;      // in SNI, unless it is an address
  std::string verified;  // against the certificate
};

// Options beat the target's host; `host` may be a unix socket's path, which stands for localhost.
PeerName peer_name(std::string_view host, std::string_view server_name,
                   std::string_view verification_server_name);

bool is_address(const std::string& name);

// What is wrong with a name given as an option; empty: nothing.
std::string name_problem(std::string_view name);

// False when OpenSSL refuses the name (an empty label, too long).
bool set_peer_name(SSL* ssl, const PeerName& name);

}  // namespace minim::tls

#endif  // MINIM_TLS_PEER_NAME_H_
