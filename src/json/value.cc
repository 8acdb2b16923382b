// The only file that includes nlohmann/json, and it uses no more of it than the parser.
//
// All of that library is inline code. A host may link its own copy, built with exceptions or other
// flags; the linker would keep one copy of each inline function, whichever came first. So ours is
// in an inline namespace of its own, by the library's macros for that, and its symbols differ.
#define NLOHMANN_JSON_NAMESPACE nlohmann::minim_private
#define NLOHMANN_JSON_NAMESPACE_BEGIN \
  namespace nlohmann {                \
  inline namespace minim_private {
#define NLOHMANN_JSON_NAMESPACE_END \
  }                                 \
  }
#define JSON_NOEXCEPTION  // no exception is thrown: the parser reports through its handler
#define JSON_NO_IO
#define JSON_USE_GLOBAL_UDLS 0

#include "json/value.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <nlohmann/json.hpp>

namespace minim::json {

namespace {

// Reads bytes and tells how far it is: the library hands out integers without their text ("-0"
// comes as 0), so the handler looks at the source itself.
class Cursor {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  Cursor(const char* at, const char** seen) : at_(at), seen_(seen) {}
  reference operator*() const { return *at_; }
  Cursor& operator++() {
    *seen_ = ++at_;
    return *this;
  }
  bool operator==(const Cursor& other) const { return at_ == other.at_; }
  bool operator!=(const Cursor& other) const { return at_ != other.at_; }

 private:
  const char* at_;
  const char** seen_;
};

bool is_number_byte(char c) {
  return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
}

std::string place(std::string_view text, std::size_t offset) {
  std::size_t line = 1;
  std::size_t line_start = 0;
  for (std::size_t i = 0; i < offset && i < text.size(); ++i) {
    if (text[i] != '\n') continue;
    ++line;
    line_start = i + 1;
  }
  return "line " + std::to_string(line) + ", column " + std::to_string(offset - line_start + 1) +
         ": ";
}

// The problem in the library's text "[...] parse error at line 1, column 2: problem; last read:
// '...'". What was read last is left out: it may be a payload.
std::string problem_of(std::string_view text) {
  if (text.find("406") < text.find(']')) return "the number is beyond the range of a double";
  const std::size_t colon = text.find(": ");
  if (colon != std::string_view::npos) text.remove_prefix(colon + 2);
  return std::string(text.substr(0, text.find("; last read: '")));
}

// Keeps the last of the members with one name, in the place of the first.
void drop_duplicates(Object& object) {
  std::vector<Object::Member>& members = object.members();
  std::vector<std::size_t> order(members.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return members[a].first < members[b].first;
  });
  std::vector<bool> dropped(members.size());
  bool any = false;
  for (std::size_t i = 0; i + 1 < order.size(); ++i) {
    const std::size_t first = order[i];
    while (i + 1 < order.size() && members[order[i + 1]].first == members[first].first) {
      ++i;
      members[first].second = std::move(members[order[i]].second);
      dropped[order[i]] = any = true;
    }
  }
  if (!any) return;
  std::vector<Object::Member> kept;
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (!dropped[i]) kept.push_back(std::move(members[i]));
  }
  members = std::move(kept);
}

class Builder {
 public:
  Builder(std::string_view text, int max_depth) : text_(text), max_depth_(max_depth) {}

  const char** seen() { return &seen_; }
  Result<Value> take() {
    if (!error_.ok()) return std::move(error_);
    return std::move(root_);
  }

  bool null() { return add(Value()); }
  bool boolean(bool value) { return add(Value::boolean(value)); }
  bool number_integer(std::int64_t) { return number(); }
  bool number_unsigned(std::uint64_t) { return number(); }
  bool number_float(double, const std::string&) { return number(); }
  bool string(std::string& value) { return add(Value::string(std::move(value))); }
  bool binary(nlohmann::json::binary_t&) { return false; }  // not in JSON text
  bool start_object(std::size_t) { return open(Value::object()); }
  bool start_array(std::size_t) { return open(Value::array()); }
  bool key(std::string& name) {
    names_.push_back(std::move(name));
    return true;
  }
  bool end_object() {
    drop_duplicates(*stack_.back().as_object());
    return close();
  }
  bool end_array() { return close(); }
  bool parse_error(std::size_t position, const std::string&, const nlohmann::json::exception& ex) {
    const std::size_t offset = position == 0 ? 0 : position - 1;
    error_ = Status(Code::kInvalidArgument, place(text_, offset) + problem_of(ex.what()));
    return false;
  }

 private:
  bool add(Value value) {
    if (stack_.empty()) {
      root_ = std::move(value);
    } else if (Array* array = stack_.back().as_array()) {
      array->push_back(std::move(value));
    } else {
      stack_.back().as_object()->members().emplace_back(std::move(names_.back()), std::move(value));
      names_.pop_back();
    }
    return true;
  }

  bool open(Value value) {
    if (static_cast<int>(stack_.size()) >= max_depth_) {
      const auto offset = static_cast<std::size_t>(seen_ - text_.data());
      error_ = Status(Code::kResourceExhausted, place(text_, offset - 1) + "nested deeper than " +
                                                    std::to_string(max_depth_) +
                                                    " levels (json::kMaxDepth)");
      return false;
    }
    stack_.push_back(std::move(value));
    return true;
  }

  bool close() {
    Value done = std::move(stack_.back());
    stack_.pop_back();
    return add(std::move(done));
  }

