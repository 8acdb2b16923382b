// Starts as requests (client specification 2.2 to 2.5).
#include "client/start.h"

#include "client/execute.h"
#include "minim/errors.h"
#include "minim/pb/history.pb.h"
#include "minim/pb/start.pb.h"
#include "unit/client/support/programs.h"

namespace minim::internal {
namespace {

using minim::testing::failed_reply;
using minim::testing::first;
using minim::testing::garbled_reply;
using minim::testing::make_context;
using minim::testing::next;
using minim::testing::ok_reply;
using minim::testing::request_of;
using std::chrono::milliseconds;
using std::chrono::seconds;

using Start = pb::StartWorkflowExecutionRequest;
using SignalStart = pb::SignalWithStartWorkflowExecutionRequest;

StartWorkflowOptions base() {
  StartWorkflowOptions options{};
  options.id = "id";
  options.task_queue = "queue";
  return options;
}

StartProgram make(StartWorkflowOptions options, Result<Payloads> arguments = Payloads()) {
  return StartProgram(make_context(), "Type", std::move(options), std::move(arguments));
}

TEST(StartProgram, LeavesOutWhatIsNotGiven) {
  StartProgram program = make(base());
  const Start sent = request_of<Start>(first(program), "StartWorkflowExecution");
  EXPECT_EQ(sent.namespace_(), "ns");
  EXPECT_EQ(sent.workflow_id(), "id");
  EXPECT_EQ(sent.workflow_type().name(), "Type");
  EXPECT_EQ(sent.task_queue().name(), "queue");
  EXPECT_EQ(sent.identity(), "me");
  EXPECT_EQ(sent.request_id().size(), 36u);
  EXPECT_EQ(sent.workflow_id_reuse_policy(), pb::WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE);
  EXPECT_EQ(sent.workflow_id_conflict_policy(), pb::WORKFLOW_ID_CONFLICT_POLICY_UNSPECIFIED);
  EXPECT_TRUE(sent.has_priority());
  EXPECT_EQ(sent.priority().ByteSizeLong(), 0u);
  EXPECT_FALSE(sent.has_input());
  EXPECT_FALSE(sent.has_workflow_execution_timeout());
  EXPECT_FALSE(sent.has_workflow_run_timeout());
  EXPECT_FALSE(sent.has_workflow_task_timeout());
  EXPECT_FALSE(sent.has_retry_policy());
  EXPECT_FALSE(sent.has_memo());
  EXPECT_FALSE(sent.has_search_attributes());
  EXPECT_FALSE(sent.has_header());
  EXPECT_FALSE(sent.has_user_metadata());
  EXPECT_FALSE(sent.has_workflow_start_delay());
  EXPECT_FALSE(sent.has_versioning_override());
  EXPECT_FALSE(sent.request_eager_execution());
}

template <class Message>
void expect_every_option(const Message& sent) {
  ASSERT_EQ(sent.input().payloads_size(), 2);
  EXPECT_EQ(sent.input().payloads(1).data(), "2");
  EXPECT_EQ(sent.workflow_execution_timeout().seconds(), 10);
  EXPECT_EQ(sent.workflow_run_timeout().nanos(), 500'000'000);
  EXPECT_TRUE(sent.has_workflow_task_timeout());  // a zero that was given is sent
  EXPECT_EQ(sent.workflow_task_timeout().seconds(), 0);
  EXPECT_EQ(sent.workflow_id_reuse_policy(), pb::WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE);
  EXPECT_EQ(sent.workflow_id_conflict_policy(), pb::WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING);
  EXPECT_EQ(sent.retry_policy().maximum_interval().seconds(), 100);
  EXPECT_EQ(sent.cron_schedule(), "@daily");
  EXPECT_EQ(sent.memo().fields().at("note").data(), "\"text\"");
  EXPECT_EQ(sent.memo().fields().at("raw").data(), "as it is");
  const auto& color = sent.search_attributes().indexed_fields().at("Color");
  EXPECT_EQ(color.data(), "\"blue\"");
  EXPECT_EQ(color.metadata().at("type"), "Keyword");
  EXPECT_EQ(sent.user_metadata().summary().data(), "\"short\"");
  EXPECT_EQ(sent.user_metadata().details().data(), "\"long\"");
  EXPECT_EQ(sent.workflow_start_delay().seconds(), 3);
  EXPECT_EQ(sent.priority().priority_key(), 4);
}

StartWorkflowOptions everything() {
  StartWorkflowOptions options = base();
  options.execution_timeout = seconds(10);
  options.run_timeout = milliseconds(500);
  options.task_timeout = seconds(0);
  options.id_reuse_policy = WorkflowIdReusePolicy::kRejectDuplicate;
  options.id_conflict_policy = WorkflowIdConflictPolicy::kUseExisting;
  options.retry_policy.emplace();
  options.cron_schedule = "@daily";
  options.memo = {{"note", MemoValue("text")}, {"raw", MemoValue(make_payload("x/y", "as it is"))}};
  options.search_attributes = {KeywordAttribute{"Color"}.set("blue")};
  options.static_summary = "short";
  options.static_details = "long";
  options.start_delay = seconds(3);
  options.priority.priority_key = 4;
  return options;
}

TEST(StartProgram, SendsEveryOptionInBothRequests) {
  StartProgram plain = make(everything(), DataConverter().encode("one", 2));
  expect_every_option(request_of<Start>(first(plain), "StartWorkflowExecution"));
  StartWorkflowOptions options = everything();
  options.start_signal = StartSignal{"wave", *DataConverter().encode("hello")};
  StartProgram signalled = make(options, DataConverter().encode("one", 2));
  const SignalStart sent =
      request_of<SignalStart>(first(signalled), "SignalWithStartWorkflowExecution");
  expect_every_option(sent);
  EXPECT_EQ(sent.signal_name(), "wave");
  ASSERT_EQ(sent.signal_input().payloads_size(), 1);
  EXPECT_EQ(sent.signal_input().payloads(0).data(), "\"hello\"");
}

TEST(StartProgram, ASignalWithoutArgumentsHasNoInput) {
  StartWorkflowOptions options = base();
  options.start_signal = StartSignal{"wave", {}};
  StartProgram program = make(options);
  const SignalStart sent =
      request_of<SignalStart>(first(program), "SignalWithStartWorkflowExecution");
  EXPECT_FALSE(sent.has_signal_input());
}

TEST(StartProgram, VersioningIsWrittenInBothSpellings) {
  StartWorkflowOptions pinned = base();
  pinned.versioning_override = PinnedVersion{"deployment", "build.1"};
  StartProgram program = make(pinned);
  const auto sent = request_of<Start>(first(program), "StartWorkflowExecution");
  EXPECT_EQ(sent.versioning_override().pinned_version(), "deployment.build.1");
  EXPECT_EQ(sent.versioning_override().behavior(), pb::VERSIONING_BEHAVIOR_PINNED);
  EXPECT_EQ(sent.versioning_override().pinned().version().build_id(), "build.1");
  StartWorkflowOptions moving = base();
  moving.versioning_override = AutoUpgrade{};
  StartProgram upgraded = make(moving);
  EXPECT_EQ(request_of<Start>(first(upgraded), "StartWorkflowExecution")
                .versioning_override()
                .SerializeAsString(),
            minim::testing::unhex("08022001"));
}

TEST(StartProgram, TheHandleOfEachWayToStart) {
  StartProgram program = make(base());
  (void)first(program);
  pb::StartWorkflowExecutionResponse started;
  started.set_run_id("run");
  EXPECT_TRUE(next(program, ok_reply(started)).status.ok());
  EXPECT_EQ(program.ids.workflow_id, "id");
  EXPECT_EQ(program.ids.run_id, "");
  EXPECT_EQ(program.ids.result_run_id, "run");
  EXPECT_EQ(program.ids.first_execution_run_id, "run");

  StartWorkflowOptions options = base();
  options.start_signal = StartSignal{"wave", {}};
  StartProgram signalled = make(options);
  (void)first(signalled);
  pb::SignalWithStartWorkflowExecutionResponse joined;
  joined.set_run_id("run");
  EXPECT_TRUE(next(signalled, ok_reply(joined)).status.ok());
  EXPECT_EQ(signalled.ids.result_run_id, "run");
  EXPECT_EQ(signalled.ids.first_execution_run_id, "");
}

// Vector P18 of the conversion tables.
constexpr std::string_view kAlreadyStarted =
    "08061226576f726b666c6f7720657865637574696f6e20697320616c72656164792072756e6e696e672e1a670a5774"
    "7970652e676f6f676c65617069732e636f6d2f74656d706f72616c2e6170692e6572726f7264657461696c732e7631"
    "2e576f726b666c6f77457865637574696f6e416c7265616479537461727465644661696c757265120c0a0372657112"
    "0572756e2d31";

TEST(StartProgram, AlreadyStartedIsReadFromTheDetails) {
  for (const bool with_signal : {false, true}) {
    StartWorkflowOptions options = base();
    if (with_signal) options.start_signal = StartSignal{"wave", {}};
    StartProgram program = make(options);
    (void)first(program);
    const Step step =
        next(program, failed_reply(Code::kAlreadyExists, "Workflow execution is already running.",
                                   minim::testing::unhex(kAlreadyStarted)));
    const auto* const already = step.status.as<WorkflowAlreadyStarted>();
    ASSERT_NE(already, nullptr);
    EXPECT_EQ(already->workflow_id, "id");
    EXPECT_EQ(already->workflow_type, "Type");
    EXPECT_EQ(already->run_id, "run-1");
    EXPECT_EQ(step.status.code(), Code::kAlreadyExists);
  }
}

TEST(StartProgram, OtherRefusalsStayPlain) {
  const std::string details = minim::testing::unhex(kAlreadyStarted);
  const struct {
    Code code;
    std::string details;
  } kRows[] = {{Code::kAlreadyExists, ""},
               {Code::kAlreadyExists, "\xff"},
               {Code::kAlreadyExists, details.substr(0, 42)},  // no details in it
               {Code::kInternal, details}};
  for (const auto& row : kRows) {
    StartProgram program = make(base());
    (void)first(program);
    const Step step = next(program, failed_reply(row.code, "no", row.details));
    EXPECT_EQ(step.status.code(), row.code);
    EXPECT_EQ(step.status.as<WorkflowAlreadyStarted>(), nullptr);
  }
}

// Converters vector: UserMetadata("", null).
TEST(StartProgram, AnEmptySummaryIsSentAndNoneIsNot) {
  StartWorkflowOptions options = base();
  options.static_summary = "";
  StartProgram program = make(options);
  const auto sent = request_of<Start>(first(program), "StartWorkflowExecution");
  EXPECT_EQ(sent.user_metadata().SerializeAsString(), std::string("\x0a\x1c\x0a\x16\x0a\x08"
                                                                  "encoding\x12\x0a"
                                                                  "json/plain\x12\x02\"\""));
}

TEST(StartProgram, BadInputIsSaidBeforeAnythingIsSent) {
  StartWorkflowOptions memo = base();
  memo.memo = {{"bad", MemoValue(RawJson{"{"})}};
  StartWorkflowOptions retry = base();
  retry.retry_policy.emplace().backoff_coefficient = 0.5;
  StartWorkflowOptions priority = base();
  priority.priority.priority_key = 0;
  StartWorkflowOptions attributes = base();
  attributes.search_attributes = {IntAttribute{"A"}.set(1), IntAttribute{"A"}.set(2)};
  StartWorkflowOptions nameless = base();
  nameless.start_signal = StartSignal{"", {}};
  StartWorkflowOptions summary = base();
  summary.static_summary = "\xff";
  StartWorkflowOptions id = base();
  id.id = "\xff";
  StartWorkflowOptions key = base();
  key.memo = {{"\xff", MemoValue(1)}};
  for (const StartWorkflowOptions& options :
       {memo, retry, priority, attributes, nameless, summary, id, key}) {
    StartProgram program = make(options);
    const Step step = first(program);
    EXPECT_EQ(step.kind, Step::Kind::kDone);
    EXPECT_EQ(step.status.code(), Code::kInvalidArgument);
    EXPECT_EQ(step.status.origin(), Origin::kLocal);
    EXPECT_NE(step.status.message(), "");
  }
  StartProgram argument = make(base(), DataConverter().encode(RawJson{"{"}));
  EXPECT_EQ(first(argument).status.code(), Code::kInvalidArgument);
}

TEST(StartProgram, ARubbishReplyIsInternal) {
  StartProgram program = make(base());
  (void)first(program);
  EXPECT_EQ(next(program, garbled_reply()).status.code(), Code::kInternal);
}

TEST(ExecuteProgram, WaitsForTheRunItStartedWithDefaultOptions) {
  ExecuteProgram program(make_context(), "Type", base(), Payloads());
  EXPECT_FALSE(first(program).default_options);
  pb::StartWorkflowExecutionResponse started;
  started.set_run_id("run");
  const Step poll = next(program, ok_reply(started));
  EXPECT_TRUE(poll.default_options);
  EXPECT_TRUE(poll.long_poll);
  const auto asked =
      request_of<pb::GetWorkflowExecutionHistoryRequest>(poll, "GetWorkflowExecutionHistory");
  EXPECT_EQ(asked.execution().run_id(), "run");
  pb::GetWorkflowExecutionHistoryResponse closed;
  closed.mutable_history()
      ->add_events()
      ->mutable_workflow_execution_completed_event_attributes()
      ->mutable_result()
      ->add_payloads()
      ->set_data("done");
  EXPECT_TRUE(next(program, ok_reply(closed)).status.ok());
  EXPECT_EQ(program.payloads.at(0).data, "done");
}

TEST(ExecuteProgram, AFailedStartIsTheEnd) {
  ExecuteProgram program(make_context(), "Type", base(), Payloads());
  (void)first(program);
  const Step step = next(program, failed_reply(Code::kPermissionDenied, "no"));
  EXPECT_EQ(step.kind, Step::Kind::kDone);
  EXPECT_EQ(step.status.code(), Code::kPermissionDenied);
}

}  // namespace
}  // namespace minim::internal
