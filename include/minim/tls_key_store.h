// A client key that stays where it is: anything that OpenSSL's stores open by URI, such as a token
// or a TPM. A program that does not use this header does not link OpenSSL's stores for it.
#ifndef MINIM_TLS_KEY_STORE_H_
#define MINIM_TLS_KEY_STORE_H_

#include <memory>
#include <string>

#include "minim/result.h"
#include "minim/tls.h"

namespace minim {

// Opens the first private key behind `uri`, for TlsOptions::client_key. Schemes beyond "file:" come
// with OpenSSL's providers ("pkcs11:", "handle:" of a TPM), which OpenSSL's configuration loads; a
// PIN stands in the URI as the provider's manual says (pin-source=..., pin-value=...).
//
// Keys of a provider sign one after another in the whole process, and wait for this call as well:
// devices take one command at a time. Open a key once and share it.
//
// May block: asks a device. FAILED_PRECONDITION when nothing opens the URI, no private key is
// behind it, or a passphrase is asked for. Texts name the URI up to its '?', where PINs stand.
Result<std::shared_ptr<const TlsKey>> tls_key_from_store(const std::string& uri);

}  // namespace minim

#endif  // MINIM_TLS_KEY_STORE_H_
