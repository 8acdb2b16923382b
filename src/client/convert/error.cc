#include "client/convert/error.h"

#include "minim/conversion.h"
#include "minim/converter.h"

namespace minim {

namespace internal {

namespace {

constexpr std::string_view kKnownEncodings[] = {kEncodingNull, kEncodingBinary, kEncodingJson,
                                                kEncodingJsonProtobuf, kEncodingBinaryProtobuf};

std::string payload_name(std::size_t index) {
  return index == kNoIndex ? "payload" : "payload " + std::to_string(index);
}

// The parts added to a text that is already about the problem; code and flags stay.
Status prefixed(const Status& status, std::string prefix) {
  return status.with_message(std::move(prefix.append(status.message())));
}

}  // namespace

std::string printable(std::string_view name) {
  constexpr std::size_t kLimit = 64;
  std::string text(name.substr(0, kLimit));
  for (char& c : text) {
    if (c < 0x20 || c > 0x7E) c = '?';
  }
  if (name.size() > kLimit) text.append("...");
  return text;
}

Status check_null(const Payload& payload) {
  return payload.data.empty() ? Status() : invalid("null with data");
}

Status check_encoding(const Payload& payload, std::string_view expected) {
  const std::string_view encoding = payload.encoding();
  if (encoding == expected) return Status();
  for (const std::string_view known : kKnownEncodings) {
    if (encoding == known) {
      return invalid("this type is read from " + std::string(expected));
    }
  }
  return invalid("unknown encoding");
}

Status out_of_range() { return invalid("the number is out of the range of this type"); }

Status wrong_length(std::size_t expected, std::size_t found) {
  return invalid("expected an array of " + std::to_string(expected) + " elements, found " +
                 std::to_string(found));
}

Status encode_error(const Status& status, std::size_t index) {
  return prefixed(status, "value " + std::to_string(index) + ": ").with_reached_server(false);
}

Status decode_error(const Status& status, std::size_t index, const Payload& payload) {
  const std::string* const encoding = payload.metadata.find("encoding");
  return prefixed(status, payload_name(index) + " (" +
                              (encoding == nullptr ? "<unknown>" : printable(*encoding)) + "): ")
      .with_reached_server(true);
}

Status external_reference_error(std::size_t index) {
  return Status(Code::kFailedPrecondition,
                "[TMPRL1105] " + payload_name(index) +
                    " is a reference to external storage, which this client does not have")
      .with_reached_server(true);
}

Status payload_count_error(std::size_t expected, std::size_t found) {
  return invalid("expected " + std::to_string(expected) +
                 (expected == 1 ? " payload, found " : " payloads, found ") + std::to_string(found))
      .with_reached_server(true);
}

}  // namespace internal

Status missing_member(JsonView in, std::string_view name) {
  if (in.kind() != JsonView::Kind::kObject) return in.mismatch("an object");
  return internal::invalid("no member \"" + std::string(name) + "\"");
}

}  // namespace minim
