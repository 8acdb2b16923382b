#include "tls/identity.h"

#include "tls/pem.h"

namespace minim::tls {

Identity read_identity(std::string_view certificate_pem, std::string_view key_pem,
                       std::vector<std::string>* problems) {
  const CleanErrorQueue clean;
  Identity identity;
  std::string problem;
  if (!certificate_pem.empty()) {
    identity.chain = read_certificates(certificate_pem, &problem);
    if (identity.chain.empty()) problems->push_back("client_certificate: " + problem);
    if (key_pem.empty()) {
      problems->push_back("client_certificate is given without client_private_key");
    }
  }
  if (!key_pem.empty()) {
    identity.key = read_private_key(key_pem, &problem);
    if (identity.key == nullptr) problems->push_back("client_private_key: " + problem);
    if (certificate_pem.empty()) {
      problems->push_back("client_private_key is given without client_certificate");
    }
  }
  if (!identity.chain.empty() && identity.key != nullptr &&
      X509_check_private_key(identity.chain.front().get(), identity.key.get()) != 1) {
    problem = "client_private_key does not belong to client_certificate";
    if (identity.chain.size() > 1) {
      problem += ", whose first certificate must be the client's own";
    }
    problems->push_back(problem);
  }
  return identity;
}

bool use_identity(SSL_CTX* context, const Identity& identity, std::vector<std::string>* problems) {
  const CleanErrorQueue clean;
  if (identity.chain.empty()) return true;
  bool used = SSL_CTX_use_certificate(context, identity.chain.front().get()) == 1 &&
              SSL_CTX_use_PrivateKey(context, identity.key.get()) == 1;
  for (std::size_t i = 1; used && i < identity.chain.size(); ++i) {
    used = SSL_CTX_add1_chain_cert(context, identity.chain[i].get()) == 1;
  }
  if (used) return true;
  const char* const reason = ERR_reason_error_string(ERR_peek_error());
  problems->push_back(std::string("client_certificate is of no use here: ") +
                      (reason != nullptr ? reason : "OpenSSL gives no reason"));
  return false;
}

}  // namespace minim::tls
