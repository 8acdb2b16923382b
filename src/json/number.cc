#include "json/number.h"

#include <charconv>
#include <limits>

namespace minim::json {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// A decimal number without redundancy: `digits` (no zeros at either end) times ten to `exponent`.
// Zero has no digits.
struct Decimal {
  bool negative = false;
  std::string digits;
  std::int64_t exponent = 0;

  bool operator==(const Decimal& other) const {
    if (digits.empty() && other.digits.empty()) return true;
    return negative == other.negative && digits == other.digits && exponent == other.exponent;
  }
};

// Exponents beyond this are cut to it: no type of ours comes near.
constexpr std::int64_t kExponentLimit = 1'000'000'000;

std::int64_t parse_exponent(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  std::int64_t value = 0;
  for (const char c : text) {
    value = value * 10 + (c - '0');
    if (value > kExponentLimit) value = kExponentLimit;
  }
  return negative ? -value : value;
}

Decimal parse_decimal(std::string_view text) {
  Decimal decimal;
  if (text.starts_with('-')) {
    decimal.negative = true;
    text.remove_prefix(1);
  }
  std::size_t position = 0;
  bool fraction = false;
  for (; position < text.size(); ++position) {
    const char c = text[position];
    if (c == '.') {
      fraction = true;
    } else if (is_digit(c)) {
      if (fraction) --decimal.exponent;
      if (c != '0' || !decimal.digits.empty()) decimal.digits.push_back(c);
    } else {
      break;
    }
  }
  if (position < text.size()) decimal.exponent += parse_exponent(text.substr(position + 1));
  while (decimal.digits.ends_with('0')) {
    decimal.digits.pop_back();
    ++decimal.exponent;
  }
  return decimal;
}

// The integer part of the decimal's magnitude; empty when it exceeds `limit`.
std::optional<Converted<std::uint64_t>> integer_part(const Decimal& decimal, std::uint64_t limit) {
  const auto count = static_cast<std::int64_t>(decimal.digits.size());
  if (count == 0) return Converted<std::uint64_t>{0, true};
  const std::int64_t whole = count + decimal.exponent;  // digits before the point
  if (whole <= 0) return Converted<std::uint64_t>{0, false};
  if (whole > std::numeric_limits<std::uint64_t>::digits10 + 1) return std::nullopt;
  std::uint64_t value = 0;
  for (std::int64_t i = 0; i < whole; ++i) {
    const auto digit =
        i < count ? static_cast<std::uint64_t>(decimal.digits[static_cast<std::size_t>(i)] - '0')
                  : 0;
    if (digit > limit || value > (limit - digit) / 10) return std::nullopt;
    value = value * 10 + digit;
  }
  return Converted<std::uint64_t>{value, decimal.exponent >= 0};
}

// d.ddde+xx of std::to_chars, taken apart and written in the asked style.
template <class T>
void append_floating(std::string& out, T value, DoubleStyle style) {
  char buffer[64];
  const auto end =
      std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::scientific).ptr;
  std::string_view text(buffer, static_cast<std::size_t>(end - buffer));
  if (text.starts_with('-')) {
    out.push_back('-');
    text.remove_prefix(1);
  }
  const std::size_t e = text.find('e');
  const auto exponent = static_cast<int>(parse_exponent(text.substr(e + 1)));
  std::string digits(text.substr(0, 1));
  if (e > 2) digits.append(text.substr(2, e - 2));

  const int low = style == DoubleStyle::kPoint ? -4 : -6;
  const int high = style == DoubleStyle::kPoint ? 16 : 21;
  const auto count = static_cast<int>(digits.size());
  const bool zero = digits == "0";
  if (!zero && (exponent < low || exponent >= high)) {
    out.push_back(digits[0]);
    if (count > 1) out.append(".").append(digits, 1);
    out.append(exponent < 0 ? "e-" : "e+");
    const int magnitude = exponent < 0 ? -exponent : exponent;
    if (style == DoubleStyle::kPoint && magnitude < 10) out.push_back('0');
    append_number(out, static_cast<std::int64_t>(magnitude));
  } else if (exponent < 0) {
    out.append("0.").append(static_cast<std::size_t>(-exponent - 1), '0').append(digits);
  } else {
    const int whole = exponent + 1;  // digits before the point
    if (count <= whole) {
      out.append(digits).append(static_cast<std::size_t>(whole - count), '0');
      if (style == DoubleStyle::kPoint) out.append(".0");
    } else {
      out.append(digits, 0, static_cast<std::size_t>(whole)).push_back('.');
      out.append(digits, static_cast<std::size_t>(whole));
    }
  }
}

template <class T>
void append_integer(std::string& out, T value) {
  char buffer[24];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
  out.append(buffer, static_cast<std::size_t>(end - buffer));
}

}  // namespace

bool is_number(std::string_view text) {
  std::size_t i = 0;
  const auto digits = [&] {
    const std::size_t start = i;
    while (i < text.size() && is_digit(text[i])) ++i;
    return i - start;
  };
  if (i < text.size() && text[i] == '-') ++i;
  const bool zero = i < text.size() && text[i] == '0';
  const std::size_t whole = digits();
  if (whole == 0 || (zero && whole > 1)) return false;
  if (i < text.size() && text[i] == '.') {
    ++i;
    if (digits() == 0) return false;
  }
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    ++i;
    if (i < text.size() && (text[i] == '+' || text[i] == '-')) ++i;
    if (digits() == 0) return false;
  }
  return i == text.size();
}

std::optional<Converted<std::int64_t>> to_int64(std::string_view text) {
  const Decimal decimal = parse_decimal(text);
  const std::uint64_t limit = std::uint64_t{1} << 63;
  const auto part = integer_part(decimal, decimal.negative ? limit : limit - 1);
  if (!part) return std::nullopt;
  const std::uint64_t bits = decimal.negative ? 0 - part->value : part->value;
  return Converted<std::int64_t>{static_cast<std::int64_t>(bits), part->exact};
}

std::optional<Converted<std::uint64_t>> to_uint64(std::string_view text) {
  const Decimal decimal = parse_decimal(text);
  const auto part =
      integer_part(decimal, decimal.negative ? 0 : std::numeric_limits<std::uint64_t>::max());
  return part;
}

std::optional<Converted<double>> to_double(std::string_view text) {
  double value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (parsed.ptr != text.data() + text.size()) return std::nullopt;
  const Decimal decimal = parse_decimal(text);
  if (parsed.ec == std::errc::result_out_of_range) {
    // Too small becomes a zero of its sign, as everywhere; too large has no value.
    const auto magnitude = static_cast<std::int64_t>(decimal.digits.size()) + decimal.exponent;
    if (magnitude > 0) return std::nullopt;
    return Converted<double>{decimal.negative ? -0.0 : 0.0, false};
  }
  if (parsed.ec != std::errc()) return std::nullopt;
  std::string shortest;
  append_number(shortest, value);
  return Converted<double>{value, parse_decimal(shortest) == decimal};
}

void append_number(std::string& out, double value, DoubleStyle style) {
  append_floating(out, value, style);
}

void append_number(std::string& out, float value, DoubleStyle style) {
  append_floating(out, value, style);
}

void append_number(std::string& out, std::int64_t value) { append_integer(out, value); }

void append_number(std::string& out, std::uint64_t value) { append_integer(out, value); }

}  // namespace minim::json
