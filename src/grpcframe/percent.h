// Percent-decoding of grpc-message (gRPC PROTOCOL-HTTP2, "Status-Message"), and untrusted text made
// fit for people.
#ifndef MINIM_GRPCFRAME_PERCENT_H_
#define MINIM_GRPCFRAME_PERCENT_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace minim {

// Never fails and never drops text: a bad escape is kept as it stands, bytes that are not UTF-8
// become U+FFFD, and control characters (NUL, ESC, DEL, U+0080 to U+009F, line separators, marks
// that turn the reading direction) become '?'. Tab, CR and LF stay: they are the server's text.
std::string percent_decode(std::string_view text);

// Untrusted text made fit for an error message: UTF-8, one line, at most `max_bytes`. Runs of
// control characters and spaces become one space; text that was cut ends in "...".
std::string printable(std::string_view text, std::size_t max_bytes);

}  // namespace minim

#endif  // MINIM_GRPCFRAME_PERCENT_H_
