// Payloads as the JSON they hold, and not as base64 of it.
//
//   json/plain, no other metadata                 the value itself
//   json/protobuf, messageType, an object         the object, with "_protoMessageType" in front
//   anything else, and a JSON null                {"metadata": {...}, "data": ...}: the full form
//
// Nothing is lost but white space, the spelling of strings and doubled members: numbers keep their
// text, [] stays []. So that the way back is clear, a value that looks like a full form is not
// shortened, and in this mode the full form always has "metadata".
#ifndef MINIM_SRC_PROTOJSON_SHORTHAND_H_
#define MINIM_SRC_PROTOJSON_SHORTHAND_H_

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "json/value.h"

namespace minim::protojson {

struct PayloadParts {
  std::vector<std::pair<std::string, std::string>> metadata;  // unique keys
  std::string data;
  bool has_external = false;  // carries external_payloads
};

// The short form, or nothing when only the full one will do.
std::optional<json::Value> shorten(const PayloadParts& payload);

// True for an object that is a payload's full form: "metadata" with text values, and no members
// beside the payload's own.
bool is_full_form(const json::Value& value);

// The payload of a value that is no full form; null becomes binary/null.
PayloadParts lengthen(const json::Value& value);

}  // namespace minim::protojson

#endif  // MINIM_SRC_PROTOJSON_SHORTHAND_H_
