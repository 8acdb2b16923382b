// Standard output: text for people, JSON for programs, or nothing.
#ifndef MINIM_SRC_CLI_OUTPUT_H_
#define MINIM_SRC_CLI_OUTPUT_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "json/value.h"

namespace minim::cli {

enum class OutputForm : std::uint8_t { kText, kJson, kJsonLines, kNone };
enum class TimeForm : std::uint8_t { kRelative, kIso, kRaw };
enum class Colour : std::uint8_t { kPlain, kRed, kGreen, kYellow, kBlue, kMagenta };

// The rows of a card: names and values.
using Card = std::vector<std::pair<std::string, std::string>>;

struct Cell {
  std::string text;
  Colour colour = Colour::kPlain;
};
using Row = std::vector<Cell>;

// Writes at once what it is given. When nobody reads any more (EPIPE) the program ends with 0 and
// without a word, as a part of a pipeline should; any other failure ends it with 1 and the reason.
class Output {
 public:
  struct Options {
    OutputForm form = OutputForm::kText;
    TimeForm times = TimeForm::kRelative;
    bool colours = false;
    bool shorthand_payloads = true;
  };
  explicit Output(Options options) : options_(options) {}

  bool is_text() const { return options_.form == OutputForm::kText; }
  bool is_json() const {
    return options_.form == OutputForm::kJson || options_.form == OutputForm::kJsonLines;
  }
  bool is_none() const { return options_.form == OutputForm::kNone; }
  bool shorthand_payloads() const { return options_.shorthand_payloads; }

  // Only in text form. Terminals never get control characters from the server but tab and newline.
  void line(std::string_view text);
  void card(std::string_view title, const Card& rows);  // no title: only the rows
  // Columns as wide as their widest cell; `widths` keeps them for the tables that follow.
  void table(const Row* header, const std::vector<Row>& rows, std::vector<std::size_t>* widths);
  // An RFC 3339 time in the form asked for; empty stays empty.
  std::string time(std::string_view rfc3339) const;

  // Only in the JSON forms: one document.
  void json(const json::Value& value);
  // A list whose items come one by one; end_list() also after a failure, and without
  // effect where nothing was begun.
  void begin_list();
  void item(const json::Value& value);
  void end_list();

  // A document in text form too.
  void json_document(const json::Value& value);

  // As it is, in any form but none.
  void bytes(std::string_view bytes);

 private:
  void write(std::string_view bytes);
  std::string coloured(const Cell& cell) const;

  const Options options_;
  bool list_is_open_ = false;
  bool list_has_items_ = false;
};

// One line on standard error: "Error: ...". Once for a process: a later one is dropped, so that an
// interrupt and what it leads to do not both speak.
void complain(std::string_view text);
void warn(std::string_view text);

// What is left of a text for a terminal: control characters as spaces, tab and newline kept.
std::string printable(std::string_view text);

}  // namespace minim::cli

#endif  // MINIM_SRC_CLI_OUTPUT_H_
