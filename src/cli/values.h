// The value syntaxes of flags and variables.
#ifndef MINIM_SRC_CLI_VALUES_H_
#define MINIM_SRC_CLI_VALUES_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "json/value.h"
#include "minim/result.h"
#include "minim/time.h"

namespace minim::cli {

// 1, t, true, 0, f, false; each in the spellings that Go takes.
std::optional<bool> parse_bool(std::string_view text);

// "300ms", "1h30m", "1.5h", "-2s", "1d12h", "0"; units ns, us, ms, s, m, h, d. Nothing beyond 292
// years.
std::optional<Duration> parse_duration(std::string_view text);
// "72h0m0.5s", "1.5ms", "0s".
std::string duration_words(Duration duration);
// The form that protobuf JSON has: "1.500s".
std::string duration_json(Duration duration);

// "KEY=VALUE" taken apart at the first "="; the value of `flag` names the place in errors.
Result<std::pair<std::string, std::string>> split_pair(std::string_view flag,
                                                       std::string_view text);

// KEY=JSON values as a map from key to json/plain payload in its JSON form, or null for none. The
// JSON goes as it was written, so that no number loses digits. A later key replaces an earlier one.
Result<json::Value> payload_map(std::string_view flag, const std::vector<std::string>& pairs);

// A payload in protobuf JSON.
json::Value payload_json(const std::vector<std::pair<std::string, std::string>>& metadata,
                         std::string_view data);
json::Value json_payload(std::string_view text);

// No file is read beyond this: no server takes as large a message, and some files have no end.
inline constexpr std::size_t kMaxInputBytes = std::size_t{128} << 20;

// The whole of a file, "-" for standard input. INVALID_ARGUMENT names the file and the reason.
Result<std::string> read_file(const std::string& path);

// A line that people and terminals can take: control characters become spaces.
std::string one_line(std::string_view text);

}  // namespace minim::cli

#endif  // MINIM_SRC_CLI_VALUES_H_
