// What the connections of one factory share while trust and identity stay the same. Immutable once
// made, apart from the sessions, so several threads may use it.
#ifndef MINIM_TLS_TLS_CONTEXT_H_
#define MINIM_TLS_TLS_CONTEXT_H_

#include <memory>
#include <string>
#include <vector>

#include "minim/status.h"
#include "tls/openssl_ptr.h"
#include "tls/session_cache.h"
#include "tls/settings.h"
#include "tls/sources.h"

namespace minim::tls {

struct TlsContext {
  std::shared_ptr<const Settings> settings;
  Sources::Parts parts;
  std::unique_ptr<SessionCache> sessions;
  BioMethodPtr wire_method;
  SslContextPtr ssl;  // after all that it points to
};

// INTERNAL when OpenSSL cannot be set up; a problem when it refuses the identity.
Status make_context(std::shared_ptr<const Settings> settings, const Sources::Parts& parts,
                    std::shared_ptr<const TlsContext>* context, std::vector<std::string>* problems);

}  // namespace minim::tls

#endif  // MINIM_TLS_TLS_CONTEXT_H_
