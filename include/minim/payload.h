// Payload: one value of the user's as it travels, and the wrappers that say how to treat raw ones.
//
// Plain values: copy, compare and keep them as you like.
#ifndef MINIM_PAYLOAD_H_
#define MINIM_PAYLOAD_H_

#include <cstdint>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace minim {

// The values of `encoding` that minim itself reads and writes.
inline constexpr std::string_view kEncodingNull = "binary/null";
inline constexpr std::string_view kEncodingBinary = "binary/plain";
inline constexpr std::string_view kEncodingJson = "json/plain";
inline constexpr std::string_view kEncodingJsonProtobuf = "json/protobuf";
inline constexpr std::string_view kEncodingBinaryProtobuf = "binary/protobuf";

// The few named byte strings beside a payload's data, in order of their keys; keys are unique.
class PayloadMetadata {
 public:
  using Entry = std::pair<std::string, std::string>;

  PayloadMetadata() = default;
  // Of equal keys the last one counts.
  PayloadMetadata(std::initializer_list<Entry> entries);

  void set(std::string_view key, std::string value);
  void remove(std::string_view key);
  const std::string* find(std::string_view key) const;  // null: no such key

  bool empty() const { return entries_.empty(); }
  std::size_t size() const { return entries_.size(); }
  auto begin() const { return entries_.begin(); }
  auto end() const { return entries_.end(); }

  friend bool operator==(const PayloadMetadata&, const PayloadMetadata&) = default;

 private:
  std::vector<Entry> entries_;
};

// temporal.api.common.v1.Payload. Given as an argument it travels as it is; asked for as a result
// it comes as it is, whatever its encoding.
struct Payload {
  PayloadMetadata metadata;
  std::string data;
  // One entry a part of the value that lies in external storage: its size there.
  std::vector<std::int64_t> external_sizes_bytes;

  // Metadata "encoding"; empty when there is none.
  std::string_view encoding() const;
  // True for a value moved to external storage, of which this payload is only the reference. minim
  // cannot follow it: decoding reports TMPRL1105.
  bool is_external_reference() const;

  friend bool operator==(const Payload&, const Payload&) = default;
};

using Payloads = std::vector<Payload>;
using PayloadMap = std::map<std::string, Payload>;  // memo, header, search attributes

// Builds a payload with `encoding` as its only metadata.
Payload make_payload(std::string_view encoding, std::string data);

// A byte string. On its own it travels as binary/plain; inside a list or map, where JSON has no
// bytes, as an array of the numbers 0 to 255.
struct Bytes {
  std::string data;
  friend bool operator==(const Bytes&, const Bytes&) = default;
};

// JSON text that is passed through as written: a number beyond 64 bits keeps every digit, members
// keep their order. Checked when encoded (INVALID_ARGUMENT if it is not JSON).
struct RawJson {
  std::string text;
  friend bool operator==(const RawJson&, const RawJson&) = default;
};

}  // namespace minim

#endif  // MINIM_PAYLOAD_H_
