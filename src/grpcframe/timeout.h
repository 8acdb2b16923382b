// The grpc-timeout header: 1 to 8 digits and a unit (gRPC PROTOCOL-HTTP2, "Timeout").
#ifndef MINIM_GRPCFRAME_TIMEOUT_H_
#define MINIM_GRPCFRAME_TIMEOUT_H_

#include <optional>
#include <string_view>

#include "minim/time.h"

namespace minim {

inline constexpr std::size_t kMaxTimeoutChars = 9;  // eight digits and the unit

// Writes `timeout` into `buffer`: whole seconds as such ("30S"), else with the finest unit that
// fits eight digits, rounded up so that the server never gives up before us; "0n" for nothing left.
// The view points into `buffer`.
std::string_view encode_timeout(Duration timeout, char (&buffer)[kMaxTimeoutChars]);

// Nothing for an empty text, more than eight digits, an unknown unit or any other character.
// Values beyond what Duration holds are clamped to its maximum.
std::optional<Duration> parse_timeout(std::string_view text);

}  // namespace minim

#endif  // MINIM_GRPCFRAME_TIMEOUT_H_
