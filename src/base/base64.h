// Base64 of gRPC binary metadata: standard alphabet, written without padding, read with or without
// (gRPC PROTOCOL-HTTP2, "Binary headers"; RFC 4648, 4).
#ifndef MINIM_BASE_BASE64_H_
#define MINIM_BASE_BASE64_H_

#include <optional>
#include <string>
#include <string_view>

namespace minim {

enum class Base64Padding { kOmit, kWrite };

std::string base64_encode(std::string_view bytes, Base64Padding padding);
// Nothing for a character outside the alphabet, an impossible length, or padding in the wrong place.
std::optional<std::string> base64_decode(std::string_view text);

}  // namespace minim

#endif  // MINIM_BASE_BASE64_H_
