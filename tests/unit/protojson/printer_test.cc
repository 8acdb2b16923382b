#include <gtest/gtest.h>

#include "protojson/protojson.h"
#include "protojson/wire.h"

namespace minim::protojson {
namespace {

using namespace std::string_literals;

std::string print(std::string_view name, std::string_view bytes, PrintOptions options = {}) {
  const auto text = to_json(*find_message(name), bytes, options);
  return text ? *text : "error: " + text.error().to_string();
}

std::string field(std::uint32_t number, std::string_view bytes) {
  std::string out;
  append_length(out, number, bytes);
  return out;
}

std::string varint(std::uint32_t number, std::uint64_t value) {
  std::string out;
  append_tag(out, number, WireType::kVarint);
  append_varint(out, value);
  return out;
}

constexpr char kExecution[] = "temporal.api.common.v1.WorkflowExecution";
constexpr char kFailure[] = "temporal.api.failure.v1.Failure";

TEST(ProtoPrinter, PublishedVectors) {
  EXPECT_EQ(print(kExecution, "\x0a\x03id1\x12\x03id2"), R"({"workflowId":"id1","runId":"id2"})");
  EXPECT_EQ(print(kExecution, ""), "{}");
  EXPECT_EQ(print("google.protobuf.Duration", varint(1, 1) + varint(2, 500000000)), "\"1.500s\"");
  EXPECT_EQ(print("google.protobuf.Timestamp", varint(1, 1577840461) + varint(2, 1000)),
            "\"2020-01-01T01:01:01.000001Z\"");
  EXPECT_EQ(print("google.protobuf.Int64Value", varint(1, 5)), "\"5\"");
  EXPECT_EQ(print("google.protobuf.UInt64Value", varint(1, 1ull << 63)), "\"9223372036854775808\"");
  EXPECT_EQ(print("google.protobuf.BytesValue", field(1, "\0\xff"s)), "\"AP8=\"");
  EXPECT_EQ(print("google.protobuf.BoolValue", ""), "false");
  EXPECT_EQ(print("google.protobuf.DoubleValue", "\x09\0\0\0\0\0\0\xf8\x7f"s), "\"NaN\"");
  EXPECT_EQ(
      print("google.protobuf.Any",
            field(1, "type.googleapis.com/" + std::string(kExecution)) + field(2, "\x0a\x01w")),
      R"({"@type":"type.googleapis.com/temporal.api.common.v1.WorkflowExecution",)"
      R"("workflowId":"w"})");
  EXPECT_EQ(print("temporal.api.taskqueue.v1.TaskQueue", field(1, "q") + varint(2, 1)),
            R"({"name":"q","kind":"TASK_QUEUE_KIND_NORMAL"})");
  const std::string policy =
      field(1, varint(1, 1)) + "\x11\0\0\0\0\0\0\0\x40"s + field(3, varint(1, 100)) + field(5, "A");
  EXPECT_EQ(print("temporal.api.common.v1.RetryPolicy", policy),
            R"({"initialInterval":"1s","backoffCoefficient":2,"maximumInterval":"100s",)"
            R"("nonRetryableErrorTypes":["A"]})");
  EXPECT_EQ(print("temporal.api.common.v1.RetryPolicy", policy,
                  {.indent = 2, .doubles = json::DoubleStyle::kPoint}),
            "{\n  \"initialInterval\": \"1s\",\n  \"backoffCoefficient\": 2.0,\n"
            "  \"maximumInterval\": \"100s\",\n  \"nonRetryableErrorTypes\": [\n    \"A\"\n  ]\n}");
}

TEST(ProtoPrinter, TextIsNotHtmlEscaped) {
  EXPECT_EQ(print(kExecution, field(1, "<\xC3\xA9&>")), "{\"workflowId\":\"<\xC3\xA9&>\"}");
  EXPECT_EQ(print(kExecution, field(1, "<\xC3\xA9&>"), {.ascii = true}),
            R"({"workflowId":"<\u00e9&>"})");
}

TEST(ProtoPrinter, ZerosAndUnknownFieldsAreLeftOut) {
  EXPECT_EQ(print(kExecution, field(1, "") + field(2, "r") + field(99, "x") + varint(1, 7)),
            R"({"runId":"r"})");
  EXPECT_EQ(print("temporal.api.taskqueue.v1.TaskQueue", varint(2, 0)), "{}");
}

TEST(ProtoPrinter, EmptyPathsOfMasksAreLeftOut) {
  EXPECT_EQ(print("google.protobuf.FieldMask", field(1, "a") + field(1, "") + field(1, "b_c")),
            "\"a,bC\"");
  EXPECT_EQ(print("google.protobuf.FieldMask", field(1, "")), "\"\"");
}

TEST(ProtoPrinter, UnknownEnumNumbersAreIntegers) {
  EXPECT_EQ(print("temporal.api.taskqueue.v1.TaskQueue", varint(2, 77)), R"({"kind":77})");
  EXPECT_EQ(print("temporal.api.taskqueue.v1.TaskQueue", varint(2, ~std::uint64_t{0})),
            R"({"kind":-1})");
}

TEST(ProtoPrinter, RepeatedMessageFieldsMergeAndOneofsKeepTheLast) {
  const std::string first = field(5, field(1, "T"));
  const std::string second = field(5, varint(2, 1));
  EXPECT_EQ(print(kFailure, first + second),
            R"({"applicationFailureInfo":{"type":"T","nonRetryable":true}})");
  EXPECT_EQ(print(kFailure, first + field(9, "") + second),
            R"({"applicationFailureInfo":{"nonRetryable":true}})");
  EXPECT_EQ(print(kFailure, first + field(9, "")), R"({"serverFailureInfo":{}})");
}

TEST(ProtoPrinter, PackedAndUnpackedAreTheSame) {
  constexpr char kState[] = "temporal.api.errordetails.v1.NamespaceInvalidStateFailure";
  const std::string names =
      R"({"allowedStates":["NAMESPACE_STATE_REGISTERED","NAMESPACE_STATE_DELETED"]})";
  EXPECT_EQ(print(kState, field(3, "\x01\x03")), names);
  EXPECT_EQ(print(kState, varint(3, 1) + varint(3, 3)), names);
  EXPECT_EQ(print(kState, varint(3, 1) + field(3, "\x03")), names);
  EXPECT_EQ(print(kState, field(3, "")), "{}");
  EXPECT_EQ(print(kState, field(3, "\x01\x83")),
            "error: INTERNAL (local): malformed temporal.api.errordetails.v1."
            "NamespaceInvalidStateFailure: a packed field that ends inside a value at byte 1 of "
            "the message");
}

TEST(ProtoPrinter, MapsAreSortedAndTheLastOfEqualKeysWins) {
  constexpr char kMemo[] = "temporal.api.common.v1.Memo";
  const auto entry = [](std::string_view key, std::string_view data) {
    return field(1, field(1, key) + field(2, field(2, data)));
  };
  EXPECT_EQ(print(kMemo, entry("b", "1") + entry("", "2") + entry("b", "3") + entry("a", "")),
            R"({"fields":{"":{"data":"Mg=="},"a":{},"b":{"data":"Mw=="}}})");
  EXPECT_EQ(print(kMemo, field(1, "")), R"({"fields":{"":{}}})");
}

TEST(ProtoPrinter, AnyOfUnknownTypeIsKeptAndReported) {
  std::vector<std::string> unknown;
  const std::string any = field(1, "type.googleapis.com/acme.Thing") + field(2, "\x08\x01");
  EXPECT_EQ(print("google.protobuf.Any", any, {.unknown_types = &unknown}),
            R"({"@type":"type.googleapis.com/acme.Thing","value":"CAE="})");
  EXPECT_EQ(unknown, std::vector<std::string>{"acme.Thing"});
  EXPECT_EQ(print("google.protobuf.Any", ""), "{}");
  EXPECT_EQ(print("google.protobuf.Any", field(1, "type.googleapis.com/google.protobuf.Duration") +
                                             field(2, varint(1, 3))),
            R"({"@type":"type.googleapis.com/google.protobuf.Duration","value":"3s"})");
}

TEST(ProtoPrinter, StatusDetailsAreExpanded) {
  EXPECT_EQ(
      print("google.rpc.Status",
            "\x08\x06\x12\x26Workflow execution is already running.\x1a\x67\x0a\x57type.googleapis."
            "com/temporal.api.errordetails.v1.WorkflowExecutionAlreadyStartedFailure\x12\x0c\x0a"
            "\x03req\x12\x05run-1"),
      R"({"code":6,"message":"Workflow execution is already running.","details":[{"@type":)"
      R"("type.googleapis.com/temporal.api.errordetails.v1.)"
      R"(WorkflowExecutionAlreadyStartedFailure","startRequestId":"req","runId":"run-1"}]})");
}

