// Operations on a loop and a clock of the test's own: options, clocks, cancel, one delivery.
#include <gtest/gtest.h>

#include "minim/pb/history.pb.h"
#include "minim/pb/start.pb.h"
#include "unit/client/support/fake_loop.h"

namespace minim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::FakeHost;
using testing::FakePort;

// Where an operation's result goes; counts the deliveries.
template <class T>
struct Outcome {
  int count = 0;
  std::optional<Result<T>> result;
  auto callback() {
    return [this](Result<T> got) {
      ++count;
      result.emplace(std::move(got));
    };
  }
};

StartWorkflowOptions how() {
  StartWorkflowOptions options{};
  options.id = "id";
  options.task_queue = "queue";
  return options;
}

std::string started(const std::string& run_id) {
  pb::StartWorkflowExecutionResponse response;
  response.set_run_id(run_id);
  return response.SerializeAsString();
}

TEST(OperationRun, NothingIsSentBeforeItRuns) {
  const FakeHost host;
  const Client client = host.client();
  {
    const Operation<WorkflowCount> dropped = client.count_workflows();
  }
  EXPECT_TRUE(host.port().submitted.empty());
}

TEST(OperationRun, DefaultClocks) {
  const FakeHost host;
  const Client client = host.client();
  Outcome<WorkflowCount> count;
  Outcome<void> result;
  client.count_workflows().start(count.callback());
  client.get_workflow_handle("id").result().start(result.callback());
  host.port().begin();
  ASSERT_EQ(host.port().calls.size(), 2u);
  EXPECT_EQ(host.port().calls[0].options.rpc_timeout, seconds(30));
  EXPECT_EQ(host.port().calls[1].options.rpc_timeout, seconds(70));
  EXPECT_EQ(host.port().calls[0].options.deadline, kNever);
  EXPECT_FALSE(host.port().calls[0].options.wait_for_ready);
  EXPECT_FALSE(host.port().calls[0].options.retry.has_value());
  EXPECT_EQ(count.count, 0);
}

TEST(OperationRun, GivenOptionsReachTheCall) {
  const FakeHost host;
  const Client client = host.client();
  Outcome<WorkflowCount> count;
  auto operation = client.count_workflows();
  std::move(operation)
      .with({.rpc_timeout = seconds(5),
             .deadline = seconds(9),
             .metadata = {{"x-mine", "1"}, {"temporal-namespace", "other"}},
             .wait_for_ready = true,
             .retry = rpc::no_retry()})
      .start(count.callback());
  host.port().begin();
  const FakePort::Call& call = host.port().calls.at(0);
  EXPECT_EQ(call.options.rpc_timeout, seconds(5));
  EXPECT_EQ(call.options.deadline, host.port().clock + seconds(9));
  EXPECT_TRUE(call.options.wait_for_ready);
  EXPECT_EQ(call.options.retry->max_attempts, 1u);
  EXPECT_EQ(*call.request.metadata.find("x-mine"), "1");
  // The request's own namespace replaces the caller's.
  EXPECT_EQ(call.request.metadata.find("temporal-namespace"), nullptr);
  EXPECT_EQ(*call.request.common->find("temporal-namespace"), "default");
}

TEST(OperationRun, AZeroTimeoutMeansTheDefault) {
  const FakeHost host;
  const Client client = host.client();
  Outcome<WorkflowCount> count;
  client.count_workflows().with({.rpc_timeout = seconds(0)}).start(count.callback());
  host.port().begin();
  EXPECT_EQ(host.port().calls.at(0).options.rpc_timeout, seconds(30));
}

TEST(OperationRun, ExecuteUsesTheOptionsForTheStartAndTheDeadlineForBoth) {
  const FakeHost host;
  const Client client = host.client();
  Outcome<void> outcome;
  auto operation = client.execute_workflow("Type", how());
  std::move(operation)
      .with({.rpc_timeout = seconds(5), .deadline = seconds(60), .metadata = {{"x-mine", "1"}}})
      .start(outcome.callback());
  const Time deadline = host.port().clock + seconds(60);
  host.port().begin();
  EXPECT_EQ(host.port().calls.at(0).options.rpc_timeout, seconds(5));
  EXPECT_NE(host.port().calls.at(0).request.metadata.find("x-mine"), nullptr);
  host.port().clock += seconds(10);
  host.port().answer_ok(started("run"));
  const FakePort::Call& poll = host.port().calls.at(0);
  EXPECT_EQ(poll.options.rpc_timeout, seconds(70));
  EXPECT_EQ(poll.options.deadline, deadline);
  EXPECT_TRUE(poll.request.metadata.empty());
}

