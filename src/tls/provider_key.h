// Keys of OpenSSL's providers that OpenSSL by itself would not sign with.
#ifndef MINIM_TLS_PROVIDER_KEY_H_
#define MINIM_TLS_PROVIDER_KEY_H_

#include <memory>
#include <mutex>

#include "tls/private_key.h"

namespace minim::tls {

// A device takes one command at a time, and tpm2-openssl does not see to that: whoever asks one for
// a key or for a signature holds this.
std::mutex& device_mutex();

// OpenSSL 3.0 takes the signature of the provider that it prefers, hands it the public part if the
// key's own provider gives that away (as tpm2-openssl does), and then misses the private part. So a
// key of another provider is put behind a SigningKey, which asks for the signature of that one.
//
// Null when OpenSSL can sign with `key` as it is.
std::shared_ptr<const TlsKey> provider_key(EVP_PKEY* key);

}  // namespace minim::tls

#endif  // MINIM_TLS_PROVIDER_KEY_H_
