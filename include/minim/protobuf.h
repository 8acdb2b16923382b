// Conversion of protobuf messages: of the lite runtime as binary/protobuf; of the full one, which
// the host then links, written as json/protobuf and read from both.
//
// The payload's messageType must be the full name of the message asked for ("acme.v1.Order");
// another or none is INVALID_ARGUMENT, as are bytes or JSON that do not parse. Unknown JSON fields
// are an error, camelCase and snake_case names are both read. A message cannot be part of a list or
// map: use a repeated field.
//
// MINIM_PROTOBUF_LITE_ONLY, defined before this header, leaves the headers of the full runtime out;
// full messages then do not compile.
#ifndef MINIM_PROTOBUF_H_
#define MINIM_PROTOBUF_H_

#include <google/protobuf/message_lite.h>
#ifndef MINIM_PROTOBUF_LITE_ONLY
#include <google/protobuf/util/json_util.h>
#endif

#include <concepts>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "minim/converter.h"

namespace google::protobuf {
class Message;
}

namespace minim {

namespace internal {

template <class T>
concept ProtobufMessage = std::is_base_of_v<google::protobuf::MessageLite, T>;
template <class T>
concept FullProtobufMessage = ProtobufMessage<T> && std::is_base_of_v<google::protobuf::Message, T>;

Payload protobuf_payload(std::string_view encoding, std::string message_type, std::string data);
// OK when the payload is of one of the two protobuf encodings and of that type.
Status check_protobuf(const Payload& payload, std::string_view message_type);
// Compact, ASCII only, members sorted.
Result<std::string> canonical_json(std::string_view text);
Status malformed_message();
Status unwritable_message();
Status json_needs_full_runtime();

}  // namespace internal

template <internal::ProtobufMessage T>
struct Conversion<T> {
#ifdef MINIM_PROTOBUF_LITE_ONLY
  static_assert(!internal::FullProtobufMessage<T>,
                "MINIM_PROTOBUF_LITE_ONLY is defined, and this message needs the full runtime");
#endif

  static Result<Payload> to_payload(const T& message) {
    std::string data;
#ifndef MINIM_PROTOBUF_LITE_ONLY
    if constexpr (internal::FullProtobufMessage<T>) {
      if (!google::protobuf::util::MessageToJsonString(message, &data).ok()) {
        return internal::unwritable_message();
      }
      Result<std::string> json = internal::canonical_json(data);
      if (!json) return json.error();
      return internal::protobuf_payload(kEncodingJsonProtobuf, message.GetTypeName(),
                                        std::move(json).value());
    }
#endif
    if (!message.SerializeToString(&data)) return internal::unwritable_message();
    return internal::protobuf_payload(kEncodingBinaryProtobuf, message.GetTypeName(),
                                      std::move(data));
  }

  static Result<T> from_payload(const Payload& payload) {
    T message;
    Status status = internal::check_protobuf(payload, message.GetTypeName());
    if (!status.ok()) return status;
    if (payload.encoding() == kEncodingBinaryProtobuf) {
      if (!message.ParseFromString(payload.data)) return internal::malformed_message();
      return message;
    }
#ifndef MINIM_PROTOBUF_LITE_ONLY
    if constexpr (internal::FullProtobufMessage<T>) {
      if (!google::protobuf::util::JsonStringToMessage(payload.data, &message).ok()) {
        return internal::malformed_message();
      }
      return message;
    }
#endif
    return internal::json_needs_full_runtime();
  }
};

}  // namespace minim

#endif  // MINIM_PROTOBUF_H_
