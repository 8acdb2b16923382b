#include "cli/values.h"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <limits>

#include "base/base64.h"
#include "protojson/well_known.h"

namespace minim::cli {

namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

// Wide enough for any digits times any unit.
__extension__ typedef __int128 Wide;

struct Unit {
  std::string_view name;
  std::int64_t nanoseconds;
};
// Longer names first where one begins another.
constexpr std::array<Unit, 8> kUnits = {{{"ns", 1},
                                         {"us", 1'000},
                                         {"\xC2\xB5s", 1'000},  // with the micro sign
                                         {"ms", 1'000'000},
                                         {"s", kSecond},
                                         {"m", 60 * kSecond},
                                         {"h", 3600 * kSecond},
                                         {"d", 86400 * kSecond}}};

// One "1.5h" off the front of `text`, in nanoseconds; exact up to the range of 128 bits.
std::optional<Wide> take_part(std::string_view& text) {
  Wide value = 0;
  Wide scale = 1;
  bool any = false;
  bool fraction = false;
  while (!text.empty() && ((text[0] >= '0' && text[0] <= '9') || (text[0] == '.' && !fraction))) {
    const char c = text[0];
    text.remove_prefix(1);
    if (c == '.') {
      fraction = true;
      continue;
    }
    any = true;
    if (value > std::numeric_limits<std::int64_t>::max()) {
      if (!fraction) return std::nullopt;
      continue;  // digits beyond a nanosecond
    }
    if (fraction && scale > 1'000'000'000'000'000) continue;
    value = value * 10 + (c - '0');
    if (fraction) scale *= 10;
  }
  if (!any) return std::nullopt;
  for (const Unit& unit : kUnits) {
    if (!text.starts_with(unit.name)) continue;
    text.remove_prefix(unit.name.size());
    return value * unit.nanoseconds / scale;
  }
  return std::nullopt;
}

}  // namespace

std::optional<bool> parse_bool(std::string_view text) {
  for (const std::string_view yes : {"1", "t", "T", "true", "True", "TRUE"}) {
    if (text == yes) return true;
  }
  for (const std::string_view no : {"0", "f", "F", "false", "False", "FALSE"}) {
    if (text == no) return false;
  }
  return std::nullopt;
}

std::optional<Duration> parse_duration(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (text == "0") return Duration::zero();
  if (text.empty()) return std::nullopt;
  Wide total = 0;
  while (!text.empty()) {
    const auto part = take_part(text);
    if (!part) return std::nullopt;
    total += *part;
    if (total > std::numeric_limits<std::int64_t>::max()) return std::nullopt;
  }
  return Duration(static_cast<std::int64_t>(negative ? -total : total));
}

std::string duration_words(Duration duration) {
  const std::int64_t total = duration.count();
  if (total == 0) return "0s";
  const std::uint64_t size =
      total < 0 ? 0 - static_cast<std::uint64_t>(total) : static_cast<std::uint64_t>(total);
  std::string text = total < 0 ? "-" : "";
  const auto decimal = [&text](std::uint64_t value, std::uint64_t unit, std::string_view name) {
    text += std::to_string(value / unit);
    std::string rest = std::to_string(value % unit + unit).substr(1);
    while (!rest.empty() && rest.back() == '0') rest.pop_back();
    if (!rest.empty()) text += '.' + rest;
    text += name;
  };
  if (size < 1'000) {
    decimal(size, 1, "ns");
  } else if (size < 1'000'000) {
    decimal(size, 1'000, "us");
  } else if (size < static_cast<std::uint64_t>(kSecond)) {
    decimal(size, 1'000'000, "ms");
  } else {
    const std::uint64_t seconds = size / kSecond;
    if (seconds >= 3600) text += std::to_string(seconds / 3600) + 'h';
    if (seconds >= 60) text += std::to_string(seconds / 60 % 60) + 'm';
    decimal(size % (60 * static_cast<std::uint64_t>(kSecond)), kSecond, "s");
  }
  return text;
}

std::string duration_json(Duration duration) {
  const std::int64_t total = duration.count();
  const protojson::SecondsNanos parts = {total / kSecond,
                                         static_cast<std::int32_t>(total % kSecond)};
  return protojson::duration_text(parts).value_or("0s");  // 292 years are within its range
}

Result<std::pair<std::string, std::string>> split_pair(std::string_view flag,
                                                       std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0) {
    // Without "=" nobody can say whether the text is a key or a secret value.
    return Status(Code::kInvalidArgument, "--" + std::string(flag) + ": use KEY=VALUE");
  }
  return std::pair(std::string(text.substr(0, equals)), std::string(text.substr(equals + 1)));
}

json::Value payload_json(const std::vector<std::pair<std::string, std::string>>& metadata,
                         std::string_view data) {
  json::Object entries;
  for (const auto& [key, value] : metadata) {
    entries.set(key, json::Value::string(base64_encode(value, Base64Padding::kWrite)));
  }
  json::Object payload;
  payload.set("metadata", json::Value::object(std::move(entries)));
  payload.set("data", json::Value::string(base64_encode(data, Base64Padding::kWrite)));
  return json::Value::object(std::move(payload));
}

json::Value json_payload(std::string_view text) {
  return payload_json({{"encoding", "json/plain"}}, text);
}

Result<json::Value> payload_map(std::string_view flag, const std::vector<std::string>& pairs) {
  if (pairs.empty()) return json::Value();
  json::Object map;
  for (const std::string& text : pairs) {
    Result<std::pair<std::string, std::string>> pair = split_pair(flag, text);
    if (!pair) return pair.error();
    if (const Result<json::Value> value = json::parse(pair->second); !value) {
      return Status(Code::kInvalidArgument,
                    "--" + std::string(flag) + " " + pair->first + ": not valid JSON (" +
                        std::string(value.error().message()) +
                        "); a string needs its own quotes: '" + pair->first + "=\"text\"'");
    }
    map.set(pair->first, json_payload(pair->second));
  }
  return json::Value::object(std::move(map));
}

Result<std::string> read_file(const std::string& path) {
  const auto refused = [&path](std::string_view why) {
    return Status(Code::kInvalidArgument, "cannot read " + path + ": " + std::string(why));
  };
  const auto failed = [&refused](int why) { return refused(std::strerror(why)); };
  std::FILE* const file = path == "-" ? stdin : std::fopen(path.c_str(), "rbe");
  if (file == nullptr) return failed(errno);
  std::string text;
  std::array<char, 16384> block;
  std::size_t count = 0;
  while (text.size() <= kMaxInputBytes &&
         (count = std::fread(block.data(), 1, block.size(), file)) > 0) {
    text.append(block.data(), count);
  }
  const int why = std::ferror(file) != 0 ? errno : 0;
  if (file != stdin) std::fclose(file);
  if (why != 0) return failed(why);
  if (text.size() > kMaxInputBytes) {
    return refused("it is larger than " + std::to_string(kMaxInputBytes) + " bytes");
  }
  return text;
}

std::string one_line(std::string_view text) {
  std::string line(text);
  for (char& c : line) {
    const unsigned char byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) c = ' ';
  }
  return line;
}

}  // namespace minim::cli
