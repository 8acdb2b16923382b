// The texts that JSON has for some of google.protobuf's messages.
#ifndef MINIM_SRC_PROTOJSON_WELL_KNOWN_H_
#define MINIM_SRC_PROTOJSON_WELL_KNOWN_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace minim::protojson {

struct SecondsNanos {
  std::int64_t seconds;
  std::int32_t nanos;
  bool operator==(const SecondsNanos&) const = default;
};

// RFC 3339 in UTC with "Z" and 0, 3, 6 or 9 digits of fraction: "2020-01-01T01:01:01.000001Z".
// Nothing outside the years 1 to 9999 or for nanos outside 0 to 999999999.
std::optional<std::string> timestamp_text(SecondsNanos time);
// Takes any offset and up to nine digits of fraction.
std::optional<SecondsNanos> parse_timestamp(std::string_view text);

// "1.500s", with 0, 3, 6 or 9 digits. Nothing beyond +-10000 years or for signs that differ.
std::optional<std::string> duration_text(SecondsNanos duration);
// "1.5s", "-3s"; up to nine digits of fraction.
std::optional<SecondsNanos> parse_duration(std::string_view text);

// One path of a FieldMask. Nothing when the other spelling would not lead back.
std::optional<std::string> mask_path_to_json(std::string_view path);
std::optional<std::string> mask_path_from_json(std::string_view path);

}  // namespace minim::protojson

#endif  // MINIM_SRC_PROTOJSON_WELL_KNOWN_H_
