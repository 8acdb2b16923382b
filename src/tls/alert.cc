#include "tls/alert.h"

#include "tls/openssl_ptr.h"

namespace minim::tls {

namespace {

std::string identity_refused_text(const char* why) {
  return std::string("the server refuses the client certificate: ") + why;
}

// Servers say "bad certificate" of one that is not there, too (TLS 1.2 has no better alert).
std::string certificate_text(const IdentityFacts& identity, const char* why) {
  return identity.given ? identity_refused_text(why) : identity_wanted_text();
}

}  // namespace

std::string identity_wanted_text() {
  return "the server wants a client certificate; give one in client_certificate and "
         "client_private_key";
}

std::string version_text(const Settings& settings) {
  const bool is_newest = settings.max_version == TLS1_3_VERSION;
  std::string text = "the server's TLS is ";
  text += is_newest ? "too old" : "another";
  text += ": it speaks none of the versions that minim offers (" + settings.versions + ")";
  if (!is_newest) return text + "; is max_version too low";
  return settings.min_version == TLS1_2_VERSION ? text : text + "; is min_version too high";
}

std::string alert_text(int alert, const IdentityFacts& identity, const Settings& settings) {
  switch (alert) {
    case SSL_AD_CERTIFICATE_REQUIRED:
      return certificate_text(identity, "none of its demands is met by it");
    case SSL_AD_BAD_CERTIFICATE:
      return certificate_text(identity, "it calls it bad; is its issuer the one the server trusts");
    case SSL_AD_UNSUPPORTED_CERTIFICATE:
      return certificate_text(identity, "its kind is not supported, or it is not for clients");
    case SSL_AD_CERTIFICATE_UNKNOWN:
      return certificate_text(identity, "for a reason the server keeps to itself");
    case SSL_AD_CERTIFICATE_REVOKED:
      return certificate_text(identity, "it is revoked");
    case SSL_AD_CERTIFICATE_EXPIRED:
      return certificate_text(identity, "it has expired, or is not valid yet by its clock");
    case SSL_AD_UNKNOWN_CA:
      return certificate_text(identity,
                              "it does not know the issuer; is the CA registered there, and do "
                              "the intermediates follow in client_certificate");
    case SSL_AD_ACCESS_DENIED:
      return identity.given ? identity_refused_text("it is valid, but has no access")
                            : "the server denies access";
    case SSL_AD_HANDSHAKE_FAILURE:
      if (identity.wanted && !identity.given) return identity_wanted_text();
      if (identity.wanted) return identity_refused_text("it says no more than handshake failure");
      return "the server finds no common ground (handshake failure alert): minim offers " +
             settings.offer;
    case SSL_AD_INSUFFICIENT_SECURITY:
      return "the server shares no cipher suite with minim, which offers " + settings.offer;
    case SSL_AD_PROTOCOL_VERSION:
      return version_text(settings);
    case SSL_AD_UNRECOGNIZED_NAME:
      return "the server does not know the name it was asked for; set server_name";
    case SSL_AD_NO_APPLICATION_PROTOCOL:
      return "the server does not offer HTTP/2 (ALPN h2); is an HTTP/1.1 proxy or load balancer "
             "in between";
    case SSL_AD_DECRYPT_ERROR:
      if (identity.wanted && identity.given) {
        return identity_refused_text("its signature does not verify; is the key the right one");
      }
      [[fallthrough]];
    case SSL_AD_BAD_RECORD_MAC:
      return std::string("the server could not decipher what was sent (") +
             SSL_alert_desc_string_long(alert) + " alert): something on the way alters it";
    case SSL_AD_INTERNAL_ERROR:
      return "the server has a problem of its own (internal error alert)";
    default:
      return "the server gave up with alert " + std::to_string(alert) + " (" +
             SSL_alert_desc_string_long(alert) + ")";
  }
}

}  // namespace minim::tls
