// JSON text, written piece by piece or from a Value.
#ifndef MINIM_SRC_JSON_WRITER_H_
#define MINIM_SRC_JSON_WRITER_H_

#include <string>
#include <string_view>
#include <vector>

#include "json/number.h"
#include "json/value.h"

namespace minim::json {

struct WriteOptions {
  int indent = 0;      // spaces a level; 0: one line, no space anywhere
  bool ascii = false;  // all but 0x20..0x7E as \u escapes, lower-case, surrogate pairs
};

// Appends one JSON text to a string:
//
//   Writer w(out, {});
//   w.begin_object();
//   w.name("a");
//   w.begin_array(); w.number_text("1"); w.null(); w.end_array();
//   w.end_object();                                  // {"a":[1,null]}
//
// The caller keeps the grammar: a name before each member's value, begin and end in pairs. Strings
// must be UTF-8; what is not becomes U+FFFD, so the text is valid JSON in any case.
class Writer {
 public:
  Writer(std::string& out, const WriteOptions& options) : out_(out), options_(options) {}

  void begin_object() { begin('{'); }
  void end_object() { end('}'); }
  void begin_array() { begin('['); }
  void end_array() { end(']'); }
  void name(std::string_view utf8);
  void string(std::string_view utf8);
  void number_text(std::string_view text);  // a number in JSON's grammar
  void boolean(bool value);
  void null();
  void value(const Value& value);
  const WriteOptions& options() const { return options_; }

 private:
  void before_item();
  void begin(char bracket);
  void end(char bracket);
  void line_break();

  std::string& out_;
  const WriteOptions options_;
  std::vector<bool> filled_;  // one a level: has an item already
  bool after_name_ = false;
};

std::string write(const Value& value, const WriteOptions& options = {});

// Appends `utf8` with quotes and escapes.
void append_string(std::string& out, std::string_view utf8, bool ascii);

}  // namespace minim::json

#endif  // MINIM_SRC_JSON_WRITER_H_
