#include "protojson/parse_scalar.h"

#include <bit>
#include <cmath>
#include <limits>

#include "base/base64.h"
#include "protojson/wire.h"

namespace minim::protojson {

namespace {

Scalar problem(const char* text) {
  Scalar scalar;
  scalar.problem = text;
  return scalar;
}

Scalar number(std::uint64_t value) {
  Scalar scalar;
  scalar.number = value;
  return scalar;
}

// The text of a number or of a string that holds one; null for anything else.
const std::string* number_text(const json::Value& value) {
  if (const std::string* text = value.as_number()) return text;
  const std::string* text = value.as_string();
  return text != nullptr && json::is_number(*text) ? text : nullptr;
}

Scalar parse_signed(const std::string* text, std::int64_t low, std::int64_t high, bool zigzagged,
                    const char* expected) {
  if (text == nullptr) return problem(expected);
  const auto value = json::to_int64(*text);
  if (!value || !value->exact || value->value < low || value->value > high) {
    return problem(expected);
  }
  return number(zigzagged ? zigzag(value->value) : static_cast<std::uint64_t>(value->value));
}

Scalar parse_unsigned(const std::string* text, std::uint64_t high, const char* expected) {
  if (text == nullptr) return problem(expected);
  const auto value = json::to_uint64(*text);
  if (!value || !value->exact || value->value > high) return problem(expected);
  return number(value->value);
}

std::optional<double> parse_double(const json::Value& value) {
  if (const std::string* text = value.as_string()) {
    if (*text == "NaN") return std::numeric_limits<double>::quiet_NaN();
    if (*text == "Infinity") return std::numeric_limits<double>::infinity();
    if (*text == "-Infinity") return -std::numeric_limits<double>::infinity();
  }
  const std::string* text = number_text(value);
  if (text == nullptr) return std::nullopt;
  const auto parsed = json::to_double(*text);
  if (!parsed) return std::nullopt;
  return parsed->value;
}

Scalar parse_float(const json::Value& value) {
  const auto parsed = parse_double(value);
  if (!parsed) return problem("expected a float");
  const auto narrowed = static_cast<float>(*parsed);
  if (std::isinf(narrowed) && !std::isinf(*parsed)) return problem("expected a float");
  return number(std::bit_cast<std::uint32_t>(narrowed));
}

Scalar parse_enum(EnumType type, const json::Value& value) {
  if (type.is_null_value() && value.is_null()) return number(0);
  if (const std::string* name = value.as_string()) {
    if (const auto known = type.number_of(*name)) {
      return number(static_cast<std::uint64_t>(std::int64_t{*known}));
    }
    if (!json::is_number(*name)) {
      Scalar unknown = problem("no such value in the enum");
      unknown.unknown_enum = true;
      return unknown;
    }
  }
  return parse_signed(number_text(value), std::numeric_limits<std::int32_t>::min(),
                      std::numeric_limits<std::int32_t>::max(), false,
                      "expected an enum value's name or number");
}

}  // namespace

std::optional<std::string> decode_base64(std::string text) {
  for (char& c : text) {
    if (c == '-') c = '+';
    if (c == '_') c = '/';
  }
  return base64_decode(text);
}

Scalar parse_scalar(Field field, const json::Value& value) {
  constexpr std::int64_t kMin32 = std::numeric_limits<std::int32_t>::min();
  constexpr std::int64_t kMax32 = std::numeric_limits<std::int32_t>::max();
  constexpr std::int64_t kMin64 = std::numeric_limits<std::int64_t>::min();
  constexpr std::int64_t kMax64 = std::numeric_limits<std::int64_t>::max();
  const FieldType type = field.type();
  switch (type) {
    case FieldType::kInt32:
    case FieldType::kSint32:
      return parse_signed(number_text(value), kMin32, kMax32, type == FieldType::kSint32,
                          "expected an int32");
    case FieldType::kSfixed32: {
      Scalar scalar = parse_signed(number_text(value), kMin32, kMax32, false, "expected an int32");
      scalar.number = static_cast<std::uint32_t>(scalar.number);
      return scalar;
    }
    case FieldType::kInt64:
    case FieldType::kSfixed64:
    case FieldType::kSint64:
      return parse_signed(number_text(value), kMin64, kMax64, type == FieldType::kSint64,
                          "expected an int64");
    case FieldType::kUint32:
    case FieldType::kFixed32:
      return parse_unsigned(number_text(value), std::numeric_limits<std::uint32_t>::max(),
                            "expected a uint32");
    case FieldType::kUint64:
    case FieldType::kFixed64:
      return parse_unsigned(number_text(value), std::numeric_limits<std::uint64_t>::max(),
                            "expected a uint64");
    case FieldType::kDouble: {
      const auto parsed = parse_double(value);
      return parsed ? number(std::bit_cast<std::uint64_t>(*parsed)) : problem("expected a double");
    }
    case FieldType::kFloat:
      return parse_float(value);
    case FieldType::kBool: {
      const auto flag = value.as_bool();
      return flag ? number(*flag ? 1 : 0) : problem("expected true or false");
    }
    case FieldType::kString: {
      if (value.as_string() == nullptr) return problem("expected a string");
      Scalar scalar;
      scalar.bytes = *value.as_string();
      return scalar;
    }
    case FieldType::kBytes: {
      if (value.as_string() == nullptr) return problem("expected a base64 string");
      auto decoded = decode_base64(*value.as_string());
      if (!decoded) return problem("expected a base64 string");
      Scalar scalar;
      scalar.bytes = std::move(*decoded);
      return scalar;
    }
    case FieldType::kEnum:
      return parse_enum(field.enumeration(), value);
    case FieldType::kMessage:
      break;
  }
  return problem("expected an object");
}

Scalar parse_map_key(Field field, std::string_view key) {
  if (field.type() == FieldType::kBool) {
    if (key != "true" && key != "false") return problem("expected \"true\" or \"false\"");
    return number(key == "true" ? 1 : 0);
  }
  return parse_scalar(field, json::Value::string(std::string(key)));
}

void append_packed(std::string& out, FieldType type, const Scalar& scalar) {
  switch (wire_type_of(type)) {
    case WireType::kVarint:
      return append_varint(out, scalar.number);
    case WireType::kFixed64:
      return append_fixed(out, scalar.number, 8);
    case WireType::kFixed32:
      return append_fixed(out, scalar.number, 4);
    case WireType::kLength:
      append_varint(out, scalar.bytes.size());
      out.append(scalar.bytes);
      return;
  }
}

void append_scalar(std::string& out, Field field, const Scalar& scalar) {
  append_tag(out, field.number(), wire_type_of(field.type()));
  append_packed(out, field.type(), scalar);
}

}  // namespace minim::protojson
