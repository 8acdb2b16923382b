#include "base/base64.h"

#include <array>
#include <cstdint>

namespace minim {

namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr std::uint8_t kInvalid = 0xff;

constexpr std::array<std::uint8_t, 256> make_values() {
  std::array<std::uint8_t, 256> values{};
  for (std::uint8_t& value : values) value = kInvalid;
  for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
    values[static_cast<std::uint8_t>(kAlphabet[i])] = static_cast<std::uint8_t>(i);
  }
  return values;
}

constexpr std::array<std::uint8_t, 256> kValues = make_values();

std::uint32_t octet(char c) { return static_cast<std::uint8_t>(c); }

char digit(std::uint32_t bits, int shift) { return kAlphabet[(bits >> shift) & 63]; }

}  // namespace

void base64_append(std::string& text, std::string_view bytes, Base64Padding padding) {
  std::size_t at = text.size();
  text.resize(at + base64_length(bytes.size(), padding), '=');
  while (bytes.size() >= 3) {
    const std::uint32_t bits = octet(bytes[0]) << 16 | octet(bytes[1]) << 8 | octet(bytes[2]);
    text[at++] = digit(bits, 18);
    text[at++] = digit(bits, 12);
    text[at++] = digit(bits, 6);
    text[at++] = digit(bits, 0);
    bytes.remove_prefix(3);
  }
  if (bytes.empty()) return;
  const std::uint32_t second = bytes.size() == 2 ? octet(bytes[1]) : 0;
  const std::uint32_t bits = octet(bytes[0]) << 16 | second << 8;
  text[at++] = digit(bits, 18);
  text[at++] = digit(bits, 12);
  if (bytes.size() == 2) text[at] = digit(bits, 6);
}

std::string base64_encode(std::string_view bytes, Base64Padding padding) {
  std::string text;
  base64_append(text, bytes, padding);
  return text;
}

std::optional<std::string> base64_decode(std::string_view text) {
  // Padding is only right where it completes a group of four.
  if (text.size() % 4 == 0 && text.ends_with('=')) {
    text.remove_suffix(text.ends_with("==") ? 2 : 1);
  }
  if (text.size() % 4 == 1) return std::nullopt;

  std::string bytes;
  bytes.reserve(text.size() / 4 * 3 + 2);
  std::uint32_t bits = 0;
  int bit_count = 0;
  for (const char c : text) {
    const std::uint8_t value = kValues[static_cast<std::uint8_t>(c)];
    if (value == kInvalid) return std::nullopt;
    bits = bits << 6 | value;
    bit_count += 6;
    if (bit_count >= 8) {
      bit_count -= 8;
      bytes.push_back(static_cast<char>(bits >> bit_count & 0xff));
    }
  }
  return bytes;
}

}  // namespace minim
