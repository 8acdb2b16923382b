// TLS for a channel: a Filter over OpenSSL 3. Certificates are verified; ALPN "h2" is required and
// checked; TLS 1.2 is the least (RFC 9113, 9.2).
#ifndef MINIM_TLS_H_
#define MINIM_TLS_H_

#include <memory>
#include <string>

#include "minim/filter.h"
#include "minim/result.h"

namespace minim {

struct TlsOptions {
  // PEM, several certificates allowed. Given: only these are trusted, each by itself, be it a root,
  // an intermediate or the server's own. Empty: the system's roots (SSL_CERT_FILE and SSL_CERT_DIR
  // are honoured, then the usual places of Linux distributions); looked for only then.
  std::string root_certificates{};
  // PEM; both or neither. The certificate may be followed by its intermediates. The key must not be
  // encrypted: nobody is ever asked for a passphrase. Neither text is kept.
  std::string client_certificate{};
  std::string client_private_key{};
  // Replaces the target's host in SNI, in the verified name and in :authority.
  std::string server_name{};
  // Replaces only the name that the certificate is verified against.
  std::string verification_server_name{};
  // Accepts any certificate from anybody: whoever sits on the wire can read and change everything,
  // the API key included. For throw-away test set-ups.
  bool dangerously_skip_verification = false;
};

// Reads the options once; the factory then serves any number of connections, on several threads if
// need be (each filter on one).
//
// INVALID_ARGUMENT that names every wrong option (never its contents) and says what is wrong: not
// PEM, no certificate in it, a key that is encrypted or not of the certificate, one of a pair
// missing, a name with a port. FAILED_PRECONDITION when the system has no roots (says where
// they were looked for). INTERNAL when OpenSSL cannot be set up.
//
// The factory's open() yields INVALID_ARGUMENT for a host that no certificate can be for. The texts
// of handshakes that fail are listed in docs/tls.md.
Result<std::shared_ptr<FilterFactory>> make_tls(const TlsOptions& options);

}  // namespace minim

#endif  // MINIM_TLS_H_
