#include "protojson/shorthand.h"

#include <gtest/gtest.h>

#include "json/writer.h"
#include "protojson/protojson.h"

namespace minim::protojson {
namespace {

constexpr char kPayload[] = "temporal.api.common.v1.Payload";
constexpr char kPayloads[] = "temporal.api.common.v1.Payloads";

std::string print(std::string_view name, std::string_view full_form) {
  const MessageType type = *find_message(name);
  const auto bytes = from_json(type, full_form);
  if (!bytes) return "error: " + bytes.error().to_string();
  return *to_json(type, *bytes, {.shorthand_payloads = true});
}

// Read with short forms allowed, shown in full.
std::string parse(std::string_view name, std::string_view text) {
  const MessageType type = *find_message(name);
  const auto bytes = from_json(type, text, {.shorthand_payloads = true});
  if (!bytes) return "error: " + bytes.error().to_string();
  return *to_json(type, *bytes);
}

PayloadParts json_plain(std::string data) {
  return {{{"encoding", "json/plain"}}, std::move(data), false};
}

TEST(PayloadShorthand, JsonIsShownAsItself) {
  for (const char* text :
       {"1", "-0", "1.0", "18446744073709551616", "12.340", "true", "\"x\"", "[]", "{}",
        "{\"b\":[],\"a\":{\"c\":1e5}}", "[null]", "{\"metadata\":1}", "{\"data\":\"x\"}",
        "{\"metadata\":{\"a\":1}}", "{\"metadata\":{},\"more\":1}"}) {
    const auto value = shorten(json_plain(text));
    ASSERT_TRUE(value) << text;
    EXPECT_EQ(json::write(*value), text);
    const PayloadParts back = lengthen(*value);
    EXPECT_EQ(back.metadata, json_plain("").metadata);
    EXPECT_EQ(back.data, text);
  }
}

TEST(PayloadShorthand, WhatWouldNotComeBackStaysFull) {
  EXPECT_FALSE(shorten({}));
  EXPECT_FALSE(shorten(json_plain("")));
  EXPECT_FALSE(shorten(json_plain("{")));
  EXPECT_FALSE(shorten(json_plain("null")));
  EXPECT_FALSE(shorten(json_plain("\"\xFF\"")));
  EXPECT_FALSE(shorten(json_plain("{\"metadata\":{\"encoding\":\"eA==\"}}")));
  EXPECT_FALSE(shorten(json_plain("{\"metadata\":{},\"data\":\"eA==\"}")));
  EXPECT_FALSE(shorten(json_plain("{\"_protoMessageType\":\"x\"}")));
  EXPECT_FALSE(shorten({{{"encoding", "json/plain"}, {"type", "Int"}}, "1", false}));
  EXPECT_FALSE(shorten({{{"encoding", "json/plain"}}, "1", true}));
  EXPECT_FALSE(shorten({{{"encoding", "binary/null"}}, "", false}));
  EXPECT_FALSE(shorten({{{"encoding", "binary/plain"}}, "1", false}));
  EXPECT_FALSE(shorten({{{"messageType", "json/plain"}}, "1", false}));
  EXPECT_FALSE(shorten({{{"encoding", "json/protobuf"}}, "{}", false}));
  EXPECT_FALSE(shorten({{{"encoding", "json/protobuf"}, {"messageType", "x"}}, "1", false}));
}

TEST(PayloadShorthand, MessagesCarryTheirType) {
  const PayloadParts message{
      {{"encoding", "json/protobuf"}, {"messageType", "a.B"}}, "{\"n\":1.0}", false};
  const auto value = shorten(message);
  ASSERT_TRUE(value);
  EXPECT_EQ(json::write(*value), R"({"_protoMessageType":"a.B","n":1.0})");
  const PayloadParts back = lengthen(*value);
  EXPECT_EQ(back.metadata, message.metadata);
  EXPECT_EQ(back.data, message.data);
}

TEST(PayloadShorthand, InMessages) {
  constexpr char kOne[] = R"({"metadata":{"encoding":"anNvbi9wbGFpbg=="},"data":"MQ=="})";
  constexpr char kNull[] = R"({"metadata":{"encoding":"YmluYXJ5L251bGw="}})";
  constexpr char kPlain[] = R"({"metadata":{"encoding":"YmluYXJ5L3BsYWlu"},"data":"AA=="})";
  const std::string one = kOne;
  EXPECT_EQ(print(kPayload, one), "1");
  EXPECT_EQ(print(kPayload, kNull), kNull);
  EXPECT_EQ(print(kPayload, kPlain), kPlain);
  EXPECT_EQ(print(kPayload, "{}"), R"({"metadata":{}})");
  EXPECT_EQ(print(kPayload, R"({"data":"MQ=="})"), R"({"metadata":{},"data":"MQ=="})");
  EXPECT_EQ(print(kPayloads, "{}"), "[]");
  EXPECT_EQ(print(kPayloads, "{\"payloads\":[" + one + "," + one + "]}"), "[1,1]");
  EXPECT_EQ(print(kPayloads, "{\"payloads\":[" + one + "," + kNull + "]}"),
            R"({"payloads":[1,)" + std::string(kNull) + "]}");
  EXPECT_EQ(print("temporal.api.common.v1.Memo", "{\"fields\":{\"k\":" + one + "}}"),
            R"({"fields":{"k":1}})");

  EXPECT_EQ(parse(kPayload, "1"), one);
  EXPECT_EQ(parse(kPayload, one), one);
  EXPECT_EQ(parse(kPayload, "null"), kNull);
  EXPECT_EQ(parse(kPayload, R"({"metadata":{},"data":"MQ=="})"), R"({"data":"MQ=="})");
  EXPECT_EQ(parse(kPayload, "{}"), R"({"metadata":{"encoding":"anNvbi9wbGFpbg=="},"data":"e30="})");
  EXPECT_EQ(parse(kPayloads, "[1,null]"),
            "{\"payloads\":[" + one + "," + std::string(kNull) + "]}");
  EXPECT_EQ(parse(kPayloads, "{\"payloads\":[1]}"), "{\"payloads\":[" + one + "]}");
  EXPECT_EQ(parse(kPayloads, "[]"), "{}");
  EXPECT_EQ(parse(kPayloads, "1"),
            "error: INVALID_ARGUMENT (local): the document: expected an object, found a number");
  EXPECT_EQ(parse("temporal.api.common.v1.Memo", R"({"fields":{"k":null}})"),
            R"({"fields":{"k":)" + std::string(kNull) + "}}");
  EXPECT_EQ(parse("temporal.api.query.v1.WorkflowQuery", R"({"queryArgs":null})"), "{}");
  EXPECT_EQ(*from_json(*find_message(kPayload), one),
            *from_json(*find_message(kPayload), "1", {.shorthand_payloads = true}));
}

}  // namespace
}  // namespace minim::protojson
