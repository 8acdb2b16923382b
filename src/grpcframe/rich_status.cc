#include "minim/rich_status.h"

namespace minim {

namespace {

enum class WireType : std::uint8_t {
  kVarint = 0,
  kFixed64 = 1,
  kBytes = 2,
  kStartGroup = 3,
  kEndGroup = 4,
  kFixed32 = 5,
};

struct Field {
  std::uint32_t number = 0;
  WireType type = WireType::kVarint;
  std::uint64_t varint = 0;  // set for kVarint
  std::string_view bytes;    // set for kBytes
};

// Reads the fields of one message. Groups are refused: proto3 messages have none.
class FieldReader {
 public:
  explicit FieldReader(std::string_view bytes) : rest_(bytes) {}

  // False at the end and on malformed bytes; failed() tells which.
  bool next(Field& field) {
    if (rest_.empty() || failed_) return false;
    std::uint64_t tag = 0;
    if (!read_varint(tag) || tag >> 3 == 0 || tag >> 32 != 0) return fail();
    field.number = static_cast<std::uint32_t>(tag >> 3);
    field.type = static_cast<WireType>(tag & 7);
    switch (field.type) {
      case WireType::kVarint:
        return read_varint(field.varint) || fail();
      case WireType::kFixed64:
        return skip(8) || fail();
      case WireType::kFixed32:
        return skip(4) || fail();
      case WireType::kBytes: {
        std::uint64_t length = 0;
        if (!read_varint(length) || length > rest_.size()) return fail();
        field.bytes = rest_.substr(0, length);
        return skip(length);
      }
      case WireType::kStartGroup:
      case WireType::kEndGroup:
        break;
    }
    return fail();
  }

  bool failed() const { return failed_; }

 private:
  bool fail() {
    failed_ = true;
    return false;
  }

  bool skip(std::uint64_t count) {
    if (count > rest_.size()) return false;
    rest_.remove_prefix(count);
    return true;
  }

  bool read_varint(std::uint64_t& value) {
    value = 0;
    for (int shift = 0; shift < 70; shift += 7) {
      if (rest_.empty()) return false;
      const auto byte = static_cast<std::uint8_t>(rest_.front());
      rest_.remove_prefix(1);
      if (shift == 63 && byte > 1) return false;  // above 64 bits
      value |= std::uint64_t{byte & 0x7fU} << shift;
      if (byte < 0x80) return true;
    }
    return false;
  }

  std::string_view rest_;
  bool failed_ = false;
};

bool parse_any(std::string_view bytes, RichStatus::Detail& detail) {
  FieldReader reader(bytes);
  for (Field field; reader.next(field);) {
    if (field.type != WireType::kBytes) continue;
    if (field.number == 1) {
      detail.type = field.bytes.substr(field.bytes.rfind('/') + 1);
    } else if (field.number == 2) {
      detail.value = field.bytes;
    }
  }
  return !reader.failed();
}

}  // namespace

std::optional<RichStatus> parse_rich_status(std::string_view bytes) {
  RichStatus status;
  FieldReader reader(bytes);
  for (Field field; reader.next(field);) {
    if (field.number == 1 && field.type == WireType::kVarint) {
      // An int32 travels as 64 bits; a decoder keeps the low 32.
      status.code = static_cast<std::int32_t>(static_cast<std::uint32_t>(field.varint));
    } else if (field.number == 2 && field.type == WireType::kBytes) {
      status.message = field.bytes;
    } else if (field.number == 3 && field.type == WireType::kBytes) {
      RichStatus::Detail detail;
      if (!parse_any(field.bytes, detail)) return std::nullopt;
      status.details.push_back(std::move(detail));
    }
  }
  if (reader.failed()) return std::nullopt;
  return status;
}

}  // namespace minim
