#include "minim/json_writer.h"

#include <cmath>

#include "json/number.h"
#include "json/utf8.h"
#include "json/writer.h"

namespace minim {

namespace {

constexpr char kNotUtf8[] = "text is not valid UTF-8 (use minim::Bytes for bytes)";
// Some writers emit NaN and Infinity as bare words; no other SDK reads those.
constexpr char kNotFinite[] = "JSON has no number for NaN and the infinities";

}  // namespace

void JsonWriter::before_value() {
  if (needs_comma_) text_.push_back(',');
  needs_comma_ = true;
}

void JsonWriter::null() { raw("null"); }

void JsonWriter::boolean(bool value) { raw(value ? "true" : "false"); }

void JsonWriter::integer(std::int64_t value) {
  before_value();
  json::append_number(text_, value);
}

void JsonWriter::integer(std::uint64_t value) {
  before_value();
  json::append_number(text_, value);
}

void JsonWriter::number(float value) {
  if (!std::isfinite(value)) return fail(kNotFinite);
  before_value();
  json::append_number(text_, value);
}

void JsonWriter::number(double value) {
  if (!std::isfinite(value)) return fail(kNotFinite);
  before_value();
  json::append_number(text_, value);
}

void JsonWriter::string(std::string_view utf8) {
  if (!json::is_utf8(utf8)) return fail(kNotUtf8);
  before_value();
  json::append_string(text_, utf8, /*ascii=*/true);
}

void JsonWriter::raw(std::string_view json) {
  before_value();
  text_.append(json);
}

void JsonWriter::begin_array() {
  before_value();
  text_.push_back('[');
  needs_comma_ = false;
}

void JsonWriter::end_array() {
  text_.push_back(']');
  needs_comma_ = true;
}

void JsonWriter::begin_object() {
  before_value();
  text_.push_back('{');
  needs_comma_ = false;
}

void JsonWriter::key(std::string_view utf8) {
  string(utf8);
  text_.push_back(':');
  needs_comma_ = false;
}

void JsonWriter::end_object() {
  text_.push_back('}');
  needs_comma_ = true;
}

void JsonWriter::fail(std::string problem) {
  if (problem_.empty()) problem_ = std::move(problem);
}

Result<std::string> JsonWriter::finish() && {
  if (!problem_.empty()) return Status(Code::kInvalidArgument, std::move(problem_));
  return std::move(text_);
}

}  // namespace minim
