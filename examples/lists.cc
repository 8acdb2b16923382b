// Lists come in pages, fetched one at a time; each() hides the pages where blocking is fine.
//
//   lists localhost:7233 "WorkflowType='Greet'"
#include <minim/minim.h>

#include <cinttypes>
#include <cstdio>

int main(int argc, char** argv) {
  const std::string query = argc > 2 ? argv[2] : "";
  minim::Runtime runtime;
  auto client = minim::Client::create(runtime, {.target = argc > 1 ? argv[1] : "localhost:7233"});
  if (!client) return minim::complain(client.error());

  auto total = minim::wait(client->count_workflows(query));
  if (!total) return minim::complain(total.error());
  std::printf("%" PRId64 " in all\n", total->count);

  minim::Pager<minim::WorkflowInfo> pages = client->list_workflows(query, {.page_size = 2});
  auto page = minim::wait(pages.next());  // Operation<Page<WorkflowInfo>>
  if (!page) return minim::complain(page.error());
  std::printf("%zu on the first page, %s\n", page->items.size(),
              pages.has_next() ? "more behind it" : "no more behind it");

  for (minim::Result<minim::WorkflowInfo>& run : minim::each(client->list_workflows(query))) {
    if (!run) return minim::complain(run.error());
    std::printf("%s %s\n", run->workflow_id.c_str(),
                run->status ? minim::workflow_status_name(*run->status).c_str() : "");
  }
}
