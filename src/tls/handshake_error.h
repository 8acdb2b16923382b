// A failed handshake or a broken connection as a Status that says what to do.
#ifndef MINIM_TLS_HANDSHAKE_ERROR_H_
#define MINIM_TLS_HANDSHAKE_ERROR_H_

#include <string>
#include <string_view>

#include "minim/status.h"
#include "tls/alert.h"
#include "tls/settings.h"
#include "tls/trust.h"
#include "tls/verification.h"

namespace minim::tls {

// What is known of a connection when it fails.
struct ConnectionFacts {
  const Peer& peer;
  const Settings& settings;
  const Trust& trust;
  std::string_view first_bytes;  // the server's, up to 8
  IdentityFacts identity;
  bool is_open = false;     // the handshake was over
  bool has_spoken = false;  // plain bytes have arrived
};

// Why OpenSSL stopped: takes the error queue of this thread.
Status explain_error(const ConnectionFacts& facts);
// The network ended without close_notify.
Status explain_end(const ConnectionFacts& facts);
// close_notify in the handshake.
Status explain_goodbye(const ConnectionFacts& facts);
// The handshake is done, but not for HTTP/2; `protocol` is what the server chose, if anything.
Status explain_protocol(const ConnectionFacts& facts, std::string_view protocol);
// Any other reason.
Status explain(const ConnectionFacts& facts, const std::string& reason);

}  // namespace minim::tls

#endif  // MINIM_TLS_HANDSHAKE_ERROR_H_
