#include "client/convert/iso_time.h"

#include <chrono>
#include <cstdint>
#include <cstdio>

#include "client/convert/error.h"

namespace minim::internal {

namespace {

using std::chrono::days;
using std::chrono::nanoseconds;
using std::chrono::seconds;

class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  bool done() const { return rest_.empty(); }
  bool at_digit() const { return !rest_.empty() && rest_[0] >= '0' && rest_[0] <= '9'; }
  bool skip(char c) {
    if (rest_.empty() || rest_[0] != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  // Exactly `count` digits.
  bool number(int count, int& out) {
    int value = 0;
    for (int i = 0; i < count; ++i) {
      if (!at_digit()) return false;
      value = value * 10 + (rest_[0] - '0');
      rest_.remove_prefix(1);
    }
    out = value;
    return true;
  }
  // One to nine digits as nanoseconds.
  bool fraction(std::int64_t& out) {
    std::int64_t value = 0;
    std::int64_t unit = 1'000'000'000;
    while (at_digit() && unit > 1) {
      unit /= 10;
      value += (rest_[0] - '0') * unit;
      rest_.remove_prefix(1);
    }
    out = value;
    return unit < 1'000'000'000 && !at_digit();
  }

 private:
  std::string_view rest_;
};

bool scan_date(Scanner& in, std::chrono::sys_days& out) {
  int year = 0;
  int month = 0;
  int day = 0;
  if (!in.number(4, year)) return false;
  const bool separated = in.skip('-');
  if (!in.number(2, month) || in.skip('-') != separated || !in.number(2, day)) return false;
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  out = std::chrono::sys_days(date);
  return date.ok() && year >= 1;
}

bool scan_clock(Scanner& in, seconds& out, std::int64_t& nanos) {
  int hour = 0;
  int minute = 0;
  int second = 0;
  if (!in.number(2, hour)) return false;
  const bool separated = in.skip(':');
  if (!in.number(2, minute)) return false;
  if (separated ? in.skip(':') : in.at_digit()) {
    if (!in.number(2, second)) return false;
    if ((in.skip('.') || in.skip(',')) && !in.fraction(nanos)) return false;
  }
  out = seconds(hour * 3600 + minute * 60 + second);
  return hour < 24 && minute < 60 && second < 60;
}

bool scan_offset(Scanner& in, seconds& out) {
  if (in.done() || in.skip('Z')) return true;
  const bool negative = in.skip('-');
  if (!negative && !in.skip('+')) return false;
  int hour = 0;
  int minute = 0;
  if (!in.number(2, hour)) return false;
  if ((in.skip(':') || in.at_digit()) && !in.number(2, minute)) return false;
  out = seconds(hour * 3600 + minute * 60) * (negative ? -1 : 1);
  return hour < 24 && minute < 60;
}

}  // namespace

std::string iso_time_text(Datetime time) {
  const auto day = std::chrono::floor<days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss<nanoseconds> clock(time - day);
  char text[48];
  int length = std::snprintf(
      text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d", static_cast<int>(date.year()),
      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
      static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
      static_cast<int>(clock.seconds().count()));
  std::string out(text, static_cast<std::size_t>(length));
  const std::int64_t nanos = clock.subseconds().count();
  if (nanos != 0) {
    const bool micros = nanos % 1000 == 0;
    length = std::snprintf(text, sizeof text, micros ? ".%06lld" : ".%09lld",
                           static_cast<long long>(micros ? nanos / 1000 : nanos));
    out.append(text, static_cast<std::size_t>(length));
  }
  return out.append("+00:00");
}

std::optional<Datetime> parse_iso_time(std::string_view text) {
  Scanner in(text);
  std::chrono::sys_days date;
  seconds clock(0);
  seconds offset(0);
  std::int64_t nanos = 0;
  if (!scan_date(in, date)) return std::nullopt;
  if (!in.done()) {
    if (!in.skip('T') && !in.skip(' ')) return std::nullopt;
    if (!scan_clock(in, clock, nanos) || !scan_offset(in, offset) || !in.done()) {
      return std::nullopt;
    }
  }
  const seconds total = seconds(date.time_since_epoch()) + clock - offset;
  // The outermost seconds are given up with the rest: no day of theirs is in the range anyway.
  if (total >= std::chrono::floor<seconds>(nanoseconds::max()) ||
      total <= std::chrono::ceil<seconds>(nanoseconds::min())) {
    return std::nullopt;
  }
  return Datetime(nanoseconds(total) + nanoseconds(nanos));
}

}  // namespace minim::internal

namespace minim {

void Conversion<Datetime>::write(JsonWriter& out, Datetime value) {
  out.string(internal::iso_time_text(value));
}

Status Conversion<Datetime>::read(JsonView in, Datetime& value) {
  std::string text;
  if (Status status = in.read(text); !status.ok()) return status;
  const std::optional<Datetime> time = internal::parse_iso_time(text);
  if (!time) return internal::invalid("not an ISO 8601 time, or out of range");
  value = *time;
  return Status();
}

}  // namespace minim
