// This file needs no more than the lite runtime, with which the client is linked in any case.
#define MINIM_PROTOBUF_LITE_ONLY
#include "minim/protobuf.h"

#include "client/convert/error.h"
#include "json/value.h"
#include "json/writer.h"

namespace minim::internal {

Payload protobuf_payload(std::string_view encoding, std::string message_type, std::string data) {
  Payload payload = make_payload(encoding, std::move(data));
  payload.metadata.set("messageType", std::move(message_type));
  return payload;
}

Status check_protobuf(const Payload& payload, std::string_view message_type) {
  if (payload.encoding() != kEncodingBinaryProtobuf) {
    if (Status status = check_encoding(payload, kEncodingJsonProtobuf); !status.ok()) return status;
  }
  const std::string* const found = payload.metadata.find("messageType");
  if (found == nullptr) return invalid("no messageType");
  if (*found == message_type) return Status();
  return invalid("messageType is " + printable(*found) + ", expected " + std::string(message_type));
}

Result<std::string> canonical_json(std::string_view text) {
  Result<json::Value> value = json::parse(text);
  if (!value) return value.error();
  json::sort_members(*value);
  return json::write(*value, {.indent = 0, .ascii = true});
}

Status malformed_message() { return invalid("not a valid message of this type"); }

Status unwritable_message() { return invalid("the message cannot be written"); }

Status json_needs_full_runtime() {
  return invalid(
      "json/protobuf is read with the full protobuf runtime, and this message is a lite one");
}

}  // namespace minim::internal
