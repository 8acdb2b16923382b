#include "minim/conversion.h"

#include <charconv>

#include "client/convert/error.h"
#include "json/value.h"
#include "minim/container_conversion.h"

namespace minim::internal {

namespace {

constexpr std::string_view kJsonSpace = " \t\r\n";

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kJsonSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kJsonSpace) - first + 1);
}

template <class T>
bool parse_integer(std::string_view text, T& key) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), key);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

void write_bytes(JsonWriter& out, std::string_view bytes) {
  out.begin_array();
  for (const char byte : bytes) out.integer(std::uint64_t{static_cast<unsigned char>(byte)});
  out.end_array();
}

Status read_bytes(JsonView in, std::string& out) {
  if (in.kind() != JsonView::Kind::kArray) return in.mismatch("an array of bytes");
  std::string bytes;
  bytes.reserve(in.size());
  for (std::size_t i = 0; i < in.size(); ++i) {
    if (in.at(i).kind() != JsonView::Kind::kNumber) return in.at(i).mismatch("a byte");
    std::uint64_t byte = 0;
    if (Status status = in.at(i).read(byte); !status.ok()) return status;
    if (byte > 0xFF) return out_of_range();
    bytes.push_back(static_cast<char>(byte));
  }
  out = std::move(bytes);
  return Status();
}

Result<std::string> bytes_of(const Payload& payload) {
  if (payload.encoding() == kEncodingBinary) return payload.data;
  JsonDocument document;
  if (Status status = document.open(payload); !status.ok()) return status;
  std::string bytes;
  if (Status status = read_bytes(document.root(), bytes); !status.ok()) return status;
  return bytes;
}

Result<Payload> raw_json_payload(const RawJson& value) {
  if (Result<json::Value> parsed = json::parse(value.text); !parsed) return parsed.error();
  return make_payload(kEncodingJson, value.text);
}

Result<RawJson> raw_json_of(const Payload& payload) {
  if (payload.encoding() == kEncodingNull) {
    if (Status status = check_null(payload); !status.ok()) return status;
    return RawJson{"null"};
  }
  if (payload.encoding() != kEncodingJsonProtobuf) {
    if (Status status = check_encoding(payload, kEncodingJson); !status.ok()) return status;
  }
  if (Result<json::Value> parsed = json::parse(payload.data); !parsed) return parsed.error();
  return RawJson{payload.data};
}

void write_raw_json(JsonWriter& out, std::string_view text) {
  // Unchecked, it would break the document around it.
  if (Result<json::Value> parsed = json::parse(text); !parsed) {
    return out.fail(std::string(parsed.error().message()));
  }
  out.raw(text);
}

Payload null_payload() { return make_payload(kEncodingNull, {}); }

bool is_null(const Payload& payload) {
  if (payload.encoding() == kEncodingNull) return payload.data.empty();
  return payload.encoding() == kEncodingJson && trimmed(payload.data) == "null";
}

Result<Payload> json_payload(JsonWriter&& writer) {
  Result<std::string> text = std::move(writer).finish();
  if (!text) return text.error();
  return make_payload(kEncodingJson, std::move(text).value());
}

bool parse_key(std::string_view text, std::int64_t& key) { return parse_integer(text, key); }
bool parse_key(std::string_view text, std::uint64_t& key) { return parse_integer(text, key); }

}  // namespace minim::internal
