// The peer's alerts (RFC 8446, 6) in words.
#ifndef MINIM_TLS_ALERT_H_
#define MINIM_TLS_ALERT_H_

#include <string>

#include "tls/settings.h"

namespace minim::tls {

// How we stand with client certificates when something fails.
struct IdentityFacts {
  bool given = false;   // there is a client certificate
  bool wanted = false;  // the server has asked for one
};

// What the server wants of a client that has shown no certificate.
std::string identity_wanted_text();
// The server speaks none of the versions that were offered.
std::string version_text(const Settings& settings);
std::string alert_text(int alert, const IdentityFacts& identity, const Settings& settings);

}  // namespace minim::tls

#endif  // MINIM_TLS_ALERT_H_
