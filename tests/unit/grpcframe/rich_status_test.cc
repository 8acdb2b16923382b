#include "minim/rich_status.h"

#include <gtest/gtest.h>

namespace minim {
namespace {

std::string bytes_field(int number, std::string_view bytes) {
  std::string text(1, static_cast<char>(number << 3 | 2));
  text.push_back(static_cast<char>(bytes.size()));  // below 128 in these tests
  return text.append(bytes);
}

TEST(RichStatus, ReadsAllFields) {
  const std::string any = bytes_field(1, "type.googleapis.com/a.b.C") + bytes_field(2, "value");
  const std::string other = bytes_field(2, "v") + bytes_field(1, "bare.Name");
  const auto status = parse_rich_status("\x08\x05" + bytes_field(2, "text") + bytes_field(3, any) +
                                        bytes_field(3, other) + bytes_field(3, ""));
  ASSERT_TRUE(status);
  EXPECT_EQ(status->code, 5);
  EXPECT_EQ(status->message, "text");
  ASSERT_EQ(status->details.size(), 3u);
  EXPECT_EQ(status->details[0].type, "a.b.C");
  EXPECT_EQ(status->details[0].value, "value");
  EXPECT_EQ(status->details[1].type, "bare.Name");
  EXPECT_EQ(status->details[1].value, "v");
  EXPECT_EQ(status->details[2].type, "");
}

TEST(RichStatus, EmptyIsOk) {
  const auto status = parse_rich_status("");
  ASSERT_TRUE(status);
  EXPECT_EQ(status->code, 0);
  EXPECT_TRUE(status->details.empty());
}

TEST(RichStatus, SkipsWhatItDoesNotKnow) {
  const std::string unknown = std::string("\x20\xff\x01") +           // field 4, varint
                              std::string("\x29") + "12345678" +      // field 5, fixed64
                              std::string("\x35") + "1234" +          // field 6, fixed32
                              bytes_field(7, "x") + "\x80\x01\x01" +  // field 16, two-byte tag
                              std::string("\x0a\x01x", 3) +           // field 1 of another type
                              std::string("\x10\x01", 2);             // field 2 of another type
  const auto status = parse_rich_status(unknown + "\x08\x03" + unknown);
  ASSERT_TRUE(status);
  EXPECT_EQ(status->code, 3);
  EXPECT_EQ(status->message, "");
}

TEST(RichStatus, SkipsFieldsOfAnotherTypeInADetail) {
  const std::string any = bytes_field(1, "a.B") + bytes_field(2, "v") + "\x08\x01" + "\x10\x01";
  const auto status = parse_rich_status(bytes_field(3, any));
  ASSERT_TRUE(status);
  ASSERT_EQ(status->details.size(), 1u);
  EXPECT_EQ(status->details[0].type, "a.B");
  EXPECT_EQ(status->details[0].value, "v");
}

TEST(RichStatus, KeepsTheLowBitsOfACode) {
  const auto negative =
      parse_rich_status(std::string_view("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"));
  ASSERT_TRUE(negative);
  EXPECT_EQ(negative->code, -1);
}

TEST(RichStatus, RefusesWhatIsMalformed) {
  const std::string rows[] = {
      std::string("\x08"),                                              // no value
      std::string("\x08\x80"),                                          // varint cut
      std::string("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"),      // above 64 bits
      std::string("\x08\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01"),  // eleven bytes
      std::string("\x80"),                                              // tag cut
      std::string("\x00\x01", 2),                                       // field number 0
      std::string("\x80\x80\x80\x80\x80\x01\x01"),                      // field number above 2^29
      std::string("\x12\x05text"),                                      // length beyond the end
      std::string("\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01x"),
      std::string("\x29") + "1234567",  // fixed64 cut
      std::string("\x35") + "123",      // fixed32 cut
      std::string("\x0b\x0c"),          // group
      std::string("\x0c"),              // end of a group
      std::string("\x0e"),              // wire type 6
      std::string("\x0f"),              // wire type 7
      bytes_field(3, "\x0a\x05x"),      // malformed Any
      std::string("rubbish"),
  };
  for (const std::string& row : rows) {
    EXPECT_FALSE(parse_rich_status(row)) << testing::PrintToString(row);
  }
}

}  // namespace
}  // namespace minim
