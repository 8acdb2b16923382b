// Lists, counts and GetSystemInfo (client specification 5 and 1.2).
#include "client/visibility.h"

#include "client/raw_call.h"
#include "client/system_info.h"
#include "minim/pb/system.pb.h"
#include "minim/pb/visibility.pb.h"
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

using ListRequest = pb::ListWorkflowExecutionsRequest;

std::shared_ptr<ListSource> make_list(ListOptions options, std::string query = "") {
  auto source = std::make_shared<ListSource>(make_context(), std::move(query), std::move(options));
  source->self = source;
  return source;
}

pb::ListWorkflowExecutionsResponse page_of(int count, const std::string& token) {
  pb::ListWorkflowExecutionsResponse page;
  for (int i = 0; i < count; ++i) {
    page.add_executions()->mutable_execution()->set_workflow_id(std::to_string(i));
  }
  page.set_next_page_token(token);
  return page;
}

// Fetches one page: what was asked, and how many items came of it.
std::pair<ListRequest, std::size_t> fetch(ListSource& source, int count, const std::string& token) {
  const auto program = source.next();
  const auto asked = request_of<ListRequest>(first(*program), "ListWorkflowExecutions");
  EXPECT_TRUE(next(*program, ok_reply(page_of(count, token))).status.ok());
  return {asked, static_cast<ListProgram&>(*program).page.items.size()};
}

TEST(ListProgram, PagesUntilTheTokenIsEmpty) {
  const auto list = make_list({}, "query");
  const auto [asked, count] = fetch(*list, 2, "t1");
  EXPECT_EQ(asked.namespace_(), "ns");
  EXPECT_EQ(asked.page_size(), 1000);
  EXPECT_EQ(asked.query(), "query");
  EXPECT_EQ(asked.next_page_token(), "");
  EXPECT_EQ(count, 2u);
  EXPECT_TRUE(list->has_next);
  // An empty page may have others behind it.
  EXPECT_EQ(fetch(*list, 0, "t2").first.next_page_token(), "t1");
  EXPECT_TRUE(list->has_next);
  EXPECT_EQ(fetch(*list, 1, "").first.next_page_token(), "t2");
  EXPECT_FALSE(list->has_next);
}

TEST(ListProgram, TheLimitShrinksTheLastPage) {
  const auto list = make_list({.limit = 5, .page_size = 3, .next_page_token = "from here"});
  const auto [asked, count] = fetch(*list, 3, "t");
  EXPECT_EQ(asked.page_size(), 3);
  EXPECT_EQ(asked.next_page_token(), "from here");
  EXPECT_EQ(count, 3u);
  const auto [last, rest] = fetch(*list, 3, "t");
  EXPECT_EQ(last.page_size(), 2);
  EXPECT_EQ(rest, 2u);  // a server that sends more than it was asked for
  EXPECT_FALSE(list->has_next);
}

TEST(ListProgram, NothingIsAskedBeyondTheEnd) {
  const auto none = make_list({.limit = 0});
  EXPECT_FALSE(none->has_next);
  const auto program = none->next();
  EXPECT_EQ(first(*program).kind, Step::Kind::kDone);
}

TEST(ListProgram, APageThatFailedMayBeFetchedAgain) {
  const auto list = make_list({});
  (void)fetch(*list, 1, "t1");
  const auto program = list->next();
  (void)first(*program);
  EXPECT_EQ(next(*program, failed_reply(Code::kUnavailable, "no")).status.message(), "no");
  EXPECT_TRUE(list->has_next);
  EXPECT_EQ(fetch(*list, 1, "").first.next_page_token(), "t1");
}

TEST(CountProgram, ReadsGroups) {
  CountProgram program(make_context(), "query");
  EXPECT_EQ(
      request_of<pb::CountWorkflowExecutionsRequest>(first(program), "CountWorkflowExecutions")
          .query(),
      "query");
  pb::CountWorkflowExecutionsResponse answer;
  answer.set_count(9);
  auto& group = *answer.add_groups();
  group.set_count(4);
  group.add_group_values()->set_data("\"Running\"");
  EXPECT_TRUE(next(program, ok_reply(answer)).status.ok());
  EXPECT_EQ(program.count.count, 9);
  ASSERT_EQ(program.count.groups.size(), 1u);
  EXPECT_EQ(program.count.groups[0].count, 4);
  EXPECT_EQ(program.count.groups[0].values[0].data, "\"Running\"");
  CountProgram garbled(make_context(), "");
  (void)first(garbled);
  EXPECT_EQ(next(garbled, garbled_reply()).status.code(), Code::kInternal);
}

