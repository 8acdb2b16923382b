#include "protojson/print_scalar.h"

#include <bit>
#include <cmath>
#include <string>

#include "base/base64.h"

namespace minim::protojson {

namespace {

template <class T>
void print_floating(json::Writer& writer, T value, json::DoubleStyle style) {
  if (std::isnan(value)) {
    writer.string("NaN");
  } else if (std::isinf(value)) {
    writer.string(value < 0 ? "-Infinity" : "Infinity");
  } else {
    std::string text;
    json::append_number(text, value, style);
    writer.number_text(text);
  }
}

template <class T>
std::string text_of(T number) {
  std::string text;
  json::append_number(text, number);
  return text;
}

void print_enum(json::Writer& writer, EnumType type, std::int32_t number) {
  if (type.is_null_value()) {
    writer.null();
  } else if (const auto name = type.name_of(number)) {
    writer.string(*name);
  } else {
    writer.number_text(text_of(std::int64_t{number}));
  }
}

}  // namespace

std::int64_t signed_value(FieldType type, std::uint64_t wire) {
  switch (type) {
    case FieldType::kInt32:
    case FieldType::kSfixed32:
    case FieldType::kEnum:
      return static_cast<std::int32_t>(wire);
    case FieldType::kSint32:
    case FieldType::kSint64:
      return unzigzag(wire);
    default:
      return static_cast<std::int64_t>(wire);
  }
}

bool is_zero(Field field, const WireField& wire) {
  if (wire.type == WireType::kLength) return wire.bytes.empty();
  switch (field.type()) {
    case FieldType::kInt32:
    case FieldType::kUint32:
    case FieldType::kSint32:
    case FieldType::kEnum:
      return static_cast<std::uint32_t>(wire.value) == 0;
    default:
      return wire.value == 0;
  }
}

void print_scalar(json::Writer& writer, Field field, const WireField& wire,
                  json::DoubleStyle doubles) {
  const FieldType type = field.type();
  const auto low = static_cast<std::uint32_t>(wire.value);
  switch (type) {
    case FieldType::kDouble:
      return print_floating(writer, std::bit_cast<double>(wire.value), doubles);
    case FieldType::kFloat:
      return print_floating(writer, std::bit_cast<float>(low), doubles);
    case FieldType::kBool:
      return writer.boolean(wire.value != 0);
    case FieldType::kString:
      return writer.string(wire.bytes);
    case FieldType::kBytes:
      return writer.string(base64_encode(wire.bytes, Base64Padding::kWrite));
    case FieldType::kEnum:
      return print_enum(writer, field.enumeration(), static_cast<std::int32_t>(low));
    case FieldType::kUint32:
    case FieldType::kFixed32:
      return writer.number_text(text_of(std::uint64_t{low}));
    case FieldType::kInt32:
    case FieldType::kSint32:
    case FieldType::kSfixed32: {
      const auto number = static_cast<std::int32_t>(signed_value(type, wire.value));
      return writer.number_text(text_of(std::int64_t{number}));
    }
    case FieldType::kUint64:
    case FieldType::kFixed64:
      return writer.string(text_of(wire.value));
    case FieldType::kInt64:
    case FieldType::kSint64:
    case FieldType::kSfixed64:
      return writer.string(text_of(signed_value(type, wire.value)));
    case FieldType::kMessage:
      break;
  }
  writer.null();
}

}  // namespace minim::protojson
