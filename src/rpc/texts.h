// Pieces of error texts that several files of this folder share.
#ifndef MINIM_RPC_TEXTS_H_
#define MINIM_RPC_TEXTS_H_

#include <string>
#include <string_view>

#include "minim/status.h"
#include "minim/time.h"

namespace minim::rpc {

// "5.0 s", "250 ms", "2.5 min": short, for people.
std::string duration_text(Duration duration);

// What the first bytes of a peer that does not speak HTTP/2 look like ("it answered 'HTTP/1.1 400
// Bad Request'", "it sent a TLS alert: turn TLS on"); empty when they say nothing.
std::string peer_hint(std::string_view first_bytes);
// The same for a peer that ought to be a gRPC server: text of another protocol is quoted too.
std::string server_hint(std::string_view first_bytes);

// DEADLINE_EXCEEDED "deadline exceeded after 5.0 s while PHASE".
Status deadline_exceeded(Duration elapsed, std::string_view phase);

}  // namespace minim::rpc

#endif  // MINIM_RPC_TEXTS_H_
