// <minim/json.h> in code without exceptions and RTTI: a mismatch is a Status and never an abort.
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "minim/json.h"
#include "unit/convert/vectors.h"

#ifdef __cpp_exceptions
#error "to be compiled without exceptions"
#endif

namespace quiet {

// Names of its own: a type that other files convert with exceptions would have two definitions.
struct Item {
  int bar = 0;
};
inline void to_json(nlohmann::json& out, const Item& item) { out = {{"bar", item.bar}}; }
inline minim::Status try_from_json(const nlohmann::json& in, Item& item) {
  const auto bar = in.find("bar");
  if (bar == in.end() || !bar->is_number_integer()) {
    return minim::Status(minim::Code::kInvalidArgument, "no item");
  }
  item.bar = bar->get<int>();
  return minim::Status();
}

}  // namespace quiet

namespace minim {
namespace {

TEST(JsonWithoutExceptions, ReadsAndReports) {
  const Result<Payload> payload = to_payload(std::vector{quiet::Item{3}});
  ASSERT_TRUE(payload.has_value());
  EXPECT_EQ(payload->data, "[{\"bar\":3}]");
  EXPECT_EQ(from_payload<std::vector<quiet::Item>>(*payload)->front().bar, 3);
  const auto wrong = from_payload<std::optional<quiet::Item>>(json_plain("{\"bar\":\"x\"}"));
  EXPECT_EQ(wrong.error().message(), "payload (json/plain): no item");
}

TEST(JsonWithoutExceptions, Documents) {
  const auto document = from_payload<nlohmann::json>(json_plain("{\"b\":[1,2.5],\"a\":null}"));
  ASSERT_TRUE(document.has_value());
  EXPECT_EQ(to_payload(*document)->data, "{\"a\":null,\"b\":[1,2.5]}");
  EXPECT_FALSE(to_payload(nlohmann::json("\xff")).has_value());
  EXPECT_FALSE(from_payload<nlohmann::json>(json_plain("{")).has_value());
}

}  // namespace
}  // namespace minim