TEST(OperationRun, ConnectingIsOneAttempt) {
  const FakeHost host;
  Outcome<Client> outcome;
  connect(host, {}).start(outcome.callback());
  host.port().begin();
  EXPECT_EQ(host.port().calls.at(0).options.retry->max_attempts, 1u);
  host.port().answer_ok();
  EXPECT_TRUE(*outcome.result);
}

TEST(OperationRun, BadMetadataIsRefusedBeforeTheCall) {
  const FakeHost host;
  const Client client = host.client();
  Outcome<WorkflowCount> outcome;
  client.count_workflows().with({.metadata = {{"bad key", "1"}}}).start(outcome.callback());
  host.port().begin();
  EXPECT_TRUE(host.port().calls.empty());
  EXPECT_EQ(outcome.result->status().code(), Code::kInvalidArgument);
  EXPECT_EQ(outcome.count, 1);
  EXPECT_TRUE(host.port().runs.empty());
}

TEST(OperationRun, CancelInEachPhaseDeliversOnce) {
  for (const int phase : {0, 1, 2, 3}) {
    const FakeHost host;
    const Client client = host.client();
    Outcome<void> outcome;
    const Ticket ticket = client.execute_workflow("Type", how()).start(outcome.callback());
    if (phase >= 1) host.port().begin();
    if (phase >= 2) host.port().answer_ok(started("run"));
    if (phase >= 3) {
      rpc::Reply gone;
      gone.status = Status(Code::kNotFound, "gone", Origin::kServer);
      host.port().answer(std::move(gone));
    }
    ticket.cancel();
    ticket.cancel();
    EXPECT_EQ(outcome.count, 1) << phase;
    EXPECT_EQ(outcome.result->status().code(), phase == 3 ? Code::kNotFound : Code::kCancelled);
    // Once started, whatever becomes of the wait for the result.
    EXPECT_EQ(outcome.result->status().may_have_reached_server(), phase >= 2);
    EXPECT_TRUE(host.port().runs.empty());
    EXPECT_TRUE(host.port().calls.empty());
  }
}

TEST(OperationRun, CloseEndsWhatRunsAndRefusesWhatComes) {
  const FakeHost host;
  Client client = host.client();
  Outcome<WorkflowCount> running;
  client.count_workflows().start(running.callback());
  host.port().begin();
  client.close();
  client.close();
  EXPECT_EQ(running.count, 1);
  EXPECT_EQ(running.result->status().to_string(), "CANCELLED (local): client closed");
  Outcome<WorkflowCount> late;
  client.count_workflows().start(late.callback());
  EXPECT_EQ(late.count, 1);
  EXPECT_EQ(late.result->status().code(), Code::kCancelled);
}

TEST(OperationRun, CloseWithADrainTimeLeavesWhatRunsToItsEnd) {
  const FakeHost host;
  Client client = host.client();
  Outcome<WorkflowCount> running;
  client.count_workflows().start(running.callback());
  host.port().begin();
  client.close({.drain = std::chrono::seconds(5)});
  EXPECT_EQ(host.port().drained_for, std::chrono::seconds(5));
  EXPECT_EQ(running.count, 0);
  host.port().answer_ok();
  EXPECT_EQ(running.count, 1);
  EXPECT_TRUE(*running.result);
}

TEST(OperationRun, TheCallbackMayDestroyTheClient) {
  const FakeHost host;
  std::optional<Client> client = host.client();
  int count = 0;
  client->count_workflows().start([&](Result<WorkflowCount> result) {
    EXPECT_TRUE(result);
    client.reset();
    ++count;
  });
  host.port().begin();
  host.port().answer_ok();
  EXPECT_EQ(count, 1);
  EXPECT_EQ(host.port().finished_count, 1);
}

TEST(OperationRun, AResultThatIsNoTIsAnError) {
  const FakeHost host;
  const Client client = host.client();
  Outcome<int> outcome;
  client.get_workflow_handle("id", "run").result<int>().start(outcome.callback());
  host.port().begin();
  pb::GetWorkflowExecutionHistoryResponse closed;
  auto& payload = *closed.mutable_history()
                       ->add_events()
                       ->mutable_workflow_execution_completed_event_attributes()
                       ->mutable_result()
                       ->add_payloads();
  payload.set_data("\"text\"");
  (*payload.mutable_metadata())["encoding"] = "json/plain";
  host.port().answer_ok(closed.SerializeAsString());
  EXPECT_EQ(
      outcome.result->status().to_string(),
      "INVALID_ARGUMENT (local): payload 0 (json/plain): expected an integer, found a string");
}

