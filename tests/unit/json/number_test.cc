#include "json/number.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <random>

namespace minim::json {
namespace {

TEST(JsonNumber, Grammar) {
  for (const char* text : {"0", "-0", "10", "1.5", "-1.50e+07", "1E5", "0e0", "0.0"}) {
    EXPECT_TRUE(is_number(text)) << text;
  }
  for (const char* text : {"", "-", "+1", "01", "-01", ".5", "5.", "1e", "1e+", "0x1", "1 ", " 1",
                           "NaN", "Infinity", "1.e5", "--1", "1_0"}) {
    EXPECT_FALSE(is_number(text)) << text;
  }
}

struct Integer {
  const char* text;
  std::optional<std::int64_t> value;
  bool exact;
};

TEST(JsonNumber, Int64) {
  const Integer cases[] = {
      {"0", 0, true},
      {"-0", 0, true},
      {"-0.0", 0, true},
      {"1234", 1234, true},
      {"1.0", 1, true},
      {"1e2", 100, true},
      {"1200e-2", 12, true},
      {"1.5", 1, false},
      {"-1.5", -1, false},
      {"5e-1", 0, false},
      {"1e-999999999999999999999", 0, false},
      {"9007199254740993", 9007199254740993, true},
      {"9223372036854775807", std::numeric_limits<std::int64_t>::max(), true},
      {"9223372036854775807.9", std::numeric_limits<std::int64_t>::max(), false},
      {"9223372036854775808", std::nullopt, false},
      {"-9223372036854775808", std::numeric_limits<std::int64_t>::min(), true},
      {"-9223372036854775809", std::nullopt, false},
      {"1e19", std::nullopt, false},
      {"1e999999999999999999999", std::nullopt, false},
      {"0e999999999999", 0, true}};
  for (const Integer& expected : cases) {
    const auto found = to_int64(expected.text);
    ASSERT_EQ(found.has_value(), expected.value.has_value()) << expected.text;
    if (!found) continue;
    EXPECT_EQ(found->value, *expected.value) << expected.text;
    EXPECT_EQ(found->exact, expected.exact) << expected.text;
  }
}

TEST(JsonNumber, Uint64) {
  EXPECT_EQ(to_uint64("18446744073709551615")->value, std::numeric_limits<std::uint64_t>::max());
  EXPECT_FALSE(to_uint64("18446744073709551616"));
  EXPECT_FALSE(to_uint64("-1"));
  EXPECT_EQ(to_uint64("-0")->value, 0u);
  EXPECT_TRUE(to_uint64("1.8446744073709551615e19")->exact);
  EXPECT_FALSE(to_uint64("-0.5")->exact);
}

TEST(JsonNumber, Double) {
  EXPECT_EQ(to_double("12.34")->value, 12.34);
  EXPECT_TRUE(to_double("12.340")->exact);
  EXPECT_TRUE(to_double("0.1")->exact);
  EXPECT_FALSE(to_double("0.1000000000000000000001")->exact);
  EXPECT_TRUE(to_double("9007199254740992")->exact);
  EXPECT_FALSE(to_double("9007199254740993")->exact);
  EXPECT_TRUE(std::signbit(to_double("-0")->value));
  EXPECT_FALSE(to_double("1e999"));
  EXPECT_EQ(to_double("1e-999")->value, 0.0);
  EXPECT_FALSE(to_double("1e-999")->exact);
  EXPECT_TRUE(std::signbit(to_double("-1e-999")->value));
}

struct Floating {
  double value;
  const char* point;
  const char* brief;
};

TEST(JsonNumber, DoublesAreWrittenShortest) {
  const Floating cases[] = {
      {0.0, "0.0", "0"},
      {-0.0, "-0.0", "-0"},
      {1.0, "1.0", "1"},
      {12.34, "12.34", "12.34"},
      {1e15, "1000000000000000.0", "1000000000000000"},
      {1e16, "1e+16", "10000000000000000"},
      {1.5e16, "1.5e+16", "15000000000000000"},
      {0.0001, "0.0001", "0.0001"},
      {0.00001, "1e-05", "0.00001"},
      {1e-7, "1e-07", "1e-7"},
      {1.25e-7, "1.25e-07", "1.25e-7"},
      {1e20, "1e+20", "100000000000000000000"},
      {1e21, "1e+21", "1e+21"},
      {0.1 + 0.2, "0.30000000000000004", "0.30000000000000004"},
      {100.5, "100.5", "100.5"},
      {5e-324, "5e-324", "5e-324"},
      {std::numeric_limits<double>::max(), "1.7976931348623157e+308", "1.7976931348623157e+308"}};
  for (const Floating& expected : cases) {
    std::string point, brief;
    append_number(point, expected.value);
    append_number(brief, expected.value, DoubleStyle::kShort);
    EXPECT_EQ(point, expected.point);
    EXPECT_EQ(brief, expected.brief);
  }
  std::string text;
  append_number(text, 0.1f);
  EXPECT_EQ(text, "0.1");
}

TEST(JsonNumber, EveryDoubleReadsBack) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 100000; ++i) {
    const std::uint64_t bits = random();
    double value;
    std::memcpy(&value, &bits, sizeof value);
    if (!std::isfinite(value)) continue;
    for (const DoubleStyle style : {DoubleStyle::kPoint, DoubleStyle::kShort}) {
      std::string text;
      append_number(text, value, style);
      ASSERT_TRUE(is_number(text)) << text;
      const auto back = to_double(text);
      ASSERT_TRUE(back && back->exact) << text;
      ASSERT_EQ(std::memcmp(&back->value, &value, sizeof value), 0) << text;
    }
  }
}

}  // namespace
}  // namespace minim::json
