#include "protojson/schema.h"

#include <gtest/gtest.h>

namespace minim::protojson {
namespace {

TEST(ProtoSchema, FindsMessagesByFullName) {
  for (const char* name :
       {"temporal.api.workflowservice.v1.StartWorkflowExecutionRequest",
        "temporal.api.common.v1.Payload.ExternalPayloadDetails", "google.protobuf.Timestamp",
        "google.rpc.Status", "grpc.health.v1.HealthCheckResponse",
        "temporal.api.errordetails.v1.WorkflowExecutionAlreadyStartedFailure",
        "temporal.api.cloud.cloudservice.v1.GetNamespaceRequest",
        "temporal.api.testservice.v1.SleepRequest"}) {
    const auto type = find_message(name);
    ASSERT_TRUE(type) << name;
    EXPECT_EQ(type->full_name(), name);
  }
  for (const char* name : {"", ".", "Payload", "temporal.api.common.v1", "temporal.api.common.v1.",
                           "temporal.api.common.v1.payload", "temporal.api.common.v1.Payload.",
                           ".temporal.api.common.v1.Payload"}) {
    EXPECT_FALSE(find_message(name)) << name;
  }
}

TEST(ProtoSchema, EveryMessageIsFoundAndReachesOnlyMessages) {
  ASSERT_GT(message_count(), 900u);
  for (std::size_t i = 0; i < message_count(); ++i) {
    const MessageType type = message_at(i);
    EXPECT_TRUE(find_message(type.full_name()) == type) << type.full_name();
    if (i > 0) {
      EXPECT_LT(message_at(i - 1).full_name(), type.full_name());
    }
    for (std::size_t f = 0; f < type.field_count(); ++f) {
      const Field field = type.field(f);
      EXPECT_EQ(type.field_by_number(field.number()), f);
      EXPECT_EQ(type.field_by_name(field.name()), f);
      EXPECT_EQ(type.field_by_name(field.json_name()), f);
      if (field.type() == FieldType::kMessage) {
        EXPECT_TRUE(find_message(field.message().full_name()));
      }
      if (field.is_map()) {
        EXPECT_EQ(field.message().field_count(), 2u);
      }
    }
  }
}

TEST(ProtoSchema, DescribesFields) {
  const MessageType type =
      *find_message("temporal.api.workflowservice.v1.StartWorkflowExecutionRequest");
  const Field id = type.field(*type.field_by_name("workflowIdReusePolicy"));
  EXPECT_EQ(id.name(), "workflow_id_reuse_policy");
  EXPECT_EQ(id.number(), 11u);
  EXPECT_EQ(id.type(), FieldType::kEnum);
  EXPECT_FALSE(id.has_presence());
  EXPECT_EQ(id.enumeration().full_name(), "temporal.api.enums.v1.WorkflowIdReusePolicy");
  const Field memo = type.field(*type.field_by_name("memo"));
  EXPECT_TRUE(memo.has_presence());
  EXPECT_TRUE(memo.message().field(0).is_map());
  EXPECT_TRUE(memo.message().field(0).is_repeated());
  EXPECT_FALSE(type.field_by_name("workflowID"));
  EXPECT_FALSE(type.field_by_number(0));
  const MessageType failure = *find_message("temporal.api.failure.v1.Failure");
  EXPECT_TRUE(failure.field(*failure.field_by_name("serverFailureInfo")).in_oneof());
  EXPECT_FALSE(failure.field(*failure.field_by_name("message")).in_oneof());
}

TEST(ProtoSchema, KnowsTheSpecialMessages) {
  const std::pair<const char*, Special> cases[] = {
      {"google.protobuf.Any", Special::kAny},
      {"google.protobuf.Duration", Special::kDuration},
      {"google.protobuf.Empty", Special::kNone},
      {"google.protobuf.FieldMask", Special::kFieldMask},
      {"google.protobuf.ListValue", Special::kListValue},
      {"google.protobuf.Struct", Special::kStruct},
      {"google.protobuf.Timestamp", Special::kTimestamp},
      {"google.protobuf.Value", Special::kValue},
      {"google.protobuf.BoolValue", Special::kWrapper},
      {"google.protobuf.UInt64Value", Special::kWrapper},
      {"temporal.api.common.v1.Payload", Special::kPayload},
      {"temporal.api.common.v1.Payloads", Special::kPayloads},
      {"temporal.api.common.v1.Memo.FieldsEntry", Special::kMapEntry},
      {"temporal.api.common.v1.Memo", Special::kNone}};
  for (const auto& [name, special] : cases) {
    EXPECT_EQ(find_message(name)->special(), special) << name;
  }
}

TEST(ProtoSchema, EnumsHaveFullAndShortNames) {
  const MessageType info = *find_message("temporal.api.workflow.v1.WorkflowExecutionInfo");
  const EnumType status = info.field(*info.field_by_name("status")).enumeration();
  EXPECT_EQ(status.name_of(7), "WORKFLOW_EXECUTION_STATUS_TIMED_OUT");
  EXPECT_EQ(status.short_name_of(7), "TimedOut");
  EXPECT_EQ(status.number_of("WORKFLOW_EXECUTION_STATUS_TIMED_OUT"), 7);
  EXPECT_EQ(status.number_of("TimedOut"), 7);
  EXPECT_EQ(status.number_of("ContinuedAsNew"), 6);
  for (const char* name : {"", "timedOut", "TIMED_OUT", "WORKFLOW_EXECUTION_STATUS_", "Nothing"}) {
    EXPECT_FALSE(status.number_of(name)) << name;
  }
  EXPECT_FALSE(status.name_of(99));
  EXPECT_FALSE(status.short_name_of(-1));
  const MessageType event = *find_message("temporal.api.history.v1.HistoryEvent");
  const EnumType type = event.field(*event.field_by_name("eventType")).enumeration();
  EXPECT_EQ(type.number_of("WorkflowExecutionStarted"), 1);
  EXPECT_EQ(type.value_count(), 61u);
  const MessageType health = *find_message("grpc.health.v1.HealthCheckResponse");
  EXPECT_EQ(health.field(0).enumeration().name_of(1), "SERVING");
}

TEST(ProtoSchema, FindsMethodsByPath) {
  const auto method =
      find_method("/temporal.api.workflowservice.v1.WorkflowService/StartWorkflowExecution");
  ASSERT_TRUE(method);
  EXPECT_EQ(method->request.full_name(),
            "temporal.api.workflowservice.v1.StartWorkflowExecutionRequest");
  EXPECT_EQ(method->response.full_name(),
            "temporal.api.workflowservice.v1.StartWorkflowExecutionResponse");
  EXPECT_EQ(
      find_method("/temporal.api.testservice.v1.TestService/GetCurrentTime")->request.full_name(),
      "google.protobuf.Empty");
  EXPECT_EQ(
      find_method("/temporal.api.testservice.v1.TestService/SleepUntil")->response.full_name(),
      "temporal.api.testservice.v1.SleepResponse");
  EXPECT_TRUE(find_method("/grpc.health.v1.Health/Check"));
  EXPECT_FALSE(find_method("/grpc.health.v1.Health/Watch"));  // streams
  EXPECT_FALSE(find_method("/temporal.api.workflowservice.v1.WorkflowService/Nothing"));
  EXPECT_FALSE(find_method("StartWorkflowExecution"));
  EXPECT_FALSE(find_method(""));
  std::size_t workflow_methods = 0;
  for (std::size_t i = 0; i < method_count(); ++i) {
    const Method each = method_at(i);
    EXPECT_TRUE(find_method(each.path)) << each.path;
    workflow_methods += each.path.starts_with("/temporal.api.workflowservice.v1.") ? 1 : 0;
  }
  EXPECT_EQ(workflow_methods, 123u);
}

TEST(ProtoSchema, TablesStaySmall) { EXPECT_LE(table_bytes(), 120u * 1024); }

TEST(ProtoSchema, NameSpellings) {
  EXPECT_EQ(to_lower_camel("workflow_id"), "workflowId");
  EXPECT_EQ(to_snake("workflowId"), "workflow_id");
  EXPECT_EQ(to_lower_camel("a_1b"), "a1b");
  EXPECT_EQ(to_lower_camel(""), "");
}

}  // namespace
}  // namespace minim::protojson
