// Failures from wire bytes, by the rows F1 to F22 of the interoperability table (their encoding
// side belongs to workers). F4 is F1, F21 is an ApplicationFailure like F2, F23 fails before any
// bytes.
#include "minim/failure.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "minim/pb/failure.pb.h"
#include "unit/convert/vectors.h"

namespace minim {
namespace {

using std::chrono::milliseconds;

Failure parsed(std::string_view wire) {
  Result<Failure> failure = parse_failure(unhex(wire));
  EXPECT_TRUE(failure.has_value()) << failure.status().to_string();
  return failure ? *failure : Failure();
}

Failure parsed(const pb::Failure& message) { return *parse_failure(message.SerializeAsString()); }

TEST(FailureWire, F01_PlainApplicationFailure) {
  const Failure failure = parsed("0a036d73672a00");
  EXPECT_EQ(failure.message(), "msg");
  const auto* info = failure.as<ApplicationFailure>();
  ASSERT_NE(info, nullptr);
  EXPECT_EQ(info->type, "");
  EXPECT_FALSE(info->non_retryable);
  EXPECT_TRUE(info->payloads.empty());
  EXPECT_EQ(info->next_retry_delay, Duration::zero());
  EXPECT_EQ(info->category, ApplicationErrorCategory::kUnspecified);
  EXPECT_EQ(failure.cause(), nullptr);
  EXPECT_EQ(hex(failure.bytes()), "0a036d73672a00");
  EXPECT_EQ(failure.to_string(), "ApplicationError: msg");
}

TEST(FailureWire, F02_FullApplicationFailure) {
  const Failure failure = parsed(
      "0a036d73672a610a064d795479706510011a490a1e0a160a08656e636f64696e67120a6a736f6e2f706c61696e12"
      "04226431220a270a160a08656e636f64696e67120a6a736f6e2f706c61696e120d7b2261223a322c2262223a317d"
      "220808011080cab5ee012801");
  const auto* info = failure.as<ApplicationFailure>();
  ASSERT_NE(info, nullptr);
  EXPECT_EQ(info->type, "MyType");
  EXPECT_TRUE(info->non_retryable);
  EXPECT_EQ(info->next_retry_delay, milliseconds(1500));
  EXPECT_EQ(info->category, ApplicationErrorCategory::kBenign);
  EXPECT_EQ(*info->details<std::string>(), "d1");
  using Map = std::map<std::string, int>;
  const auto both = info->details<std::string, Map>();
  ASSERT_TRUE(both.has_value());
  EXPECT_EQ(std::get<1>(*both), (Map{{"a", 2}, {"b", 1}}));
  EXPECT_EQ(info->details<int>().error().message(),
            "payload 0 (json/plain): expected an integer, found a string");
  EXPECT_EQ(failure.to_string(), "ApplicationError MyType: msg");
}

TEST(FailureWire, F03_NullDetail) {
  const Failure failure =
      parsed("0a036d73672a1d1a1b0a190a170a08656e636f64696e67120b62696e6172792f6e756c6c");
  const auto* info = failure.as<ApplicationFailure>();
  ASSERT_NE(info, nullptr);
  ASSERT_EQ(info->payloads.size(), 1u);
  EXPECT_EQ(*info->details<std::optional<int>>(), std::nullopt);
}

TEST(FailureWire, F05_F06_Causes) {
  EXPECT_EQ(parsed("0a036261642a0c0a0a56616c75654572726f72").to_string(),
            "ApplicationError ValueError: bad");
  const Failure failure = parsed(
      "0a066572726f723222160a066572726f72312a0c0a0a56616c75654572726f722a0e0a0c52756e74696d654572"
      "726f72");
  EXPECT_EQ(failure.to_string(),
            "ApplicationError RuntimeError: error2: caused by ApplicationError ValueError: error1");
  std::vector<std::string> messages;
  for (const Failure& cause : failure) messages.push_back(cause.message());
  EXPECT_EQ(messages, (std::vector<std::string>{"error2", "error1"}));
  EXPECT_EQ(failure.find<ApplicationFailure>()->type, "RuntimeError");
  EXPECT_EQ(failure.find<TimeoutFailure>(), nullptr);
  EXPECT_EQ(failure.cause()->as<ApplicationFailure>()->type, "ValueError");
  EXPECT_TRUE(failure.cause()->bytes().empty());
}

TEST(FailureWire, F07_F08_Cancelled) {
  EXPECT_NE(parsed("0a0943616e63656c6c65643a00").as<CancelledFailure>(), nullptr);
  const Failure failure = parsed(
      "0a0943616e63656c6c65643a210a1f0a1d0a160a08656e636f64696e67120a6a736f6e2f706c61696e12032264"
      "22");
  EXPECT_EQ(failure.message(), "Cancelled");
  EXPECT_EQ(*failure.as<CancelledFailure>()->details<std::string>(), "d");
  EXPECT_TRUE(failure.is_cancelled());
}

TEST(FailureWire, F09_Terminated) {
  const Failure failure = parsed("0a047465726d4200");
  EXPECT_NE(failure.as<TerminatedFailure>(), nullptr);
  EXPECT_EQ(failure.to_string(), "Terminated: term");
}

TEST(FailureWire, F10_F11_Timeout) {
  pb::Failure message;
  message.set_message("to");
  pb::TimeoutFailureInfo& info = *message.mutable_timeout_failure_info();
  info.set_timeout_type(pb::TIMEOUT_TYPE_HEARTBEAT);
  internal::to_pb(*DataConverter().encode("hb", 1), *info.mutable_last_heartbeat_details());
  const Failure failure = parsed(message);
  EXPECT_EQ(failure.as<TimeoutFailure>()->type, TimeoutType::kHeartbeat);
  EXPECT_EQ(*(failure.as<TimeoutFailure>()->details<std::string, int>()),
            std::tuple(std::string("hb"), 1));
  EXPECT_EQ(failure.to_string(), "Timeout HEARTBEAT: to");
  EXPECT_EQ(parsed("0a02746f3200").as<TimeoutFailure>()->type, TimeoutType::kUnspecified);
}

TEST(FailureWire, F12_Server) {
  EXPECT_TRUE(parsed("0a037372764a020801").as<ServerFailure>()->non_retryable);
  EXPECT_FALSE(parsed("0a037372764a00").as<ServerFailure>()->non_retryable);
}

TEST(FailureWire, F13_F14_Activity) {
  const Failure failure = parsed("0a036163745a18080510061a07696440686f737422030a01542a0261313004");
  const auto* info = failure.as<ActivityFailure>();
  ASSERT_NE(info, nullptr);
  EXPECT_EQ(info->scheduled_event_id, 5);
  EXPECT_EQ(info->started_event_id, 6);
  EXPECT_EQ(info->identity, "id@host");
  EXPECT_EQ(info->activity_type, "T");
  EXPECT_EQ(info->activity_id, "a1");
  EXPECT_EQ(info->retry_state, RetryState::kMaximumAttemptsReached);
  EXPECT_EQ(to_string(info->retry_state), "MAXIMUM_ATTEMPTS_REACHED");
  EXPECT_EQ(failure.to_string(), "ActivityError T: act");
  EXPECT_EQ(parsed("0a036163745a022200").as<ActivityFailure>()->activity_type, "");
}

TEST(FailureWire, F15_ChildWorkflow) {
  const Failure failure = parsed("0a02636862180a026e7312060a01771201721a040a025754200328043002");
  const auto* info = failure.as<ChildWorkflowFailure>();
  ASSERT_NE(info, nullptr);
  EXPECT_EQ(info->namespace_, "ns");
  EXPECT_EQ(info->workflow_id, "w");
  EXPECT_EQ(info->run_id, "r");
  EXPECT_EQ(info->workflow_type, "WT");
  EXPECT_EQ(info->initiated_event_id, 3);
  EXPECT_EQ(info->started_event_id, 4);
  EXPECT_EQ(info->retry_state, RetryState::kNonRetryableFailure);
}

TEST(FailureWire, F16_F17_F18_Nexus) {
  const Failure operation = parsed("0a026e786a14082a120265701a0373766322026f703203746f6b");
  const auto* info = operation.as<NexusOperationFailure>();
  ASSERT_NE(info, nullptr);
  EXPECT_EQ(info->scheduled_event_id, 42);
  EXPECT_EQ(info->endpoint, "ep");
  EXPECT_EQ(info->operation_token, "tok");
  EXPECT_EQ(operation.to_string(), "NexusOperationError svc/op: nx");

  const Failure refused = parsed("0a0168720f0a0b4241445f524551554553541002");
  EXPECT_EQ(refused.as<NexusHandlerFailure>()->type, "BAD_REQUEST");
  EXPECT_FALSE(refused.as<NexusHandlerFailure>()->retryable());
  EXPECT_TRUE(parsed("0a0168720a0a08494e5445524e414c").as<NexusHandlerFailure>()->retryable());
}

TEST(FailureWire, F19_NoInfo) {
  const Failure failure = parsed("0a0462617365");
  EXPECT_NE(failure.as<std::monostate>(), nullptr);
  EXPECT_EQ(failure.to_string(), "Failure: base");
}

TEST(FailureWire, F20_EncodedAttributesAreRestored) {
  const Failure failure = parsed(
      "0a0f456e636f646564206661696c75726522610a0f456e636f646564206661696c7572652a0c0a0a56616c7565"
      "4572726f72a2013f0a160a08656e636f64696e67120a6a736f6e2f706c61696e12257b226d657373616765223a22"
      "6572726f7231222c22737461636b5f7472616365223a22227d2a0e0a0c52756e74696d654572726f72a2013f0a16"
      "0a08656e636f64696e67120a6a736f6e2f706c61696e12257b226d657373616765223a226572726f7232222c2273"
      "7461636b5f7472616365223a22227d");
  EXPECT_EQ(failure.to_string(),
            "ApplicationError RuntimeError: error2: caused by ApplicationError ValueError: error1");
}

TEST(FailureWire, F22_SourceAndCauseWithoutInfo) {
  const std::string wire = "0a016d1205476f53444b22030a01632a030a0154";
  const Failure failure = parsed(wire);
  EXPECT_EQ(failure.source(), "GoSDK");
  EXPECT_EQ(failure.to_string(), "ApplicationError T: m: caused by Failure: c");
  EXPECT_EQ(hex(failure.bytes()), wire);
}

TEST(Failure, DefaultMessages) {
  EXPECT_EQ(parsed(pb::Failure()).to_string(), "Failure: Failure error");
  const std::pair<Failure::Info, std::string> rows[] = {
      {std::monostate(), "Failure error"},
      {ApplicationFailure(), "Application error"},
      {TimeoutFailure(), "Timeout"},
      {CancelledFailure(), "Cancelled"},
      {TerminatedFailure(), "Terminated"},
      {ServerFailure(), "Server error"},
      {ResetWorkflowFailure(), "Failure error"},
      {ActivityFailure(), "Activity error"},
      {ChildWorkflowFailure(), "Child workflow error"},
      {NexusOperationFailure(), "Nexus operation error"},
      {NexusHandlerFailure(), "Nexus handler error"},
  };
  for (const auto& [info, message] : rows) EXPECT_EQ(Failure("", info).message(), message);
}

TEST(Failure, EncodedAttributesThatCannotBeReadChangeNothing) {
  pb::Failure message;
  message.set_message("Encoded failure");
  message.set_stack_trace("outer");
  for (const Payload& payload : {make_payload("binary/encrypted", "x"), json_plain("{"),
                                 json_plain("{\"message\":1}"), json_plain("[]"), Payload()}) {
    message.clear_encoded_attributes();
    internal::to_pb(payload, *message.mutable_encoded_attributes());
    EXPECT_EQ(parsed(message).message(), "Encoded failure");
    EXPECT_EQ(parsed(message).stack_trace(), "outer");
  }
  message.clear_encoded_attributes();
  internal::to_pb(json_plain(R"({"message":"m","stack_trace":"at a\nat b"})"),
                  *message.mutable_encoded_attributes());
  EXPECT_EQ(parsed(message).stack_trace(), "at a\nat b");
}

TEST(Failure, UnknownNumbersAreKept) {
  pb::Failure message;
  message.mutable_timeout_failure_info()->set_timeout_type(static_cast<pb::TimeoutType>(77));
  EXPECT_EQ(parsed(message).to_string(), "Timeout 77: Timeout");
  message.mutable_application_failure_info()->set_category(
      static_cast<pb::ApplicationErrorCategory>(9));
  EXPECT_EQ(static_cast<int>(parsed(message).as<ApplicationFailure>()->category), 9);
  EXPECT_EQ(to_string(static_cast<RetryState>(-1)), "-1");
  EXPECT_TRUE((NexusHandlerFailure{.type = "XX"}).retryable());
}

TEST(Failure, DetailsOfAnUnknownEncodingDoNotHideTheFailure) {
  pb::Failure message;
  message.set_message("m");
  internal::to_pb(Payloads{make_payload("binary/encrypted", "x")},
                  *message.mutable_application_failure_info()->mutable_details());
  const Failure failure = parsed(message);
  EXPECT_EQ(failure.message(), "m");
  EXPECT_EQ(failure.as<ApplicationFailure>()->details<int>().error().message(),
            "payload 0 (binary/encrypted): unknown encoding");
}

TEST(Failure, MadeHere) {
  const Failure failure =
      Failure("Workflow timed out", TimeoutFailure{{}, TimeoutType::kStartToClose});
  EXPECT_EQ(failure.to_string(), "Timeout START_TO_CLOSE: Workflow timed out");
  const Failure wrapped = Failure("", ActivityFailure{.activity_type = "A"})
                              .with_cause(Failure("", CancelledFailure()));
  EXPECT_TRUE(wrapped.is_cancelled());
  EXPECT_FALSE(failure.with_cause(Failure("", CancelledFailure())).is_cancelled());
  EXPECT_EQ(wrapped.to_string(), "ActivityError A: Activity error: caused by Cancelled: Cancelled");
  EXPECT_EQ(Failure("two\nlines\x1b[0m", {}).to_string(), "Failure: two lines [0m");
}

TEST(Failure, MalformedAndTooDeep) {
  const Result<Failure> failure = parse_failure("\xff");
  ASSERT_FALSE(failure.has_value());
  EXPECT_EQ(failure.error().to_string(),
            "INTERNAL (local): the failure that the server sent cannot be parsed");
  EXPECT_FALSE(failure.error().retryable());

  const auto chain = [](int causes) {
    pb::Failure message;
    pb::Failure* link = &message;
    for (int i = 0; i < causes; ++i) link = link->mutable_cause();
    return message.SerializeAsString();
  };
  EXPECT_TRUE(parse_failure(chain(100)).has_value());
  EXPECT_FALSE(parse_failure(chain(101)).has_value());
}

}  // namespace
}  // namespace minim
