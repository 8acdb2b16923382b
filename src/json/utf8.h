// UTF-8, decoded one code point at a time.
#ifndef MINIM_SRC_JSON_UTF8_H_
#define MINIM_SRC_JSON_UTF8_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace minim::json {

struct CodePoint {
  std::uint32_t value;  // meaningless when not valid
  std::size_t length;   // bytes taken; 1 when not valid
  bool valid;           // false: overlong, surrogate, above U+10FFFF, cut short, stray byte
};

// The code point at `position`, which must be inside `text`.
CodePoint decode_utf8(std::string_view text, std::size_t position);

bool is_utf8(std::string_view text);

}  // namespace minim::json

#endif  // MINIM_SRC_JSON_UTF8_H_
