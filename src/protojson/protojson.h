// Protobuf messages to JSON text and back, by the tables of schema.h.
//
//   auto type = *protojson::find_message("temporal.api.common.v1.WorkflowExecution");
//   protojson::to_json(type, bytes, {.indent = 2})      // {\n  "workflowId": "w"\n}
//   protojson::from_json(type, R"({"workflowId":"w"})") // the bytes
//
// The rules are proto3's JSON mapping: lowerCamel names in declaration order, unset fields left
// out, 64-bit integers as strings, bytes as base64, enums by their full names (unknown numbers as
// integers), sorted map keys, the special forms of google.protobuf's types.
#ifndef MINIM_SRC_PROTOJSON_PROTOJSON_H_
#define MINIM_SRC_PROTOJSON_PROTOJSON_H_

#include <string>
#include <string_view>
#include <vector>

#include "json/number.h"
#include "minim/result.h"
#include "protojson/schema.h"

namespace minim::protojson {

// Messages within each other, in both directions; the limit that protobuf parsers have by default.
inline constexpr int kMaxDepth = 100;

struct PrintOptions {
  int indent = 0;      // spaces a level; 0: one line without spaces
  bool ascii = false;  // \u escapes for everything outside 0x20..0x7E
  json::DoubleStyle doubles = json::DoubleStyle::kShort;
  // Payloads that hold JSON appear as that JSON; see shorthand.h for the rules.
  bool shorthand_payloads = false;
  // When given, takes the type names of Any messages that the schema does not know. Those are
  // printed as {"@type": ..., "value": base64}.
  std::vector<std::string>* unknown_types = nullptr;
};

// INTERNAL when the bytes are no such message (the text names message and offset) or hold a value
// that JSON has no form for (a time after the year 9999); RESOURCE_EXHAUSTED beyond kMaxDepth.
// Fields that the schema does not know are left out.
Result<std::string> to_json(MessageType type, std::string_view bytes,
                            const PrintOptions& options = {});

struct ParseOptions {
  bool shorthand_payloads = false;     // accept the short forms beside the full ones
  bool ignore_unknown_fields = false;  // members without a field, and unknown names of enums
};

// Accepts more than to_json writes: names as in the schema, short enum names ("Running"), numbers
// for enums and as strings, null for unset, base64 in either alphabet. INVALID_ARGUMENT names the
// path and the problem, never the value: "workflowType.nam: no such field in ...".
Result<std::string> from_json(MessageType type, std::string_view text,
                              const ParseOptions& options = {});

}  // namespace minim::protojson

#endif  // MINIM_SRC_PROTOJSON_PROTOJSON_H_
