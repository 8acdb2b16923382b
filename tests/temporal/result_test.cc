// The result of every fixture workflow: values, failures, chains of runs.
#include <map>

#include "minim/errors.h"
#include "temporal/support/fixture.h"

namespace minim::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class ResultOf : public TemporalTest {
 protected:
  template <class... Args>
  WorkflowHandle start_with(StartWorkflowOptions how, std::string type, const Args&... arguments) {
    how.id = unique_id();
    how.task_queue = "testbed";
    return must(run(client().start_workflow(std::move(type), std::move(how), arguments...)));
  }
  // The error of a result that must not be there.
  Status error_of(const WorkflowHandle& handle, ResultOptions options = {}) {
    const auto ended = run(handle.result(options));
    EXPECT_FALSE(ended);
    return ended ? Status() : ended.error();
  }
  // The failure, copied: the status may be gone by then.
  Failure failure_of(const WorkflowHandle& handle) {
    const Status status = error_of(handle);
    const auto* const failed = status.as<WorkflowFailed>();
    EXPECT_NE(failed, nullptr) << status.to_string();
    return failed == nullptr ? Failure() : failed->failure;
  }
};
MINIM_IN_EVERY_FACE(ResultOf);

TEST_P(ResultOf, ValuesOfEachKind) {
  struct Row {
    std::string kind, encoding, data;
  };
  for (const Row& row :
       {Row{"null", "binary/null", ""}, Row{"jsonNull", "json/plain", "null"},
        Row{"bool", "json/plain", "true"}, Row{"int", "json/plain", "-9007199254740993"},
        Row{"float", "json/plain", "1.5e-7"}, Row{"string", "json/plain", "\"text\""},
        Row{"array", "json/plain", "[1,\"two\",null,[3]]"},
        Row{"bytes", "binary/plain", std::string("\0\x01\xfe\xff", 4)},
        Row{"protobuf", "binary/protobuf", "\n\x01w\x12\x01r"},
        Row{"unknown", "testbed/unknown", "?"}}) {
    const Payloads got = must(run(start("Result", row.kind).result<Payloads>()));
    ASSERT_EQ(got.size(), 1u) << row.kind;
    EXPECT_EQ(got[0].encoding(), row.encoding) << row.kind;
    EXPECT_EQ(got[0].data, row.data) << row.kind;
  }
  EXPECT_EQ(must(run(start("Result", "int").result<std::int64_t>())), -9007199254740993);
  EXPECT_EQ(must(run(start("Result", "float").result<double>())), 1.5e-7);
  EXPECT_EQ(must(run(start("Result", "bytes").result<Bytes>())).data,
            std::string("\0\x01\xfe\xff", 4));
  EXPECT_EQ(must(run(start("Result", "null").result<std::optional<std::string>>())), std::nullopt);
}

TEST_P(ResultOf, ArgumentsArriveAndComeBack) {
  EXPECT_EQ(must(run(start("Args", 1, "two").result<Payloads>()))[0].data, "[1,\"two\",null]");
  EXPECT_EQ(must(run(start("Echo", std::vector<int>{1, 2}).result<std::vector<int>>())),
            (std::vector<int>{1, 2}));
  const Payload odd = make_payload("x/y", "opaque");
  EXPECT_EQ(must(run(start("Echo", odd).result<Payload>())), odd);
  EXPECT_EQ(must(run(start("Echo").result<Payloads>()))[0].encoding(), "binary/null");
  EXPECT_EQ(must(run(start("Child", "x").result<std::string>())), "x");
  EXPECT_EQ(must(run(start("Sleep", 1).result<std::string>())), "slept");
}

