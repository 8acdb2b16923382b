#include "grpcframe/percent.h"

#include <gtest/gtest.h>

namespace minim {
namespace {

TEST(PercentDecode, Table) {
  const struct {
    std::string_view text, decoded;
  } rows[] = {
      {"", ""},
      {"plain text", "plain text"},
      {"a%20b", "a b"},
      {"%41%62", "Ab"},
      {"%c3%A4", "\xc3\xa4"},
      {"\xc3\xa4", "\xc3\xa4"},
      {"%e2%82%ac %F0%9f%98%80", "\xe2\x82\xac \xf0\x9f\x98\x80"},
      {"%", "%"},
      {"%2", "%2"},
      {"%%", "%%"},
      {"%%41", "%A"},
      {"%2G", "%2G"},
      {"%G2", "%G2"},
      {"%ZZ", "%ZZ"},
      {"%-1", "%-1"},
      {"% 1", "% 1"},
      {"end%4", "end%4"},
      {"100%25", "100%"},
      {"%2541", "%41"},
      {"tab%09stays", "tab\tstays"},
      {"a%0D%0Ab%00c", "a\r\nb?c"},
      {"%1b[31m%7f", "?[31m?"},
      {"%c2%85|%c2%9b", "?|?"},
      {"%e2%80%a8%e2%80%ae%e2%81%a6",
       "?"
       "?"
       "?"},
      {"%ff", "\xef\xbf\xbd"},
      {"a%80b",
       "a\xef\xbf\xbd"
       "b"},
      {"%c3", "\xef\xbf\xbd"},
      {"%c3(", "\xef\xbf\xbd("},
      {"%c0%80", "\xef\xbf\xbd\xef\xbf\xbd"},
      {"%e0%80%80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
      {"%ed%a0%80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
      {"%f4%90%80%80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
      {"%f0%80%80%80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
      {"%f0%9f%98", "\xef\xbf\xbd"},
      {"%f5%80", "\xef\xbf\xbd\xef\xbf\xbd"},
      {"%ef%bf%bd", "\xef\xbf\xbd"},
      {"%ed%9f%bf%ee%80%80%f4%8f%bf%bf", "\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf"},
  };
  for (const auto& row : rows) EXPECT_EQ(percent_decode(row.text), row.decoded) << row.text;
}

TEST(Printable, Table) {
  const struct {
    std::string_view text;
    std::size_t max_bytes;
    std::string_view shown;
  } rows[] = {
      {"", 10, ""},
      {"text", 10, "text"},
      {"<p>\r\n\t x  y</p>\n", 100, "<p> x y</p>"},
      {"\n\n x", 10, "x"},
      {std::string_view("a\0b", 3), 10, "a b"},
      {"1234567890", 10, "1234567890"},
      {"12345678901", 10, "1234567..."},
      {"123", 2, ""},
      {"12", 2, "12"},
      {"1", 0, ""},
      {"1234", 3, "..."},
      {"\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac", 8, "\xe2\x82\xac..."},
      {"\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac", 9, "\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac"},
      {"\xff", 10, "\xef\xbf\xbd"},
      {"%41", 10, "%41"},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(printable(row.text, row.max_bytes), row.shown) << row.text << row.max_bytes;
  }
}

TEST(Printable, NeverPassesItsBound) {
  std::string text;
  for (int c = 0; c < 256; ++c) text.push_back(static_cast<char>(c));
  text += "\xe2\x82\xac \xf0\x9f\x98\x80 end";
  for (std::size_t bound = 0; bound < 600; ++bound) {
    ASSERT_LE(printable(text, bound).size(), bound);
  }
}

}  // namespace
}  // namespace minim