TEST(ProtoPrinter, ErrorsNameMessageAndPlace) {
  EXPECT_EQ(print(kExecution, "\x0a\x03id1\x12\x09id2"),
            "error: INTERNAL (local): malformed temporal.api.common.v1.WorkflowExecution: "
            "a length beyond the end at byte 5 of the message");
  EXPECT_EQ(print(kFailure, field(4, field(1, "\xFF"))),
            "error: INTERNAL (local): malformed temporal.api.failure.v1.Failure: message is not "
            "UTF-8");
  EXPECT_EQ(print("google.protobuf.Timestamp", varint(1, 1ull << 60)),
            "error: INTERNAL (local): google.protobuf.Timestamp has no JSON form: seconds or nanos "
            "out of range");
  EXPECT_EQ(print("google.protobuf.FieldMask", field(1, "aB")),
            "error: INTERNAL (local): google.protobuf.FieldMask has no JSON form: a path in other "
            "spelling");
  EXPECT_EQ(print("google.protobuf.Value", "\x11\0\0\0\0\0\0\xf0\x7f"s),
            "error: INTERNAL (local): google.protobuf.Value has no JSON form: a number that is not "
            "finite");
}

TEST(ProtoPrinter, DepthIsLimited) {
  const auto chain = [](int depth) {
    std::string bytes;
    for (int i = 1; i < depth; ++i) bytes = field(4, bytes);
    return bytes;
  };
  EXPECT_TRUE(print(kFailure, chain(kMaxDepth)).starts_with("{\"cause\":"));
  EXPECT_EQ(print(kFailure, chain(kMaxDepth + 1)),
            "error: RESOURCE_EXHAUSTED (local): temporal.api.failure.v1.Failure is nested deeper "
            "than 100 messages (protojson::kMaxDepth)");
  std::string any;
  for (int i = 0; i < 200; ++i) {
    any = field(1, "type.googleapis.com/google.protobuf.Any") + field(2, any);
  }
  EXPECT_TRUE(print("google.protobuf.Any", any).starts_with("error: RESOURCE_EXHAUSTED"));
  std::string details;
  for (int i = 0; i < 200; ++i) {
    details = field(3, field(1, "type.googleapis.com/google.rpc.Status") + field(2, details));
  }
  EXPECT_TRUE(print("google.rpc.Status", details).starts_with("error: RESOURCE_EXHAUSTED"));
}

}  // namespace
}  // namespace minim::protojson
