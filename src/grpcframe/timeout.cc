#include "grpcframe/timeout.h"

#include <charconv>
#include <cstdint>
#include <limits>

namespace minim {

namespace {

constexpr std::int64_t kMaxDigits = 8;
constexpr std::int64_t kMaxValue = 99'999'999;

struct Unit {
  char letter;
  std::int64_t nanoseconds;
};

constexpr Unit kUnits[] = {
    {'n', 1},
    {'u', 1'000},
    {'m', 1'000'000},
    {'S', 1'000'000'000},
    {'M', 60'000'000'000},
    {'H', 3'600'000'000'000},
};

}  // namespace

std::string_view encode_timeout(Duration timeout, char (&buffer)[kMaxTimeoutChars]) {
  const std::int64_t left = timeout.count() > 0 ? timeout.count() : 0;
  std::int64_t value = kMaxValue;
  char letter = 'H';
  for (const Unit& unit : kUnits) {
    const std::int64_t rest = left % unit.nanoseconds;
    const std::int64_t rounded_up = left / unit.nanoseconds + (rest != 0 ? 1 : 0);
    if (rounded_up <= kMaxValue) {
      value = rounded_up;
      letter = unit.letter;
      break;
    }
  }
  char* const end = std::to_chars(buffer, buffer + kMaxDigits, value).ptr;
  *end = letter;
  return {buffer, static_cast<std::size_t>(end + 1 - buffer)};
}

std::optional<Duration> parse_timeout(std::string_view text) {
  if (text.size() < 2 || text.size() > kMaxTimeoutChars) return std::nullopt;
  std::int64_t value = 0;
  for (const char c : text.substr(0, text.size() - 1)) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  for (const Unit& unit : kUnits) {
    if (unit.letter != text.back()) continue;
    if (value > std::numeric_limits<std::int64_t>::max() / unit.nanoseconds) return Duration::max();
    return Duration(value * unit.nanoseconds);
  }
  return std::nullopt;
}

}  // namespace minim
