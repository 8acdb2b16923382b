// Conversion of every type that the host's nlohmann/json converts: nlohmann::json itself, types
// with to_json() and from_json() (hand-written or by NLOHMANN_DEFINE_TYPE_...), enumerations, also
// inside the lists, maps and optionals of conversion.h. Uses the copy of that library that the
// host includes, and is the only header of minim that includes it.
//
// from_json() reports a mismatch by an exception, which becomes INVALID_ARGUMENT here. Code built
// without exceptions has none; there, a type that is to be read provides instead (or as well: it is
// preferred everywhere)
//
//     minim::Status try_from_json(const nlohmann::json& in, Order& order);
//
// in its own namespace, and a type with from_json() alone does not compile as a result.
#ifndef MINIM_JSON_H_
#define MINIM_JSON_H_

#include <concepts>
#include <cstdint>
#include <exception>
#include <nlohmann/json.hpp>
#include <string>
#include <type_traits>

#include "minim/converter.h"

namespace minim {

namespace internal {

template <class T>
concept TryFromJson = requires(const nlohmann::json& in, T& value) {
  { try_from_json(in, value) } -> std::same_as<Status>;
};
template <class T>
concept NlohmannWritable =
    !std::is_arithmetic_v<T> && std::is_constructible_v<nlohmann::json, const T&>;
template <class T>
concept NlohmannReadable = !std::is_arithmetic_v<T> && std::default_initializable<T> &&
                           (TryFromJson<T> || requires(const nlohmann::json& in) {
                             { in.template get<T>() } -> std::same_as<T>;
                           });

// The library's own writer aborts on text that is not UTF-8; ours reports it.
inline void write_nlohmann(JsonWriter& out, const nlohmann::json& value) {
  using Json = nlohmann::json;
  if (const auto* text = value.get_ptr<const Json::string_t*>()) {
    out.string(*text);
  } else if (const auto* flag = value.get_ptr<const Json::boolean_t*>()) {
    out.boolean(*flag);
  } else if (const auto* natural = value.get_ptr<const Json::number_unsigned_t*>()) {
    out.integer(std::uint64_t{*natural});
  } else if (const auto* integer = value.get_ptr<const Json::number_integer_t*>()) {
    out.integer(std::int64_t{*integer});
  } else if (const auto* number = value.get_ptr<const Json::number_float_t*>()) {
    out.number(double{*number});
  } else if (const auto* array = value.get_ptr<const Json::array_t*>()) {
    out.begin_array();
    for (const Json& item : *array) write_nlohmann(out, item);
    out.end_array();
  } else if (const auto* object = value.get_ptr<const Json::object_t*>()) {
    out.begin_object();
    for (const auto& member : *object) {
      out.key(member.first);
      write_nlohmann(out, member.second);
    }
    out.end_object();
  } else if (const auto* bytes = value.get_ptr<const Json::binary_t*>()) {
    out.begin_array();
    for (const std::uint8_t byte : *bytes) out.integer(std::uint64_t{byte});
    out.end_array();
  } else if (value.is_null()) {
    out.null();
  } else {
    out.fail("a discarded JSON value");
  }
}

inline Status parse_nlohmann(JsonView in, nlohmann::json& out) {
  out = nlohmann::json::parse(in.text(), nullptr, /*allow_exceptions=*/false);
  return out.is_discarded() ? in.mismatch("JSON within the limits of nlohmann/json") : Status();
}

template <class T>
struct NlohmannWrite {
  static void write(JsonWriter& out, const T& value) {
#ifdef __cpp_exceptions
    try {
      write_nlohmann(out, nlohmann::json(value));
    } catch (const std::exception&) {
      out.fail("to_json failed");
    }
#else
    write_nlohmann(out, nlohmann::json(value));
#endif
  }
};

template <class T>
struct NlohmannRead {
  static Status read(JsonView in, T& value) {
    nlohmann::json document;
    if (Status status = parse_nlohmann(in, document); !status.ok()) return status;
    if constexpr (TryFromJson<T>) {
      return try_from_json(document, value);
    } else {
#ifdef __cpp_exceptions
      // The text of the exception may quote the value.
      try {
        value = document.template get<T>();
        return Status();
      } catch (const std::exception&) {
        return Status(Code::kInvalidArgument, "from_json does not accept this JSON");
      }
#else
      static_assert(TryFromJson<T>,
                    "from_json() can only abort the program when exceptions are off: provide "
                    "minim::Status try_from_json(const nlohmann::json&, T&) beside it");
      return Status();
#endif
    }
  }
};

struct NoRead {};
struct NoWrite {};

}  // namespace internal

template <>
struct Conversion<nlohmann::json> {
  static void write(JsonWriter& out, const nlohmann::json& value) {
    internal::write_nlohmann(out, value);
  }
  static Status read(JsonView in, nlohmann::json& value) {
    return internal::parse_nlohmann(in, value);
  }
};

template <class T>
  requires(internal::NlohmannWritable<T> || internal::NlohmannReadable<T>)
struct Conversion<T> : std::conditional_t<internal::NlohmannWritable<T>, internal::NlohmannWrite<T>,
                                          internal::NoWrite>,
                       std::conditional_t<internal::NlohmannReadable<T>, internal::NlohmannRead<T>,
                                          internal::NoRead> {};

}  // namespace minim

#endif  // MINIM_JSON_H_
