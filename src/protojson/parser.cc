// from_json: walks the JSON document and appends the wire.
#include "json/value.h"
#include "protojson/parse_scalar.h"
#include "protojson/protojson.h"
#include "protojson/shorthand.h"
#include "protojson/well_known.h"
#include "protojson/wire.h"

namespace minim::protojson {

namespace {

// A message is at most an object within an array in JSON.
constexpr int kMaxJsonDepth = 2 * kMaxDepth;

class Parser {
 public:
  explicit Parser(const ParseOptions& options) : options_(options) {}

  bool message(MessageType type, const json::Value& value, std::string& out) {
    if (depth_ == kMaxDepth) {
      error_ = Status(Code::kResourceExhausted,
                      at_path("nested deeper than " + std::to_string(kMaxDepth) +
                              " messages (protojson::kMaxDepth)"));
      return false;
    }
    ++depth_;
    const bool parsed = special(type, value, out);
    --depth_;
    return parsed;
  }

  Status error() const { return error_; }

 private:
  // Names the place in the document while it lives.
  class Step {
   public:
    Step(Parser& parser, std::string_view name) : path_(parser.path_), size_(path_.size()) {
      if (!path_.empty()) path_.push_back('.');
      path_.append(name);
    }
    Step(Parser& parser, std::size_t index) : path_(parser.path_), size_(path_.size()) {
      path_.append("[").append(std::to_string(index)).append("]");
    }
    Step(const Step&) = delete;
    Step& operator=(const Step&) = delete;
    ~Step() { path_.resize(size_); }

   private:
    std::string& path_;
    const std::size_t size_;
  };

  std::string at_path(std::string_view problem) const {
    std::string text = path_.empty() ? std::string("the document") : path_;
    return text.append(": ").append(problem);
  }

  bool fail(std::string_view problem) {
    if (error_.ok()) error_ = Status(Code::kInvalidArgument, at_path(problem));
    return false;
  }

  bool expected(std::string_view what, const json::Value& value) {
    return fail(std::string("expected ")
                    .append(what)
                    .append(", found ")
                    .append(json::kind_name(value.kind())));
  }

  bool special(MessageType type, const json::Value& value, std::string& out) {
    switch (type.special()) {
      case Special::kAny:
        return any(value, out);
      case Special::kTimestamp:
      case Special::kDuration:
        return time(type, value, out);
      case Special::kFieldMask:
        return field_mask(value, out);
      case Special::kStruct:
        return map(type.field(0), value, out);
      case Special::kListValue:
        return repeated(type.field(0), value, out);
      case Special::kValue:
        return any_value(type, value, out);
      case Special::kWrapper:
        return wrapper(type.field(0), value, out);
      case Special::kPayload:
        if (options_.shorthand_payloads && !is_full_form(value)) {
          payload(type, lengthen(value), out);
          return true;
        }
        break;
      case Special::kPayloads:
        if (options_.shorthand_payloads && value.as_array() != nullptr) {
          return repeated(type.field(0), value, out);
        }
        break;
      case Special::kNone:
      case Special::kMapEntry:
        break;
    }
    if (value.as_object() == nullptr) return expected("an object", value);
    return fields(type, *value.as_object(), "", out);
  }

  // All members but `skipped` as the fields of `type`.
  bool fields(MessageType type, const json::Object& object, std::string_view skipped,
              std::string& out) {
    std::vector<bool> seen(type.field_count());
    bool oneof_seen = false;
    for (const json::Object::Member& member : object) {
      if (!skipped.empty() && member.first == skipped) continue;
      const Step step(*this, member.first);
      const auto index = type.field_by_name(member.first);
      if (!index) {
        if (options_.ignore_unknown_fields) continue;
        return fail("no such field in " + type.full_name());
      }
      const Field field = type.field(*index);
      if (seen[*index]) return fail("given twice");
      seen[*index] = true;
      if (member.second.is_null() && !takes_null(field)) continue;
      if (field.in_oneof()) {
        if (oneof_seen) return fail("another field of the same oneof is given too");
        oneof_seen = true;
      }
      if (!this->field(field, member.second, out)) return false;
    }
    return true;
  }

