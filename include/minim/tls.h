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
  // PEM, several certificates allowed. Given: only these roots are trusted. Empty: the system's
  // (SSL_CERT_FILE and SSL_CERT_DIR are honoured, then the usual places of Linux distributions).
  std::string root_certificates;
  // PEM; both or neither. The certificate may be followed by its intermediates.
  std::string client_certificate;
  std::string client_private_key;
  // Replaces the target's host in SNI, in the verified name and in :authority.
  std::string server_name;
  // Replaces only the name that the certificate is verified against.
  std::string verification_server_name;
  // Accepts any certificate from anybody: whoever sits on the wire can read and change everything,
  // the API key included. For throw-away test set-ups.
  bool dangerously_skip_verification = false;
};

// Reads the options once; the factory then serves any number of connections. INVALID_ARGUMENT that
// names the option (never its contents) and says what is wrong: not PEM, no certificate in it, a
// key that is encrypted or does not belong to the certificate, one of a pair missing;
// FAILED_PRECONDITION when the system has no roots (says where they were looked for).
Result<std::shared_ptr<FilterFactory>> make_tls(const TlsOptions& options);

}  // namespace minim

#endif  // MINIM_TLS_H_