TEST_P(ResultOf, NothingIsNullAndVoidTakesAnything) {
  EXPECT_TRUE(must(run(start("Nothing").result<Payloads>())).empty());
  EXPECT_TRUE(run(start("Nothing").result()));
  EXPECT_TRUE(run(start("Result", "string").result()));
  EXPECT_EQ(must(run(start("Nothing").result<std::optional<int>>())), std::nullopt);
  EXPECT_EQ(run(start("Nothing").result<int>()).status().code(), Code::kInvalidArgument);
  const auto wrong = run(start("Result", "string").result<int>());
  EXPECT_EQ(
      wrong.status().to_string(),
      "INVALID_ARGUMENT (local): payload 0 (json/plain): expected an integer, found a string");
}

TEST_P(ResultOf, ALargeOneComesWhole) {
  constexpr int kBytes = 1'500'000;
  EXPECT_EQ(must(run(start("Large", kBytes).result<std::string>())), std::string(kBytes, 'x'));
}

TEST_P(ResultOf, FailuresKeepTheirChain) {
  const Failure outer = failure_of(start("FailChain"));
  std::vector<std::string> types;
  for (const Failure& link : outer) {
    const auto* const application = link.as<ApplicationFailure>();
    ASSERT_NE(application, nullptr);
    types.push_back(application->type + ":" + link.message());
  }
  EXPECT_EQ(types, (std::vector<std::string>{"Outer:outer", "Middle:middle", "Inner:inner"}));
  EXPECT_EQ(must(outer.as<ApplicationFailure>()->details<int, std::string>()),
            std::make_tuple(1, std::string("two")));
  const Failure* const inner = outer.cause()->cause();
  EXPECT_TRUE(inner->as<ApplicationFailure>()->non_retryable);
  EXPECT_EQ((must(inner->as<ApplicationFailure>()->details<std::map<std::string, int>>())),
            (std::map<std::string, int>{{"depth", 3}}));
  EXPECT_EQ(outer.source(), "GoSDK");
}

TEST_P(ResultOf, FailuresOfEachKind) {
  EXPECT_EQ(failure_of(start("Fail")).message(), "failed as asked");
  const Failure activity = failure_of(start("FailActivity"));
  ASSERT_NE(activity.as<ActivityFailure>(), nullptr);
  EXPECT_EQ(activity.as<ActivityFailure>()->activity_type, "FailActivity");
  EXPECT_EQ(activity.find<ApplicationFailure>()->type, "TestFailure");
  const Failure child = failure_of(start("FailChild"));
  ASSERT_NE(child.as<ChildWorkflowFailure>(), nullptr);
  EXPECT_NE(child.find<ApplicationFailure>(), nullptr);
  const Failure timeout = failure_of(start("FailTimeout", "startToClose"));
  ASSERT_NE(timeout.find<TimeoutFailure>(), nullptr);
  EXPECT_EQ(timeout.find<TimeoutFailure>()->type, TimeoutType::kStartToClose);
}

TEST_P(ResultOf, AnErrorReadsAsOneLine) {
  const Status status = error_of(start("FailChain"));
  EXPECT_EQ(status.code(), Code::kAborted);
  EXPECT_EQ(status.origin(), Origin::kServer);
  EXPECT_FALSE(status.retryable());
  EXPECT_EQ(status.to_string().find('\n'), std::string::npos);
  EXPECT_EQ(status.to_string().rfind("ABORTED (server): workflow execution failed: ", 0), 0u)
      << status.to_string();
}

TEST_P(ResultOf, AWorkflowThatTimesOut) {
  StartWorkflowOptions how{};
  how.run_timeout = seconds(1);
  const WorkflowHandle handle = start_with(how, "Wait");
  const Status status = error_of(handle);
  const auto* const failed = status.as<WorkflowFailed>();
  ASSERT_NE(failed, nullptr) << status.to_string();
  EXPECT_EQ(failed->status, WorkflowStatus::kTimedOut);
  EXPECT_EQ(failed->failure.message(), "Workflow timed out");
  EXPECT_EQ(failed->run_id, handle.result_run_id());
}

