#include "json/value.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "json/writer.h"

namespace minim::json {
namespace {

std::string compact(std::string_view text) {
  const Result<Value> parsed = parse(text);
  return parsed ? write(*parsed) : "error: " + std::string(parsed.error().message());
}

TEST(JsonParse, DocumentsGoThroughUnchanged) {
  const char* const texts[] = {"null",
                               "true",
                               "false",
                               "0",
                               "-0",
                               "-1",
                               "1.0",
                               "-0.0",
                               "1e2",
                               "1E+2",
                               "1.50e-07",
                               "12.340",
                               "9007199254740993",
                               "18446744073709551616",
                               "-9223372036854775809",
                               "0.1000000000000000055511151231257827021181583404541015625",
                               "123456789012345678901234567890",
                               "\"\"",
                               "\"a\"",
                               "[]",
                               "{}",
                               "[[],{}]",
                               "[1,\"a\",null]",
                               "{\"b\":1,\"a\":{\"c\":[0]}}",
                               "[-0,-0.0,0]",
                               "{\"\":1}"};
  for (const char* text : texts) EXPECT_EQ(compact(text), text);
}

TEST(JsonParse, WhiteSpaceAndByteOrderMarkAreDropped) {
  EXPECT_EQ(compact(" {\"a\" : 1} "), "{\"a\":1}");
  EXPECT_EQ(compact("\xEF\xBB\xBF"
                    "1"),
            "1");
  EXPECT_EQ(compact("\t\r\n[ 1 ,\n2 ]\n"), "[1,2]");
  EXPECT_EQ(compact("-0 "), "-0");
}

TEST(JsonParse, TheLastOfDuplicatesWins) {
  EXPECT_EQ(compact(R"({"a":1,"a":2})"), R"({"a":2})");
  EXPECT_EQ(compact(R"({"a":1,"b":2,"a":3,"c":4,"b":[5],"a":6})"), R"({"a":6,"b":[5],"c":4})");
  std::string many = "{";
  for (int i = 0; i < 20000; ++i) {
    many += "\"k" + std::to_string(i % 10000) + "\":" + std::to_string(i) + ",";
  }
  many += "\"k0\":0}";
  const Result<Value> parsed = parse(many);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->as_object()->size(), 10000u);
  EXPECT_EQ(parsed->as_object()->find("k0")->as_int64()->value, 0);
  EXPECT_EQ(parsed->as_object()->find("k7")->as_int64()->value, 10007);
}

TEST(JsonParse, EscapesBecomeUtf8) {
  EXPECT_EQ(*parse(R"("\u00e9\ud83d\ude00\u0000\/\b")")->as_string(),
            std::string("\xC3\xA9\xF0\x9F\x98\x80\0/\b", 9));
}

struct Failing {
  std::string text;
  const char* message;
};

TEST(JsonParse, ErrorsNamePlaceAndProblem) {
  const Failing cases[] = {
      {"",
       "line 1, column 1: syntax error while parsing value - unexpected end of input; expected "
       "'[', '{', or a literal"},
      {"{",
       "line 1, column 2: syntax error while parsing object key - unexpected end of input; "
       "expected string literal"},
      {"[1,]",
       "line 1, column 4: syntax error while parsing value - unexpected ']'; expected '[', "
       "'{', or a literal"},
      {"{\"a\":1,}",
       "line 1, column 8: syntax error while parsing object key - unexpected '}'; "
       "expected string literal"},
      {"1 2",
       "line 1, column 3: syntax error while parsing value - unexpected number literal; "
       "expected end of input"},
      {"[\n\n  x]", "line 3, column 3: syntax error while parsing value - invalid literal"},
      {"NaN", "line 1, column 1: syntax error while parsing value - invalid literal"},
      {"-Infinity",
       "line 1, column 2: syntax error while parsing value - invalid number; expected "
       "digit after '-'"},
      {"\"secret\x01",
       "line 1, column 8: syntax error while parsing value - invalid string: "
       "control character U+0001 (SOH) must be escaped to \\u0001"},
      {"\"secret",
       "line 1, column 8: syntax error while parsing value - invalid string: missing "
       "closing quote"},
      {"\"\xFF\"",
       "line 1, column 2: syntax error while parsing value - invalid string: "
       "ill-formed UTF-8 byte"},
      {"\"\xED\xA0\x80\"",
       "line 1, column 3: syntax error while parsing value - invalid string: "
       "ill-formed UTF-8 byte"},
      {"\"\\ud800\"",
       "line 1, column 8: syntax error while parsing value - invalid string: "
       "surrogate U+D800..U+DBFF must be followed by U+DC00..U+DFFF"},
      {"01", "line 1, column 1: malformed number"},
      {"[1-2]", "line 1, column 2: malformed number"},
      {"1e999", "line 1, column 5: the number is beyond the range of a double"},
      {"1.",
       "line 1, column 3: syntax error while parsing value - invalid number; expected digit "
       "after '.'"},
      {"// c\n1", "line 1, column 1: syntax error while parsing value - invalid literal"},
      {"\xEF\xBB",
       "line 1, column 3: syntax error while parsing value - invalid BOM; must be 0xEF "
       "0xBB 0xBF if given"},
  };
  for (const Failing& failing : cases) {
    const Result<Value> parsed = parse(failing.text);
    ASSERT_FALSE(parsed) << failing.text;
    EXPECT_EQ(parsed.error().code(), Code::kInvalidArgument);
    EXPECT_EQ(parsed.error().message(), failing.message) << failing.text;
    EXPECT_EQ(std::string(parsed.error().message()).find("secret"), std::string::npos);
  }
}

TEST(JsonParse, DepthIsLimited) {
  const auto nested = [](int depth) {
    return std::string(static_cast<std::size_t>(depth), '[') +
           std::string(static_cast<std::size_t>(depth), ']');
  };
  EXPECT_TRUE(parse(nested(kMaxDepth)));
  const Result<Value> deep = parse(nested(kMaxDepth + 1));
  ASSERT_FALSE(deep);
  EXPECT_EQ(deep.error().code(), Code::kResourceExhausted);
  EXPECT_EQ(deep.error().message(),
            "line 1, column 201: nested deeper than 200 levels (json::kMaxDepth)");
  EXPECT_FALSE(parse(std::string(1000000, '[')));
  std::string objects;
  for (int i = 0; i < 300; ++i) objects += "{\"a\":";
  EXPECT_EQ(parse(objects).error().code(), Code::kResourceExhausted);
}

TEST(JsonValue, AccessorsOfOtherKindsAreEmpty) {
  const Value values[] = {Value(),          Value::boolean(true),
                          Value::number(1), Value::string("x"),
                          Value::array(),   Value::object()};
  for (const Value& value : values) {
    EXPECT_EQ(value.as_bool().has_value(), value.kind() == Kind::kBool);
    EXPECT_EQ(value.as_number() != nullptr, value.kind() == Kind::kNumber);
    EXPECT_EQ(value.as_int64().has_value(), value.kind() == Kind::kNumber);
    EXPECT_EQ(value.as_uint64().has_value(), value.kind() == Kind::kNumber);
    EXPECT_EQ(value.as_double().has_value(), value.kind() == Kind::kNumber);
    EXPECT_EQ(value.as_string() != nullptr, value.kind() == Kind::kString);
    EXPECT_EQ(value.as_array() != nullptr, value.kind() == Kind::kArray);
    EXPECT_EQ(value.as_object() != nullptr, value.kind() == Kind::kObject);
    EXPECT_EQ(value.is_null(), value.kind() == Kind::kNull);
    EXPECT_FALSE(kind_name(value.kind()).empty());
  }
}

TEST(JsonValue, IsMadeFromNumbers) {
  EXPECT_EQ(write(Value::number(std::numeric_limits<std::int64_t>::min())), "-9223372036854775808");
  EXPECT_EQ(write(Value::number(std::numeric_limits<std::uint64_t>::max())),
            "18446744073709551615");
  EXPECT_EQ(write(*Value::number(1.0)), "1.0");
  EXPECT_EQ(write(*Value::number_text("1e999")), "1e999");
  EXPECT_FALSE(Value::number_text("+1"));
  EXPECT_EQ(Value::number(std::nan("")).error().message(),
            "JSON has no number for NaN and the infinities");
  EXPECT_FALSE(Value::number(-std::numeric_limits<double>::infinity()));
}

TEST(JsonValue, ObjectsKeepTheirOrderUntilSorted) {
  Object object;
  object.set("b", Value::number(1));
  object.set("a", Value::string("x"));
  object.set("b", Value::number(2));
  EXPECT_EQ(object.find("c"), nullptr);
  Value value = Value::object(std::move(object));
  EXPECT_EQ(write(value), R"({"b":2,"a":"x"})");
  Value nested = *parse(R"({"b":{"d":1,"c":2},"a":[{"y":1,"x":2}],"B":0,"_":0})");
  sort_members(nested);
  EXPECT_EQ(write(nested), R"({"B":0,"_":0,"a":[{"x":2,"y":1}],"b":{"c":2,"d":1}})");
}

TEST(JsonValue, EqualityIsOfTextsAndOrder) {
  EXPECT_EQ(*parse("[1,{\"a\":\"b\"}]"), *parse(" [1, {\"a\": \"b\"}]"));
  EXPECT_FALSE(*parse("1") == *parse("1.0"));
  EXPECT_FALSE(*parse("{\"a\":1,\"b\":2}") == *parse("{\"b\":2,\"a\":1}"));
}

}  // namespace
}  // namespace minim::json
