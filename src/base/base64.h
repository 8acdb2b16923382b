// Base64 of gRPC binary metadata: standard alphabet, written without padding, read with or without
// (gRPC PROTOCOL-HTTP2, "Binary headers"; RFC 4648, 4).
#ifndef MINIM_BASE_BASE64_H_
#define MINIM_BASE_BASE64_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace minim {

enum class Base64Padding { kOmit, kWrite };

// The length of the text of `byte_count` bytes.
constexpr std::size_t base64_length(std::size_t byte_count, Base64Padding padding) {
  const std::size_t tail = byte_count % 3;
  if (tail == 0) return byte_count / 3 * 4;
  return byte_count / 3 * 4 + (padding == Base64Padding::kWrite ? 4 : tail + 1);
}

std::string base64_encode(std::string_view bytes, Base64Padding padding);
// Appends the text; reallocates only when `text` has less than base64_length() bytes to spare.
void base64_append(std::string& text, std::string_view bytes, Base64Padding padding);

// Nothing for a character outside the alphabet, an impossible length, or padding in the wrong
// place. The unused bits of the last character are not looked at.
std::optional<std::string> base64_decode(std::string_view text);

}  // namespace minim

#endif  // MINIM_BASE_BASE64_H_
