#include "minim/search_attributes.h"

#include <algorithm>

#include "client/convert/error.h"
#include "client/convert/iso_time.h"
#include "json/value.h"
#include "minim/conversion.h"

namespace minim {

namespace {

struct TypeName {
  SearchAttributeType type;
  std::string_view name;
  std::string_view old_name;
};

constexpr TypeName kTypeNames[] = {
    {SearchAttributeType::kText, "Text", "INDEXED_VALUE_TYPE_TEXT"},
    {SearchAttributeType::kKeyword, "Keyword", "INDEXED_VALUE_TYPE_KEYWORD"},
    {SearchAttributeType::kInt, "Int", "INDEXED_VALUE_TYPE_INT"},
    {SearchAttributeType::kDouble, "Double", "INDEXED_VALUE_TYPE_DOUBLE"},
    {SearchAttributeType::kBool, "Bool", "INDEXED_VALUE_TYPE_BOOL"},
    {SearchAttributeType::kDatetime, "Datetime", "INDEXED_VALUE_TYPE_DATETIME"},
    {SearchAttributeType::kKeywordList, "KeywordList", "INDEXED_VALUE_TYPE_KEYWORD_LIST"},
};

std::optional<SearchAttributeType> type_of(const Payload& payload) {
  const std::string* const name = payload.metadata.find("type");
  if (name == nullptr) return std::nullopt;
  for (const TypeName& row : kTypeNames) {
    if (*name == row.name || *name == row.old_name) return row.type;
  }
  return std::nullopt;
}

Status attribute_error(std::string_view name, std::string_view problem) {
  std::string text("search attribute ");
  text.append(internal::printable(name)).append(": ").append(problem);
  return internal::invalid(std::move(text));
}

// True where the value is of the kind that the type asks for.
bool matches(SearchAttributeType type, const SearchAttributeValue& value) {
  if (std::holds_alternative<std::monostate>(value)) return true;
  switch (type) {
    case SearchAttributeType::kText:
    case SearchAttributeType::kKeyword:
      return std::holds_alternative<std::string>(value);
    case SearchAttributeType::kInt:
      return std::holds_alternative<std::int64_t>(value);
    case SearchAttributeType::kDouble:
      return std::holds_alternative<double>(value);
    case SearchAttributeType::kBool:
      return std::holds_alternative<bool>(value);
    case SearchAttributeType::kDatetime:
      return std::holds_alternative<Datetime>(value);
    case SearchAttributeType::kKeywordList:
      return std::holds_alternative<KeywordList>(value);
  }
  return false;
}

struct WriteValue {
  JsonWriter& out;
  void operator()(std::monostate) const { out.null(); }
  void operator()(const std::string& text) const { out.string(text); }
  void operator()(std::int64_t number) const { out.integer(number); }
  void operator()(double number) const { out.number(number); }
  void operator()(bool flag) const { out.boolean(flag); }
  void operator()(Datetime time) const { out.string(internal::iso_time_text(time)); }
  void operator()(const KeywordList& list) const {
    out.begin_array();
    for (const std::string& item : list) out.string(item);
    out.end_array();
  }
};

// The value of a scalar, monostate when it is of another kind than the type asks for; an error only
// for a Datetime whose text is none.
Result<SearchAttributeValue> read_scalar(SearchAttributeType type, const json::Value& in) {
  SearchAttributeValue value;
  switch (type) {
    case SearchAttributeType::kText:
    case SearchAttributeType::kKeyword:
      if (const std::string* const text = in.as_string()) value = *text;
      return value;
    case SearchAttributeType::kInt: {
      const std::string* const text = in.as_number();
      if (text == nullptr || text->find_first_of(".eE") != std::string::npos) return value;
      if (const auto number = in.as_int64()) value = number->value;
      return value;
    }
    case SearchAttributeType::kDouble:
      if (const auto number = in.as_double()) value = number->value;
      return value;
    case SearchAttributeType::kBool:
      if (const std::optional<bool> flag = in.as_bool()) value = *flag;
      return value;
    case SearchAttributeType::kDatetime: {
      const std::string* const text = in.as_string();
      if (text == nullptr) return value;
      const std::optional<Datetime> time = internal::parse_iso_time(*text);
      if (!time) return internal::invalid("not an ISO 8601 time, or out of range");
      value = *time;
      return value;
    }
    case SearchAttributeType::kKeywordList:
      return value;
  }
  return value;
}

SearchAttributeValue read_list(const json::Array& array) {
  KeywordList list;
  for (const json::Value& item : array) {
    const std::string* const text = item.as_string();
    if (text == nullptr) return std::monostate();
    list.push_back(*text);
  }
  return list;
}

Result<SearchAttributeValue> read_value_of(SearchAttributeType type, const Payload& payload) {
  if (payload.encoding() == kEncodingNull) return SearchAttributeValue();
  if (Status status = internal::check_encoding(payload, kEncodingJson); !status.ok()) return status;
  const Result<json::Value> parsed = json::parse(payload.data);
  if (!parsed) return parsed.error();
  const json::Array* const array = parsed->as_array();
  if (type == SearchAttributeType::kKeywordList) {
    return array == nullptr ? SearchAttributeValue() : read_list(*array);
  }
  if (array == nullptr) return read_scalar(type, *parsed);
  return array->size() == 1 ? read_scalar(type, array->front()) : SearchAttributeValue();
}

bool before(const SearchAttribute& attribute, std::string_view name) {
  return attribute.name < name;
}

}  // namespace

std::string_view to_string(SearchAttributeType type) {
  for (const TypeName& row : kTypeNames) {
    if (row.type == type) return row.name;
  }
  return "unknown";
}

SearchAttributes::SearchAttributes(std::initializer_list<SearchAttribute> attributes) {
  for (const SearchAttribute& attribute : attributes) insert(attribute);
}

void SearchAttributes::insert(SearchAttribute attribute) {
  const auto at = std::upper_bound(
      attributes_.begin(), attributes_.end(), attribute.name,
      [](const std::string& name, const SearchAttribute& other) { return name < other.name; });
  attributes_.insert(at, std::move(attribute));
}

void SearchAttributes::set(SearchAttribute attribute) {
  std::erase_if(attributes_,
                [&](const SearchAttribute& other) { return other.name == attribute.name; });
  insert(std::move(attribute));
}

const SearchAttribute* SearchAttributes::find(std::string_view name) const {
  const auto at = std::lower_bound(attributes_.begin(), attributes_.end(), name, before);
  return at != attributes_.end() && at->name == name ? &*at : nullptr;
}

Result<PayloadMap> SearchAttributes::to_payloads() const {
  PayloadMap payloads;
  for (const SearchAttribute& attribute : attributes_) {
    if (attribute.name.empty()) return attribute_error("", "an attribute needs a name");
    if (payloads.contains(attribute.name)) return attribute_error(attribute.name, "set twice");
    if (!matches(attribute.type, attribute.value)) {
      return attribute_error(attribute.name, "the value is not of the attribute's type");
    }
    if (std::holds_alternative<std::monostate>(attribute.value)) {
      // Without a type: with one, the server would keep the attribute.
      payloads.emplace(attribute.name, internal::null_payload());
      continue;
    }
    JsonWriter writer;
    std::visit(WriteValue{writer}, attribute.value);
    Result<Payload> payload = internal::json_payload(std::move(writer));
    if (!payload) return attribute_error(attribute.name, payload.error().message());
    payload->metadata.set("type", std::string(to_string(attribute.type)));
    payloads.emplace(attribute.name, std::move(payload).value());
  }
  return payloads;
}

Result<SearchAttributes> SearchAttributes::from_payloads(const PayloadMap& payloads) {
  SearchAttributes attributes;
  for (const auto& [name, payload] : payloads) {
    const std::optional<SearchAttributeType> type = type_of(payload);
    if (!type) continue;
    Result<SearchAttributeValue> value = read_value_of(*type, payload);
    if (!value) {
      return attribute_error(name, value.error().message()).with_reached_server(true);
    }
    if (std::holds_alternative<std::monostate>(*value)) continue;
    attributes.attributes_.push_back({name, *type, std::move(value).value()});
  }
  return attributes;
}

}  // namespace minim
