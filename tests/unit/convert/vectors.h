// What the rows of the interoperability tables are compared with.
#ifndef MINIM_TESTS_UNIT_CONVERT_VECTORS_H_
#define MINIM_TESTS_UNIT_CONVERT_VECTORS_H_

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/message_lite.h>

#include <string>
#include <string_view>

#include "client/convert/proto.h"
#include "minim/payload.h"

namespace minim {

// The wire bytes of the metadata entries encoding=json/plain and encoding=json/protobuf.
inline const std::string kJsonEntry = "0a160a08656e636f64696e67120a6a736f6e2f706c61696e";
inline const std::string kJsonProtobufEntry =
    "0a190a08656e636f64696e67120d6a736f6e2f70726f746f627566";

inline std::string hex(std::string_view bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    text.push_back(kDigits[static_cast<unsigned char>(c) >> 4]);
    text.push_back(kDigits[c & 15]);
  }
  return text;
}

inline std::string unhex(std::string_view text) {
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  std::string bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    bytes.push_back(static_cast<char>(digit(text[i]) << 4 | digit(text[i + 1])));
  }
  return bytes;
}

// Map entries in order of their keys, as in the tables.
inline std::string wire_hex(const google::protobuf::MessageLite& message) {
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream out(&stream);
    out.SetSerializationDeterministic(true);
    message.SerializeToCodedStream(&out);
  }
  return hex(bytes);
}

inline std::string wire_hex(const Payload& payload) {
  pb::Payload message;
  internal::to_pb(payload, message);
  return wire_hex(message);
}

inline Payload json_plain(std::string text) { return make_payload(kEncodingJson, std::move(text)); }

}  // namespace minim

#endif  // MINIM_TESTS_UNIT_CONVERT_VECTORS_H_
