// Row 144 of the fault list (docs/wire.md): a reply that is no protobuf message. The transport took
// it for good; the operation says so and is not repeated, for it may have been done.
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "client/handle_programs.h"
#include "client/history.h"
#include "client/result.h"
#include "client/start.h"
#include "client/visibility.h"
#include "unit/client/support/fake_loop.h"
#include "unit/client/support/programs.h"

namespace minim::internal {
namespace {

using minim::testing::first;
using minim::testing::garbled_reply;
using minim::testing::make_context;
using minim::testing::next;

struct Operation {
  std::string method;
  std::function<std::unique_ptr<Program>()> make;
};

const std::vector<Operation>& operations() {
  static const WorkflowIds kIds{.workflow_id = "w", .run_id = "r"};
  static const std::vector<Operation> kOperations = {
      {"StartWorkflowExecution",
       [] {
         StartWorkflowOptions options{};
         options.id = "id";
         options.task_queue = "queue";
         return std::make_unique<StartProgram>(make_context(), "Type", options, Payloads());
       }},
      {"GetWorkflowExecutionHistory",
       [] { return std::make_unique<ResultProgram>(make_context(), "w", "r", ResultOptions()); }},
      {"GetWorkflowExecutionHistory",
       [] { return std::make_unique<HistoryProgram>(make_context(), kIds, HistoryOptions()); }},
      {"QueryWorkflow",
       [] {
         return std::make_unique<QueryProgram>(make_context(), kIds, QueryOptions(), "q",
                                               Payloads());
       }},
      {"DescribeWorkflowExecution",
       [] { return std::make_unique<DescribeProgram>(make_context(), kIds); }},
      {"CountWorkflowExecutions",
       [] { return std::make_unique<CountProgram>(make_context(), "query"); }},
  };
  return kOperations;
}

TEST(Faults, R144ReplyThatIsNoProtobuf) {
  for (const Operation& operation : operations()) {
    SCOPED_TRACE(operation.method);
    for (int round = 0; round < 2; ++round) {  // and the next one is made as before
      const std::unique_ptr<Program> program = operation.make();
      const Step call = first(*program);
      ASSERT_EQ(call.kind, Step::Kind::kCall) << call.status.to_string();
      const Step end = next(*program, garbled_reply());
      EXPECT_EQ(end.kind, Step::Kind::kDone) << "no second attempt";
      EXPECT_EQ(end.status.to_string(), "INTERNAL (local): the server's reply to " +
                                            operation.method + " does not parse as its message");
      EXPECT_FALSE(end.status.retryable());
      EXPECT_TRUE(end.status.may_have_reached_server());
    }
  }
}

TEST(Faults, R144ReplyThatIsNoProtobufIsAskedForOnce) {
  // The whole operation: what it asks of the channel is what a server can see.
  const minim::testing::FakeHost host;
  const Client client = host.client();
  const auto count_once = [&](std::string reply) {
    std::vector<std::string> ends;
    client.count_workflows("query").start([&](Result<WorkflowCount> got) {
      ends.push_back(got ? std::to_string(got->count) : got.error().to_string());
    });
    host.port().begin();
    EXPECT_EQ(host.port().calls.size(), 1u);
    host.port().answer_ok(std::move(reply));
    EXPECT_TRUE(host.port().calls.empty()) << "no second attempt";
    EXPECT_FALSE(host.port().timer) << "and none later";
    EXPECT_TRUE(host.port().runs.empty());
    return ends;
  };
  EXPECT_EQ(count_once("\xff\xff"),
            std::vector<std::string>{"INTERNAL (local): the server's reply to "
                                     "CountWorkflowExecutions does not parse as its message"});
  EXPECT_EQ(count_once("\x08\x05"), std::vector<std::string>{"5"}) << "the next one works";
}

}  // namespace
}  // namespace minim::internal
