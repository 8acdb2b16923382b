#include <gtest/gtest.h>

#include "protojson/protojson.h"

namespace minim::protojson {
namespace {

using namespace std::string_literals;

// What the text becomes, shown as our JSON of it; or the error.
std::string parse(std::string_view name, std::string_view text, ParseOptions options = {}) {
  const MessageType type = *find_message(name);
  const auto bytes = from_json(type, text, options);
  if (!bytes) return "error: " + bytes.error().to_string();
  return *to_json(type, *bytes);
}

constexpr char kStart[] = "temporal.api.workflowservice.v1.StartWorkflowExecutionRequest";
constexpr char kQueue[] = "temporal.api.taskqueue.v1.TaskQueue";
constexpr char kPolicy[] = "temporal.api.common.v1.RetryPolicy";
constexpr char kInfo[] = "temporal.api.workflow.v1.WorkflowExecutionInfo";
constexpr char kFailure[] = "temporal.api.failure.v1.Failure";

TEST(ProtoParser, MakesTheBytes) {
  const auto bytes = from_json(*find_message("temporal.api.common.v1.WorkflowExecution"),
                               R"({"workflowId":"id1","runId":"id2"})");
  EXPECT_EQ(*bytes, "\x0a\x03id1\x12\x03id2");
  EXPECT_EQ(*from_json(*find_message(kQueue), R"({"name":"","kind":0})"), "");
  EXPECT_EQ(*from_json(*find_message("temporal.api.errordetails.v1.NamespaceInvalidStateFailure"),
                       R"({"allowedStates":["Registered",3]})"),
            "\x1a\x02\x01\x03");
}

TEST(ProtoParser, AcceptsBothSpellingsOfNames) {
  EXPECT_EQ(parse(kStart, R"({"workflow_id":"w","task_queue":{"normal_name":"q"}})"),
            R"({"workflowId":"w","taskQueue":{"normalName":"q"}})");
}

TEST(ProtoParser, AcceptsEnumsInEveryForm) {
  for (const char* text : {R"("TASK_QUEUE_KIND_STICKY")", R"("Sticky")", "2", "2.0", R"("2")"}) {
    EXPECT_EQ(parse(kQueue, "{\"kind\":" + std::string(text) + "}"),
              R"({"kind":"TASK_QUEUE_KIND_STICKY"})");
  }
  EXPECT_EQ(parse(kQueue, R"({"kind":-7})"), R"({"kind":-7})");
  EXPECT_EQ(parse(kInfo, R"({"status":"Running"})"),
            R"({"status":"WORKFLOW_EXECUTION_STATUS_RUNNING"})");
}

TEST(ProtoParser, AcceptsNumbersInEveryForm) {
  for (const char* text : {"5", "5.0", "5e0", "\"5\"", "50e-1", "\"5.0\""}) {
    EXPECT_EQ(parse(kPolicy, "{\"maximumAttempts\":" + std::string(text) + "}"),
              R"({"maximumAttempts":5})");
    EXPECT_EQ(parse(kInfo, "{\"historyLength\":" + std::string(text) + "}"),
              R"({"historyLength":"5"})");
    EXPECT_EQ(parse(kPolicy, "{\"backoffCoefficient\":" + std::string(text) + "}"),
              R"({"backoffCoefficient":5})");
  }
  EXPECT_EQ(parse(kInfo, R"({"historyLength":9007199254740993})"),
            R"({"historyLength":"9007199254740993"})");
  EXPECT_EQ(parse(kPolicy, R"({"backoffCoefficient":"-Infinity"})"),
            R"({"backoffCoefficient":"-Infinity"})");
}

TEST(ProtoParser, NullIsUnset) {
  EXPECT_EQ(parse(kStart, R"({"workflowId":null,"taskQueue":null,"links":null,"memo":null})"),
            "{}");
  EXPECT_EQ(parse(kFailure, R"({"serverFailureInfo":null,"timeoutFailureInfo":{}})"),
            R"({"timeoutFailureInfo":{}})");
}

TEST(ProtoParser, AcceptsBothBase64Alphabets) {
  for (const char* text : {"+/+=", "-_-", "+/+", "-_-="}) {
    EXPECT_EQ(parse("temporal.api.common.v1.Payload", "{\"data\":\"" + std::string(text) + "\"}"),
              R"({"data":"+/8="})");
  }
}

TEST(ProtoParser, TakesGooglesTypes) {
  EXPECT_EQ(parse("google.protobuf.Value", R"({"b":1,"a":[true,null,"x",1.5]})"),
            R"({"a":[true,null,"x",1.5],"b":1})");
  EXPECT_EQ(parse("google.protobuf.Struct", "{}"), "{}");
  EXPECT_EQ(parse("google.protobuf.Timestamp", R"("2020-01-01T00:00:00+05:00")"),
            "\"2019-12-31T19:00:00Z\"");
  EXPECT_EQ(parse("google.protobuf.FieldMask", R"("taskQueue.name,a")"), "\"taskQueue.name,a\"");
  EXPECT_EQ(parse("google.protobuf.FieldMask", R"("")"), "\"\"");
  EXPECT_EQ(parse("google.protobuf.FieldMask", R"(",a,,b,")"), "\"a,b\"");
  for (const char* any : {R"({})", R"({"@type":"x/google.protobuf.Duration","value":"3s"})",
                          R"({"@type":"x/temporal.api.common.v1.WorkflowType","name":"n"})",
                          R"({"@type":"x/acme.Thing","value":"CAE="})",
                          R"({"@type":"x/google.protobuf.Any","value":{}})"}) {
    EXPECT_EQ(parse("google.protobuf.Any", any), any);
  }
}

TEST(ProtoParser, UnknownNamesCanBeIgnored) {
  const ParseOptions ignore{.ignore_unknown_fields = true};
  EXPECT_EQ(parse(kQueue, R"({"name":"q","zzz":{"a":[1]},"kind":"Nope"})", ignore),
            R"({"name":"q"})");
  EXPECT_EQ(parse("temporal.api.errordetails.v1.NamespaceInvalidStateFailure",
                  R"({"allowedStates":["Nope","Deleted"]})", ignore),
            R"({"allowedStates":["NAMESPACE_STATE_DELETED"]})");
}

struct Failing {
  const char* type;
  const char* text;
  const char* message;
};

TEST(ProtoParser, ErrorsNamePathAndProblem) {
  const Failing cases[] = {
      {kQueue, "",
       "line 1, column 1: syntax error while parsing value - unexpected end of input; "
       "expected '[', '{', or a literal"},
      {kQueue, "[]", "the document: expected an object, found an array"},
      {kQueue, "null", "the document: expected an object, found null"},
      {kStart, R"({"taskQueue":{"nam":"x"}})",
       "taskQueue.nam: no such field in temporal.api.taskqueue.v1.TaskQueue"},
      {kStart, R"({"taskQueue":"q"})", "taskQueue: expected an object, found a string"},
      {kQueue, R"({"name":1})", "name: expected a string"},
      {kQueue, R"({"name":{}})", "name: expected a string, found an object"},
      {kQueue, R"({"normalName":"a","normal_name":"b"})", "normal_name: given twice"},
      {kQueue, R"({"kind":"Nope"})", "kind: no such value in temporal.api.enums.v1.TaskQueueKind"},
      {kQueue, R"({"kind":1.5})", "kind: expected an enum value's name or number"},
      {kQueue, R"({"kind":2147483648})", "kind: expected an enum value's name or number"},
      {kQueue, R"({"kind":true})",
       "kind: expected an enum value's name or number, found a boolean"},
      {kPolicy, R"({"maximumAttempts":2147483648})", "maximumAttempts: expected an int32"},
      {kPolicy, R"({"maximumAttempts":1.5})", "maximumAttempts: expected an int32"},
      {kPolicy, R"({"maximumAttempts":"x"})", "maximumAttempts: expected an int32"},
      {kPolicy, R"({"backoffCoefficient":"x"})", "backoffCoefficient: expected a double"},
      {kPolicy, R"({"nonRetryableErrorTypes":["a",1]})",
       "nonRetryableErrorTypes[1]: expected a string"},
      {kPolicy, R"({"nonRetryableErrorTypes":["a",null]})",
       "nonRetryableErrorTypes[1]: expected a string, found null"},
      {kPolicy, R"({"nonRetryableErrorTypes":"a"})",
       "nonRetryableErrorTypes: expected an array, found a string"},
      {kPolicy, R"({"initialInterval":"1"})", "initialInterval: expected a duration like \"1.5s\""},
      {kPolicy, R"({"initialInterval":1})",
       "initialInterval: expected a duration like \"1.5s\", found a number"},
      {kInfo, R"({"historyLength":"9223372036854775808"})", "historyLength: expected an int64"},
      {kInfo, R"({"startTime":"now"})",
       "startTime: expected a time like \"2020-01-31T23:59:59.5Z\""},
      {kInfo, R"({"memo":{"fields":{"a":null}}})", "memo.fields.a: expected an object, found null"},
      {kInfo, R"({"memo":{"fields":[]}})", "memo.fields: expected an object, found an array"},
      {kInfo, R"({"memo":{"fields":{"a":{"data":"x"}}}})",
       "memo.fields.a.data: expected a base64 string"},
      {kStart, R"({"requestEagerExecution":"true"})",
       "requestEagerExecution: expected true or false"},
      {kStart, R"({"priority":{"fairnessWeight":1e39}})",
       "priority.fairnessWeight: expected a float"},
      {kFailure, R"({"serverFailureInfo":{},"timeoutFailureInfo":{}})",
       "timeoutFailureInfo: another field of the same oneof is given too"},
      {"google.protobuf.Any", "[]", "the document: expected an object, found an array"},
      {"google.protobuf.Any", R"({"a":1})", "the document: expected a text \"@type\""},
      {"google.protobuf.Any", R"({"@type":"acme.X","value":1})",
       "the document: \"@type\" is no known message, and \"value\" is not its base64"},
      {"google.protobuf.Any", R"({"@type":"x/google.protobuf.Duration"})",
       "the document: expected \"@type\" and \"value\""},
      {"google.protobuf.Any", R"({"@type":"x/google.protobuf.Duration","value":1})",
       "value: expected a duration like \"1.5s\", found a number"},
      {"google.protobuf.FieldMask", R"("a_b")", "the document: expected paths in lowerCamel"},
      {"google.protobuf.FieldMask", "1",
       "the document: expected a string of paths, found a number"},
      {"google.protobuf.UInt32Value", "-1", "the document: expected a uint32"},
      {"google.protobuf.UInt64Value", "1e20", "the document: expected a uint64"}};
  for (const Failing& failing : cases) {
    const auto bytes = from_json(*find_message(failing.type), failing.text);
    ASSERT_FALSE(bytes) << failing.text;
    EXPECT_EQ(bytes.error().code(), Code::kInvalidArgument);
    EXPECT_EQ(bytes.error().message(), failing.message) << failing.text;
  }
}

TEST(ProtoParser, MapKeysAreChecked) {
  for (std::size_t i = 0; i < message_count(); ++i) {
    const MessageType entry = message_at(i);
    if (entry.special() != Special::kMapEntry) continue;
    const FieldType key = entry.field(0).type();
    EXPECT_TRUE(key == FieldType::kString || key == FieldType::kInt32 || key == FieldType::kInt64)
        << entry.full_name();
  }
}

TEST(ProtoParser, DepthIsLimited) {
  const auto chain = [](int depth) {
    std::string text = "{}";
    for (int i = 1; i < depth; ++i) text = "{\"cause\":" + text + "}";
    return text;
  };
  EXPECT_EQ(parse(kFailure, chain(kMaxDepth)), chain(kMaxDepth));
  const auto deep = from_json(*find_message(kFailure), chain(kMaxDepth + 1));
  EXPECT_EQ(deep.error().code(), Code::kResourceExhausted);
  EXPECT_TRUE(
      deep.error().message().ends_with("nested deeper than 100 messages (protojson::kMaxDepth)"));
  EXPECT_EQ(
      from_json(*find_message("google.protobuf.Value"), std::string(5000, '[')).error().code(),
      Code::kResourceExhausted);
}

}  // namespace
}  // namespace minim::protojson
