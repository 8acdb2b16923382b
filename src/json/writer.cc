#include "json/writer.h"

#include "json/utf8.h"

namespace minim::json {

namespace {

void append_escape(std::string& out, std::uint32_t unit) {
  constexpr char kHex[] = "0123456789abcdef";
  out.append("\\u");
  for (int shift = 12; shift >= 0; shift -= 4) out.push_back(kHex[unit >> shift & 15]);
}

void append_escaped(std::string& out, std::uint32_t point) {
  if (point < 0x10000) {
    append_escape(out, point);
  } else {
    append_escape(out, 0xD800 + ((point - 0x10000) >> 10));
    append_escape(out, 0xDC00 + ((point - 0x10000) & 0x3FF));
  }
}

// The letter of the two-character escape, or 0.
char short_escape(char c) {
  switch (c) {
    case '"':
    case '\\':
      return c;
    case '\b':
      return 'b';
    case '\t':
      return 't';
    case '\n':
      return 'n';
    case '\f':
      return 'f';
    case '\r':
      return 'r';
    default:
      return 0;
  }
}

}  // namespace

void append_string(std::string& out, std::string_view utf8, bool ascii) {
  constexpr std::uint32_t kReplacement = 0xFFFD;
  out.push_back('"');
  for (std::size_t i = 0; i < utf8.size();) {
    const char c = utf8[i];
    if (const char letter = short_escape(c)) {
      out.push_back('\\');
      out.push_back(letter);
      ++i;
      continue;
    }
    const CodePoint point = decode_utf8(utf8, i);
    if (!point.valid) {
      if (ascii) {
        append_escape(out, kReplacement);
      } else {
        out.append("\xEF\xBF\xBD");
      }
    } else if (point.value < 0x20 || (ascii && point.value > 0x7E)) {
      append_escaped(out, point.value);
    } else {
      out.append(utf8, i, point.length);
    }
    i += point.length;
  }
  out.push_back('"');
}

void Writer::line_break() {
  if (options_.indent == 0) return;
  out_.push_back('\n');
  out_.append(filled_.size() * static_cast<std::size_t>(options_.indent), ' ');
}

void Writer::before_item() {
  if (after_name_) {
    after_name_ = false;
    return;
  }
  if (filled_.empty()) return;
  if (filled_.back()) out_.push_back(',');
  filled_.back() = true;
  line_break();
}

void Writer::begin(char bracket) {
  before_item();
  out_.push_back(bracket);
  filled_.push_back(false);
}

void Writer::end(char bracket) {
  const bool filled = filled_.back();
  filled_.pop_back();
  if (filled) line_break();
  out_.push_back(bracket);
}

void Writer::name(std::string_view utf8) {
  before_item();
  append_string(out_, utf8, options_.ascii);
  out_.append(options_.indent == 0 ? ":" : ": ");
  after_name_ = true;
}

void Writer::string(std::string_view utf8) {
  before_item();
  append_string(out_, utf8, options_.ascii);
}

void Writer::number_text(std::string_view text) {
  before_item();
  out_.append(text);
}

void Writer::boolean(bool value) { number_text(value ? "true" : "false"); }

void Writer::null() { number_text("null"); }

void Writer::value(const Value& value) {
  switch (value.kind()) {
    case Kind::kNull:
      return null();
    case Kind::kBool:
      return boolean(*value.as_bool());
    case Kind::kNumber:
      return number_text(*value.as_number());
    case Kind::kString:
      return string(*value.as_string());
    case Kind::kArray:
      begin_array();
      for (const Value& item : *value.as_array()) this->value(item);
      return end_array();
    case Kind::kObject:
      begin_object();
      for (const Object::Member& member : *value.as_object()) {
        name(member.first);
        this->value(member.second);
      }
      return end_object();
  }
}

std::string write(const Value& value, const WriteOptions& options) {
  std::string out;
  Writer(out, options).value(value);
  return out;
}

}  // namespace minim::json
