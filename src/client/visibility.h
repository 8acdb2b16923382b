// Describe, list, count (client specification 3.7 and 5).
#ifndef MINIM_CLIENT_VISIBILITY_H_
#define MINIM_CLIENT_VISIBILITY_H_

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "client/program_base.h"
#include "minim/client.h"
#include "minim/pager.h"
#include "minim/workflow_info.h"

namespace minim::internal {

class DescribeProgram final : public CallProgram {
 public:
  DescribeProgram(ContextPtr context, WorkflowIds ids)
      : CallProgram(std::move(context), check_ids(ids)), ids_(std::move(ids)) {}
  std::string_view header_workflow_id() const override { return ids_.workflow_id; }
  WorkflowDescription description;

 private:
  Step request(Random& random) override;
  Step accept(const std::string& message) override;
  const WorkflowIds ids_;
};

// Where a list stands.
class ListSource final : public PageSource {
 public:
  ListSource(ContextPtr context, std::string query, ListOptions options);
  std::unique_ptr<Program> next() override;

  ContextPtr context;
  std::string query;
  ListOptions options;  // next_page_token moves on; limit counts down
  std::weak_ptr<ListSource> self;
};

class ListProgram final : public CallProgram {
 public:
  explicit ListProgram(std::shared_ptr<ListSource> source)
      : CallProgram(source->context, check_texts({{"query", source->query}})),
        source_(std::move(source)) {}
  Page<WorkflowInfo> page;

 private:
  Step resume(Random& random, rpc::Reply* reply) override;
  Step request(Random& random) override;
  Step accept(const std::string& message) override;
  const std::shared_ptr<ListSource> source_;
};

class CountProgram final : public CallProgram {
 public:
  CountProgram(ContextPtr context, std::string query)
      : CallProgram(std::move(context), check_texts({{"query", query}})),
        query_(std::move(query)) {}
  WorkflowCount count;

 private:
  Step request(Random& random) override;
  Step accept(const std::string& message) override;
  const std::string query_;
};

}  // namespace minim::internal

#endif  // MINIM_CLIENT_VISIBILITY_H_
