// JsonWriter: what a Conversion writes a value into.
#ifndef MINIM_JSON_WRITER_H_
#define MINIM_JSON_WRITER_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "minim/result.h"

namespace minim {

// Builds one JSON text: no spaces, ASCII only (the rest as \u escapes), shortest numbers.
//
//   out.begin_object(); out.key("at"); out.begin_array(); out.integer(std::int64_t{3});
//   out.end_array(); out.end_object();               // {"at":[3]}
//
// The caller keeps the grammar: a key before each member's value, begin and end in pairs. What JSON
// cannot hold (text that is not UTF-8, NaN, an infinity) is remembered and reported by finish();
// the first problem counts, so nothing needs to be checked in between.
class JsonWriter {
 public:
  JsonWriter() = default;
  JsonWriter(const JsonWriter&) = delete;
  JsonWriter& operator=(const JsonWriter&) = delete;

  void null();
  void boolean(bool value);
  void integer(std::int64_t value);
  void integer(std::uint64_t value);
  void number(float value);
  void number(double value);
  void string(std::string_view utf8);
  void raw(std::string_view json);  // verbatim; must be one JSON text
  void begin_array();
  void end_array();
  void begin_object();
  void key(std::string_view utf8);
  void end_object();

  // The value cannot be written: `problem` without the value itself, "a date without a year".
  void fail(std::string problem);

  // The text, or INVALID_ARGUMENT with the first problem. The writer is used up.
  Result<std::string> finish() &&;

 private:
  void before_value();

  std::string text_;
  std::string problem_;       // empty: none so far
  bool needs_comma_ = false;  // a value was completed at this level
};

}  // namespace minim

#endif  // MINIM_JSON_WRITER_H_
