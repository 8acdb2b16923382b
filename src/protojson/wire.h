// The protobuf wire format, as far as JSON needs it: fields in, fields out.
#ifndef MINIM_SRC_PROTOJSON_WIRE_H_
#define MINIM_SRC_PROTOJSON_WIRE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "protojson/schema.h"

namespace minim::protojson {

enum class WireType : std::uint8_t { kVarint = 0, kFixed64 = 1, kLength = 2, kFixed32 = 5 };

WireType wire_type_of(FieldType type);
bool is_packable(FieldType type);  // all but strings, bytes and messages

struct WireField {
  std::uint32_t number;
  WireType type;
  std::uint64_t value;     // of kVarint, kFixed64, kFixed32
  std::string_view bytes;  // of kLength, inside the input
};

// Reads one message's fields in the order of the wire. Groups are stepped over, never returned.
//
//   WireReader reader(bytes);
//   for (WireField field; reader.next(&field);) ...
//   if (reader.problem() != nullptr) ...             // malformed at reader.offset()
class WireReader {
 public:
  explicit WireReader(std::string_view bytes) : bytes_(bytes) {}

  // False at the end of the message and at the first problem; then it stays false.
  bool next(WireField* field);
  // One value without a tag, for packed fields.
  bool next_packed(WireType type, std::uint64_t* value);
  // "cut short", "varint longer than 10 bytes", ...; null when all was well so far.
  const char* problem() const { return problem_; }
  // Where the field with the problem starts, in bytes from the start of the message.
  std::size_t offset() const { return start_; }

 private:
  bool fail(const char* problem);
  bool varint(std::uint64_t* value);
  bool fixed(std::size_t size, std::uint64_t* value);
  bool length(std::string_view* bytes);
  bool tag(std::uint32_t* number, std::uint32_t* type);
  bool skip_group(std::uint32_t number);

  const std::string_view bytes_;
  std::size_t position_ = 0;
  std::size_t start_ = 0;
  const char* problem_ = nullptr;
};

void append_varint(std::string& out, std::uint64_t value);
void append_tag(std::string& out, std::uint32_t number, WireType type);
void append_fixed(std::string& out, std::uint64_t value, std::size_t size);  // 4 or 8
void append_length(std::string& out, std::uint32_t number, std::string_view bytes);

// sint32 and sint64.
constexpr std::uint64_t zigzag(std::int64_t value) {
  return static_cast<std::uint64_t>(value) << 1 ^ static_cast<std::uint64_t>(value >> 63);
}
constexpr std::int64_t unzigzag(std::uint64_t value) {
  return static_cast<std::int64_t>(value >> 1 ^ (0 - (value & 1)));
}

}  // namespace minim::protojson

#endif  // MINIM_SRC_PROTOJSON_WIRE_H_
