// to_json: reads the wire and writes JSON as it goes.
#include <algorithm>
#include <bit>
#include <cmath>

#include "base/base64.h"
#include "json/utf8.h"
#include "json/writer.h"
#include "protojson/fields.h"
#include "protojson/print_scalar.h"
#include "protojson/protojson.h"
#include "protojson/shorthand.h"
#include "protojson/well_known.h"

namespace minim::protojson {

namespace {

using Found = std::vector<Occurrence>;

// The occurrences of one field: [begin, end) of those read.
struct Range {
  const Occurrence* begin = nullptr;
  const Occurrence* end = nullptr;
  bool empty() const { return begin == end; }
  const WireField& last() const { return (end - 1)->wire; }
};

Range range_of(MessageType type, const Found& found, std::uint32_t number) {
  const auto index = type.field_by_number(number);
  if (!index) return {};
  const auto range =
      std::equal_range(found.begin(), found.end(), Occurrence{*index, {}},
                       [](const Occurrence& a, const Occurrence& b) { return a.index < b.index; });
  return {found.data() + (range.first - found.begin()),
          found.data() + (range.second - found.begin())};
}

std::int64_t integer_of(MessageType type, const Found& found, std::uint32_t number) {
  const Range range = range_of(type, found, number);
  return range.empty() ? 0 : static_cast<std::int64_t>(range.last().value);
}

std::string_view bytes_of(MessageType type, const Found& found, std::uint32_t number) {
  const Range range = range_of(type, found, number);
  return range.empty() ? std::string_view() : range.last().bytes;
}

class Printer {
 public:
  Printer(std::string& out, const PrintOptions& options)
      : writer_(out, {options.indent, options.ascii}), options_(options) {}

  bool message(MessageType type, std::string_view bytes) {
    if (depth_ == kMaxDepth) {
      return fail(Status(Code::kResourceExhausted, type.full_name() + " is nested deeper than " +
                                                       std::to_string(kMaxDepth) +
                                                       " messages (protojson::kMaxDepth)"));
    }
    ++depth_;
    const bool printed = special(type, bytes);
    --depth_;
    return printed;
  }

  Status error() const { return error_; }

 private:
  bool fail(Status error) {
    if (error_.ok()) error_ = std::move(error);
    return false;
  }

  bool unprintable(MessageType type, const char* problem) {
    return fail(Status(Code::kInternal, type.full_name() + " has no JSON form: " + problem));
  }

  bool read(MessageType type, std::string_view bytes, Found* found) {
    Result<Found> result = read_fields(type, bytes);
    if (!result) return fail(result.error());
    *found = std::move(result).value();
    return true;
  }

  bool special(MessageType type, std::string_view bytes) {
    Found found;
    if (!read(type, bytes, &found)) return false;
    switch (type.special()) {
      case Special::kAny:
        return any(type, found);
      case Special::kTimestamp:
      case Special::kDuration:
        return time(type, found);
      case Special::kFieldMask:
        return field_mask(type, found);
      case Special::kStruct:
        return structure(type, found);
      case Special::kListValue:
        return list(type, found);
      case Special::kValue:
        return value(type, found);
      case Special::kWrapper: {
        const Range range{found.data(), found.data() + found.size()};
        return scalar(type, type.field(0), range.empty() ? WireField{} : range.last());
      }
      case Special::kPayload:
        if (options_.shorthand_payloads) return payload(type, found);
        break;
      case Special::kPayloads:
        if (options_.shorthand_payloads) return payloads(type, found);
        break;
      case Special::kNone:
      case Special::kMapEntry:
        break;
    }
    writer_.begin_object();
    if (!fields(type, found)) return false;
    writer_.end_object();
    return true;
  }

  bool fields(MessageType type, const Found& found) {
    for (std::size_t i = 0; i < found.size();) {
      std::size_t end = i + 1;
      while (end < found.size() && found[end].index == found[i].index) ++end;
      if (!field(type, type.field(found[i].index), {&found[i], found.data() + end})) return false;
      i = end;
    }
    return true;
  }

  bool field(MessageType type, Field field, Range range) {
    if (field.is_map()) {
      writer_.name(field.json_name());
      return map(field.message(), range);
    }
    if (field.is_repeated()) return repeated(type, field, range);
    if (!field.has_presence() && is_zero(field, range.last())) return true;
    writer_.name(field.json_name());
    return single(type, field, range);
  }

