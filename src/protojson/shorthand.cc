#include "protojson/shorthand.h"

#include "json/writer.h"

namespace minim::protojson {

namespace {

constexpr std::string_view kEncoding = "encoding";
constexpr std::string_view kMessageType = "messageType";
constexpr std::string_view kTypeMember = "_protoMessageType";
constexpr std::string_view kJsonPlain = "json/plain";
constexpr std::string_view kJsonProtobuf = "json/protobuf";
constexpr std::string_view kBinaryNull = "binary/null";

const std::string* find(const PayloadParts& payload, std::string_view key) {
  for (const auto& entry : payload.metadata) {
    if (entry.first == key) return &entry.second;
  }
  return nullptr;
}

json::Value with_type(const std::string& type, json::Object object) {
  json::Object typed;
  typed.set(std::string(kTypeMember), json::Value::string(type));
  for (json::Object::Member& member : object.members()) {
    typed.members().push_back(std::move(member));
  }
  return json::Value::object(std::move(typed));
}

}  // namespace

bool is_full_form(const json::Value& value) {
  const json::Object* object = value.as_object();
  if (object == nullptr) return false;
  const json::Value* metadata = object->find("metadata");
  if (metadata == nullptr || metadata->as_object() == nullptr) return false;
  for (const json::Object::Member& entry : *metadata->as_object()) {
    if (entry.second.as_string() == nullptr) return false;
  }
  for (const json::Object::Member& member : *object) {
    if (member.first != "metadata" && member.first != "data" &&
        member.first != "externalPayloads" && member.first != "external_payloads") {
      return false;
    }
  }
  return true;
}

std::optional<json::Value> shorten(const PayloadParts& payload) {
  const std::string* encoding = find(payload, kEncoding);
  if (encoding == nullptr || payload.has_external) return std::nullopt;
  const std::string* type = find(payload, kMessageType);
  const bool plain = *encoding == kJsonPlain && payload.metadata.size() == 1;
  const bool message =
      *encoding == kJsonProtobuf && type != nullptr && payload.metadata.size() == 2;
  if (!plain && !message) return std::nullopt;
  Result<json::Value> value = json::parse(payload.data);
  if (!value) return std::nullopt;
  json::Object* object = value->as_object();
  const bool has_type = object != nullptr && object->find(kTypeMember) != nullptr;
  if (plain) {
    if (value->is_null() || has_type || is_full_form(*value)) return std::nullopt;
    return std::move(value).value();
  }
  if (object == nullptr || has_type) return std::nullopt;
  return with_type(*type, std::move(*object));
}

PayloadParts lengthen(const json::Value& value) {
  if (value.is_null()) return {{{std::string(kEncoding), std::string(kBinaryNull)}}, "", false};
  if (const json::Object* object = value.as_object()) {
    const json::Value* type = object->find(kTypeMember);
    if (type != nullptr && type->as_string() != nullptr) {
      json::Object rest;
      for (const json::Object::Member& member : *object) {
        if (member.first != kTypeMember) rest.members().push_back(member);
      }
      return {{{std::string(kEncoding), std::string(kJsonProtobuf)},
               {std::string(kMessageType), *type->as_string()}},
              json::write(json::Value::object(std::move(rest))),
              false};
    }
  }
  return {{{std::string(kEncoding), std::string(kJsonPlain)}}, json::write(value), false};
}

}  // namespace minim::protojson