  // The number that was just read ends where the parser is, or one byte before: it looks ahead.
  bool number() {
    const char* const begin = text_.data();
    const char* end = seen_;
    if (!is_number_byte(end[-1])) --end;
    const char* start = end;
    while (start > begin && is_number_byte(start[-1])) --start;
    Result<Value> value = Value::number_text(std::string(start, end));
    if (!value) {  // "01", "1-2": two tokens for the library, and none for JSON
      error_ = Status(Code::kInvalidArgument,
                      place(text_, static_cast<std::size_t>(start - begin)) + "malformed number");
      return false;
    }
    return add(std::move(value).value());
  }

  const std::string_view text_;
  const int max_depth_;
  const char* seen_ = nullptr;      // one past the last byte that the parser has taken
  std::vector<Value> stack_;        // open arrays and objects
  std::vector<std::string> names_;  // of the members being read, one an open object at most
  Value root_;
  Status error_;
};

}  // namespace

std::string_view kind_name(Kind kind) {
  switch (kind) {
    case Kind::kNull:
      return "null";
    case Kind::kBool:
      return "a boolean";
    case Kind::kNumber:
      return "a number";
    case Kind::kString:
      return "a string";
    case Kind::kArray:
      return "an array";
    case Kind::kObject:
      return "an object";
  }
  return "null";
}

void Object::set(std::string name, Value value) {
  for (Member& member : members_) {
    if (member.first == name) {
      member.second = std::move(value);
      return;
    }
  }
  members_.emplace_back(std::move(name), std::move(value));
}

const Value* Object::find(std::string_view name) const {
  for (const Member& member : members_) {
    if (member.first == name) return &member.second;
  }
  return nullptr;
}

bool Object::empty() const { return members_.empty(); }
std::size_t Object::size() const { return members_.size(); }
Object::const_iterator Object::begin() const { return members_.begin(); }
Object::const_iterator Object::end() const { return members_.end(); }

void Object::sort() {
  std::stable_sort(members_.begin(), members_.end(),
                   [](const Member& a, const Member& b) { return a.first < b.first; });
}

bool operator==(const Object& a, const Object& b) { return a.members_ == b.members_; }

Value Value::boolean(bool value) {
  Value made;
  made.data_ = value;
  return made;
}

Value Value::of_int64(std::int64_t value) {
  Number number;
  append_number(number.text, value);
  Value made;
  made.data_ = std::move(number);
  return made;
}

Value Value::of_uint64(std::uint64_t value) {
  Number number;
  append_number(number.text, value);
  Value made;
  made.data_ = std::move(number);
  return made;
}

Result<Value> Value::number(double value) {
  if (!std::isfinite(value)) {
    return Status(Code::kInvalidArgument, "JSON has no number for NaN and the infinities");
  }
  Number number;
  append_number(number.text, value);
  Value made;
  made.data_ = std::move(number);
  return made;
}

Result<Value> Value::number_text(std::string text) {
  if (!is_number(text)) return Status(Code::kInvalidArgument, "not a JSON number");
  Value made;
  made.data_ = Number{std::move(text)};
  return made;
}

Value Value::string(std::string utf8) {
  Value made;
  made.data_ = std::move(utf8);
  return made;
}

Value Value::array(Array items) {
  Value made;
  made.data_ = std::move(items);
  return made;
}

Value Value::object(Object members) {
  Value made;
  made.data_ = std::move(members);
  return made;
}

std::optional<bool> Value::as_bool() const {
  const bool* value = std::get_if<bool>(&data_);
  return value == nullptr ? std::nullopt : std::optional<bool>(*value);
}

const std::string* Value::as_string() const { return std::get_if<std::string>(&data_); }
const Array* Value::as_array() const { return std::get_if<Array>(&data_); }
Array* Value::as_array() { return std::get_if<Array>(&data_); }
const Object* Value::as_object() const { return std::get_if<Object>(&data_); }
Object* Value::as_object() { return std::get_if<Object>(&data_); }

const std::string* Value::as_number() const {
  const Number* number = std::get_if<Number>(&data_);
  return number == nullptr ? nullptr : &number->text;
}

std::optional<Converted<std::int64_t>> Value::as_int64() const {
  const std::string* text = as_number();
  return text == nullptr ? std::nullopt : to_int64(*text);
}

std::optional<Converted<std::uint64_t>> Value::as_uint64() const {
  const std::string* text = as_number();
  return text == nullptr ? std::nullopt : to_uint64(*text);
}

std::optional<Converted<double>> Value::as_double() const {
  const std::string* text = as_number();
  return text == nullptr ? std::nullopt : to_double(*text);
}

bool operator==(const Value& a, const Value& b) { return a.data_ == b.data_; }

Result<Value> parse(std::string_view text, int max_depth) {
  Builder builder(text, max_depth);
  const char* const begin = text.data();
  // The library's entry point would bring its binary formats along; this is what stands behind it.
  auto input = nlohmann::detail::input_adapter(Cursor(begin, builder.seen()),
                                               Cursor(begin + text.size(), builder.seen()));
  *builder.seen() = begin;
  using Parser = nlohmann::detail::parser<nlohmann::json, decltype(input)>;
  Parser parser(std::move(input), nullptr, /*allow_exceptions_=*/false);
  (void)parser.sax_parse(&builder);
  return builder.take();
}

void sort_members(Value& value) {
  if (Array* array = value.as_array()) {
    for (Value& item : *array) sort_members(item);
  } else if (Object* object = value.as_object()) {
    for (Object::Member& member : object->members()) sort_members(member.second);
    object->sort();
  }
}

}  // namespace minim::json