  bool single(MessageType type, Field field, Range range) {
    if (field.type() != FieldType::kMessage) return scalar(type, field, range.last());
    std::string storage;
    return message(field.message(), merged(range.begin, range.end, &storage));
  }

  bool repeated(MessageType type, Field field, Range range) {
    if (field.type() == FieldType::kMessage) {
      writer_.name(field.json_name());
      writer_.begin_array();
      for (; range.begin != range.end; ++range.begin) {
        if (!message(field.message(), range.begin->wire.bytes)) return false;
      }
      writer_.end_array();
      return true;
    }
    Result<std::vector<WireField>> values = unpack(type, field, range.begin, range.end);
    if (!values) return fail(values.error());
    if (values->empty()) return true;
    writer_.name(field.json_name());
    writer_.begin_array();
    for (const WireField& value : *values) {
      if (!scalar(type, field, value)) return false;
    }
    writer_.end_array();
    return true;
  }

  // Sorted by key: text by bytes, numbers by size. The last of equal keys counts.
  bool map(MessageType entry, Range range) {
    struct Item {
      std::string text;
      std::int64_t number;
      Found found;
    };
    const Field key = entry.field(0);
    const Field mapped = entry.field(1);
    std::vector<Item> items;
    for (; range.begin != range.end; ++range.begin) {
      Item item{};
      if (!read(entry, range.begin->wire.bytes, &item.found)) return false;
      const Range keys = range_of(entry, item.found, key.number());
      if (key.type() == FieldType::kString) {
        item.text = keys.empty() ? std::string() : std::string(keys.last().bytes);
        if (!check_utf8(entry, key, item.text)) return false;
      } else if (key.type() == FieldType::kBool) {
        item.number = !keys.empty() && keys.last().value != 0;
        item.text = item.number != 0 ? "true" : "false";
      } else {
        item.number = keys.empty() ? 0 : signed_value(key.type(), keys.last().value);
        json::append_number(item.text, item.number);
      }
      items.push_back(std::move(item));
    }
    std::stable_sort(items.begin(), items.end(), [](const Item& a, const Item& b) {
      return a.number != b.number ? a.number < b.number : a.text < b.text;
    });
    writer_.begin_object();
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (i + 1 < items.size() && items[i].text == items[i + 1].text) continue;
      writer_.name(items[i].text);
      const Range values = range_of(entry, items[i].found, mapped.number());
      if (!values.empty() || mapped.type() == FieldType::kMessage) {
        if (!single(entry, mapped, values)) return false;
      } else if (!scalar(entry, mapped, WireField{})) {
        return false;
      }
    }
    writer_.end_object();
    return true;
  }

  bool check_utf8(MessageType type, Field field, std::string_view text) {
    if (json::is_utf8(text)) return true;
    return fail(Status(Code::kInternal, "malformed " + type.full_name() + ": " +
                                            std::string(field.name()) + " is not UTF-8"));
  }

  bool scalar(MessageType type, Field field, const WireField& wire) {
    if (field.type() == FieldType::kString && !check_utf8(type, field, wire.bytes)) return false;
    print_scalar(writer_, field, wire, options_.doubles);
    return true;
  }

  bool time(MessageType type, const Found& found) {
    const SecondsNanos time{integer_of(type, found, 1),
                            static_cast<std::int32_t>(integer_of(type, found, 2))};
    const auto text =
        type.special() == Special::kTimestamp ? timestamp_text(time) : duration_text(time);
    if (!text) return unprintable(type, "seconds or nanos out of range");
    writer_.string(*text);
    return true;
  }

  bool field_mask(MessageType type, const Found& found) {
    std::string text;
    for (const Occurrence& path : found) {
      if (path.wire.bytes.empty()) continue;  // names nothing, and JSON could not show it
      const auto camel = mask_path_to_json(path.wire.bytes);
      if (!camel || !json::is_utf8(*camel)) return unprintable(type, "a path in other spelling");
      if (!text.empty()) text.push_back(',');
      text.append(*camel);
    }
    writer_.string(text);
    return true;
  }

  bool structure(MessageType type, const Found& found) {
    return map(type.field(0).message(), {found.data(), found.data() + found.size()});
  }

