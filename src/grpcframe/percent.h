// Percent-decoding of grpc-message (gRPC PROTOCOL-HTTP2, "Status-Message").
#ifndef MINIM_GRPCFRAME_PERCENT_H_
#define MINIM_GRPCFRAME_PERCENT_H_

#include <string>
#include <string_view>

namespace minim {

// Never fails and never drops text: a bad escape is kept as it stands, bytes that are not UTF-8
// become U+FFFD, and control characters (NUL, CR, LF ...) become '?' so that a message is safe to
// log on one line. Tab stays.
std::string percent_decode(std::string_view text);

// Untrusted text made fit for an error message: UTF-8, one line, at most `max_bytes`.
std::string printable(std::string_view text, std::size_t max_bytes);

}  // namespace minim

#endif  // MINIM_GRPCFRAME_PERCENT_H_