  static bool takes_null(Field field) {
    if (field.is_repeated()) return false;
    if (field.type() == FieldType::kEnum) return field.enumeration().is_null_value();
    return field.type() == FieldType::kMessage && field.message().special() == Special::kValue;
  }

  bool field(Field field, const json::Value& value, std::string& out) {
    if (field.is_map()) return map(field, value, out);
    if (field.is_repeated()) return repeated(field, value, out);
    if (field.type() == FieldType::kMessage) return nested(field, value, out);
    Scalar scalar;
    bool skip = false;
    if (!this->scalar(field, value, &scalar, &skip)) return false;
    if (skip || (scalar.is_zero() && !field.has_presence())) return true;
    append_scalar(out, field, scalar);
    return true;
  }

  bool nested(Field field, const json::Value& value, std::string& out) {
    std::string bytes;
    if (!message(field.message(), value, bytes)) return false;
    append_length(out, field.number(), bytes);
    return true;
  }

  // `skip`: an unknown enum name that the options tell to ignore.
  bool scalar(Field field, const json::Value& value, Scalar* scalar, bool* skip) {
    *scalar = parse_scalar(field, value);
    if (scalar->problem == nullptr) return true;
    if (scalar->unknown_enum) {
      *skip = options_.ignore_unknown_fields;
      return *skip || fail("no such value in " + field.enumeration().full_name());
    }
    return value.as_number() != nullptr || value.as_string() != nullptr
               ? fail(scalar->problem)
               : fail(std::string(scalar->problem)
                          .append(", found ")
                          .append(json::kind_name(value.kind())));
  }

  bool repeated(Field field, const json::Value& value, std::string& out) {
    const json::Array* array = value.as_array();
    if (array == nullptr) return expected("an array", value);
    std::string packed;
    for (std::size_t i = 0; i < array->size(); ++i) {
      const json::Value& item = (*array)[i];
      const Step step(*this, i);
      if (field.type() == FieldType::kMessage) {
        if (item.is_null() && !null_item(field.message())) return expected("an object", item);
        if (!nested(field, item, out)) return false;
        continue;
      }
      Scalar scalar;
      bool skip = false;
      if (!this->scalar(field, item, &scalar, &skip)) return false;
      if (skip) continue;
      if (is_packable(field.type())) {
        append_packed(packed, field.type(), scalar);
      } else {
        append_scalar(out, field, scalar);
      }
    }
    if (!packed.empty()) append_length(out, field.number(), packed);
    return true;
  }

  // Whether null in an array or a map means a value of this type.
  bool null_item(MessageType type) const {
    return type.special() == Special::kValue ||
           (type.special() == Special::kPayload && options_.shorthand_payloads);
  }

  bool map(Field field, const json::Value& value, std::string& out) {
    const json::Object* object = value.as_object();
    if (object == nullptr) return expected("an object", value);
    const MessageType entry = field.message();
    const Field key = entry.field(0);
    const Field mapped = entry.field(1);
    for (const json::Object::Member& member : *object) {
      const Step step(*this, member.first);
      std::string bytes;
      const Scalar key_scalar = parse_map_key(key, member.first);
      if (key_scalar.problem != nullptr) return fail(std::string("key: ") + key_scalar.problem);
      append_scalar(bytes, key, key_scalar);
      if (mapped.type() == FieldType::kMessage) {
        if (member.second.is_null() && !null_item(mapped.message())) {
          return expected("an object", member.second);
        }
        if (!nested(mapped, member.second, bytes)) return false;
      } else {
        Scalar scalar;
        bool skip = false;
        if (!this->scalar(mapped, member.second, &scalar, &skip)) return false;
        if (skip) continue;
        append_scalar(bytes, mapped, scalar);
      }
      append_length(out, field.number(), bytes);
    }
    return true;
  }

  static void append_int(std::string& out, std::uint32_t number, std::int64_t value) {
    if (value == 0) return;
    append_tag(out, number, WireType::kVarint);
    append_varint(out, static_cast<std::uint64_t>(value));
  }

  bool time(MessageType type, const json::Value& value, std::string& out) {
    const bool timestamp = type.special() == Special::kTimestamp;
    const char* what =
        timestamp ? "a time like \"2020-01-31T23:59:59.5Z\"" : "a duration like \"1.5s\"";
    if (value.as_string() == nullptr) return expected(what, value);
    const auto time =
        timestamp ? parse_timestamp(*value.as_string()) : parse_duration(*value.as_string());
    if (!time) return fail(std::string("expected ") + what);
    append_int(out, 1, time->seconds);
    append_int(out, 2, time->nanos);
    return true;
  }

