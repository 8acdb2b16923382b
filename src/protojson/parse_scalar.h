// One JSON value as one scalar of the wire.
#ifndef MINIM_SRC_PROTOJSON_PARSE_SCALAR_H_
#define MINIM_SRC_PROTOJSON_PARSE_SCALAR_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "json/value.h"
#include "protojson/schema.h"

namespace minim::protojson {

struct Scalar {
  std::uint64_t number = 0;       // as it goes on the wire: the varint or the fixed bits
  std::string bytes;              // of strings and bytes
  const char* problem = nullptr;  // "expected an int32"; then the rest is meaningless
  bool unknown_enum = false;      // the problem is a name that the enum does not have
  bool is_zero() const { return number == 0 && bytes.empty(); }
};

// Numbers may be given as strings, and must be whole and in range for integer types. `value` must
// not be null, except for google.protobuf.NullValue.
Scalar parse_scalar(Field field, const json::Value& value);

// The same for a map's key, which JSON always has as a string.
Scalar parse_map_key(Field field, std::string_view key);

// Appends tag and value.
void append_scalar(std::string& out, Field field, const Scalar& scalar);
// Appends the value alone, for packed fields.
void append_packed(std::string& out, FieldType type, const Scalar& scalar);

// Standard or URL alphabet, with padding or without.
std::optional<std::string> decode_base64(std::string text);

}  // namespace minim::protojson

#endif  // MINIM_SRC_PROTOJSON_PARSE_SCALAR_H_
