// Certificates in words. What a peer wrote into them is untrusted: it comes out as printable ASCII
// of bounded length.
#ifndef MINIM_TLS_CERTIFICATE_TEXT_H_
#define MINIM_TLS_CERTIFICATE_TEXT_H_

#include <string>
#include <string_view>

#include "tls/openssl_ptr.h"

namespace minim::tls {

// "DNS:a.example, IP Address:10.0.0.1 and 3 more"; empty when it names nobody.
std::string names_of(const X509* certificate);
std::string subject_of(const X509* certificate);  // "CN=a.example,O=Example"
std::string issuer_of(const X509* certificate);
// "2026-05-01 12:00:00 UTC"; "an unreadable date" when it is none.
std::string date_text(const ASN1_TIME* time);
std::string local_clock_text();
// The start of `text`, with everything but printable ASCII replaced by '?'.
std::string printable(std::string_view text);

}  // namespace minim::tls

#endif  // MINIM_TLS_CERTIFICATE_TEXT_H_
