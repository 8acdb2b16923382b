// The flags of a command: what there is, and what was given.
//
//   --name value   --name=value   --switch   --switch=false   -n value   -nvalue   -fy   --
//
// As in the official tool a switch takes its value only after "=", a later value replaces an
// earlier one (lists collect them), and flags may stand before, between and after other words.
#ifndef MINIM_SRC_CLI_FLAGS_H_
#define MINIM_SRC_CLI_FLAGS_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "minim/result.h"
#include "minim/time.h"

namespace minim::cli {

enum class FlagKind : std::uint8_t {
  kText,
  kTexts,  // may be given several times
  kBytes,  // like kTexts, and need not be UTF-8
  kSwitch,
  kNumber,  // a whole number of 31 bits, not negative
  kFraction,
  kDuration,  // not negative
  kChoice,    // one of `choices`
};

struct FlagSpec {
  std::string_view name;
  FlagKind kind = FlagKind::kText;
  char letter = 0;
  std::string_view value{};    // the placeholder in help texts
  std::string_view help{};     // empty: help texts name the flag without explaining it
  std::string_view choices{};  // "a,b,c"
  std::string_view fallback{};
  std::string_view alias{};
  bool required = false;
};

using FlagGroup = std::span<const FlagSpec>;

class Flags {
 public:
  // INVALID_ARGUMENT for the first thing that is wrong: a flag that does not exist, a value that is
  // missing or cannot be read. Words that are no flags are kept; required flags are not looked for.
  static Result<Flags> parse(std::span<const FlagGroup> groups,
                             std::span<const std::string> arguments);
  // INVALID_ARGUMENT naming every required flag that was not given.
  Status check_required() const;

  const std::vector<std::string>& words() const { return words_; }

  bool given(std::string_view name) const { return find(name) != nullptr; }
  // The last value given, or the flag's fallback.
  std::string text(std::string_view name) const;
  std::vector<std::string> all(std::string_view name) const;  // in the order given
  bool on(std::string_view name) const;                       // false unless switched on
  std::optional<bool> switched(std::string_view name) const;  // unset: not given
  std::optional<std::int64_t> number(std::string_view name) const;
  // Unset: not given and no fallback.
  std::optional<Duration> duration(std::string_view name) const;

 private:
  using Given = std::pair<const FlagSpec*, std::string>;

  const FlagSpec* spec(std::string_view name) const;
  const FlagSpec* spec(char letter) const;
  const std::string* find(std::string_view name) const;
  Status add(const FlagSpec& spec, std::string value);
  Status parse_long(std::string_view text, std::span<const std::string> rest, std::size_t* used);
  Status parse_short(std::string_view text, std::span<const std::string> rest, std::size_t* used);

  std::vector<FlagGroup> groups_;
  std::vector<Given> given_;
  std::vector<std::string> words_;
};

// True for "--name" and "-n" of a flag of `groups` whose value is the next word.
bool takes_next_word(std::span<const FlagGroup> groups, std::string_view word);

// True when `choices` ("a,b,c") has `text`.
bool is_choice(std::string_view choices, std::string_view text);

}  // namespace minim::cli

#endif  // MINIM_SRC_CLI_FLAGS_H_
