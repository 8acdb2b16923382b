// A JSON document as a value.
//
//   auto parsed = json::parse(R"({"n": 18446744073709551616, "x": 1.0})");
//   if (!parsed) return parsed.error();             // "line 1, column 3: ..."
//   const json::Object* object = parsed->as_object();
//   json::write(*parsed)                            // {"n":18446744073709551616,"x":1.0}
//
// Numbers keep the text they were written with, so that a document goes through unchanged whatever
// its size or precision; they become C++ numbers only on demand. Objects keep the order of their
// members. No function here throws or asserts on the kind of a value: a wrong kind is a null
// pointer or an empty optional.
#ifndef MINIM_SRC_JSON_VALUE_H_
#define MINIM_SRC_JSON_VALUE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "json/number.h"
#include "minim/result.h"

namespace minim::json {

class Value;
using Array = std::vector<Value>;

enum class Kind : std::uint8_t { kNull, kBool, kNumber, kString, kArray, kObject };
std::string_view kind_name(Kind kind);  // "null", "a boolean", "a number", "a string", ...

// Members in the order in which they were added; names are unique.
class Object {
 public:
  using Member = std::pair<std::string, Value>;
  using const_iterator = std::vector<Member>::const_iterator;

  // Replaces the value of a member of that name, or adds one at the end. Linear in the members.
  void set(std::string name, Value value);
  const Value* find(std::string_view name) const;  // null: no such member; linear
  bool empty() const;
  std::size_t size() const;
  const_iterator begin() const;
  const_iterator end() const;
  // By code point of the names, at this level only; see json::sort_members for all levels.
  void sort();
  std::vector<Member>& members() { return members_; }  // keep the names unique

  friend bool operator==(const Object& a, const Object& b);  // in the same order

 private:
  std::vector<Member> members_;
};

class Value {
 public:
  Value() = default;  // null
  static Value boolean(bool value);
  template <class T>
    requires(std::is_integral_v<T> && !std::is_same_v<T, bool>)
  static Value number(T value) {
    if constexpr (std::is_signed_v<T>) {
      return of_int64(value);
    } else {
      return of_uint64(value);
    }
  }
  // INVALID_ARGUMENT for NaN and the infinities: JSON has no such numbers. Written as 1.0, 1e+16.
  static Result<Value> number(double value);
  // `text` must be a number in JSON's grammar; INVALID_ARGUMENT if it is not.
  static Result<Value> number_text(std::string text);
  static Value string(std::string utf8);
  static Value array(Array items = {});
  static Value object(Object members = {});

  Kind kind() const { return static_cast<Kind>(data_.index()); }
  bool is_null() const { return kind() == Kind::kNull; }
  std::optional<bool> as_bool() const;
  const std::string* as_string() const;
  const Array* as_array() const;
  Array* as_array();
  const Object* as_object() const;
  Object* as_object();
  // The number as it was written; null when this is no number.
  const std::string* as_number() const;
  // Empty when this is no number or the number does not fit; see json/number.h for `exact`.
  std::optional<Converted<std::int64_t>> as_int64() const;
  std::optional<Converted<std::uint64_t>> as_uint64() const;
  std::optional<Converted<double>> as_double() const;

  // Same kinds, texts and order: 1 and 1.0 differ.
  friend bool operator==(const Value& a, const Value& b);

 private:
  static Value of_int64(std::int64_t value);
  static Value of_uint64(std::uint64_t value);

  struct Number {
    std::string text;
    bool operator==(const Number&) const = default;
  };
  // In the order of Kind.
  std::variant<std::monostate, bool, Number, std::string, Array, Object> data_;
};

// Arrays and objects within each other; deeper input is refused, because values are destroyed,
// compared and written recursively.
inline constexpr int kMaxDepth = 200;

// One JSON text (RFC 8259) in UTF-8, with or without a byte order mark, white space around it
// allowed. Of members with the same name the last one's value wins. NaN, comments, trailing commas
// and invalid UTF-8 are errors, and so is a number beyond the range of a double (1e999).
// INVALID_ARGUMENT, or RESOURCE_EXHAUSTED for depth; the message names line, column (in bytes) and
// problem, and never quotes the text itself: payloads are secrets.
Result<Value> parse(std::string_view text, int max_depth = kMaxDepth);

// Sorts the members of every object within `value` by code point of their names.
void sort_members(Value& value);

}  // namespace minim::json

#endif  // MINIM_SRC_JSON_VALUE_H_
