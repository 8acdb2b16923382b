// Numbers between their JSON text and C++.
#ifndef MINIM_SRC_JSON_NUMBER_H_
#define MINIM_SRC_JSON_NUMBER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace minim::json {

// `exact`: the C++ number is the number that the text denotes; 1.0 and 1e2 are exact integers, 1.5
// as an integer is 1 and not exact. For a double: its shortest decimal form denotes the same number
// as the text, so 0.1 is exact and 0.1000000000000000000001 is not.
template <class T>
struct Converted {
  T value;
  bool exact;
};

// JSON's grammar: no leading zeros, no plus sign, digits on both sides of a point.
bool is_number(std::string_view text);

// For texts in JSON's grammar. Empty when the value, fraction cut off, does not fit the type.
std::optional<Converted<std::int64_t>> to_int64(std::string_view text);
std::optional<Converted<std::uint64_t>> to_uint64(std::string_view text);
std::optional<Converted<double>> to_double(std::string_view text);

enum class DoubleStyle : std::uint8_t {
  kPoint,  // 1.0, 1e+16, 1e-05: always seen to be floating point (as Python writes them)
  kShort,  // 1, 10000000000000000, 0.00001, 1e+21, 1e-7 (as JavaScript and Go write them)
};

// The shortest text that reads back as the same number. For finite numbers only.
void append_number(std::string& out, double value, DoubleStyle style = DoubleStyle::kPoint);
void append_number(std::string& out, float value, DoubleStyle style = DoubleStyle::kPoint);
void append_number(std::string& out, std::int64_t value);
void append_number(std::string& out, std::uint64_t value);

}  // namespace minim::json

#endif  // MINIM_SRC_JSON_NUMBER_H_
