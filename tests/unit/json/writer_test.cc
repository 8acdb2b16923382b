#include "json/writer.h"

#include <gtest/gtest.h>

#include "json/utf8.h"

namespace minim::json {
namespace {

struct Text {
  std::string utf8;
  const char* ascii;
  const char* raw;
};

TEST(JsonWriter, StringsInBothModes) {
  const Text cases[] = {
      {"", "\"\"", "\"\""},
      {"somestr", "\"somestr\"", "\"somestr\""},
      {"h\xC3\xA9llo", "\"h\\u00e9llo\"", "\"h\xC3\xA9llo\""},
      {"\xE6\x97\xA5\xE6\x9C\xAC", "\"\\u65e5\\u672c\"", "\"\xE6\x97\xA5\xE6\x9C\xAC\""},
      {"\xF0\x9F\x98\x80", "\"\\ud83d\\ude00\"", "\"\xF0\x9F\x98\x80\""},
      {std::string("a\"b\\c/d\n\t\r\b\f\0\x1f\x7f\xE2\x80\xA8<>&'", 22),
       "\"a\\\"b\\\\c/d\\n\\t\\r\\b\\f\\u0000\\u001f\\u007f\\u2028<>&'\"",
       "\"a\\\"b\\\\c/d\\n\\t\\r\\b\\f\\u0000\\u001f\x7f\xE2\x80\xA8<>&'\""},
      {"\xF4\x8F\xBF\xBF", "\"\\udbff\\udfff\"", "\"\xF4\x8F\xBF\xBF\""},
      {"a\xFF"
       "b\xC3",
       "\"a\\ufffdb\\ufffd\"",
       "\"a\xEF\xBF\xBD"
       "b\xEF\xBF\xBD\""},
  };
  for (const Text& text : cases) {
    std::string ascii, raw;
    append_string(ascii, text.utf8, true);
    append_string(raw, text.utf8, false);
    EXPECT_EQ(ascii, text.ascii);
    EXPECT_EQ(raw, text.raw);
  }
}

TEST(JsonWriter, Indented) {
  const Value value = *parse(R"({"a":[1,{"b":[]},{}],"c":null})");
  EXPECT_EQ(write(value, {.indent = 2}),
            "{\n  \"a\": [\n    1,\n    {\n      \"b\": []\n    },\n    {}\n  ],\n"
            "  \"c\": null\n}");
  EXPECT_EQ(write(value), R"({"a":[1,{"b":[]},{}],"c":null})");
  EXPECT_EQ(write(*parse("{\"\xC3\xA9\":1}"), {.ascii = true}), "{\"\\u00e9\":1}");
}

TEST(JsonWriter, PieceByPiece) {
  std::string out = "data: ";
  Writer writer(out, {});
  writer.begin_object();
  writer.name("a");
  writer.begin_array();
  writer.number_text("1");
  writer.null();
  writer.boolean(true);
  writer.end_array();
  writer.name("b");
  writer.string("x");
  writer.end_object();
  EXPECT_EQ(out, R"(data: {"a":[1,null,true],"b":"x"})");
}

TEST(JsonUtf8, Validity) {
  for (const char* good :
       {"", "a", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80",
        "\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"}) {
    EXPECT_TRUE(is_utf8(good));
  }
  for (const char* bad : {"\x80", "\xC0\x80", "\xC1\xBF", "\xC2", "\xE0\x9F\xBF", "\xED\xA0\x80",
                          "\xED\xBF\xBF", "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80",
                          "\xF5\x80\x80\x80", "\xFF", "a\xE2\x82", "\xE2\x28\xA1"}) {
    EXPECT_FALSE(is_utf8(bad));
  }
}

}  // namespace
}  // namespace minim::json
