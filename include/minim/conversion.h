// Conversion<T>: how a C++ type becomes a payload and comes back. The one place to teach minim a
// type of yours: specialise it, in namespace minim, before the type is first converted.
//
// A type that is JSON-shaped has write() and read(), and then works inside lists, maps, optionals:
//
//   template <>
//   struct minim::Conversion<Point> {
//     static void write(JsonWriter& out, const Point& point) {
//       out.begin_object();
//       write_member(out, "x", point.x);
//       out.end_object();
//     }
//     static Status read(JsonView in, Point& point) { return read_member(in, "x", point.x); }
//   };
//
// A type that fills a payload of its own kind (binary, protobuf) has, instead or as well,
//
//     static Result<Payload> to_payload(const T& value);
//     static Result<T> from_payload(const Payload& payload);
//
// which win where the value stands alone. Either direction may be left out. Report problems without
// quoting the value; the caller adds which payload it was.
#ifndef MINIM_CONVERSION_H_
#define MINIM_CONVERSION_H_

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "minim/json_view.h"
#include "minim/json_writer.h"
#include "minim/payload.h"
#include "minim/result.h"

namespace minim {

template <class T>
struct Conversion {};  // empty: no conversion

namespace internal {

template <class T>
struct PlainType {
  using type = T;
};
template <>
struct PlainType<char*> {
  using type = const char*;
};
// The type that Conversion is looked up for: literals are strings.
template <class T>
using Plain = typename PlainType<std::decay_t<T>>::type;

// Characters are text to some and numbers to others: convert to one of them first.
template <class T>
concept Character = std::same_as<T, char> || std::same_as<T, wchar_t> || std::same_as<T, char8_t> ||
                    std::same_as<T, char16_t> || std::same_as<T, char32_t>;
template <class T>
concept Integer = std::integral<T> && !std::same_as<T, bool> && !Character<T> &&
                  sizeof(T) <= sizeof(std::int64_t);

Status out_of_range();
void write_bytes(JsonWriter& out, std::string_view bytes);
Status read_bytes(JsonView in, std::string& out);
Result<std::string> bytes_of(const Payload& payload);
Result<Payload> raw_json_payload(const RawJson& value);
Result<RawJson> raw_json_of(const Payload& payload);
void write_raw_json(JsonWriter& out, std::string_view text);
Payload null_payload();
bool is_null(const Payload& payload);
Result<Payload> json_payload(JsonWriter&& writer);

}  // namespace internal

template <class T>
concept JsonWritable = requires(JsonWriter& out, const internal::Plain<T>& value) {
  Conversion<internal::Plain<T>>::write(out, value);
};
template <class T>
concept JsonReadable = requires(JsonView in, T& value) {
  { Conversion<T>::read(in, value) } -> std::same_as<Status>;
};
template <class T>
concept PayloadWritable = requires(const internal::Plain<T>& value) {
  { Conversion<internal::Plain<T>>::to_payload(value) } -> std::same_as<Result<Payload>>;
};
template <class T>
concept PayloadReadable = requires(const Payload& payload) {
  { Conversion<T>::from_payload(payload) } -> std::same_as<Result<T>>;
};

// What can be an argument, and what can be a result.
template <class T>
concept Encodable = JsonWritable<T> || PayloadWritable<T>;
template <class T>
concept Decodable = PayloadReadable<T> || (JsonReadable<T> && std::default_initializable<T>);

// For the body of a Conversion: a value, or a member of the object that is being written.
template <JsonWritable T>
void write_value(JsonWriter& out, const T& value) {
  Conversion<internal::Plain<T>>::write(out, value);
}
template <JsonWritable T>
void write_member(JsonWriter& out, std::string_view name, const T& value) {
  out.key(name);
  write_value(out, value);
}

// A value, or a member of the object that is being read. A missing member leaves an optional empty
// and is an error for every other type.
template <JsonReadable T>
Status read_value(JsonView in, T& value) {
  return Conversion<T>::read(in, value);
}
Status missing_member(JsonView in, std::string_view name);
template <JsonReadable T>
Status read_member(JsonView in, std::string_view name, T& value) {
  const std::optional<JsonView> found = in.find(name);
  return found ? Conversion<T>::read(*found, value) : missing_member(in, name);
}
template <JsonReadable T>
Status read_member(JsonView in, std::string_view name, std::optional<T>& value) {
  if (in.kind() != JsonView::Kind::kObject) return in.mismatch("an object");
  const std::optional<JsonView> found = in.find(name);
  if (found) return Conversion<std::optional<T>>::read(*found, value);
  value.reset();
  return Status();
}

namespace internal {

template <Encodable T>
Result<Payload> encode(const T& value) {
  if constexpr (PayloadWritable<T>) {
    return Conversion<Plain<T>>::to_payload(value);
  } else {
    JsonWriter writer;
    Conversion<Plain<T>>::write(writer, value);
    return json_payload(std::move(writer));
  }
}

template <Decodable T>
Result<T> decode(const Payload& payload) {
  if constexpr (PayloadReadable<T>) {
    return Conversion<T>::from_payload(payload);
  } else {
    JsonDocument document;
    if (Status status = document.open(payload); !status.ok()) return status;
    T value{};
    if (Status status = Conversion<T>::read(document.root(), value); !status.ok()) return status;
    return value;
  }
}

// std::nullptr_t, std::nullopt_t and std::monostate.
template <class T>
struct NullConversion {
  static Result<Payload> to_payload(const T&) { return null_payload(); }
  static void write(JsonWriter& out, const T&) { out.null(); }
  static Status read(JsonView in, T&) { return in.is_null() ? Status() : in.mismatch("null"); }
};

template <class T>
struct TextConversion {
  static void write(JsonWriter& out, std::string_view value) { out.string(value); }
};

}  // namespace internal

template <>
struct Conversion<std::nullptr_t> : internal::NullConversion<std::nullptr_t> {};
template <>
struct Conversion<std::nullopt_t> : internal::NullConversion<std::nullopt_t> {};
template <>
struct Conversion<std::monostate> : internal::NullConversion<std::monostate> {};

template <>
struct Conversion<bool> {
  static void write(JsonWriter& out, bool value) { out.boolean(value); }
  static Status read(JsonView in, bool& value) { return in.read(value); }
};

template <internal::Integer T>
struct Conversion<T> {
  using Wide = std::conditional_t<std::is_signed_v<T>, std::int64_t, std::uint64_t>;
  static void write(JsonWriter& out, T value) { out.integer(static_cast<Wide>(value)); }
  static Status read(JsonView in, T& value) {
    Wide wide = 0;
    if (Status status = in.read(wide); !status.ok()) return status;
    if (!std::in_range<T>(wide)) return internal::out_of_range();
    value = static_cast<T>(wide);
    return Status();
  }
};

template <>
struct Conversion<float> {
  static void write(JsonWriter& out, float value) { out.number(value); }
  static Status read(JsonView in, float& value) { return in.read(value); }
};
template <>
struct Conversion<double> {
  static void write(JsonWriter& out, double value) { out.number(value); }
  static Status read(JsonView in, double& value) { return in.read(value); }
};

template <>
struct Conversion<std::string> : internal::TextConversion<std::string> {
  static Status read(JsonView in, std::string& value) { return in.read(value); }
};
template <>
struct Conversion<std::string_view> : internal::TextConversion<std::string_view> {};
template <>
struct Conversion<const char*> {
  static void write(JsonWriter& out, const char* value) {
    if (value == nullptr) return out.fail("a null pointer is no string");
    out.string(value);
  }
};

template <>
struct Conversion<Bytes> {
  static Result<Payload> to_payload(const Bytes& value) {
    return make_payload(kEncodingBinary, value.data);
  }
  // Also reads json/plain with an array of numbers; text is refused: it may or may not be base64.
  static Result<Bytes> from_payload(const Payload& payload) {
    Result<std::string> data = internal::bytes_of(payload);
    if (!data) return data.error();
    return Bytes{std::move(data).value()};
  }
  static void write(JsonWriter& out, const Bytes& value) { internal::write_bytes(out, value.data); }
  static Status read(JsonView in, Bytes& value) { return internal::read_bytes(in, value.data); }
};

template <>
struct Conversion<Payload> {
  static Result<Payload> to_payload(const Payload& value) { return value; }
  static Result<Payload> from_payload(const Payload& payload) { return payload; }
};

template <>
struct Conversion<RawJson> {
  static Result<Payload> to_payload(const RawJson& value) {
    return internal::raw_json_payload(value);
  }
  // The text of json/plain or json/protobuf; "null" for binary/null.
  static Result<RawJson> from_payload(const Payload& payload) {
    return internal::raw_json_of(payload);
  }
  static void write(JsonWriter& out, const RawJson& value) {
    internal::write_raw_json(out, value.text);
  }
  static Status read(JsonView in, RawJson& value) {
    value.text = in.text();
    return Status();
  }
};

// Empty is null: binary/null on its own, null inside JSON; both read as empty.
template <class T>
struct Conversion<std::optional<T>> {
  static Result<Payload> to_payload(const std::optional<T>& value)
    requires Encodable<T>
  {
    return value ? internal::encode(*value) : Result<Payload>(internal::null_payload());
  }
  static Result<std::optional<T>> from_payload(const Payload& payload)
    requires Decodable<T>
  {
    if (internal::is_null(payload)) return std::optional<T>();
    Result<T> value = internal::decode<T>(payload);
    if (!value) return value.error();
    return std::optional<T>(std::move(value).value());
  }
  static void write(JsonWriter& out, const std::optional<T>& value)
    requires JsonWritable<T>
  {
    if (value) {
      write_value(out, *value);
    } else {
      out.null();
    }
  }
  static Status read(JsonView in, std::optional<T>& value)
    requires(JsonReadable<T> && std::default_initializable<T>)
  {
    if (in.is_null()) {
      value.reset();
      return Status();
    }
    T inner{};
    Status status = read_value(in, inner);
    if (status.ok()) value = std::move(inner);
    return status;
  }
};

}  // namespace minim

#endif  // MINIM_CONVERSION_H_
