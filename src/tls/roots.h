// Whom we trust: the given certificates, or the system's.
#ifndef MINIM_TLS_ROOTS_H_
#define MINIM_TLS_ROOTS_H_

#include <string>
#include <vector>

#include "minim/result.h"
#include "tls/named_text.h"
#include "tls/openssl_ptr.h"

namespace minim::tls {

// Where a system keeps its roots. The directories are of the hashed kind (c_rehash): OpenSSL reads
// the one file it needs while it verifies, where a bundle puts some 140 certificates into memory.
struct RootPlaces {
  std::vector<std::string> directories;
  std::vector<std::string> bundles;
};

// SSL_CERT_DIR and SSL_CERT_FILE if either is set, otherwise what Linux distributions use and
// where the linked OpenSSL looks, which on a static build may be a path of the build machine.
RootPlaces system_root_places();

// Adds the first usable directory, and without one the first usable bundle; with `all` every usable
// place (the user named them). Returns where the roots come from; FAILED_PRECONDITION, with the
// places that were tried, when there are none.
Result<std::string> use_roots(X509_STORE* store, const RootPlaces& places, bool all);
Result<std::string> use_system_roots(X509_STORE* store);

// Only the certificates of `pem` are trusted; each is enough by itself, root or not. Returns where
// the roots come from; adds a problem when `pem` is of no use.
std::string use_given_roots(X509_STORE* store, const NamedText& pem,
                            std::vector<std::string>* problems);

}  // namespace minim::tls

#endif  // MINIM_TLS_ROOTS_H_
