#include <utility>
#include <vector>

#include "minim/tls_signing_key.h"
#include "tls/pem.h"
#include "tls/signing_provider.h"

namespace minim {

namespace {

Status invalid(const std::string& why) {
  return Status(Code::kInvalidArgument, "signing key: " + why);
}

}  // namespace

Result<std::shared_ptr<const TlsKey>> tls_signing_key(const std::string& certificate,
                                                      TlsSigner signer) {
  const tls::CleanErrorQueue clean;
  if (!signer) return invalid("there is no function that signs");
  std::string problem;
  const std::vector<tls::CertificatePtr> chain = tls::read_certificates(certificate, &problem);
  if (chain.empty()) return invalid("its certificate: " + problem);
  tls::KeyPtr public_key(X509_get_pubkey(chain.front().get()));
  if (public_key == nullptr) return invalid("the key in its certificate cannot be read");
  const auto key = std::make_shared<tls::SigningKey>(std::move(public_key), std::move(signer));
  if (!key->load()) return invalid("its certificate has a key that is not RSA, EC or EdDSA");
  return std::shared_ptr<const TlsKey>(key);
}

}  // namespace minim