  bool list(MessageType type, const Found& found) {
    writer_.begin_array();
    for (const Occurrence& item : found) {
      if (!message(type.field(0).message(), item.wire.bytes)) return false;
    }
    writer_.end_array();
    return true;
  }

  bool value(MessageType type, const Found& found) {
    if (found.empty()) {
      writer_.null();
      return true;
    }
    const Field field = type.field(found.front().index);
    const Range range{found.data(), found.data() + found.size()};
    if (field.type() == FieldType::kDouble &&
        !std::isfinite(std::bit_cast<double>(range.last().value))) {
      return unprintable(type, "a number that is not finite");
    }
    return single(type, field, range);
  }

  bool any(MessageType type, const Found& found) {
    const std::string_view url = bytes_of(type, found, 1);
    const std::string_view bytes = bytes_of(type, found, 2);
    writer_.begin_object();
    if (url.empty() && bytes.empty()) {
      writer_.end_object();
      return true;
    }
    if (!check_utf8(type, type.field(0), url)) return false;
    writer_.name("@type");
    writer_.string(url);
    const std::string_view name = url.substr(url.rfind('/') + 1);
    const auto inner = find_message(name);
    if (!inner) {
      if (options_.unknown_types != nullptr) options_.unknown_types->emplace_back(name);
      writer_.name("value");
      writer_.string(base64_encode(bytes, Base64Padding::kWrite));
    } else if (has_fields_in_json(*inner)) {
      if (depth_ == kMaxDepth) return message(*inner, bytes);  // says so
      ++depth_;
      Found members;
      if (!read(*inner, bytes, &members) || !fields(*inner, members)) return false;
      --depth_;
    } else {
      writer_.name("value");
      if (!message(*inner, bytes)) return false;
    }
    writer_.end_object();
    return true;
  }

  static bool has_fields_in_json(MessageType type) {
    return type.special() == Special::kNone || type.special() >= Special::kPayload;
  }

  bool payload(MessageType type, const Found& found) {
    PayloadParts parts;
    if (!read_payload(type, found, &parts)) return false;
    if (const auto value = shorten(parts)) {
      writer_.value(*value);
      return true;
    }
    writer_.begin_object();
    if (parts.metadata.empty()) {
      writer_.name("metadata");
      writer_.begin_object();
      writer_.end_object();
    }
    if (!fields(type, found)) return false;
    writer_.end_object();
    return true;
  }

  bool read_payload(MessageType type, const Found& found, PayloadParts* parts) {
    const Range metadata = range_of(type, found, 1);
    for (const Occurrence* at = metadata.begin; at != metadata.end; ++at) {
      const MessageType entry = type.field(at->index).message();
      Found pair;
      if (!read(entry, at->wire.bytes, &pair)) return false;
      const std::string_view key = bytes_of(entry, pair, 1);
      std::erase_if(parts->metadata, [&](const auto& other) { return other.first == key; });
      parts->metadata.emplace_back(key, bytes_of(entry, pair, 2));
    }
    parts->data = bytes_of(type, found, 2);
    parts->has_external = !range_of(type, found, 3).empty();
    return true;
  }

  bool payloads(MessageType type, const Found& found) {
    const MessageType payload_type = type.field(0).message();
    std::vector<json::Value> values;
    for (const Occurrence& item : found) {
      Found inner;
      PayloadParts parts;
      if (!read(payload_type, item.wire.bytes, &inner) ||
          !read_payload(payload_type, inner, &parts)) {
        return false;
      }
      auto value = shorten(parts);
      if (!value) break;
      values.push_back(std::move(*value));
    }
    if (values.size() == found.size()) {
      writer_.begin_array();
      for (const json::Value& value : values) writer_.value(value);
      writer_.end_array();
      return true;
    }
    writer_.begin_object();
    if (!fields(type, found)) return false;
    writer_.end_object();
    return true;
  }

  json::Writer writer_;
  const PrintOptions& options_;
  int depth_ = 0;
  Status error_;
};

}  // namespace

Result<std::string> to_json(MessageType type, std::string_view bytes, const PrintOptions& options) {
  std::string out;
  Printer printer(out, options);
  if (!printer.message(type, bytes)) return printer.error();
  return out;
}

}  // namespace minim::protojson