TEST_P(ResultOf, ContinueAsNewIsFollowedUnlessSwitchedOff) {
  const WorkflowHandle handle = start("ContinueAsNew", 3, 0);
  EXPECT_EQ(must(run(handle.result<int>())), 3);
  const Status first = error_of(handle, {.follow_runs = false});
  const auto* const next = first.as<WorkflowContinuedAsNew>();
  ASSERT_NE(next, nullptr) << first.to_string();
  EXPECT_NE(next->new_run_id, handle.result_run_id());
  EXPECT_NE(next->new_run_id, "");
  // The second run continues as well; the latest one has the result.
  const auto latest = client().get_workflow_handle(handle.workflow_id());
  EXPECT_EQ(must(run(latest.result<int>({.follow_runs = false}))), 3);
}

TEST_P(ResultOf, RetriesAreFollowedUnlessSwitchedOff) {
  StartWorkflowOptions how{};
  how.retry_policy = RetryPolicy{.initial_interval = milliseconds(1), .maximum_attempts = 3};
  const WorkflowHandle handle = start_with(how, "Retry", 2);
  EXPECT_EQ(must(run(handle.result<int>())), 3);
  const Status first = error_of(handle, {.follow_runs = false});
  ASSERT_NE(first.as<WorkflowFailed>(), nullptr) << first.to_string();
  EXPECT_EQ(first.as<WorkflowFailed>()->failure.message(), "attempt 1 fails");
  EXPECT_EQ(failure_of(start_with(how, "Retry", 3)).message(), "attempt 3 fails");
}

TEST_P(ResultOf, ACronRunHasAResultOfItsOwn) {
  StartWorkflowOptions how{};
  how.cron_schedule = "@every 1s";
  const WorkflowHandle handle = start_with(how, "Cron");
  EXPECT_EQ(must(run(handle.result<int>({.follow_runs = false}))), 1);
  must(run(handle.terminate("enough")));
  // Followed to the end, the schedule ends only with the termination.
  EXPECT_EQ(failure_of(handle).message(), "enough");
}

TEST_P(ResultOf, TheDeadlineBoundsTheWaitAndTheRunGoesOn) {
  const WorkflowHandle handle = start("Wait");
  const auto late = run(handle.result(), {.deadline = milliseconds(200)});
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code(), Code::kDeadlineExceeded);
  EXPECT_EQ(must(run(handle.describe())).info.status, WorkflowStatus::kRunning);
  must(run(handle.terminate()));
}

TEST_P(ResultOf, EmptyLongPollsAreRepeated) {
  // The server answers an idle long poll after this; the default of 20 s would make the test slow.
  bed().post("/dynamic", {{"key", "history.longPollExpirationInterval"}, {"value", "300ms"}});
  const WorkflowHandle handle = start("Sleep", 1500);
  EXPECT_EQ(must(run(handle.result<std::string>())), "slept");
  EXPECT_GT(bed().calls("GetWorkflowExecutionHistory").size(), 1u);
  bed().post("/dynamic", {{"key", "history.longPollExpirationInterval"}, {"value", nullptr}});
}

TEST_P(ResultOf, ThePollSaysWhatItShould) {
  must(run(start("Echo").result()));
  const Json poll = bed().last_call("GetWorkflowExecutionHistory");
  EXPECT_EQ(poll["request"]["waitNewEvent"], true);
  EXPECT_EQ(poll["request"]["skipArchival"], true);
  EXPECT_EQ(poll["request"]["historyEventFilterType"], "HISTORY_EVENT_FILTER_TYPE_CLOSE_EVENT");
  EXPECT_FALSE(poll["request"].contains("maximumPageSize"));
  EXPECT_GT(poll["deadlineMs"].get<int>(), 60'000);
  EXPECT_LE(poll["deadlineMs"].get<int>(), 70'000);
  EXPECT_EQ(poll["metadata"]["supported-features"], Json({"follows-next-run-id"}));
}

TEST_P(ResultOf, AMissingWorkflowIsNotFound) {
  const auto missing = run(client().get_workflow_handle("no-such-id").result());
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code(), Code::kNotFound);
  EXPECT_EQ(missing.error().as<WorkflowFailed>(), nullptr);
}

}  // namespace
}  // namespace minim::testing
