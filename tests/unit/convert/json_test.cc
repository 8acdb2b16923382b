// <minim/json.h> with exceptions, rows V33 and V34 included.
#include "minim/json.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "unit/convert/vectors.h"

namespace app {

struct Struct {
  std::string foo{};
  int bar = 0;
  friend bool operator==(const Struct&, const Struct&) = default;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Struct, foo, bar)

struct Checked {
  int bar = 0;
};
inline void from_json(const nlohmann::json& in, Checked& checked) {
  in.at("bar").get_to(checked.bar);
}
inline minim::Status try_from_json(const nlohmann::json& in, Checked& checked) {
  if (!in.is_number_integer()) return minim::Status(minim::Code::kInvalidArgument, "no number");
  checked.bar = in.get<int>();
  return minim::Status();
}

struct Refusing {};
inline void to_json(nlohmann::json&, const Refusing&) { throw std::runtime_error("secret"); }

enum class Number { kNone = 0, kOne = 1 };
enum class Name { kNone, kFoo };
NLOHMANN_JSON_SERIALIZE_ENUM(Name, {{Name::kNone, nullptr}, {Name::kFoo, "foo"}})

}  // namespace app

namespace minim {
namespace {

static_assert(Encodable<app::Struct> && Decodable<app::Struct>);
static_assert(Encodable<std::set<int>> && Decodable<std::set<int>>);
static_assert(!Encodable<app::Checked> && Decodable<app::Checked>);
static_assert(Encodable<app::Refusing> && !Decodable<app::Refusing>);

TEST(Json, V33_Enumerations) {
  EXPECT_EQ(to_payload(app::Number::kOne)->data, "1");
  EXPECT_EQ(to_payload(app::Name::kFoo)->data, "\"foo\"");
  EXPECT_EQ(*from_payload<app::Number>(json_plain("1")), app::Number::kOne);
  EXPECT_EQ(*from_payload<app::Name>(json_plain("\"foo\"")), app::Name::kFoo);
}

TEST(Json, V34_Struct) {
  const app::Struct value{"x", 1};
  const Result<Payload> payload = to_payload(value);
  ASSERT_TRUE(payload.has_value());
  EXPECT_EQ(payload->encoding(), "json/plain");
  EXPECT_EQ(payload->data, R"({"bar":1,"foo":"x"})");
  EXPECT_EQ(*from_payload<app::Struct>(*payload), value);
}

TEST(Json, InsideContainers) {
  const std::map<std::string, std::optional<app::Struct>> value{{"a", app::Struct{"x", 1}},
                                                                {"b", std::nullopt}};
  const Result<Payload> payload = to_payload(value);
  EXPECT_EQ(payload->data, R"({"a":{"bar":1,"foo":"x"},"b":null})");
  EXPECT_EQ(*(from_payload<std::map<std::string, std::optional<app::Struct>>>(*payload)), value);
}

TEST(Json, MismatchIsAStatusWithoutTheValue) {
  for (const std::string text : {"{}", "[]", "\"secret\"", R"({"foo":"secret","bar":"secret"})"}) {
    const Result<app::Struct> value = from_payload<app::Struct>(json_plain(text));
    ASSERT_FALSE(value.has_value());
    EXPECT_EQ(value.error().to_string(),
              "INVALID_ARGUMENT (local): payload (json/plain): from_json does not accept this "
              "JSON");
  }
  EXPECT_EQ(to_payload(app::Refusing()).error().message(), "value 0: to_json failed");
}

TEST(Json, TryFromJsonIsPreferred) {
  EXPECT_EQ(from_payload<app::Checked>(json_plain("7"))->bar, 7);
  EXPECT_EQ(from_payload<app::Checked>(json_plain("{\"bar\":7}")).error().message(),
            "payload (json/plain): no number");
}

TEST(Json, Documents) {
  const auto document =
      from_payload<nlohmann::json>(json_plain(R"({"b":[1,-2,2.5,true,null,"\u00e9"],"a":{}})"));
  ASSERT_TRUE(document.has_value());
  EXPECT_EQ(to_payload(*document)->data, R"({"a":{},"b":[1,-2,2.5,true,null,"\u00e9"]})");
  EXPECT_EQ(to_payload(nlohmann::json::binary({1, 255}))->data, "[1,255]");
  EXPECT_FALSE(to_payload(nlohmann::json("\xff")).has_value());
  EXPECT_FALSE(to_payload(nlohmann::json(std::nan(""))).has_value());
  EXPECT_FALSE(to_payload(nlohmann::json(nlohmann::json::value_t::discarded)).has_value());
  EXPECT_FALSE(from_payload<nlohmann::json>(json_plain("{")).has_value());
}

}  // namespace
}  // namespace minim
