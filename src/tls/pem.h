// PEM text to certificates and keys. Errors are short phrases for an option's text; they never
// quote what was read.
#ifndef MINIM_TLS_PEM_H_
#define MINIM_TLS_PEM_H_

#include <string>
#include <string_view>
#include <vector>

#include "tls/openssl_ptr.h"

namespace minim::tls {

// All certificates of `pem`, in order; other blocks are passed over. Empty, with `problem` set,
// when there is none or when one cannot be read.
std::vector<CertificatePtr> read_certificates(std::string_view pem, std::string* problem);
// A system's bundle: certificates that cannot be read are passed over.
std::vector<CertificatePtr> read_bundle(BIO* file);

// All revocation lists of `pem`, in the same manner.
std::vector<RevocationListPtr> read_revocation_lists(std::string_view pem, std::string* problem);

// The first private key of `pem` (PKCS#8, PKCS#1 or SEC1). Null, with `problem` set, when there is
// none, or when it is encrypted: nobody is there to be asked for a passphrase.
KeyPtr read_private_key(std::string_view pem, std::string* problem);

}  // namespace minim::tls

#endif  // MINIM_TLS_PEM_H_
