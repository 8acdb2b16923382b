#include "grpcframe/percent.h"

#include <cstdint>

namespace minim {

namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";  // U+FFFD

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string unescape(std::string_view text) {
  std::string bytes;
  bytes.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int high = text[i] == '%' && i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
    const int low = high >= 0 ? hex_value(text[i + 2]) : -1;
    if (low < 0) {
      bytes.push_back(text[i]);
      continue;
    }
    bytes.push_back(static_cast<char>(high * 16 + low));
    i += 2;
  }
  return bytes;
}

struct Sequence {
  std::size_t bytes;         // length; of the wrong part if not valid
  std::uint32_t code_point;  // valid when `valid`
  bool valid;
};

// The UTF-8 sequence at the start of `text` (not empty). For wrong bytes: how many of them one
// U+FFFD stands for (Unicode 15, 3.9, "maximal subpart").
Sequence next_sequence(std::string_view text) {
  const auto first = static_cast<std::uint8_t>(text[0]);
  if (first < 0x80) return {1, first, true};
  if (first < 0xc2 || first > 0xf4) return {1, 0, false};
  const std::size_t length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  std::uint32_t code_point = first & (0x7fU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if (i == text.size()) return {i, 0, false};
    const auto byte = static_cast<std::uint8_t>(text[i]);
    std::uint8_t lowest = 0x80;
    std::uint8_t highest = 0xbf;
    if (i == 1) {  // overlong forms, surrogates, and what lies above U+10FFFF
      if (first == 0xe0) lowest = 0xa0;
      if (first == 0xed) highest = 0x9f;
      if (first == 0xf0) lowest = 0x90;
      if (first == 0xf4) highest = 0x8f;
    }
    if (byte < lowest || byte > highest) return {i, 0, false};
    code_point = code_point << 6 | (byte & 0x3fU);
  }
  return {length, code_point, true};
}

// What would start a new line, move the cursor or turn the reading direction in a log.
bool is_control(std::uint32_t c) {
  return c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x2028 && c <= 0x202e) ||
         (c >= 0x2066 && c <= 0x2069);
}

// What a server may lay its text out with; Status::to_string() puts it on one line.
bool is_layout(std::uint32_t c) { return c == '\t' || c == '\n' || c == '\r'; }

bool is_plain(std::string_view text) {
  for (const char c : text) {
    if (c < 0x20 || c > 0x7e) return false;
  }
  return true;
}

}  // namespace

std::string percent_decode(std::string_view text) {
  std::string bytes = unescape(text);
  if (is_plain(bytes)) return bytes;
  std::string decoded;
  decoded.reserve(bytes.size());
  for (std::string_view rest = bytes; !rest.empty();) {
    const Sequence sequence = next_sequence(rest);
    if (!sequence.valid) {
      decoded.append(kReplacement);
    } else if (is_control(sequence.code_point) && !is_layout(sequence.code_point)) {
      decoded.push_back('?');
    } else {
      decoded.append(rest.substr(0, sequence.bytes));
    }
    rest.remove_prefix(sequence.bytes);
  }
  return decoded;
}

std::string printable(std::string_view text, std::size_t max_bytes) {
  constexpr std::string_view kCut = "...";
  std::string shown;
  std::size_t fits = 0;  // the longest prefix of `shown` that leaves room for kCut
  while (!text.empty()) {
    const Sequence sequence = next_sequence(text);
    std::string_view piece = text.substr(0, sequence.bytes);
    if (!sequence.valid) {
      piece = kReplacement;
    } else if (is_control(sequence.code_point)) {
      piece = " ";  // bodies of error pages are full of line ends and tabs
    }
    if (shown.size() + piece.size() > max_bytes) {
      shown.resize(fits);
      if (max_bytes >= kCut.size()) shown.append(kCut);
      break;
    }
    text.remove_prefix(sequence.bytes);
    if (piece == " " && (shown.empty() || shown.back() == ' ')) continue;
    shown.append(piece);
    if (shown.size() + kCut.size() <= max_bytes) fits = shown.size();
  }
  if (shown.ends_with(' ')) shown.pop_back();
  return shown;
}

}  // namespace minim