  bool field_mask(const json::Value& value, std::string& out) {
    if (value.as_string() == nullptr) return expected("a string of paths", value);
    std::string_view rest = *value.as_string();
    while (!rest.empty()) {
      const std::size_t comma = rest.find(',');
      const auto path = mask_path_from_json(rest.substr(0, comma));
      if (!path) return fail("expected paths in lowerCamel");
      if (!path->empty()) append_length(out, 1, *path);
      if (comma == std::string_view::npos) break;
      rest.remove_prefix(comma + 1);
    }
    return true;
  }

  bool wrapper(Field field, const json::Value& value, std::string& out) {
    Scalar scalar;
    bool skip = false;
    if (!this->scalar(field, value, &scalar, &skip)) return false;
    if (!scalar.is_zero()) append_scalar(out, field, scalar);
    return true;
  }

  bool any_value(MessageType type, const json::Value& value, std::string& out) {
    switch (value.kind()) {
      case json::Kind::kNull:
        append_tag(out, 1, WireType::kVarint);
        append_varint(out, 0);
        return true;
      case json::Kind::kNumber:
        return value_field(type, "number_value", value, out);
      case json::Kind::kString:
        return value_field(type, "string_value", value, out);
      case json::Kind::kBool:
        return value_field(type, "bool_value", value, out);
      case json::Kind::kObject:
        return value_field(type, "struct_value", value, out);
      case json::Kind::kArray:
        return value_field(type, "list_value", value, out);
    }
    return false;
  }

  bool value_field(MessageType type, std::string_view name, const json::Value& value,
                   std::string& out) {
    return field(type.field(type.field_by_name(name).value_or(0)), value, out);
  }

  bool any(const json::Value& value, std::string& out) {
    const json::Object* object = value.as_object();
    if (object == nullptr) return expected("an object", value);
    if (object->empty()) return true;
    const json::Value* url = object->find("@type");
    if (url == nullptr || url->as_string() == nullptr) return fail("expected a text \"@type\"");
    const std::string_view name =
        std::string_view(*url->as_string()).substr(url->as_string()->rfind('/') + 1);
    const json::Value* inner = object->find("value");
    const auto type = find_message(name);
    std::string bytes;
    if (!type) {
      // What to_json makes of types that it does not know.
      auto decoded = inner != nullptr && inner->as_string() != nullptr && object->size() == 2
                         ? decode_base64(*inner->as_string())
                         : std::nullopt;
      if (!decoded) return fail("\"@type\" is no known message, and \"value\" is not its base64");
      bytes = std::move(*decoded);
    } else if (type->special() == Special::kNone || type->special() >= Special::kPayload) {
      if (depth_ == kMaxDepth) return message(*type, value, bytes);  // says so
      ++depth_;
      if (!fields(*type, *object, "@type", bytes)) return false;
      --depth_;
    } else {
      if (inner == nullptr || object->size() != 2) return fail("expected \"@type\" and \"value\"");
      const Step step(*this, "value");
      if (!message(*type, *inner, bytes)) return false;
    }
    append_length(out, 1, *url->as_string());
    if (!bytes.empty()) append_length(out, 2, bytes);
    return true;
  }

  static void payload(MessageType type, const PayloadParts& parts, std::string& out) {
    for (const auto& [key, value] : parts.metadata) {
      std::string entry;
      append_length(entry, 1, key);
      append_length(entry, 2, value);
      append_length(out, type.field(0).number(), entry);
    }
    if (!parts.data.empty()) append_length(out, type.field(1).number(), parts.data);
  }

  const ParseOptions& options_;
  std::string path_;
  int depth_ = 0;
  Status error_;
};

}  // namespace

Result<std::string> from_json(MessageType type, std::string_view text,
                              const ParseOptions& options) {
  const Result<json::Value> document = json::parse(text, kMaxJsonDepth);
  if (!document) return document.error();
  std::string out;
  Parser parser(options);
  if (!parser.message(type, *document, out)) return parser.error();
  return out;
}

}  // namespace minim::protojson
