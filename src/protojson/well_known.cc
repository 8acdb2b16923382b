#include "protojson/well_known.h"

#include <chrono>

#include "protojson/schema.h"

namespace minim::protojson {

namespace {

constexpr std::int64_t kFirstSecond = -62135596800;  // 0001-01-01T00:00:00Z
constexpr std::int64_t kLastSecond = 253402300799;   // 9999-12-31T23:59:59Z
constexpr std::int64_t kMaxDurationSeconds = 315576000000;
constexpr std::int32_t kNanosPerSecond = 1000000000;

void append_padded(std::string& out, std::int64_t value, std::size_t width) {
  const std::string digits = std::to_string(value);
  if (digits.size() < width) out.append(width - digits.size(), '0');
  out.append(digits);
}

void append_fraction(std::string& out, std::int32_t nanos) {
  if (nanos == 0) return;
  out.push_back('.');
  if (nanos % 1000000 == 0) {
    append_padded(out, nanos / 1000000, 3);
  } else if (nanos % 1000 == 0) {
    append_padded(out, nanos / 1000, 6);
  } else {
    append_padded(out, nanos, 9);
  }
}

// Reads a text from the left; every step says whether the text went along.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  bool at_end() const { return text_.empty(); }
  bool literal(char c) {
    if (text_.empty() || text_.front() != c) return false;
    text_.remove_prefix(1);
    return true;
  }
  // Exactly `count` digits.
  bool number(int count, std::int64_t* value) {
    *value = 0;
    for (int i = 0; i < count; ++i) {
      if (!digit()) return false;
      *value = *value * 10 + take();
    }
    return true;
  }
  // One to `most` digits.
  bool up_to(int most, std::int64_t* value) {
    int count = 0;
    *value = 0;
    for (; count < most && digit(); ++count) *value = *value * 10 + take();
    return count > 0 && !digit();
  }
  // ".5" as 500000000; nothing there is 0.
  bool fraction(std::int32_t* nanos) {
    *nanos = 0;
    if (!literal('.')) return true;
    int count = 0;
    for (; count < 9 && digit(); ++count) *nanos = *nanos * 10 + take();
    if (count == 0 || digit()) return false;
    for (; count < 9; ++count) *nanos *= 10;
    return true;
  }

 private:
  bool digit() const { return !text_.empty() && text_.front() >= '0' && text_.front() <= '9'; }
  int take() {
    const int value = text_.front() - '0';
    text_.remove_prefix(1);
    return value;
  }
  std::string_view text_;
};

bool parse_offset(Scanner& scanner, std::int64_t* seconds) {
  *seconds = 0;
  if (scanner.literal('Z')) return true;
  const bool west = scanner.literal('-');
  if (!west && !scanner.literal('+')) return false;
  std::int64_t hours = 0;
  std::int64_t minutes = 0;
  if (!scanner.number(2, &hours) || !scanner.literal(':') || !scanner.number(2, &minutes) ||
      hours > 23 || minutes > 59) {
    return false;
  }
  *seconds = (hours * 3600 + minutes * 60) * (west ? -1 : 1);
  return true;
}

}  // namespace

std::optional<std::string> timestamp_text(SecondsNanos time) {
  if (time.seconds < kFirstSecond || time.seconds > kLastSecond || time.nanos < 0 ||
      time.nanos >= kNanosPerSecond) {
    return std::nullopt;
  }
  const std::chrono::sys_seconds point{std::chrono::seconds(time.seconds)};
  const auto day = std::chrono::floor<std::chrono::days>(point);
  const std::chrono::year_month_day date(day);
  const std::int64_t second = (point - day).count();
  std::string text;
  append_padded(text, static_cast<int>(date.year()), 4);
  text.push_back('-');
  append_padded(text, static_cast<unsigned>(date.month()), 2);
  text.push_back('-');
  append_padded(text, static_cast<unsigned>(date.day()), 2);
  text.push_back('T');
  append_padded(text, second / 3600, 2);
  text.push_back(':');
  append_padded(text, second / 60 % 60, 2);
  text.push_back(':');
  append_padded(text, second % 60, 2);
  append_fraction(text, time.nanos);
  text.push_back('Z');
  return text;
}

std::optional<SecondsNanos> parse_timestamp(std::string_view text) {
  Scanner scanner(text);
  std::int64_t year = 0;
  std::int64_t month = 0;
  std::int64_t day = 0;
  std::int64_t hour = 0;
  std::int64_t minute = 0;
  std::int64_t second = 0;
  std::int64_t offset = 0;
  SecondsNanos time{};
  const bool read = scanner.number(4, &year) && scanner.literal('-') && scanner.number(2, &month) &&
                    scanner.literal('-') && scanner.number(2, &day) && scanner.literal('T') &&
                    scanner.number(2, &hour) && scanner.literal(':') &&
                    scanner.number(2, &minute) && scanner.literal(':') &&
                    scanner.number(2, &second) && scanner.fraction(&time.nanos) &&
                    parse_offset(scanner, &offset) && scanner.at_end();
  if (!read || hour > 23 || minute > 59 || second > 59) return std::nullopt;
  const std::chrono::year_month_day date(std::chrono::year(static_cast<int>(year)),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day)));
  if (!date.ok()) return std::nullopt;
  const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  time.seconds = days * 86400 + hour * 3600 + minute * 60 + second - offset;
  if (time.seconds < kFirstSecond || time.seconds > kLastSecond) return std::nullopt;
  return time;
}

std::optional<std::string> duration_text(SecondsNanos duration) {
  const bool negative = duration.seconds < 0 || duration.nanos < 0;
  if (duration.seconds < -kMaxDurationSeconds || duration.seconds > kMaxDurationSeconds ||
      duration.nanos <= -kNanosPerSecond || duration.nanos >= kNanosPerSecond ||
      (negative && (duration.seconds > 0 || duration.nanos > 0))) {
    return std::nullopt;
  }
  std::string text = negative ? "-" : "";
  text.append(std::to_string(negative ? -duration.seconds : duration.seconds));
  append_fraction(text, negative ? -duration.nanos : duration.nanos);
  text.push_back('s');
  return text;
}

std::optional<SecondsNanos> parse_duration(std::string_view text) {
  Scanner scanner(text);
  SecondsNanos duration{};
  const bool negative = scanner.literal('-');
  if (!scanner.up_to(12, &duration.seconds) || !scanner.fraction(&duration.nanos) ||
      !scanner.literal('s') || !scanner.at_end() || duration.seconds > kMaxDurationSeconds) {
    return std::nullopt;
  }
  if (negative) duration = {-duration.seconds, -duration.nanos};
  return duration;
}

std::optional<std::string> mask_path_to_json(std::string_view path) {
  std::string text = to_lower_camel(path);
  if (to_snake(text) != path || path.find(',') != std::string_view::npos) return std::nullopt;
  return text;
}

std::optional<std::string> mask_path_from_json(std::string_view path) {
  if (path.find('_') != std::string_view::npos) return std::nullopt;
  return to_snake(path);
}

}  // namespace minim::protojson
