// TLS for a channel: a Filter over OpenSSL 3. Certificates are verified; ALPN "h2" is required and
// checked; TLS 1.2 is the least (RFC 9113, 9.2).
#ifndef MINIM_TLS_H_
#define MINIM_TLS_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "minim/filter.h"
#include "minim/result.h"

namespace minim {

enum class TlsVersion { k12, k13 };

// A private key that minim uses but never sees: one of a device (minim/tls_key_store.h), or one
// that signs by a function of the host's (minim/tls_signing_key.h). May serve several threads.
class TlsKey;

// What a client shows of itself: its certificate, then the intermediates, in PEM; and the key, as
// PEM that is not encrypted or as a handle: one of the two. Without a certificate nothing is shown.
struct TlsIdentity {
  std::string certificate{};
  std::string private_key{};
  std::shared_ptr<const TlsKey> key{};
};

// Options that end in _file name a file that is read whole, at most 16 MiB, by make_tls() and
// again for each new connection, on the channel's thread. What has changed in it counts from the
// next connection on, and connections that are open stay as they are. A file that has become
// unreadable or wrong fails the new connection with a text that names it; the one after reads it
// again.
struct TlsOptions {
  // Whom to trust: PEM, several certificates allowed; as a text or as a file, not both. Given: only
  // these are trusted, each by itself, be it a root, an intermediate or the server's own. Neither:
  // the system's roots (SSL_CERT_FILE and SSL_CERT_DIR are honoured, then the usual places of Linux
  // distributions); looked for only then.
  std::string root_certificates{};
  std::string root_certificates_file{};

  // The client's certificate, in one of four ways, or none:
  //   two texts in PEM; the certificate may be followed by its intermediates, the key must not be
  //   encrypted (nobody is ever asked for a passphrase); the key's text is not kept;
  std::string client_certificate{};
  std::string client_private_key{};
  //   two files of the same kind;
  std::string client_certificate_file{};
  std::string client_private_key_file{};
  //   a certificate as text or file, and a handle of its key;
  std::shared_ptr<const TlsKey> client_key{};
  //   a function that is asked once for each new connection, on the channel's thread, maybe on
  //   several at once. It must not throw, block or use the channel. An error fails that connection.
  std::function<Result<TlsIdentity>()> client_identity{};

  // Certificate revocation lists: PEM, as a text or as a file. Given: each certificate below the
  // trusted one must be on none, and there must be a list, in force and signed, of each issuer.
  std::string revocation_lists{};
  std::string revocation_lists_file{};
  // "sha256/" and the base64 of the SHA-256 of a public key (SubjectPublicKeyInfo). Given: besides
  // all other checks, one certificate of the verified chain must have one of these keys. Without
  // verification, the server's own certificate must.
  std::vector<std::string> pinned_keys{};

  // Replaces the target's host in SNI, in the verified name and in :authority.
  std::string server_name{};
  // Replaces only the name that the certificate is verified against.
  std::string verification_server_name{};

  TlsVersion min_version = TlsVersion::k12;
  TlsVersion max_version = TlsVersion::k13;
  // What is offered, most wanted first, separated by colons, by OpenSSL's names; empty: all that
  // docs/tls.md lists. `ciphers` is for TLS 1.2, `cipher_suites` for TLS 1.3.
  std::string ciphers{};
  std::string cipher_suites{};

  // Sessions are resumed, which spares certificates and signatures when a host is connected to
  // again. They are kept in the factory, by host, at most 64, and go when trust or identity change.
  bool session_resumption = true;

  // Appends the secrets of every connection to this file (NSS key log format), for tools that
  // decipher captured traffic: whoever reads it can do the same. It is made when it is missing; no
  // pipe, socket or device is taken (INVALID_ARGUMENT). The environment is never asked.
  std::string key_log_file{};
  // Accepts any certificate from anybody: whoever sits on the wire can read and change everything,
  // the API key included. For throw-away test set-ups.
  bool dangerously_skip_verification = false;
};

// Reads and checks the options; the factory then serves any number of connections, on several
// threads if need be (each filter on one).
//
// INVALID_ARGUMENT that names every wrong option (never a secret) and says what is wrong: not PEM,
// no certificate in it, a file that cannot be read, a key that is encrypted or not of the
// certificate, one of a pair missing, a name with a port, an unknown cipher, something that is no
// pin.
// FAILED_PRECONDITION when the system has no roots (says where they were looked for). INTERNAL when
// OpenSSL cannot be set up.
//
// The factory's open() yields INVALID_ARGUMENT for a host that no certificate can be for, and
// UNAVAILABLE with the text of above when a file or `client_identity` yields nothing of use. The
// texts of handshakes that fail are listed in docs/tls.md.
Result<std::shared_ptr<FilterFactory>> make_tls(const TlsOptions& options);

// The same for rpc::ProxyOptions::tls: HTTP/1.1 is spoken inside, so no ALPN is offered.
Result<std::shared_ptr<FilterFactory>> make_proxy_tls(const TlsOptions& options);

}  // namespace minim

#endif  // MINIM_TLS_H_