TEST(SystemInfoProgram, IsAskedOnceWithoutANamespace) {
  SystemInfoProgram program(make_context(), Status());
  Program& base = program;
  EXPECT_EQ(base.header_namespace(), "");
  const Step step = first(program);
  EXPECT_TRUE(step.single_attempt);
  EXPECT_EQ(step.request.path, "/temporal.api.workflowservice.v1.WorkflowService/GetSystemInfo");
  EXPECT_EQ(step.request.message, "") << "nothing that would be gzip-coded";
  pb::GetSystemInfoResponse answer;
  answer.set_server_version("1.2.3");
  answer.mutable_capabilities()->set_nexus(true);
  EXPECT_TRUE(next(program, ok_reply(answer)).status.ok());
  EXPECT_EQ(program.info.server_version, "1.2.3");
  EXPECT_TRUE(program.info.nexus);
  EXPECT_EQ(program.wire()->server_info()->server_version, "1.2.3");
  EXPECT_FALSE(program.info.supports_schedules);
}

TEST(SystemInfoProgram, ToleratesOnlyUnimplemented) {
  SystemInfoProgram old(make_context(), Status());
  (void)first(old);
  EXPECT_TRUE(next(old, failed_reply(Code::kUnimplemented, "unknown method")).status.ok());
  EXPECT_EQ(old.info.capabilities, "");
  // A web server's 404, or a reply that breaks gRPC, is nobody that knows Temporal.
  SystemInfoProgram stranger(make_context(), Status());
  (void)first(stranger);
  const Status page(Code::kUnimplemented, "HTTP status 404", Origin::kTransport);
  EXPECT_EQ(next(stranger, {.status = page}).status, page);
  EXPECT_FALSE(stranger.wire()->server_info());
  SystemInfoProgram refused(make_context(), Status());
  (void)first(refused);
  EXPECT_EQ(next(refused, failed_reply(Code::kUnauthenticated, "key?")).status.code(),
            Code::kUnauthenticated);
}

TEST(RawCallProgram, TheNamespaceGoesWithRequestsThatHaveOne) {
  const struct {
    const char* path;
    bool has;
  } kRows[] = {
      {"/temporal.api.workflowservice.v1.WorkflowService/StartWorkflowExecution", true},
      {"/temporal.api.workflowservice.v1.WorkflowService/DescribeNamespace", true},
      {"/temporal.api.workflowservice.v1.WorkflowService/ListNamespaces", false},
      {"/temporal.api.workflowservice.v1.WorkflowService/GetSearchAttributes", false},
      {"/temporal.api.workflowservice.v1.WorkflowService/GetClusterInfo", false},
      {"/temporal.api.workflowservice.v1.WorkflowService/GetSystemInfo", false},
      {"/temporal.api.operatorservice.v1.OperatorService/ListSearchAttributes", false},
      {"/grpc.health.v1.Health/Check", false},
      {"/x.Y/Z", false},
  };
  for (const auto& row : kRows) {
    RawCallProgram program(make_context(), row.path, "bytes");
    EXPECT_EQ(program.header_namespace(), row.has ? "ns" : "") << row.path;
    const Step step = first(program);
    EXPECT_EQ(step.request.path, row.path);
    EXPECT_EQ(step.request.message, "bytes");
    rpc::Reply reply;
    reply.message = "answer";
    EXPECT_TRUE(next(program, std::move(reply)).status.ok());
    EXPECT_EQ(program.reply.message, "answer");
  }
}

TEST(RawCallProgram, AnExchangeHasTheReplyOfACallThatFailed) {
  RawCallProgram program(make_context(), "/x.Y/Z", "bytes", RawCallProgram::Outcome::kReply);
  (void)first(program);
  rpc::Reply reply = failed_reply(Code::kNotFound, "gone");
  reply.trailers.add("why", "moved");
  const Step step = next(program, std::move(reply));
  EXPECT_EQ(step.kind, Step::Kind::kDone);
  EXPECT_TRUE(step.status.ok());
  EXPECT_EQ(program.reply.status.message(), "gone");
  EXPECT_EQ(*program.reply.trailers.find("why"), "moved");
}

}  // namespace
}  // namespace minim::internal
