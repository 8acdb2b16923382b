#include "tls/handshake_error.h"

#include <openssl/sslerr.h>

#include "tls/certificate_text.h"
#include "tls/signer_error.h"

namespace minim::tls {

namespace {

constexpr char kInBetween[] = "; is an HTTP/1.1 proxy or load balancer in between";
// Content types of TLS records: change_cipher_spec, alert, handshake, application_data.
bool is_tls(std::string_view first_bytes) {
  return first_bytes.front() >= 20 && first_bytes.front() <= 23;
}

std::string plaintext_text(std::string_view first_bytes) {
  if (first_bytes.starts_with("HTTP/")) {
    return "the server answers in plain HTTP/1; it speaks no TLS on this port: turn TLS off, or "
           "use its TLS port";
  }
  return "the server speaks plaintext on this port: turn TLS off, or use its TLS port";
}

// What OpenSSL's error queue says.
struct Reasons {
  unsigned long first = 0;   // the first entry of all, where the trouble began
  unsigned long of_ssl = 0;  // the first of the SSL library, which knows best what it means
  std::string of_signer;     // the text of a signing function's error
};

Reasons take_reasons() {
  Reasons reasons;
  const char* data = nullptr;
  int flags = 0;
  while (const unsigned long error = ERR_get_error_all(nullptr, nullptr, nullptr, &data, &flags)) {
    if (reasons.first == 0) reasons.first = error;
    if (reasons.of_ssl == 0 && ERR_GET_LIB(error) == ERR_LIB_SSL) reasons.of_ssl = error;
    if (ERR_GET_LIB(error) == ERR_LIB_USER && ERR_GET_REASON(error) == kSignerReason &&
        (flags & ERR_TXT_STRING) != 0) {
      reasons.of_signer = data;
    }
  }
  return reasons;
}

std::string openssl_text(unsigned long error) {
  const char* const text = ERR_reason_error_string(error);
  return text != nullptr ? text : "no reason given";
}

std::string ssl_error_text(const ConnectionFacts& facts, unsigned long error) {
  const int reason = ERR_GET_REASON(error);
  if (reason >= SSL_AD_REASON_OFFSET) {
    return alert_text(reason - SSL_AD_REASON_OFFSET, facts.identity, facts.settings);
  }
  switch (reason) {
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_WRONG_SSL_VERSION:
    case SSL_R_VERSION_TOO_LOW:
      return version_text(facts.settings);
    case SSL_R_WRONG_VERSION_NUMBER:
      if (!facts.is_open) return version_text(facts.settings);
      return "a record arrived damaged: something on the way alters it";
    case SSL_R_DECRYPTION_FAILED_OR_BAD_RECORD_MAC:
      return "a record arrived damaged (it is not authentic): something on the way alters it";
    case SSL_R_BAD_EXTENSION:
      // Above all the choice of a protocol that was not offered.
      return std::string(
                 "the server's answer has a bad extension, as when it insists on another "
                 "protocol than HTTP/2 (ALPN h2)") +
             kInBetween;
    case SSL_R_BAD_SIGNATURE:
    case SSL_R_DIGEST_CHECK_FAILED:
      return "the server's handshake does not verify (" + openssl_text(error) +
             "): something on the way alters it, or the server has not the key of its certificate";
    case SSL_R_NO_PROTOCOLS_AVAILABLE:
    case SSL_R_NO_CIPHERS_AVAILABLE:
      return "OpenSSL's configuration on this machine leaves nothing of TLS " +
             facts.settings.versions + " (" + openssl_text(error) + ")";
    default:
      return "the server's bytes break the TLS protocol (" + openssl_text(error) + ")";
  }
}

}  // namespace

Status explain(const ConnectionFacts& facts, const std::string& reason) {
  const std::string what = facts.is_open ? "TLS connection to " : "TLS handshake with ";
  const Status status(Code::kUnavailable,
                      what + printable(facts.peer.name.sent) + " failed: " + reason,
                      Origin::kTransport);
  // Nothing is sent before the handshake is done, so nothing can have been acted on.
  return facts.is_open ? status : status.with_reached_server(false);
}

Status explain_error(const ConnectionFacts& facts) {
  const Reasons reasons = take_reasons();
  if (!facts.is_open && !facts.first_bytes.empty() && !is_tls(facts.first_bytes)) {
    return explain(facts, plaintext_text(facts.first_bytes));
  }
  if (facts.peer.refusal.error != X509_V_OK) {
    return explain(facts, refusal_text(facts.peer, facts.trust));
  }
  if (!reasons.of_signer.empty()) {
    return explain(facts, "the client's key does not sign: " + reasons.of_signer);
  }
  // An error that all libraries have in common is no judgement of what the server sent.
  if (reasons.of_ssl != 0 && !ERR_COMMON_ERROR(reasons.of_ssl)) {
    return explain(facts, ssl_error_text(facts, reasons.of_ssl));
  }
  if (facts.identity.wanted && facts.identity.given &&
      ERR_GET_REASON(reasons.of_ssl) == ERR_R_EVP_LIB) {
    return explain(facts, "the client's key does not sign: " + openssl_text(reasons.first));
  }
  return explain(facts, "OpenSSL cannot go on (" + openssl_text(reasons.first) + ")");
}

Status explain_end(const ConnectionFacts& facts) {
  if (facts.is_open) {
    // A refused client certificate under TLS 1.3 is learnt of only now, if the server says nothing.
    if (!facts.has_spoken && facts.identity.wanted && !facts.identity.given) {
      return explain(facts,
                     "the server closed it right after the handshake, in which it asked for "
                     "a client certificate; give one in client_certificate and "
                     "client_private_key");
    }
    return explain(facts, "connection lost: it ended without TLS's close_notify");
  }
  if (facts.first_bytes.empty()) {
    return explain(facts,
                   "the server closed the connection without an answer; is this its TLS "
                   "port");
  }
  if (!is_tls(facts.first_bytes)) return explain(facts, plaintext_text(facts.first_bytes));
  if (facts.identity.wanted && !facts.identity.given) {
    return explain(facts,
                   "the server closed the connection after it asked for a client "
                   "certificate; give one in client_certificate and client_private_key");
  }
  return explain(facts, "connection lost: it ended in the middle of the handshake");
}

Status explain_goodbye(const ConnectionFacts& facts) {
  if (facts.identity.wanted && !facts.identity.given) return explain(facts, identity_wanted_text());
  return explain(facts, "the server said goodbye in the middle of the handshake");
}

Status explain_protocol(const ConnectionFacts& facts, std::string_view protocol) {
  const std::string chosen =
      protocol.empty() ? std::string("no protocol") : "'" + printable(protocol) + "'";
  return explain(
      facts, "the server chose " + chosen + " where HTTP/2 was asked for (ALPN h2)" + kInBetween);
}

}  // namespace minim::tls