TEST(OperationRun, RequestIdsDiffer) {
  const FakeHost host;
  const Client client = host.client();
  Outcome<WorkflowHandle> first;
  Outcome<WorkflowHandle> second;
  client.start_workflow("Type", how()).start(first.callback());
  client.start_workflow("Type", how()).start(second.callback());
  host.port().begin();
  pb::StartWorkflowExecutionRequest one;
  pb::StartWorkflowExecutionRequest two;
  ASSERT_TRUE(one.ParseFromString(host.port().calls.at(0).request.message));
  ASSERT_TRUE(two.ParseFromString(host.port().calls.at(1).request.message));
  EXPECT_NE(one.request_id(), two.request_id());
}

// What the first call of `operation` says it is about.
template <class T>
std::string resource_of(const FakeHost& host, Operation<T> operation) {
  Outcome<T> outcome;
  std::move(operation).start(outcome.callback());
  host.port().begin();
  const rpc::Request request = host.port().calls.at(0).request;
  host.port().answer({.status = Status(Code::kNotFound, "none")});
  const std::string* own = request.metadata.find("temporal-resource-id");
  if (own == nullptr) own = request.common->find("temporal-resource-id");
  return own != nullptr ? *own : "none";
}

TEST(ResourceId, EachCallSaysWhichWorkflowItIsAbout) {
  const FakeHost host;
  const Client client = host.client({.resource_id = true});
  const WorkflowHandle handle = client.get_workflow_handle("order-17", "run");
  StartWorkflowOptions signalled = how();
  signalled.start_signal = {"wave", {}};
  EXPECT_EQ(resource_of(host, client.start_workflow("Type", how())), "workflow:id");
  EXPECT_EQ(resource_of(host, client.start_workflow("Type", signalled)), "workflow:id");
  EXPECT_EQ(resource_of(host, client.execute_workflow("Type", how())), "workflow:id");
  EXPECT_EQ(resource_of(host, handle.result()), "workflow:order-17");
  EXPECT_EQ(resource_of(host, handle.signal("wave")), "workflow:order-17");
  EXPECT_EQ(resource_of(host, handle.query("state")), "workflow:order-17");
  EXPECT_EQ(resource_of(host, handle.cancel()), "workflow:order-17");
  EXPECT_EQ(resource_of(host, handle.terminate()), "workflow:order-17");
  EXPECT_EQ(resource_of(host, handle.describe()), "workflow:order-17");
  EXPECT_EQ(resource_of(host, handle.fetch_history()), "workflow:order-17");
  EXPECT_EQ(resource_of(host, client.count_workflows()), "none");
  EXPECT_EQ(resource_of(host, client.call("/a.B/C", "")), "none");
}

TEST(ResourceId, IsLeftOutUnlessAskedForAndWhereNoHeaderCanCarryIt) {
  const FakeHost host;
  EXPECT_EQ(resource_of(host, host.client().get_workflow_handle("a").signal("s")), "none");
  const Client plain = host.client({.resource_id = true, .plain_grpc = true});
  EXPECT_EQ(resource_of(host, plain.get_workflow_handle("a").signal("s")), "none");
  Client client = host.client({.resource_id = true});
  EXPECT_EQ(resource_of(host, client.get_workflow_handle("").signal("s")), "none");
  EXPECT_EQ(resource_of(host, client.get_workflow_handle("\u00fc").signal("s")), "none");
}

TEST(ResourceId, WhatTheCallerSaysStands) {
  const FakeHost host;
  Client client = host.client({.resource_id = true});
  const WorkflowHandle handle = client.get_workflow_handle("order-17");
  auto signal = handle.signal("wave");
  EXPECT_EQ(resource_of(host, std::move(signal).with(
                                  {.metadata = {{"temporal-resource-id", "workflow:mine"}}})),
            "workflow:mine");
  ASSERT_TRUE(client.set_rpc_metadata({{"temporal-resource-id", "workflow:ours"}}));
  EXPECT_EQ(resource_of(host, handle.signal("wave")), "workflow:ours");
}

}  // namespace
}  // namespace minim
