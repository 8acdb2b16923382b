// What the connections of one factory share. Immutable once made, so several threads may use it.
#ifndef MINIM_TLS_TLS_CONTEXT_H_
#define MINIM_TLS_TLS_CONTEXT_H_

#include <memory>
#include <string>

#include "minim/result.h"
#include "minim/tls.h"
#include "tls/openssl_ptr.h"

namespace minim::tls {

struct TlsContext {
  BioMethodPtr wire_method;
  SslContextPtr ssl;
  std::string roots;  // for texts: which roots are trusted
  std::string server_name;
  std::string verification_server_name;
  bool has_identity = false;
  bool verifies = true;
};

// The checks and errors of make_tls().
Result<std::shared_ptr<const TlsContext>> make_context(const TlsOptions& options);

}  // namespace minim::tls

#endif  // MINIM_TLS_TLS_CONTEXT_H_
