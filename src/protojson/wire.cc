#include "protojson/wire.h"

#include <vector>

namespace minim::protojson {

namespace {

constexpr std::uint32_t kGroupStart = 3;
constexpr std::uint32_t kGroupEnd = 4;
constexpr std::size_t kMaxGroupDepth = 100;
constexpr std::uint32_t kMaxFieldNumber = (1u << 29) - 1;

}  // namespace

WireType wire_type_of(FieldType type) {
  switch (type) {
    case FieldType::kDouble:
    case FieldType::kFixed64:
    case FieldType::kSfixed64:
      return WireType::kFixed64;
    case FieldType::kFloat:
    case FieldType::kFixed32:
    case FieldType::kSfixed32:
      return WireType::kFixed32;
    case FieldType::kString:
    case FieldType::kBytes:
    case FieldType::kMessage:
      return WireType::kLength;
    case FieldType::kInt64:
    case FieldType::kUint64:
    case FieldType::kInt32:
    case FieldType::kBool:
    case FieldType::kUint32:
    case FieldType::kEnum:
    case FieldType::kSint32:
    case FieldType::kSint64:
      return WireType::kVarint;
  }
  return WireType::kVarint;
}

bool is_packable(FieldType type) { return wire_type_of(type) != WireType::kLength; }

bool WireReader::fail(const char* problem) {
  if (problem_ == nullptr) problem_ = problem;
  position_ = bytes_.size();
  return false;
}

bool WireReader::varint(std::uint64_t* value) {
  *value = 0;
  for (int shift = 0; shift < 70; shift += 7) {
    if (position_ == bytes_.size()) return fail("cut short");
    const auto byte = static_cast<std::uint8_t>(bytes_[position_++]);
    *value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
    if (byte < 0x80) return true;
  }
  return fail("a varint longer than 10 bytes");
}

bool WireReader::fixed(std::size_t size, std::uint64_t* value) {
  if (bytes_.size() - position_ < size) return fail("cut short");
  *value = 0;
  for (std::size_t i = 0; i < size; ++i) {
    *value |= static_cast<std::uint64_t>(static_cast<std::uint8_t>(bytes_[position_ + i]))
              << (8 * i);
  }
  position_ += size;
  return true;
}

bool WireReader::length(std::string_view* bytes) {
  std::uint64_t size = 0;
  if (!varint(&size)) return false;
  if (size > bytes_.size() - position_) return fail("a length beyond the end");
  *bytes = bytes_.substr(position_, static_cast<std::size_t>(size));
  position_ += static_cast<std::size_t>(size);
  return true;
}

bool WireReader::tag(std::uint32_t* number, std::uint32_t* type) {
  std::uint64_t tag = 0;
  if (!varint(&tag)) return false;
  if (tag >> 3 == 0 || tag >> 3 > kMaxFieldNumber) return fail("a field number out of range");
  *number = static_cast<std::uint32_t>(tag >> 3);
  *type = tag & 7;
  return true;
}

// Iterative: the depth of groups is the sender's choice.
bool WireReader::skip_group(std::uint32_t number) {
  std::vector<std::uint32_t> open = {number};
  while (!open.empty()) {
    std::uint32_t inner = 0;
    std::uint32_t type = 0;
    std::uint64_t value = 0;
    std::string_view bytes;
    if (!tag(&inner, &type)) return false;
    if (type == kGroupStart) {
      if (open.size() == kMaxGroupDepth) return fail("groups nested too deep");
      open.push_back(inner);
    } else if (type == kGroupEnd) {
      if (inner != open.back()) return fail("a group that does not end");
      open.pop_back();
    } else if (type == static_cast<std::uint32_t>(WireType::kVarint)) {
      if (!varint(&value)) return false;
    } else if (type == static_cast<std::uint32_t>(WireType::kLength)) {
      if (!length(&bytes)) return false;
    } else if (type > static_cast<std::uint32_t>(WireType::kFixed32)) {
      return fail("an unknown wire type");
    } else if (!fixed(type == static_cast<std::uint32_t>(WireType::kFixed32) ? 4 : 8, &value)) {
      return false;
    }
  }
  return true;
}

bool WireReader::next(WireField* field) {
  while (position_ < bytes_.size()) {
    start_ = position_;
    std::uint32_t type = 0;
    if (!tag(&field->number, &type)) return false;
    if (type == kGroupStart) {
      if (!skip_group(field->number)) return false;
      continue;
    }
    if (type == kGroupEnd) return fail("a group that does not start");
    if (type > static_cast<std::uint32_t>(WireType::kFixed32)) return fail("an unknown wire type");
    field->type = static_cast<WireType>(type);
    switch (field->type) {
      case WireType::kVarint:
        return varint(&field->value);
      case WireType::kFixed64:
        return fixed(8, &field->value);
      case WireType::kLength:
        return length(&field->bytes);
      case WireType::kFixed32:
        return fixed(4, &field->value);
    }
  }
  return false;
}

bool WireReader::next_packed(WireType type, std::uint64_t* value) {
  if (position_ == bytes_.size()) return false;
  start_ = position_;
  if (type == WireType::kVarint) return varint(value);
  return fixed(type == WireType::kFixed32 ? 4 : 8, value);
}

void append_varint(std::string& out, std::uint64_t value) {
  while (value >= 0x80) {
    out.push_back(static_cast<char>(value | 0x80));
    value >>= 7;
  }
  out.push_back(static_cast<char>(value));
}

void append_tag(std::string& out, std::uint32_t number, WireType type) {
  append_varint(out, static_cast<std::uint64_t>(number) << 3 | static_cast<std::uint64_t>(type));
}

void append_fixed(std::string& out, std::uint64_t value, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) out.push_back(static_cast<char>(value >> (8 * i)));
}

void append_length(std::string& out, std::uint32_t number, std::string_view bytes) {
  append_tag(out, number, WireType::kLength);
  append_varint(out, bytes.size());
  out.append(bytes);
}

}  // namespace minim::protojson
