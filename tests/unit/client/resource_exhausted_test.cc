// What a server says that it is out of.
#include "client/resource_exhausted.h"

#include <gtest/gtest.h>

#include "minim/pb/errordetails.pb.h"
#include "unit/client/support/fake_loop.h"

namespace minim {
namespace {

using Cause = ResourceExhausted::Cause;
using Scope = ResourceExhausted::Scope;

Status refused(int cause, int scope, const char* type = "ResourceExhaustedFailure") {
  pb::ResourceExhaustedFailure failure;
  failure.set_cause(static_cast<pb::ResourceExhaustedCause>(cause));
  failure.set_scope(static_cast<pb::ResourceExhaustedScope>(scope));
  pb::Status rich;
  rich.add_details()->set_type_url("type.googleapis.com/another");
  pb::Any& detail = *rich.add_details();
  detail.set_type_url(std::string("type.googleapis.com/temporal.api.errordetails.v1.") + type);
  detail.set_value(failure.SerializeAsString());
  return Status(Code::kResourceExhausted, "too much", Origin::kServer)
      .with_details(rich.SerializeAsString());
}

TEST(ResourceExhausted, ItsCauseIsSaid) {
  const testing::FakeHost host;
  const Client client = host.client();
  std::optional<Result<WorkflowCount>> result;
  client.count_workflows().start([&](Result<WorkflowCount> got) { result.emplace(got); });
  host.port().begin();
  host.port().answer({.status = refused(5, 1)});
  ASSERT_TRUE(result);
  const Status& status = result->error();
  ASSERT_NE(status.as<ResourceExhausted>(), nullptr);
  EXPECT_EQ(status.as<ResourceExhausted>()->cause, Cause::kBusyWorkflow);
  EXPECT_EQ(status.as<ResourceExhausted>()->scope, Scope::kNamespace);
  EXPECT_EQ(status.message(), "too much");
  EXPECT_EQ(status.to_string(),
            "RESOURCE_EXHAUSTED (server): too much (cause BUSY_WORKFLOW, scope NAMESPACE)");
  EXPECT_TRUE(status.retryable());
}

// The names are those of the published enums, which the schema test holds the lean ones against.
TEST(ResourceExhausted, NamesOfCausesAndScopes) {
  const std::string_view prefix = "RESOURCE_EXHAUSTED_CAUSE_";
  for (int i = pb::ResourceExhaustedCause_MIN; i <= pb::ResourceExhaustedCause_MAX; ++i) {
    const auto why = internal::resource_exhausted(refused(i, 0));
    ASSERT_NE(why, nullptr);
    const std::string_view name = ResourceExhausted::cause_name(why->cause);
    EXPECT_EQ(pb::ResourceExhaustedCause_Name(static_cast<pb::ResourceExhaustedCause>(i)),
              std::string(prefix).append(name));
    EXPECT_EQ(why->note(), "cause " + std::string(name));
  }
  EXPECT_EQ(internal::resource_exhausted(refused(1, 2))->note(), "cause RPS_LIMIT, scope SYSTEM");
  EXPECT_EQ(ResourceExhausted::scope_name(Scope::kUnspecified), "UNSPECIFIED");
  EXPECT_EQ(internal::resource_exhausted(refused(99, 99))->note(), "cause UNKNOWN, scope UNKNOWN");
}

TEST(ResourceExhausted, IsNothingElse) {
  EXPECT_EQ(internal::resource_exhausted(Status()), nullptr);
  EXPECT_EQ(internal::resource_exhausted(Status(Code::kResourceExhausted, "a limit")), nullptr);
  EXPECT_EQ(internal::resource_exhausted(refused(1, 1, "NotFoundFailure")), nullptr);
  pb::Status rich;
  rich.add_details()->set_type_url("/temporal.api.errordetails.v1.ResourceExhaustedFailure");
  rich.mutable_details(0)->set_value("\xff");
  EXPECT_EQ(internal::resource_exhausted(Status(Code::kResourceExhausted, "x", Origin::kServer)
                                             .with_details(rich.SerializeAsString())),
            nullptr);
  const Status other = Status(Code::kUnavailable, "x", Origin::kServer)
                           .with_details(std::string(refused(1, 1).details()));
  EXPECT_EQ(internal::resource_exhausted(other), nullptr);
}

}  // namespace
}  // namespace minim
