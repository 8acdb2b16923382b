// Values to payloads, by the rows V1 to V39 of the interoperability table; V33 and V34 are in
// json_test.cc, V40 to V50 in protobuf_full_test.cc. Rows that have no C++ counterpart:
//   V30: keys of a map are strings or integers; true, null and 1.0 do not compile
//   V35: a Datetime is in UTC, and says so
//   V37: C++ has no UUID type; its text is a string
// V12 is written from RawJson: no C++ integer holds 2^64.
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "minim/converter.h"
#include "unit/convert/vectors.h"

namespace minim {
namespace {

template <class T>
Payload encoded(const T& value) {
  Result<Payload> payload = to_payload(value);
  EXPECT_TRUE(payload.has_value()) << payload.status().to_string();
  return payload ? *payload : Payload();
}

template <class T>
std::string wire(const T& value) {
  return wire_hex(encoded(value));
}

// Data of a value that must be json/plain.
template <class T>
std::string json(const T& value) {
  const Payload payload = encoded(value);
  EXPECT_EQ(payload.encoding(), kEncodingJson);
  EXPECT_EQ(payload.metadata.size(), 1u);
  return payload.data;
}

template <class T>
std::string problem(const T& value) {
  const Result<Payload> payload = to_payload(value);
  return payload ? "no error" : payload.error().to_string();
}

TEST(Encode, V01_Null) {
  const std::string expected = "0a170a08656e636f64696e67120b62696e6172792f6e756c6c";
  EXPECT_EQ(wire(nullptr), expected);
  EXPECT_EQ(wire(std::nullopt), expected);
  EXPECT_EQ(wire(std::monostate()), expected);
  EXPECT_EQ(wire(std::optional<int>()), expected);
  EXPECT_EQ(wire(std::optional<Bytes>()), expected);
}

const std::string kBinaryEntry = "0a180a08656e636f64696e67120c62696e6172792f706c61696e";

TEST(Encode, V02_V03_V04_Bytes) {
  EXPECT_EQ(wire(Bytes{}), kBinaryEntry);
  EXPECT_EQ(wire(Bytes{"some binary"}), kBinaryEntry + "120b736f6d652062696e617279");
  EXPECT_EQ(wire(Bytes{std::string("\0\xff", 2)}), kBinaryEntry + "120200ff");
  EXPECT_EQ(wire(std::vector<std::byte>{std::byte{0}, std::byte{255}}), kBinaryEntry + "120200ff");
  EXPECT_EQ(wire(std::optional<Bytes>(Bytes{})), kBinaryEntry);
}

TEST(Encode, V05_NumbersOfOneByteAreAList) {
  EXPECT_EQ(wire(std::vector<std::uint8_t>{97, 98}), kJsonEntry + "12075b39372c39385d");
}

TEST(Encode, V06_V07_Booleans) {
  EXPECT_EQ(wire(true), kJsonEntry + "120474727565");
  EXPECT_EQ(wire(false), kJsonEntry + "120566616c7365");
}

TEST(Encode, V08_V09_V10_V11_Integers) {
  EXPECT_EQ(wire(0), kJsonEntry + "120130");
  EXPECT_EQ(wire(1234), kJsonEntry + "120431323334");
  EXPECT_EQ(wire(-1), kJsonEntry + "12022d31");
  EXPECT_EQ(json(std::int64_t{9007199254740993}), "9007199254740993");
  EXPECT_EQ(json(std::numeric_limits<std::int64_t>::min()), "-9223372036854775808");
  EXPECT_EQ(json(std::numeric_limits<std::uint64_t>::max()), "18446744073709551615");
  EXPECT_EQ(json(std::int8_t{-5}), "-5");
  EXPECT_EQ(json(std::uint16_t{65535}), "65535");
}

TEST(Encode, V12_BeyondSixtyFourBits) {
  EXPECT_EQ(json(RawJson{"18446744073709551616"}), "18446744073709551616");
  EXPECT_EQ(json(RawJson{" {\"b\":1, \"a\":2} "}), " {\"b\":1, \"a\":2} ");
  EXPECT_EQ(json(std::vector{RawJson{"1.50"}, RawJson{"{}"}}), "[1.50,{}]");
}

TEST(Encode, V13_V14_V15_V16_V17_Doubles) {
  EXPECT_EQ(wire(12.34), kJsonEntry + "120531322e3334");
  EXPECT_EQ(wire(1.0), kJsonEntry + "1203312e30");
  EXPECT_EQ(std::stod(json(1e15)), 1e15);
  EXPECT_EQ(json(1e16), "1e+16");
  EXPECT_EQ(json(0.0001), "0.0001");
  EXPECT_EQ(json(0.00001), "1e-05");
  EXPECT_EQ(json(0.1 + 0.2), "0.30000000000000004");
  EXPECT_EQ(json(0.1f), "0.1");
}

TEST(Encode, V18_NegativeZeroAndNoNumbers) {
  EXPECT_EQ(json(-0.0), "-0.0");
  for (const double value : {std::nan(""), HUGE_VAL, -HUGE_VAL}) {
    EXPECT_EQ(problem(value),
              "INVALID_ARGUMENT (local): value 0: JSON has no number for NaN and the infinities");
    EXPECT_EQ(problem(std::vector<float>{static_cast<float>(value)}), problem(value));
  }
}

TEST(Encode, V19_V20_V21_V22_V23_Text) {
  EXPECT_EQ(wire("somestr"), kJsonEntry + "120922736f6d6573747222");
  EXPECT_EQ(wire(std::string("somestr")), wire("somestr"));
  EXPECT_EQ(wire(std::string_view("somestr")), wire("somestr"));
  EXPECT_EQ(wire(""), kJsonEntry + "12022222");
  EXPECT_EQ(wire("h\xc3\xa9llo"), kJsonEntry + "120c22685c75303065396c6c6f22");
  EXPECT_EQ(json("\xe6\x97\xa5\xe6\x9c\xac"), R"("\u65e5\u672c")");
  EXPECT_EQ(json("\xf0\x9f\x98\x80"), R"("\ud83d\ude00")");
}

TEST(Encode, V24_Escapes) {
  const std::string text("a\"b\\c/d\n\t\r\b\f\0\x1f\x7f\xe2\x80\xa8<>&'", 22);
  EXPECT_EQ(json(text), R"("a\"b\\c/d\n\t\r\b\f\u0000\u001f\u007f\u2028<>&'")");
}

TEST(Encode, V25_V26_ListsOfAnything) {
  EXPECT_EQ(wire(std::vector<int>()), kJsonEntry + "12025b5d");
  EXPECT_EQ(wire(std::map<std::string, int>()), kJsonEntry + "12027b7d");
  EXPECT_EQ(wire(std::tuple(1, "a", nullptr)), kJsonEntry + "120c5b312c2261222c6e756c6c5d");
  EXPECT_EQ(json(std::array<bool, 2>{true, false}), "[true,false]");
  EXPECT_EQ(json(std::vector<bool>{true, false}), "[true,false]");
  EXPECT_EQ(json(std::pair(1, std::optional<int>())), "[1,null]");
}

TEST(Encode, V27_V28_V31_MembersAreSorted) {
  EXPECT_EQ(json(std::unordered_map<std::string, std::string>{{"foo", "bar"}, {"baz", "qux"}}),
            R"({"baz":"qux","foo":"bar"})");
  using Inner = std::unordered_map<std::string, int>;
  EXPECT_EQ(json(std::map<std::string, std::vector<Inner>>{{"b", {{{"d", 1}, {"c", 2}}}},
                                                           {"a", {{{"y", 1}, {"x", 2}}}}}),
            R"({"a":[{"x":2,"y":1}],"b":[{"c":2,"d":1}]})");
  EXPECT_EQ(
      json(std::unordered_map<std::string, int>{{"a", 1}, {"B", 2}, {"_", 3}, {"\xc3\xa9", 4}}),
      R"({"B":2,"_":3,"a":1,"\u00e9":4})");
}

TEST(Encode, V29_IntegerKeysAreSortedAsNumbers) {
  EXPECT_EQ(json(std::unordered_map<int, std::string>{{10, "a"}, {2, "b"}, {-1, "c"}}),
            R"({"-1":"c","2":"b","10":"a"})");
}

TEST(Encode, V32_BytesInsideJsonAreNumbers) {
  EXPECT_EQ(json(std::map<std::string, Bytes>{{"a", Bytes{"hi"}}}), R"({"a":[104,105]})");
  EXPECT_EQ(json(std::vector<std::vector<std::byte>>{{std::byte{255}}}), "[[255]]");
}

// V36; +05:00 is written as the same moment in UTC.
TEST(Encode, V36_Datetimes) {
  using std::chrono::sys_days, std::chrono::year, std::chrono::January;
  const Datetime time = sys_days(year(2020) / January / 1) + std::chrono::seconds(3661);
  EXPECT_EQ(json(time), "\"2020-01-01T01:01:01+00:00\"");
  EXPECT_EQ(json(time + std::chrono::microseconds(1)), "\"2020-01-01T01:01:01.000001+00:00\"");
  EXPECT_EQ(json(std::vector{time}), "[\"2020-01-01T01:01:01+00:00\"]");
  const Result<Datetime> back =
      from_payload<Datetime>(make_payload(kEncodingJson, "\"2020-01-01T06:01:01+05:00\""));
  ASSERT_TRUE(back) << back.error().to_string();
  EXPECT_EQ(*back, time);
  for (const char* const text : {"\"yesterday\"", "1577840461", "null"}) {
    EXPECT_EQ(from_payload<Datetime>(make_payload(kEncodingJson, text)).status().code(),
              Code::kInvalidArgument);
  }
}

TEST(Encode, V39_RawPayloadIsUntouched) {
  EXPECT_EQ(wire(make_payload("my-encoding", "blah")),
            "0a170a08656e636f64696e67120b6d792d656e636f64696e671204626c6168");
}

TEST(Encode, OnePayloadForEachArgument) {
  const Result<Payloads> payloads = DataConverter().encode("Ann", 3, nullptr);
  ASSERT_TRUE(payloads.has_value());
  ASSERT_EQ(payloads->size(), 3u);
  EXPECT_EQ((*payloads)[0].data, "\"Ann\"");
  EXPECT_EQ((*payloads)[2].encoding(), "binary/null");
  EXPECT_TRUE(DataConverter().encode()->empty());
}

TEST(Encode, ErrorsNameTheValueAndNeverQuoteIt) {
  const Result<Payloads> payloads = DataConverter().encode(1, std::string("secret\xff"), 2);
  ASSERT_FALSE(payloads.has_value());
  EXPECT_EQ(payloads.error().to_string(),
            "INVALID_ARGUMENT (local): value 1: text is not valid UTF-8 (use minim::Bytes for "
            "bytes)");
  EXPECT_FALSE(payloads.error().may_have_reached_server());
  EXPECT_FALSE(payloads.error().retryable());
  const std::map<std::string, int> bad_key{{"\xc0\x80", 1}};
  EXPECT_EQ(to_payload(bad_key).error().code(), Code::kInvalidArgument);
  const char* const null = nullptr;
  EXPECT_EQ(problem(null), "INVALID_ARGUMENT (local): value 0: a null pointer is no string");
  EXPECT_EQ(to_payload(RawJson{"{secret"}).error().message().find("secret"), std::string::npos);
  EXPECT_FALSE(to_payload(RawJson{""}).has_value());
  EXPECT_FALSE(to_payload(std::vector{RawJson{"1,2"}}).has_value());
}

}  // namespace
}  // namespace minim
