#include "tls/identity.h"

#include "tls/pem.h"

namespace minim::tls {

namespace {

void check_pair(const IdentityTexts& texts, const Identity& identity,
                std::vector<std::string>* problems) {
  if (X509_check_private_key(identity.chain.front().get(), identity.key.get()) == 1) return;
  std::string problem = texts.key.name + " does not belong to " + texts.certificate.name;
  if (identity.chain.size() > 1) problem += ", whose first certificate must be the client's own";
  problems->push_back(problem);
}

}  // namespace

std::string fingerprint_of(const IdentityTexts& texts) {
  return fingerprint_of(texts.certificate.text) + fingerprint_of(texts.key.text);
}

std::shared_ptr<const Identity> read_identity(const IdentityTexts& texts,
                                              std::vector<std::string>* problems) {
  const CleanErrorQueue clean;
  const auto identity = std::make_shared<Identity>();
  identity->handle = texts.handle;
  identity->certificate_name = texts.certificate.name;
  identity->fingerprint = fingerprint_of(texts);
  std::string problem;
  if (!texts.certificate.text.empty()) {
    identity->chain = read_certificates(texts.certificate.text, &problem);
    if (identity->chain.empty()) problems->push_back(texts.certificate.name + ": " + problem);
    if (texts.key.text.empty() && texts.handle == nullptr) {
      problems->push_back(texts.certificate.name + " is given without " + texts.key.name);
    }
  }
  if (!texts.key.text.empty()) {
    identity->key = read_private_key(texts.key.text, &problem);
    if (identity->key == nullptr) problems->push_back(texts.key.name + ": " + problem);
  } else if (texts.handle != nullptr) {
    EVP_PKEY* const key = texts.handle->key();
    if (EVP_PKEY_up_ref(key) == 1) identity->key.reset(key);
  }
  if ((!texts.key.text.empty() || texts.handle != nullptr) && texts.certificate.text.empty()) {
    problems->push_back(texts.key.name + " is given without " + texts.certificate.name);
  }
  if (!identity->chain.empty() && identity->key != nullptr) {
    check_pair(texts, *identity, problems);
  }
  return identity;
}

void use_identity(SSL_CTX* context, const Identity& identity, std::vector<std::string>* problems) {
  const CleanErrorQueue clean;
  if (identity.chain.empty()) return;
  bool used = SSL_CTX_use_certificate(context, identity.chain.front().get()) == 1 &&
              SSL_CTX_use_PrivateKey(context, identity.key.get()) == 1;
  for (std::size_t i = 1; used && i < identity.chain.size(); ++i) {
    used = SSL_CTX_add1_chain_cert(context, identity.chain[i].get()) == 1;
  }
  if (used) return;
  const char* const reason = ERR_reason_error_string(ERR_peek_error());
  problems->push_back(identity.certificate_name + " is of no use here: " +
                      (reason != nullptr ? reason : "OpenSSL gives no reason"));
}

}  // namespace minim::tls
