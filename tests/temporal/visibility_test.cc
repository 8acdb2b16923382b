// Listing and counting. The server's index is eventually consistent, so a test first asks until the
// last of its runs is there; the suite's own time limit ends it if it never is.
#include <set>

#include "temporal/support/fixture.h"

namespace minim::testing {
namespace {

class Visibility : public TemporalTest {
 protected:
  // Runs of a type that no other test uses (nobody works on them), all open.
  std::string start_some(int count) {
    const std::string type = "Listed-" + unique_id() + "-" + face_name(GetParam());
    for (int i = 0; i < count; ++i) {
      StartWorkflowOptions how;
      how.id = type + "-" + std::to_string(i);
      how.task_queue = "nobody";
      must(run(client().start_workflow(type, std::move(how))));
    }
    const std::string query = "WorkflowType='" + type + "'";
    while (must(run(client().count_workflows(query))).count < count) {
    }
    return query;
  }

  // All pages of a list, and how many there were.
  std::set<std::string> ids(Pager<WorkflowInfo> pager, int* pages = nullptr) {
    std::set<std::string> found;
    int fetched = 0;
    for (; pager.has_next(); ++fetched) {
      const auto page = run(pager.next());
      if (!page) {
        ADD_FAILURE() << page.error().to_string();
        break;
      }
      for (const WorkflowInfo& info : page->items) {
        EXPECT_EQ(info.status, WorkflowStatus::kRunning);
        EXPECT_EQ(info.task_queue, "nobody");
        EXPECT_TRUE(info.start_time.has_value());
        EXPECT_TRUE(found.insert(info.workflow_id).second);
      }
    }
    if (pages != nullptr) *pages = fetched;
    return found;
  }
};

TEST_P(Visibility, ListsInPagesUpToALimit) {
  const std::string query = start_some(5);
  EXPECT_EQ(ids(client().list_workflows(query)).size(), 5u);
  int pages = 0;
  EXPECT_EQ(ids(client().list_workflows(query, {.page_size = 2}), &pages).size(), 5u);
  EXPECT_EQ(pages, 3);

  bed().reset();
  EXPECT_EQ(ids(client().list_workflows(query, {.limit = 3, .page_size = 2}), &pages).size(), 3u);
  EXPECT_EQ(pages, 2);
  const Json calls = bed().calls("ListWorkflowExecutions");
  ASSERT_EQ(calls.size(), 2u);
  EXPECT_EQ(calls[0]["request"]["pageSize"], 2);
  EXPECT_EQ(calls[1]["request"]["pageSize"], 1);
}

TEST_P(Visibility, LimitZeroAsksNothing) {
  bed().reset();
  Pager<WorkflowInfo> none = client().list_workflows("", {.limit = 0});
  EXPECT_FALSE(none.has_next());
  EXPECT_TRUE(must(run(none.next())).items.empty());
  EXPECT_TRUE(bed().calls("ListWorkflowExecutions").empty());
}

TEST_P(Visibility, ABadQueryIsTheServersToRefuse) {
  const auto page = run(client().list_workflows("no such field").next());
  ASSERT_FALSE(page);
  EXPECT_EQ(page.error().code(), Code::kInvalidArgument);
  EXPECT_EQ(page.error().origin(), Origin::kServer);
}

TEST_P(Visibility, CountsByGroup) {
  const std::string query = start_some(2);
  const WorkflowCount count =
      must(run(client().count_workflows(query + " GROUP BY ExecutionStatus")));
  EXPECT_EQ(count.count, 2);
  ASSERT_EQ(count.groups.size(), 1u);
  EXPECT_EQ(count.groups[0].count, 2);
  ASSERT_EQ(count.groups[0].values.size(), 1u);
  EXPECT_EQ(must(from_payload<std::string>(count.groups[0].values[0])), "Running");
}

MINIM_IN_EVERY_FACE(Visibility);

TEST(VisibilityRange, EachHidesThePages) {
  Runtime runtime;
  Testbed& bed = Testbed::shared();
  ASSERT_EQ(bed.problem(), "");
  auto client = Client::create(runtime, {.target = bed["address"]});
  ASSERT_TRUE(client) << client.error().to_string();
  std::size_t seen = 0;
  for (Result<WorkflowInfo>& run : each(client->list_workflows("", {.limit = 4, .page_size = 1}))) {
    ASSERT_TRUE(run) << run.error().to_string();
    ++seen;
  }
  EXPECT_LE(seen, 4u);
  int errors = 0;
  for (Result<WorkflowInfo>& run : each(client->list_workflows("no such field"))) {
    EXPECT_FALSE(run);
    ++errors;
  }
  EXPECT_EQ(errors, 1);
}

}  // namespace
}  // namespace minim::testing
