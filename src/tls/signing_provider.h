// Keys that OpenSSL takes for keys, though a function of the host's does the signing: a provider of
// OpenSSL's, in a library context of its own, so that nobody else in the process sees it.
#ifndef MINIM_TLS_SIGNING_PROVIDER_H_
#define MINIM_TLS_SIGNING_PROVIDER_H_

#include <openssl/provider.h>

#include <memory>

#include "minim/tls_signing_key.h"
#include "tls/openssl_ptr.h"
#include "tls/private_key.h"

namespace minim::tls {

class SigningKey final : public TlsKey {
 public:
  SigningKey(KeyPtr public_key, TlsSigner signer);
  SigningKey(const SigningKey&) = delete;
  SigningKey& operator=(const SigningKey&) = delete;

  // False when OpenSSL has no memory, or does not know such keys. Once, before all else.
  bool load();
  EVP_PKEY* key() const override { return key_.get(); }

  EVP_PKEY* public_key() const { return public_key_.get(); }
  Result<std::string> sign(const TlsSigning& what) const { return signer_(what); }

 private:
  using LibraryPtr = std::unique_ptr<OSSL_LIB_CTX, Free<OSSL_LIB_CTX_free>>;
  using ProviderPtr = std::unique_ptr<OSSL_PROVIDER, Free<OSSL_PROVIDER_unload>>;

  const KeyPtr public_key_;
  const TlsSigner signer_;
  LibraryPtr library_;
  ProviderPtr provider_;  // of library_
  KeyPtr key_;            // of provider_; refers to this object
};

}  // namespace minim::tls

#endif  // MINIM_TLS_SIGNING_PROVIDER_H_
