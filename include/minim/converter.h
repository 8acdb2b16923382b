// DataConverter: arguments to payloads, payloads to results.
//
//   minim::DataConverter converter;
//   auto arguments = converter.encode("Ann", 3, std::vector{1.5, 2.5});   // three payloads
//   auto name = converter.decode<std::string>(result);
//
// Encodings, the first that fits the type: null is binary/null, bytes are binary/plain, protobuf
// messages (<minim/protobuf.h>) are json/protobuf or binary/protobuf, everything else json/plain.
// <minim/json.h> adds what nlohmann/json can convert; conversion.h says how to add a type.
//
// Errors are local and never quote a value: INVALID_ARGUMENT, "payload 1 (json/plain): expected a
// string, found a number", for a value that does not convert and for a payload that is malformed,
// of an unknown encoding or of another type; RESOURCE_EXHAUSTED for JSON nested too deep;
// FAILED_PRECONDITION, starting "[TMPRL1105]", for a value that lies in external storage.
#ifndef MINIM_CONVERTER_H_
#define MINIM_CONVERTER_H_

#include <cstddef>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

#include "minim/container_conversion.h"
#include "minim/conversion.h"
#include "minim/datetime.h"  // IWYU pragma: export
#include "minim/payload.h"
#include "minim/result.h"

namespace minim {

namespace internal {

inline constexpr std::size_t kNoIndex = static_cast<std::size_t>(-1);

// Completes the status of a Conversion with which value or payload it was about.
Status encode_error(const Status& status, std::size_t index);
Status decode_error(const Status& status, std::size_t index, const Payload& payload);
Status external_reference_error(std::size_t index);
Status payload_count_error(std::size_t expected, std::size_t found);

template <class T>
Status encode_into(const T& value, Payloads& payloads) {
  static_assert(Encodable<T>,
                "minim cannot turn this argument type into a payload: include <minim/json.h> or "
                "<minim/protobuf.h> if one of them covers it, or specialise minim::Conversion<T>");
  if constexpr (Encodable<T>) {
    Result<Payload> payload = encode(value);
    if (!payload) return encode_error(payload.error(), payloads.size());
    payloads.push_back(std::move(payload).value());
  }
  return Status();
}

template <class T>
Result<T> decode_one(const Payload& payload, std::size_t index) {
  static_assert(Decodable<T>,
                "minim cannot turn a payload into this type: include <minim/json.h> or "
                "<minim/protobuf.h> if one of them covers it, or specialise minim::Conversion<T>; "
                "a view or a pointer cannot own the text: ask for std::string");
  if constexpr (Decodable<T>) {
    if (payload.is_external_reference()) return external_reference_error(index);
    Result<T> value = decode<T>(payload);
    if (!value) return decode_error(value.error(), index, payload);
    return value;
  } else {
    return payload_count_error(0, 0);  // never reached: the assertion above has failed
  }
}

// The payload of a value that is not there, for types that have such a value.
template <class T>
constexpr bool kNullable = false;
template <class T>
constexpr bool kNullable<std::optional<T>> = true;
template <>
inline constexpr bool kNullable<std::nullptr_t> = true;
template <>
inline constexpr bool kNullable<std::monostate> = true;

template <class... Ts, std::size_t... I>
Result<std::tuple<Ts...>> decode_tuple(const Payloads& payloads, std::index_sequence<I...>) {
  std::tuple<Result<Ts>...> results{decode_one<Ts>(payloads[I], I)...};
  Status status;
  (void)((std::get<I>(results) || (status = std::get<I>(results).error(), false)) && ...);
  if (!status.ok()) return status;
  return std::tuple<Ts...>(std::move(std::get<I>(results)).value()...);
}

}  // namespace internal

// One value to one payload and back, with the default rules.
template <class T>
Result<Payload> to_payload(const T& value) {
  Payloads payloads;
  if (Status status = internal::encode_into(value, payloads); !status.ok()) return status;
  return std::move(payloads.front());
}
template <class T>
Result<T> from_payload(const Payload& payload) {
  return internal::decode_one<T>(payload, internal::kNoIndex);
}

// A value that is cheap to copy. It holds no state yet; a payload codec will be its first, so pass
// it along rather than making new ones.
class DataConverter {
 public:
  // One payload a value, in order. The index in an error counts from 0.
  template <class... Args>
  Result<Payloads> encode(const Args&... values) const {
    Payloads payloads;
    payloads.reserve(sizeof...(Args));
    Status status;
    (void)((status = internal::encode_into(values, payloads), status.ok()) && ...);
    if (!status.ok()) return status;
    return payloads;
  }

  // The one result of an operation. Payloads takes all of them untouched, void ignores them. No
  // payload at all is null: an error unless T is optional; several are an error: use decode_first.
  template <class T>
  Result<T> decode(const Payloads& payloads) const {
    if constexpr (std::is_void_v<T>) {
      return Result<void>();
    } else if constexpr (std::is_same_v<T, Payloads>) {
      return payloads;
    } else {
      if constexpr (internal::kNullable<T>) {
        if (payloads.empty()) return T();
      }
      if (payloads.size() != 1) return internal::payload_count_error(1, payloads.size());
      return internal::decode_one<T>(payloads.front(), 0);
    }
  }

  // The first payloads as a tuple; further ones are ignored, too few are an error.
  template <class... Ts>
  Result<std::tuple<Ts...>> decode_first(const Payloads& payloads) const {
    if (payloads.size() < sizeof...(Ts)) {
      return internal::payload_count_error(sizeof...(Ts), payloads.size());
    }
    return internal::decode_tuple<Ts...>(payloads, std::index_sequence_for<Ts...>());
  }
};

}  // namespace minim

#endif  // MINIM_CONVERTER_H_
