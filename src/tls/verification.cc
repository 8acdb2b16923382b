#include "tls/verification.h"

#include <openssl/x509_vfy.h>

#include "tls/certificate_text.h"

namespace minim::tls {

namespace {

enum class Fault {
  kSelfSigned,
  kUnknownRoot,
  kUnknownIssuer,
  kName,
  kAddress,
  kExpired,
  kNotYetValid,
  kPurpose,
  kWeak,
  kOther,
};

Fault fault_of(int error) {
  switch (error) {
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
      return Fault::kSelfSigned;
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
      return Fault::kUnknownRoot;
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_CERT_UNTRUSTED:
      return Fault::kUnknownIssuer;
    case X509_V_ERR_HOSTNAME_MISMATCH:
      return Fault::kName;
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return Fault::kAddress;
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return Fault::kExpired;
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return Fault::kNotYetValid;
    case X509_V_ERR_INVALID_PURPOSE:
      return Fault::kPurpose;
    case X509_V_ERR_EE_KEY_TOO_SMALL:
    case X509_V_ERR_CA_KEY_TOO_SMALL:
    case X509_V_ERR_CA_MD_TOO_WEAK:
      return Fault::kWeak;
    default:
      return Fault::kOther;
  }
}

std::string found_names(const X509* certificate) {
  const std::string names = names_of(certificate);
  if (!names.empty()) return "it is for " + names;
  return "it has no subject alternative names, its subject " + subject_of(certificate) +
         " does not count";
}

int keep_first(int ok, X509_STORE_CTX* store_context) {
  if (ok != 1) {
    const SSL* const ssl = static_cast<const SSL*>(
        X509_STORE_CTX_get_ex_data(store_context, SSL_get_ex_data_X509_STORE_CTX_idx()));
    Refusal* const refusal = static_cast<Refusal*>(SSL_get_app_data(ssl));
    if (refusal->error == X509_V_OK) {
      refusal->error = X509_STORE_CTX_get_error(store_context);
      refusal->depth = X509_STORE_CTX_get_error_depth(store_context);
      X509* const certificate = X509_STORE_CTX_get_current_cert(store_context);
      if (certificate != nullptr && X509_up_ref(certificate) == 1) {
        refusal->certificate.reset(certificate);
      }
    }
  }
  return ok;
}

}  // namespace

void verify_into(SSL* ssl, Refusal* refusal) {
  SSL_set_app_data(ssl, refusal);
  SSL_set_verify(ssl, SSL_VERIFY_PEER, keep_first);
}

std::string refusal_text(const Refusal& refusal, const PeerName& name, std::string_view roots) {
  const CleanErrorQueue clean;
  const X509* const certificate = refusal.certificate.get();
  const std::string reason = X509_verify_cert_error_string(refusal.error);
  if (certificate == nullptr) return "the server's certificate is refused: " + reason;

  const std::string trusted = "the trusted roots (" + std::string(roots) + ")";
  const std::string whose = refusal.depth == 0
                                ? std::string("the server's certificate")
                                : "the CA certificate " + subject_of(certificate) + " above it";
  const std::string rename =
      "; set server_name to the right one, or verification_server_name to "
      "change this check alone";
  switch (fault_of(refusal.error)) {
    case Fault::kSelfSigned:
      return "the server's certificate is self-signed and not among " + trusted +
             "; if it is the right one, give it in root_certificates";
    case Fault::kUnknownRoot:
      return "the server's certificate leads to the root " + subject_of(certificate) +
             ", which is not among " + trusted +
             "; if it is the right one, give it in "
             "root_certificates";
    case Fault::kUnknownIssuer:
      return whose + " is issued by " + issuer_of(certificate) + ", which is not among " + trusted +
             "; give the server's CA in root_certificates, or let the server send its "
             "intermediate certificates";
    case Fault::kName:
      return "the server's certificate is not for the name " + printable(name.verified) + ": " +
             found_names(certificate) + rename;
    case Fault::kAddress:
      return "the server's certificate is not for the address " + printable(name.verified) + ": " +
             found_names(certificate) + rename;
    case Fault::kExpired:
      return whose + " expired on " + date_text(X509_get0_notAfter(certificate)) +
             ", the clock here says " + local_clock_text();
    case Fault::kNotYetValid:
      return whose + " is not valid before " + date_text(X509_get0_notBefore(certificate)) +
             ", the clock here says " + local_clock_text();
    case Fault::kPurpose:
      return whose + " is not made for a server: its key usage forbids it";
    case Fault::kWeak:
      return whose + " has a key or a signature that is too weak: " + reason;
    case Fault::kOther:
      return whose + " is refused: " + reason;
  }
  return reason;
}

}  // namespace minim::tls
