#include "cli/flags.h"

#include <charconv>
#include <limits>
#include <system_error>

#include "cli/values.h"
#include "json/number.h"
#include "json/utf8.h"

namespace minim::cli {

namespace {

std::string quoted(std::string_view text) { return '"' + std::string(text) + '"'; }

std::string shown(const FlagSpec& spec) { return "--" + std::string(spec.name); }

Status wrong(std::string text) { return Status(Code::kInvalidArgument, std::move(text)); }

Status wrong_value(const FlagSpec& spec, std::string_view value, std::string_view wanted) {
  return wrong("invalid value " + quoted(value) + " for " + shown(spec) + ": " +
               std::string(wanted));
}

bool is_whole(std::string_view text, std::int64_t* value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *value);
  return error == std::errc() && end == text.data() + text.size();
}

// What the server keeps these numbers in.
constexpr std::int64_t kMost = std::numeric_limits<std::int32_t>::max();

bool is_fraction(std::string_view text) {
  if (!json::is_number(text) || text.front() == '-') return false;
  float value = 0;
  return std::from_chars(text.data(), text.data() + text.size(), value).ec == std::errc();
}

}  // namespace

bool is_choice(std::string_view choices, std::string_view text) {
  while (!choices.empty()) {
    const std::size_t comma = choices.find(',');
    if (choices.substr(0, comma) == text) return true;
    if (comma == std::string_view::npos) return false;
    choices.remove_prefix(comma + 1);
  }
  return false;
}

const FlagSpec* Flags::spec(std::string_view name) const {
  for (const FlagGroup group : groups_) {
    for (const FlagSpec& spec : group) {
      if (spec.name == name || (!spec.alias.empty() && spec.alias == name)) return &spec;
    }
  }
  return nullptr;
}

const FlagSpec* Flags::spec(char letter) const {
  for (const FlagGroup group : groups_) {
    for (const FlagSpec& spec : group) {
      if (spec.letter == letter) return &spec;
    }
  }
  return nullptr;
}

const std::string* Flags::find(std::string_view name) const {
  for (auto at = given_.rbegin(); at != given_.rend(); ++at) {
    if (at->first->name == name) return &at->second;
  }
  return nullptr;
}

// Values are read here once, so that the accessors cannot fail.
Status Flags::add(const FlagSpec& spec, std::string value) {
  std::int64_t number = 0;
  switch (spec.kind) {
    case FlagKind::kText:
    case FlagKind::kTexts:
      // The value may be a secret: it is not quoted.
      if (!json::is_utf8(value)) return wrong("the value of " + shown(spec) + " is not UTF-8");
      break;
    case FlagKind::kBytes:
      break;
    case FlagKind::kSwitch:
      if (!parse_bool(value)) return wrong_value(spec, value, "use true or false");
      break;
    case FlagKind::kNumber:
      if (!is_whole(value, &number) || number < 0 || number > kMost) {
        return wrong_value(spec, value, "use a whole number from 0 to " + std::to_string(kMost));
      }
      break;
    case FlagKind::kFraction:
      if (!is_fraction(value)) {
        return wrong_value(spec, value, "use a number from 0 up, such as 0.5");
      }
      break;
    case FlagKind::kDuration:
      if (parse_duration(value).value_or(Duration(-1)) < Duration::zero()) {
        return wrong_value(spec, value, "use a duration such as 500ms, 10s, 1h30m or 2d");
      }
      break;
    case FlagKind::kChoice:
      if (!is_choice(spec.choices, value)) {
        return wrong_value(spec, value, "use one of " + std::string(spec.choices));
      }
      break;
  }
  given_.emplace_back(&spec, std::move(value));
  return Status();
}

bool takes_next_word(std::span<const FlagGroup> groups, std::string_view word) {
  const bool is_long = word.starts_with("--");
  if (word.size() < 2 || word[0] != '-' || word.find('=') != word.npos) return false;
  for (const FlagGroup group : groups) {
    for (const FlagSpec& spec : group) {
      if (spec.kind == FlagKind::kSwitch) continue;
      if (is_long ? spec.name == word.substr(2) : word.size() == 2 && spec.letter == word[1]) {
        return true;
      }
    }
  }
  return false;
}

