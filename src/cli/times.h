// Times for people.
#ifndef MINIM_SRC_CLI_TIMES_H_
#define MINIM_SRC_CLI_TIMES_H_

#include <optional>
#include <string>
#include <string_view>

#include "minim/time.h"

namespace minim::cli {

// Each takes RFC 3339 text, as protobuf JSON has it; what is none comes back as it is, and the zero
// time is empty.
std::string relative_time(std::string_view rfc3339);  // "2 minutes ago", "now", "3 hours from now"
std::string iso_time(std::string_view rfc3339);       // "2026-01-02T03:04:05Z"
std::string raw_time(std::string_view rfc3339);       // "2026-01-02 03:04:05.5 +0000 UTC"

// "5 minutes ago" for 300 seconds; negative: in the future.
std::string age_words(std::int64_t seconds);

// From `begin` to `end`; unset when one is missing or no time.
std::optional<Duration> time_between(std::string_view begin, std::string_view end);

}  // namespace minim::cli

#endif  // MINIM_SRC_CLI_TIMES_H_
