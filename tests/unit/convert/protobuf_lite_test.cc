// <minim/protobuf.h> with messages of the lite runtime; also compiled without exceptions and RTTI.
#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "minim/pb/common.pb.h"
#include "minim/protobuf.h"
#include "unit/convert/vectors.h"

namespace minim {
namespace {

using Execution = pb::WorkflowExecution;

static_assert(Encodable<Execution> && Decodable<Execution> && Decodable<std::optional<Execution>>);
static_assert(!Encodable<std::vector<Execution>>);
static_assert(!internal::FullProtobufMessage<Execution>);

TEST(ProtobufLite, V42_Binary) {
  Execution execution;
  execution.set_workflow_id("id1");
  execution.set_run_id("id2");
  const Result<Payload> payload = to_payload(execution);
  ASSERT_TRUE(payload.has_value());
  EXPECT_EQ(payload->encoding(), "binary/protobuf");
  EXPECT_EQ(*payload->metadata.find("messageType"), "minim.pb.WorkflowExecution");
  EXPECT_EQ(hex(payload->data), "0a036964311203696432");
  EXPECT_EQ(from_payload<Execution>(*payload)->run_id(), "id2");
}

std::string problem(std::string_view encoding, std::string_view type, std::string data) {
  Payload payload = make_payload(encoding, std::move(data));
  if (!type.empty()) payload.metadata.set("messageType", std::string(type));
  return std::string(from_payload<Execution>(payload).status().message());
}

TEST(ProtobufLite, D14_D15_Refused) {
  const std::string type = "minim.pb.WorkflowExecution";
  EXPECT_EQ(problem("binary/protobuf", "", ""), "payload (binary/protobuf): no messageType");
  EXPECT_EQ(problem("binary/protobuf", "acme.Order", ""),
            "payload (binary/protobuf): messageType is acme.Order, expected " + type);
  EXPECT_EQ(problem("binary/protobuf", type, "\xff"),
            "payload (binary/protobuf): not a valid message of this type");
  EXPECT_EQ(problem("json/protobuf", type, "{}"),
            "payload (json/protobuf): json/protobuf is read with the full protobuf runtime, and "
            "this message is a lite one");
  EXPECT_EQ(problem("json/plain", type, "{}"),
            "payload (json/plain): this type is read from json/protobuf");
  EXPECT_EQ(problem("binary/null", "", ""),
            "payload (binary/null): this type is read from json/protobuf");
}

}  // namespace
}  // namespace minim
