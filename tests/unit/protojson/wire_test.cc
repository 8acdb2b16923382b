#include "protojson/wire.h"

#include <gtest/gtest.h>

#include <limits>

namespace minim::protojson {
namespace {

using namespace std::string_literals;

std::string problem_of(std::string_view bytes) {
  WireReader reader(bytes);
  for (WireField field; reader.next(&field);) {
  }
  WireField after;
  EXPECT_FALSE(reader.next(&after));
  if (reader.problem() == nullptr) return "";
  return std::string(reader.problem()) + " at " + std::to_string(reader.offset());
}

TEST(ProtoWire, ReadsWhatItWrites) {
  std::string bytes;
  append_tag(bytes, 1, WireType::kVarint);
  append_varint(bytes, std::numeric_limits<std::uint64_t>::max());
  append_tag(bytes, 2, WireType::kFixed64);
  append_fixed(bytes, 0x0123456789ABCDEF, 8);
  append_length(bytes, 3, "abc");
  append_tag(bytes, (1u << 29) - 1, WireType::kFixed32);
  append_fixed(bytes, 0xFFFFFFFF, 4);
  WireReader reader(bytes);
  WireField field;
  ASSERT_TRUE(reader.next(&field));
  EXPECT_EQ(field.value, std::numeric_limits<std::uint64_t>::max());
  ASSERT_TRUE(reader.next(&field));
  EXPECT_EQ(field.value, 0x0123456789ABCDEFu);
  ASSERT_TRUE(reader.next(&field));
  EXPECT_EQ(field.bytes, "abc");
  ASSERT_TRUE(reader.next(&field));
  EXPECT_EQ(field.number, (1u << 29) - 1);
  EXPECT_EQ(field.value, 0xFFFFFFFFu);
  EXPECT_FALSE(reader.next(&field));
  EXPECT_EQ(reader.problem(), nullptr);
}

TEST(ProtoWire, StepsOverGroups) {
  // Group 5 with a varint, a string and group 6 inside; then field 1.
  const std::string bytes = "\x2B\x08\x01\x12\x01x\x33\x34\x2C\x08\x07"s;
  WireReader reader(bytes);
  WireField field;
  ASSERT_TRUE(reader.next(&field));
  EXPECT_EQ(field.number, 1u);
  EXPECT_EQ(field.value, 7u);
  EXPECT_FALSE(reader.next(&field));
  EXPECT_EQ(reader.problem(), nullptr);
}

TEST(ProtoWire, EveryProblemHasAText) {
  EXPECT_EQ(problem_of(""), "");
  EXPECT_EQ(problem_of("\x08"), "cut short at 0");
  EXPECT_EQ(problem_of("\x08\x01\x08\xFF"), "cut short at 2");
  EXPECT_EQ(problem_of("\x09\x01\x02"), "cut short at 0");
  EXPECT_EQ(problem_of("\x0D\x01\x02"), "cut short at 0");
  EXPECT_EQ(problem_of("\x0A\x05"
                       "abc"),
            "a length beyond the end at 0");
  EXPECT_EQ(problem_of("\x0A\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01"),
            "a length beyond the end at 0");
  EXPECT_EQ(problem_of("\x08\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01"),
            "a varint longer than 10 bytes at 0");
  EXPECT_EQ(problem_of("\x00"s), "a field number out of range at 0");
  EXPECT_EQ(problem_of("\x80\x80\x80\x80\x10\x00"s), "a field number out of range at 0");
  EXPECT_EQ(problem_of("\x0E"), "an unknown wire type at 0");
  EXPECT_EQ(problem_of("\x0C"), "a group that does not start at 0");
  EXPECT_EQ(problem_of("\x0B\x14"), "a group that does not end at 0");
  EXPECT_EQ(problem_of("\x0B\x08\x01"), "cut short at 0");
  EXPECT_EQ(problem_of("\x0B\x0F"), "an unknown wire type at 0");
  EXPECT_EQ(problem_of(std::string(500, '\x0B')), "groups nested too deep at 0");
}

TEST(ProtoWire, Zigzag) {
  for (const std::int64_t value :
       {std::int64_t{0}, std::int64_t{-1}, std::int64_t{1},
        std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()}) {
    EXPECT_EQ(unzigzag(zigzag(value)), value);
  }
  EXPECT_EQ(zigzag(-1), 1u);
  EXPECT_EQ(zigzag(1), 2u);
}

}  // namespace
}  // namespace minim::protojson