Status Flags::parse_long(std::string_view text, std::span<const std::string> rest,
                         std::size_t* used) {
  const std::size_t equals = text.find('=');
  const std::string_view name = text.substr(0, equals);
  const FlagSpec* const found = spec(name);
  // What stands after "=" may be a secret for a misspelt flag.
  if (found == nullptr) return wrong("unknown flag: --" + std::string(name));
  if (equals != std::string_view::npos) return add(*found, std::string(text.substr(equals + 1)));
  if (found->kind == FlagKind::kSwitch) return add(*found, "true");
  if (rest.empty()) return wrong("flag needs a value: --" + std::string(name));
  *used = 1;
  return add(*found, rest.front());
}

Status Flags::parse_short(std::string_view text, std::span<const std::string> rest,
                          std::size_t* used) {
  while (!text.empty()) {
    const char letter = text.front();
    text.remove_prefix(1);
    const FlagSpec* const found = spec(letter);
    if (found == nullptr) return wrong(std::string("unknown flag: -") + letter);
    if (found->kind == FlagKind::kSwitch) {
      const bool has_value = text.starts_with('=');
      if (Status added = add(*found, has_value ? std::string(text.substr(1)) : "true");
          !added.ok()) {
        return added;
      }
      if (has_value) return Status();
      continue;
    }
    if (text.starts_with('=')) return add(*found, std::string(text.substr(1)));
    if (!text.empty()) return add(*found, std::string(text));
    if (rest.empty()) return wrong(std::string("flag needs a value: -") + letter);
    *used = 1;
    return add(*found, rest.front());
  }
  return Status();
}

Result<Flags> Flags::parse(std::span<const FlagGroup> groups,
                           std::span<const std::string> arguments) {
  Flags flags;
  flags.groups_.assign(groups.begin(), groups.end());
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string_view text = arguments[i];
    if (text == "--") {
      flags.words_.insert(flags.words_.end(), arguments.begin() + static_cast<long>(i) + 1,
                          arguments.end());
      break;
    }
    if (text.size() < 2 || text.front() != '-') {  // a lone "-" is a word
      flags.words_.emplace_back(text);
      continue;
    }
    std::size_t used = 0;
    const auto rest = arguments.subspan(i + 1);
    const Status status = text.starts_with("--") ? flags.parse_long(text.substr(2), rest, &used)
                                                 : flags.parse_short(text.substr(1), rest, &used);
    if (!status.ok()) return status;
    i += used;
  }
  return flags;
}

Status Flags::check_required() const {
  std::string missing;
  for (const FlagGroup group : groups_) {
    for (const FlagSpec& spec : group) {
      if (!spec.required || given(spec.name)) continue;
      missing += (missing.empty() ? "" : ", ") + shown(spec);
    }
  }
  return missing.empty() ? Status() : wrong("missing required flag: " + missing);
}

std::string Flags::text(std::string_view name) const {
  if (const std::string* const value = find(name)) return *value;
  const FlagSpec* const known = spec(name);
  return known == nullptr ? std::string() : std::string(known->fallback);
}

std::vector<std::string> Flags::all(std::string_view name) const {
  std::vector<std::string> values;
  for (const Given& given : given_) {
    if (given.first->name == name) values.push_back(given.second);
  }
  return values;
}

bool Flags::on(std::string_view name) const { return switched(name).value_or(false); }

std::optional<bool> Flags::switched(std::string_view name) const {
  const std::string* const value = find(name);
  return value == nullptr ? std::nullopt : parse_bool(*value);
}

std::optional<std::int64_t> Flags::number(std::string_view name) const {
  const std::string value = text(name);
  std::int64_t number = 0;
  return is_whole(value, &number) ? std::optional(number) : std::nullopt;
}

std::optional<Duration> Flags::duration(std::string_view name) const {
  return parse_duration(text(name));
}

}  // namespace minim::cli
