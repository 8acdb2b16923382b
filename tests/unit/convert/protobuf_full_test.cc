// <minim/protobuf.h> with messages of the full runtime, by the rows V40 to V50 and D12 to D15 of
// the interoperability table. Deviations in the text, equal as JSON: the C++ runtime writes
// integral doubles without a fraction (V47, V50).
#include <google/protobuf/any.pb.h>
#include <google/protobuf/duration.pb.h>
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/timestamp.pb.h>
#include <google/protobuf/wrappers.pb.h>
#include <gtest/gtest.h>

#include <cmath>
#include <optional>
#include <string>

#include "minim/protobuf.h"
#include "unit/convert/vectors.h"
#include "wire_common.pb.h"
#include "wire_taskqueue.pb.h"

namespace minim {
namespace {

using temporal::api::common::v1::WorkflowExecution;
static_assert(internal::FullProtobufMessage<WorkflowExecution>);

WorkflowExecution execution(std::string workflow_id, std::string run_id) {
  WorkflowExecution made;
  made.set_workflow_id(std::move(workflow_id));
  made.set_run_id(std::move(run_id));
  return made;
}

// The JSON text of a message that must be json/protobuf of that type, and must come back the same.
template <class T>
std::string json(const T& message, std::string_view type) {
  const Result<Payload> payload = to_payload(message);
  EXPECT_TRUE(payload.has_value()) << payload.status().to_string();
  if (!payload) return {};
  EXPECT_EQ(payload->encoding(), "json/protobuf");
  EXPECT_EQ(*payload->metadata.find("messageType"), type);
  const Result<T> back = from_payload<T>(*payload);
  EXPECT_TRUE(back.has_value()) << back.status().to_string();
  if (back) {
    EXPECT_EQ(back->SerializeAsString(), message.SerializeAsString());
  }
  return payload->data;
}

TEST(ProtobufFull, V40_V41_Message) {
  EXPECT_EQ(wire_hex(*to_payload(execution("id1", "id2"))),
            kJsonProtobufEntry +
                "0a370a0b6d65737361676554797065122874656d706f72616c2e6170692e636f6d6d6f6e2e76312e"
                "576f726b666c6f77457865637574696f6e12227b2272756e4964223a22696432222c22776f726b66"
                "6c6f774964223a22696431227d");
  EXPECT_EQ(json(WorkflowExecution(), "temporal.api.common.v1.WorkflowExecution"), "{}");
}

TEST(ProtobufFull, V43_V44_Times) {
  google::protobuf::Duration duration;
  duration.set_seconds(1);
  duration.set_nanos(500000000);
  EXPECT_EQ(json(duration, "google.protobuf.Duration"), "\"1.500s\"");
  google::protobuf::Timestamp time;
  time.set_seconds(1577840461);
  time.set_nanos(1000);
  EXPECT_EQ(json(time, "google.protobuf.Timestamp"), "\"2020-01-01T01:01:01.000001Z\"");
}

TEST(ProtobufFull, V45_V46_Wrappers) {
  google::protobuf::Int64Value small;
  small.set_value(5);
  EXPECT_EQ(json(small, "google.protobuf.Int64Value"), "\"5\"");
  google::protobuf::UInt64Value large;
  large.set_value(std::uint64_t{1} << 63);
  EXPECT_EQ(json(large, "google.protobuf.UInt64Value"), "\"9223372036854775808\"");
  google::protobuf::BytesValue bytes;
  bytes.set_value(std::string("\0\xff", 2));
  EXPECT_EQ(json(bytes, "google.protobuf.BytesValue"), "\"AP8=\"");
  EXPECT_EQ(json(google::protobuf::BoolValue(), "google.protobuf.BoolValue"), "false");
  google::protobuf::DoubleValue none;
  none.set_value(std::nan(""));
  EXPECT_EQ(to_payload(none)->data, "\"NaN\"");
}

TEST(ProtobufFull, V47_Struct) {
  google::protobuf::Struct object;
  (*object.mutable_fields())["b"].set_number_value(1);
  auto& list = *(*object.mutable_fields())["a"].mutable_list_value();
  list.add_values()->set_bool_value(true);
  list.add_values()->set_null_value(google::protobuf::NULL_VALUE);
  list.add_values()->set_string_value("\xc3\xa9");
  list.add_values()->set_number_value(1.5);
  EXPECT_EQ(to_payload(object)->data, R"({"a":[true,null,"\u00e9",1.5],"b":1})");
}

TEST(ProtobufFull, V48_Any) {
  google::protobuf::Any any;
  any.PackFrom(execution("w", ""));
  EXPECT_EQ(json(any, "google.protobuf.Any"),
            R"({"@type":"type.googleapis.com/temporal.api.common.v1.WorkflowExecution",)"
            R"("workflowId":"w"})");
}

TEST(ProtobufFull, V49_V50_EnumerationsAndNestedMessages) {
  temporal::api::taskqueue::v1::TaskQueue queue;
  queue.set_name("q");
  queue.set_kind(temporal::api::taskqueue::v1::TASK_QUEUE_KIND_NORMAL);
  EXPECT_EQ(json(queue, "temporal.api.taskqueue.v1.TaskQueue"),
            R"({"kind":"TASK_QUEUE_KIND_NORMAL","name":"q"})");
  temporal::api::common::v1::RetryPolicy policy;
  policy.mutable_initial_interval()->set_seconds(1);
  policy.set_backoff_coefficient(2.0);
  policy.mutable_maximum_interval()->set_seconds(100);
  policy.add_non_retryable_error_types("A");
  EXPECT_EQ(json(policy, "temporal.api.common.v1.RetryPolicy"),
            R"({"backoffCoefficient":2,"initialInterval":"1s","maximumInterval":"100s",)"
            R"("nonRetryableErrorTypes":["A"]})");
}

Result<WorkflowExecution> decoded(std::string_view encoding, std::string_view type,
                                  std::string data) {
  Payload payload = make_payload(encoding, std::move(data));
  if (!type.empty()) payload.metadata.set("messageType", std::string(type));
  return from_payload<WorkflowExecution>(payload);
}

TEST(ProtobufFull, D12_D13_D14_D15_Decode) {
  const std::string type = "temporal.api.common.v1.WorkflowExecution";
  EXPECT_EQ(decoded("json/protobuf", type, R"({"run_id":"id2"})")->run_id(), "id2");
  EXPECT_EQ(decoded("json/protobuf", type, R"({"runId":"id2"})")->run_id(), "id2");
  EXPECT_EQ(decoded("binary/protobuf", type, unhex("0a036964311203696432"))->run_id(), "id2");
  EXPECT_EQ(decoded("json/protobuf", type, R"({"secret":1})").error().message(),
            "payload (json/protobuf): not a valid message of this type");
  EXPECT_EQ(decoded("json/protobuf", "", "{}").error().message(),
            "payload (json/protobuf): no messageType");
  EXPECT_FALSE(decoded("json/protobuf", "acme.Order", "{}").has_value());
  EXPECT_FALSE(decoded("binary/protobuf", type, "\xff").has_value());
}

}  // namespace
}  // namespace minim
