#include "cli/times.h"

#include <array>
#include <chrono>

#include "protojson/well_known.h"

namespace minim::cli {

namespace {

using protojson::SecondsNanos;

// An unset time that went through other hands as a value.
bool is_zero(std::string_view text) {
  return text.empty() || text.starts_with("0001-01-01T00:00:00");
}

struct Step {
  std::int64_t seconds;
  std::string_view name;
};
constexpr std::array<Step, 7> kSteps = {{{365 * 86400, "year"},
                                         {30 * 86400, "month"},
                                         {7 * 86400, "week"},
                                         {86400, "day"},
                                         {3600, "hour"},
                                         {60, "minute"},
                                         {1, "second"}}};

}  // namespace

std::string age_words(std::int64_t seconds) {
  if (seconds == 0) return "now";
  const std::int64_t size = seconds < 0 ? -seconds : seconds;
  for (const Step& step : kSteps) {
    if (size < step.seconds) continue;
    const std::int64_t count = size / step.seconds;
    const std::string words =
        std::to_string(count) + ' ' + std::string(step.name) + (count == 1 ? "" : "s");
    return seconds < 0 ? words + " from now" : words + " ago";
  }
  return "now";
}

std::string relative_time(std::string_view rfc3339) {
  if (is_zero(rfc3339)) return {};
  const auto time = protojson::parse_timestamp(rfc3339);
  if (!time) return std::string(rfc3339);
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return age_words(std::chrono::duration_cast<std::chrono::seconds>(now).count() - time->seconds);
}

std::string iso_time(std::string_view rfc3339) {
  if (is_zero(rfc3339)) return {};
  const auto time = protojson::parse_timestamp(rfc3339);
  if (!time) return std::string(rfc3339);
  return protojson::timestamp_text({time->seconds, 0}).value_or(std::string(rfc3339));
}

std::string raw_time(std::string_view rfc3339) {
  if (is_zero(rfc3339)) return {};
  const auto time = protojson::parse_timestamp(rfc3339);
  const std::string iso = iso_time(rfc3339);
  if (!time || iso.size() != 20) return iso;
  std::string text = iso.substr(0, 10) + ' ' + iso.substr(11, 8);
  if (time->nanos != 0) {
    std::string fraction = std::to_string(time->nanos + 1'000'000'000).substr(1);
    while (fraction.back() == '0') fraction.pop_back();
    text += '.' + fraction;
  }
  return text + " +0000 UTC";
}

std::optional<Duration> time_between(std::string_view begin, std::string_view end) {
  const auto from = protojson::parse_timestamp(begin);
  const auto to = protojson::parse_timestamp(end);
  if (!from || !to) return std::nullopt;
  return std::chrono::seconds(to->seconds - from->seconds) +
         std::chrono::nanoseconds(to->nanos - from->nanos);
}

}  // namespace minim::cli
