#include "tls/verification.h"

#include <openssl/x509_vfy.h>

#include "tls/certificate_text.h"
#include "tls/pins.h"

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
  kRevoked,
  kNoList,
  kListDates,
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
    case X509_V_ERR_CERT_REVOKED:
      return Fault::kRevoked;
    case X509_V_ERR_UNABLE_TO_GET_CRL:
      return Fault::kNoList;
    case X509_V_ERR_CRL_HAS_EXPIRED:
    case X509_V_ERR_CRL_NOT_YET_VALID:
      return Fault::kListDates;
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

void note(Refusal* refusal, X509_STORE_CTX* store_context, X509* certificate) {
  refusal->error = X509_STORE_CTX_get_error(store_context);
  refusal->depth = X509_STORE_CTX_get_error_depth(store_context);
  if (certificate != nullptr && X509_up_ref(certificate) == 1) {
    refusal->certificate.reset(certificate);
  }
  if (const X509_CRL* const list = X509_STORE_CTX_get0_current_crl(store_context)) {
    refusal->list_dates = "from " + date_text(X509_CRL_get0_lastUpdate(list)) + " to " +
                          date_text(X509_CRL_get0_nextUpdate(list));
  }
}

Peer& peer_in(X509_STORE_CTX* store_context) {
  return peer_of(static_cast<const SSL*>(
      X509_STORE_CTX_get_ex_data(store_context, SSL_get_ex_data_X509_STORE_CTX_idx())));
}

// Who is trusted by himself needs nobody's word that he is not revoked.
bool is_of_trusted(X509_STORE_CTX* store_context) {
  return X509_STORE_CTX_get_error(store_context) == X509_V_ERR_UNABLE_TO_GET_CRL &&
         X509_STORE_CTX_get_error_depth(store_context) + 1 ==
             sk_X509_num(X509_STORE_CTX_get0_chain(store_context));
}

int keep_first(int ok, X509_STORE_CTX* store_context) {
  if (ok == 1) return ok;
  if (is_of_trusted(store_context)) {
    X509_STORE_CTX_set_error(store_context, X509_V_OK);
    return 1;
  }
  Refusal& refusal = peer_in(store_context).refusal;
  if (refusal.error == X509_V_OK) {
    note(&refusal, store_context, X509_STORE_CTX_get_current_cert(store_context));
  }
  return ok;
}

bool any_is_pinned(const STACK_OF(X509) * chain, const std::vector<std::string>& pins) {
  for (int i = 0; i < sk_X509_num(chain); ++i) {
    if (is_pinned(sk_X509_value(chain, i), pins)) return true;
  }
  return false;
}

int verify_with_pins(X509_STORE_CTX* store_context, void* of_factory) {
  const Settings& settings = *static_cast<const Settings*>(of_factory);
  X509* const certificate = X509_STORE_CTX_get0_cert(store_context);
  if (settings.verifies) {
    const int verified = X509_verify_cert(store_context);
    if (verified != 1) return verified;
    if (any_is_pinned(X509_STORE_CTX_get0_chain(store_context), settings.pins)) return 1;
  } else if (is_pinned(certificate, settings.pins)) {
    // Anybody could add an issuer to his chain that nobody verifies, but not use its key.
    return 1;
  }
  X509_STORE_CTX_set_error(store_context, X509_V_ERR_CERT_REJECTED);
  X509_STORE_CTX_set_error_depth(store_context, 0);
  Refusal& refusal = peer_in(store_context).refusal;
  note(&refusal, store_context, certificate);
  refusal.is_of_pin = true;
  return 0;
}

}  // namespace

std::string session_key(const PeerName& name) { return name.sent + ' ' + name.verified; }

bool set_peer(SSL* ssl, Peer* peer) { return SSL_set_app_data(ssl, peer) == 1; }

Peer& peer_of(const SSL* ssl) { return *static_cast<Peer*>(SSL_get_app_data(ssl)); }

void verify(SSL* ssl) { SSL_set_verify(ssl, SSL_VERIFY_PEER, keep_first); }

void verify_pins(SSL_CTX* context, const Settings& settings) {
  SSL_CTX_set_cert_verify_callback(context, verify_with_pins, const_cast<Settings*>(&settings));
}

std::string refusal_text(const Peer& peer, const Trust& trust) {
  const CleanErrorQueue clean;
  const Refusal& refusal = peer.refusal;
  const PeerName& name = peer.name;
  const X509* const certificate = refusal.certificate.get();
  const std::string reason = X509_verify_cert_error_string(refusal.error);
  if (certificate == nullptr) return "the server's certificate is refused: " + reason;

  const std::string trusted = "the trusted roots (" + trust.roots + ")";
  const std::string whose = refusal.depth == 0
                                ? std::string("the server's certificate")
                                : "the CA certificate " + subject_of(certificate) + " above it";
  const std::string rename =
      "; set server_name to the right one, or verification_server_name to "
      "change this check alone";
  if (refusal.is_of_pin) {
    return "the server's key is none of those in pinned_keys: it is " + pin_of(certificate) +
           "; if it is the right one, add it there";
  }
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
    case Fault::kRevoked:
      return whose + " is revoked: its issuer " + issuer_of(certificate) +
             " has put it on the list in " + trust.lists;
    case Fault::kNoList:
      return "there is no list of revoked certificates by " + issuer_of(certificate) + " in " +
             trust.lists + ", so that nobody knows whether " + whose + " is on it";
    case Fault::kListDates:
      return "the list of revoked certificates by " + issuer_of(certificate) + " in " +
             trust.lists + " is valid " + refusal.list_dates + ", the clock here says " +
             local_clock_text() + "; fetch the newest";
    case Fault::kOther:
      return whose + " is refused: " + reason;
  }
  return reason;
}

}  // namespace minim::tls
