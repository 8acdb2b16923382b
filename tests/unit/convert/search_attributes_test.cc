// Search attributes by the rows S1 to S14 of the interoperability table and its list of typed
// decodings. S12 to S14 are the untyped form, which this library does not have. Deviations: a
// Datetime holds no offset, so S7 with -05:30 is written as the same instant in UTC; nanoseconds
// are kept; a Double may be written as an integer; NaN is refused.
#include "minim/search_attributes.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <string>

#include "client/convert/iso_time.h"
#include "unit/convert/vectors.h"

namespace minim {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::minutes;
using std::chrono::nanoseconds;
using std::chrono::seconds;

const TextAttribute text{"a"};
const KeywordAttribute keyword{"a"};
const IntAttribute number{"a"};
const DoubleAttribute real{"a"};
const BoolAttribute flag{"a"};
const DatetimeAttribute when{"a"};
const KeywordListAttribute list{"a"};

const Datetime kTime(seconds(1672628645));  // 2023-01-02 03:04:05 UTC

Payload encoded(const SearchAttribute& attribute) {
  const Result<PayloadMap> payloads = SearchAttributes{attribute}.to_payloads();
  EXPECT_TRUE(payloads.has_value()) << payloads.status().to_string();
  return payloads ? payloads->at("a") : Payload();
}

std::string wire(const SearchAttribute& attribute) { return wire_hex(encoded(attribute)); }

SearchAttributes decoded(std::string_view type, std::string json) {
  Payload payload = json_plain(std::move(json));
  payload.metadata.set("type", std::string(type));
  const Result<SearchAttributes> attributes = SearchAttributes::from_payloads({{"a", payload}});
  EXPECT_TRUE(attributes.has_value()) << attributes.status().to_string();
  return attributes ? *attributes : SearchAttributes();
}

TEST(SearchAttributes, S01_S02_Text) {
  EXPECT_EQ(wire(text.set("hello world")),
            kJsonEntry + "0a0c0a0474797065120454657874120d2268656c6c6f20776f726c6422");
  EXPECT_EQ(wire(keyword.set("kw")), kJsonEntry + "0a0f0a047479706512074b6579776f72641204226b7722");
}

TEST(SearchAttributes, S03_S04_S05_Scalars) {
  EXPECT_EQ(wire(number.set(123)), kJsonEntry + "0a0b0a04747970651203496e741203313233");
  EXPECT_EQ(wire(real.set(12.34)), kJsonEntry + "0a0e0a04747970651206446f75626c65120531322e3334");
  EXPECT_EQ(wire(real.set(1)), kJsonEntry + "0a0e0a04747970651206446f75626c651203312e30");
  EXPECT_EQ(wire(flag.set(true)), kJsonEntry + "0a0c0a04747970651204426f6f6c120474727565");
}

TEST(SearchAttributes, S06_S07_Datetime) {
  EXPECT_EQ(wire(when.set(kTime)),
            kJsonEntry + "0a100a047479706512084461746574696d65" +
                "121b22323032332d30312d30325430333a30343a30352b30303a303022");
  EXPECT_EQ(encoded(when.set(kTime + microseconds(678900))).data,
            "\"2023-01-02T03:04:05.678900+00:00\"");
  EXPECT_EQ(encoded(when.set(kTime + hours(5) + minutes(30))).data,
            "\"2023-01-02T08:34:05+00:00\"");
  EXPECT_EQ(encoded(when.set(kTime + nanoseconds(1))).data,
            "\"2023-01-02T03:04:05.000000001+00:00\"");
  EXPECT_EQ(encoded(when.set(Datetime(nanoseconds(-500000000)))).data,
            "\"1969-12-31T23:59:59.500000+00:00\"");
}

TEST(SearchAttributes, S08_KeywordList) {
  EXPECT_EQ(wire(list.set(KeywordList{"a", "b"})),
            kJsonEntry + "0a130a0474797065120b4b6579776f72644c697374" + "12095b2261222c2262225d");
  EXPECT_EQ(encoded(list.set(KeywordList{"a"})).data, "[\"a\"]");
  EXPECT_EQ(encoded(list.set(KeywordList())).data, "[]");
}

TEST(SearchAttributes, S09_UnsetHasNoType) {
  for (const SearchAttribute& attribute : {text.unset(), list.unset(), flag.unset()}) {
    EXPECT_EQ(wire(attribute), "0a170a08656e636f64696e67120b62696e6172792f6e756c6c");
  }
}

TEST(SearchAttributes, S10_NotAscii) {
  EXPECT_EQ(encoded(text.set("\xc3\xa9")).data, "\"\\u00e9\"");
}

template <class Key, class T>
concept Settable = requires(const Key& key, const T& value) { key.set(value); };

TEST(SearchAttributes, S11_WrongTypes) {
  static_assert(!Settable<DatetimeAttribute, std::string>);
  static_assert(!Settable<KeywordListAttribute, std::vector<int>>);
  static_assert(!Settable<KeywordListAttribute, std::string>);
  static_assert(!Settable<TextAttribute, int>);
  static_assert(Settable<TextAttribute, const char*>);
  const SearchAttributes wrong{{"a", SearchAttributeType::kInt, 1.0}};
  EXPECT_EQ(wrong.to_payloads().error().to_string(),
            "INVALID_ARGUMENT (local): search attribute a: the value is not of the attribute's "
            "type");
}

TEST(SearchAttributes, Refused) {
  const auto problem = [](const SearchAttributes& attributes) {
    return std::string(attributes.to_payloads().error().message());
  };
  EXPECT_EQ(problem({keyword.set("x"), number.set(1)}), "search attribute a: set twice");
  EXPECT_EQ(problem({{"", SearchAttributeType::kBool, true}}),
            "search attribute : an attribute needs a name");
  EXPECT_EQ(problem({real.set(std::nan(""))}),
            "search attribute a: JSON has no number for NaN and the infinities");
  EXPECT_EQ(problem({text.set("\xff")}),
            "search attribute a: text is not valid UTF-8 (use minim::Bytes for bytes)");
}

TEST(SearchAttributes, AreSortedAndReplacedByName) {
  SearchAttributes attributes{KeywordAttribute{"b"}.set("1"), IntAttribute{"a"}.set(2)};
  attributes.set(BoolAttribute{"b"}.set(true));
  attributes.set(DoubleAttribute{"c"}.set(2.5));
  ASSERT_EQ(attributes.size(), 3u);
  EXPECT_EQ(attributes.begin()->name, "a");
  EXPECT_EQ(attributes.get(KeywordAttribute{"b"}), std::nullopt);
  EXPECT_EQ(attributes.get(BoolAttribute{"b"}), true);
  EXPECT_EQ(attributes.get(IntAttribute{"a"}), 2);
  EXPECT_EQ(attributes.get(IntAttribute{"zz"}), std::nullopt);
  const Result<PayloadMap> payloads = attributes.to_payloads();
  ASSERT_TRUE(payloads.has_value());
  EXPECT_EQ(*SearchAttributes::from_payloads(*payloads), attributes);
}

TEST(SearchAttributes, DecodeText) {
  EXPECT_EQ(decoded("Keyword", "\"x\"").get(keyword), "x");
  EXPECT_EQ(decoded("Keyword", "[\"x\"]").get(keyword), "x");
  EXPECT_EQ(decoded("INDEXED_VALUE_TYPE_KEYWORD", "\"x\"").get(keyword), "x");
  EXPECT_EQ(decoded("Keyword", "\"x\"").get(text), std::nullopt);
  EXPECT_EQ(decoded("Text", "\"x\"").get(text), "x");
}

TEST(SearchAttributes, DecodeSkips) {
  EXPECT_TRUE(decoded("Keyword", "[\"x\",\"y\"]").empty());
  EXPECT_TRUE(decoded("Keyword", "[]").empty());
  EXPECT_TRUE(decoded("Keyword", "1").empty());
  EXPECT_TRUE(decoded("keyword", "\"x\"").empty());
  EXPECT_TRUE(decoded("Foo", "\"x\"").empty());
  EXPECT_TRUE(decoded("", "\"x\"").empty());
  EXPECT_TRUE(decoded("Int", "5.0").empty());
  EXPECT_TRUE(decoded("Bool", "1").empty());
  EXPECT_TRUE(decoded("Keyword", "null").empty());
  EXPECT_TRUE(decoded("KeywordList", "[1]").empty());
  EXPECT_TRUE(decoded("KeywordList", "\"x\"").empty());
  EXPECT_TRUE(SearchAttributes::from_payloads({{"a", json_plain("\"x\"")}})->empty());
  Payload null = make_payload(kEncodingNull, "");
  null.metadata.set("type", "Keyword");
  EXPECT_TRUE(SearchAttributes::from_payloads({{"a", null}})->empty());
}

TEST(SearchAttributes, DecodeNumbers) {
  EXPECT_EQ(decoded("Int", "[5]").get(number), 5);
  EXPECT_EQ(decoded("Int", "5").get(number), 5);
  EXPECT_EQ(decoded("Double", "5").get(real), 5.0);
  EXPECT_EQ(decoded("Double", "5.5").get(real), 5.5);
  EXPECT_EQ(decoded("Bool", "false").get(flag), false);
  EXPECT_TRUE(decoded("Int", "9223372036854775808").empty());
}

TEST(SearchAttributes, DecodeLists) {
  EXPECT_EQ(decoded("KeywordList", "[\"a\",\"b\"]").get(list), (KeywordList{"a", "b"}));
  EXPECT_EQ(decoded("KeywordList", "[]").get(list), KeywordList());
}

TEST(SearchAttributes, DecodeDatetime) {
  const Datetime midnight(seconds(1577836800));  // 2020-01-01
  EXPECT_EQ(decoded("Datetime", "\"2020-01-01T00:00:00Z\"").get(when), midnight);
  EXPECT_EQ(decoded("Datetime", "\"2020-01-01T00:00:00.123456789Z\"").get(when),
            midnight + nanoseconds(123456789));
}

TEST(SearchAttributes, DecodeErrors) {
  const auto problem = [](std::string type, Payload payload) {
    payload.metadata.set("type", std::move(type));
    return SearchAttributes::from_payloads({{"a", payload}}).status().to_string();
  };
  EXPECT_EQ(problem("Datetime", json_plain("\"zzz\"")),
            "INVALID_ARGUMENT (local): search attribute a: not an ISO 8601 time, or out of range");
  EXPECT_EQ(problem("Int", make_payload("foo/bar", "5")),
            "INVALID_ARGUMENT (local): search attribute a: unknown encoding");
  EXPECT_NE(problem("Int", json_plain("{")), "OK");
}

TEST(IsoTime, Accepted) {
  for (const std::string_view form :
       {"2023-01-02T03:04:05+00:00", "2023-01-02T03:04:05Z", "2023-01-02 03:04:05",
        "2023-01-02T08:34:05+05:30", "2023-01-02T08:34:05+0530", "2023-01-01T22:04:05-05",
        "20230102T030405Z", "2023-01-02T03:04:05.000Z", "2023-01-02T03:04:05,0Z"}) {
    EXPECT_EQ(internal::parse_iso_time(form), kTime) << form;
  }
  EXPECT_EQ(internal::parse_iso_time("2023-01-02"), kTime - seconds(3 * 3600 + 4 * 60 + 5));
  EXPECT_EQ(internal::parse_iso_time("2023-01-02T03:04Z"), kTime - seconds(5));
  EXPECT_EQ(internal::parse_iso_time("2024-02-29"), Datetime(seconds(1709164800)));
}

TEST(IsoTime, Refused) {
  for (const std::string_view form : {"",
                                      "zzz",
                                      "2023",
                                      "2023-01",
                                      "2023-02-29",
                                      "2023-13-01",
                                      "2023-01-00",
                                      "2023-0102",
                                      "2023-01-02t03:04:05",
                                      "2023-01-02T03:04:05z",
                                      "2023-01-02T24:00:00",
                                      "2023-01-02T03:60",
                                      "2023-01-02T03:04:60",
                                      "2023-01-02T03",
                                      "2023-01-02T03:04:",
                                      "2023-01-02T03:04:05.",
                                      "2023-01-02T03:04:05.1234567890",
                                      "2023-01-02T03:04:05+",
                                      "2023-01-02T03:04:05+24:00",
                                      "2023-01-02T03:04:05Zx",
                                      "0000-01-01",
                                      "0001-01-01",
                                      "9999-12-31T23:59:59Z",
                                      "1677-09-21T00:12:43Z",
                                      "2262-04-11T23:47:17Z",
                                      " 2023-01-02"}) {
    EXPECT_EQ(internal::parse_iso_time(form), std::nullopt) << form;
  }
}

TEST(IsoTime, RoundTrip) {
  for (const std::int64_t nanos :
       {std::int64_t{0}, std::int64_t{-1}, std::int64_t{999999999}, std::int64_t{1} << 60,
        -(std::int64_t{1} << 62), std::int64_t{9223372035999999999}}) {
    const Datetime time{nanoseconds(nanos)};
    EXPECT_EQ(internal::parse_iso_time(internal::iso_time_text(time)), time) << nanos;
  }
}

}  // namespace
}  // namespace minim
