#include "protojson/schema.h"

#include <iterator>

namespace minim::protojson {

namespace {

// A string is a place in kPool; strings lie within each other there.
struct StringRow {
  std::uint16_t offset;
  std::uint8_t length;
};

struct MessageRow {
  std::uint16_t name;  // without the package
  std::uint8_t name_length;
  std::uint8_t package;
  std::uint16_t first_field;
  std::uint8_t field_count;
  std::uint8_t special;
};

struct FieldRow {
  std::uint16_t name;
  std::uint8_t name_length;
  std::uint8_t flags;  // FieldType in the low five bits
  std::uint16_t number;
  std::uint16_t type;  // row of the message or enum, by the field's type
};

constexpr std::uint8_t kTypeMask = 31;
constexpr std::uint8_t kRepeated = 32;
constexpr std::uint8_t kInOneof = 64;
constexpr std::uint8_t kOptional = 128;

struct EnumRow {
  std::uint16_t name;
  std::uint8_t name_length;
  std::uint8_t package;
  std::uint16_t prefix;  // of all its values' names
  std::uint8_t prefix_length;
  std::uint16_t first_value;
  std::uint16_t value_count;
};

struct ValueRow {
  std::uint16_t name;  // without the prefix
  std::uint8_t name_length;
  std::int16_t number;
};

struct MethodRow {
  std::uint16_t name;
  std::uint8_t name_length;
  std::uint8_t service;
  std::uint16_t request;
  std::uint16_t response;
};

#include "protojson/tables.inc"

std::string_view pool(std::uint16_t offset, std::uint8_t length) {
  return std::string_view(kPool + offset, length);
}

std::string_view pool(const StringRow& row) { return pool(row.offset, row.length); }

std::string joined(const StringRow& scope, std::string_view name) {
  std::string text(pool(scope));
  text.push_back('.');
  text.append(name);
  return text;
}

// TIMED_OUT -> TimedOut.
std::string pascal(std::string_view upper) {
  std::string text;
  bool first = true;
  for (const char c : upper) {
    if (c == '_') {
      first = true;
    } else {
      text.push_back(!first && c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
      first = false;
    }
  }
  return text;
}

const ValueRow* value_row(const EnumRow& row, std::int32_t number) {
  for (std::size_t i = 0; i < row.value_count; ++i) {
    const ValueRow& value = kValues[row.first_value + i];
    if (value.number == number) return &value;
  }
  return nullptr;
}

}  // namespace

std::string to_lower_camel(std::string_view snake) {
  std::string text;
  bool upper = false;
  for (const char c : snake) {
    if (c == '_') {
      upper = true;
    } else {
      text.push_back(upper && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c);
      upper = false;
    }
  }
  return text;
}

std::string to_snake(std::string_view lower_camel) {
  std::string text;
  for (const char c : lower_camel) {
    if (c >= 'A' && c <= 'Z') {
      text.push_back('_');
      text.push_back(static_cast<char>(c - 'A' + 'a'));
    } else {
      text.push_back(c);
    }
  }
  return text;
}

std::string EnumType::full_name() const {
  const EnumRow& row = kEnums[row_];
  return joined(kPackages[row.package], pool(row.name, row.name_length));
}

std::optional<std::string> EnumType::name_of(std::int32_t number) const {
  const EnumRow& row = kEnums[row_];
  const ValueRow* value = value_row(row, number);
  if (value == nullptr) return std::nullopt;
  std::string name(pool(row.prefix, row.prefix_length));
  return name.append(pool(value->name, value->name_length));
}

std::optional<std::string> EnumType::short_name_of(std::int32_t number) const {
  const ValueRow* value = value_row(kEnums[row_], number);
  if (value == nullptr) return std::nullopt;
  return pascal(pool(value->name, value->name_length));
}

std::optional<std::int32_t> EnumType::number_of(std::string_view name) const {
  const EnumRow& row = kEnums[row_];
  const std::string_view prefix = pool(row.prefix, row.prefix_length);
  for (std::size_t i = 0; i < row.value_count; ++i) {
    const ValueRow& value = kValues[row.first_value + i];
    const std::string_view rest = pool(value.name, value.name_length);
    const bool full = name.size() == prefix.size() + rest.size() && name.starts_with(prefix) &&
                      name.ends_with(rest);
    if (full || name == pascal(rest)) return value.number;
  }
  return std::nullopt;
}

bool EnumType::is_null_value() const { return full_name() == "google.protobuf.NullValue"; }

std::size_t EnumType::value_count() const { return kEnums[row_].value_count; }

std::int32_t EnumType::value_number(std::size_t index) const {
  return kValues[kEnums[row_].first_value + index].number;
}

std::string_view Field::name() const { return pool(kFields[row_].name, kFields[row_].name_length); }

std::string Field::json_name() const { return to_lower_camel(name()); }

std::uint32_t Field::number() const { return kFields[row_].number; }

FieldType Field::type() const { return static_cast<FieldType>(kFields[row_].flags & kTypeMask); }

bool Field::is_repeated() const { return (kFields[row_].flags & kRepeated) != 0; }

bool Field::is_map() const {
  return is_repeated() && type() == FieldType::kMessage &&
         message().special() == Special::kMapEntry;
}

bool Field::in_oneof() const { return (kFields[row_].flags & kInOneof) != 0; }

bool Field::has_presence() const {
  return !is_repeated() &&
         ((kFields[row_].flags & (kInOneof | kOptional)) != 0 || type() == FieldType::kMessage);
}

MessageType Field::message() const { return MessageType(kFields[row_].type); }

EnumType Field::enumeration() const { return EnumType(kFields[row_].type); }

std::string MessageType::full_name() const {
  const MessageRow& row = kMessages[row_];
  return joined(kPackages[row.package], pool(row.name, row.name_length));
}

Special MessageType::special() const { return static_cast<Special>(kMessages[row_].special); }

std::size_t MessageType::field_count() const { return kMessages[row_].field_count; }

Field MessageType::field(std::size_t index) const {
  return Field(static_cast<std::uint16_t>(kMessages[row_].first_field + index));
}

std::optional<std::size_t> MessageType::field_by_number(std::uint32_t number) const {
  for (std::size_t i = 0; i < field_count(); ++i) {
    if (kFields[kMessages[row_].first_field + i].number == number) return i;
  }
  return std::nullopt;
}

std::optional<std::size_t> MessageType::field_by_name(std::string_view name) const {
  for (std::size_t i = 0; i < field_count(); ++i) {
    if (field(i).name() == name) return i;
  }
  for (std::size_t i = 0; i < field_count(); ++i) {
    if (field(i).json_name() == name) return i;
  }
  return std::nullopt;
}

std::optional<MessageType> find_message(std::string_view full_name) {
  for (std::size_t i = 0; i < std::size(kMessages); ++i) {
    const std::string_view package = pool(kPackages[kMessages[i].package]);
    const std::string_view name = pool(kMessages[i].name, kMessages[i].name_length);
    if (full_name.size() == package.size() + 1 + name.size() && full_name.ends_with(name) &&
        full_name.starts_with(package) && full_name[package.size()] == '.') {
      return message_at(i);
    }
  }
  return std::nullopt;
}

std::optional<Method> find_method(std::string_view path) {
  for (std::size_t i = 0; i < std::size(kMethods); ++i) {
    if (!path.ends_with(pool(kMethods[i].name, kMethods[i].name_length))) continue;
    Method method = method_at(i);
    if (method.path == path) return method;
  }
  return std::nullopt;
}

std::size_t message_count() { return std::size(kMessages); }

MessageType message_at(std::size_t index) { return MessageType(static_cast<std::uint16_t>(index)); }

std::size_t method_count() { return std::size(kMethods); }

Method method_at(std::size_t index) {
  const MethodRow& row = kMethods[index];
  std::string path = "/";
  path.append(pool(kServices[row.service])).push_back('/');
  path.append(pool(row.name, row.name_length));
  return {std::move(path), MessageType(row.request), MessageType(row.response)};
}

std::size_t table_bytes() {
  return sizeof kPool + sizeof kPackages + sizeof kServices + sizeof kMessages + sizeof kFields +
         sizeof kEnums + sizeof kValues + sizeof kMethods;
}

}  // namespace minim::protojson
