#include "grpcframe/timeout.h"

#include <charconv>
#include <cstdint>
#include <limits>

namespace minim {

namespace {

constexpr std::int64_t kMaxDigits = 8;
constexpr std::int64_t kMaxValue = 99'999'999;

constexpr std::int64_t kMaxCount = std::numeric_limits<std::int64_t>::max();

struct Unit {
  char letter;
  std::int64_t nanoseconds;

  // The longest duration that eight digits of this unit hold.
  constexpr std::int64_t most() const {
    return nanoseconds > kMaxCount / kMaxValue ? kMaxCount : nanoseconds * kMaxValue;
  }
};

constexpr Unit kUnits[] = {
    {'n', 1},
    {'u', 1'000},
    {'m', 1'000'000},
    {'S', 1'000'000'000},
    {'M', 60'000'000'000},
    {'H', 3'600'000'000'000},
};

constexpr const Unit& kSecond = kUnits[3];

}  // namespace

std::string_view encode_timeout(Duration timeout, char (&buffer)[kMaxTimeoutChars]) {
  const std::int64_t left = timeout.count() > 0 ? timeout.count() : 0;
  const Unit* unit = kUnits;
  if (left % kSecond.nanoseconds == 0 && left > 0 && left <= kSecond.most()) {
    unit = &kSecond;
  } else {
    // The last unit holds every Duration.
    while (left > unit->most()) ++unit;
  }
  const std::int64_t whole = left / unit->nanoseconds;
  const std::int64_t value = whole * unit->nanoseconds == left ? whole : whole + 1;
  char* const end = std::to_chars(buffer, buffer + kMaxDigits, value).ptr;
  *end = unit->letter;
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
    if (value > kMaxCount / unit.nanoseconds) return Duration::max();
    return Duration(value * unit.nanoseconds);
  }
  return std::nullopt;
}

}  // namespace minim
