// What every end-to-end test starts from: a face, a client, the shared testbed with a clean record.
#ifndef MINIM_TESTS_TEMPORAL_SUPPORT_FIXTURE_H_
#define MINIM_TESTS_TEMPORAL_SUPPORT_FIXTURE_H_

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "temporal/support/face.h"
#include "temporal/support/testbed.h"

namespace minim::testing {

// An id that no other test uses: the test's own name and a number.
inline std::string unique_id() {
  static int count = 0;
  const auto* const info = ::testing::UnitTest::GetInstance()->current_test_info();
  return std::string(info->name()) + "-" + std::to_string(++count);
}

class TemporalTest : public ::testing::TestWithParam<FaceKind> {
 protected:
  TemporalTest() : face_(GetParam()) {}

  void SetUp() override {
    ASSERT_EQ(bed().problem(), "");
    bed().reset();
  }

  static Testbed& bed() { return Testbed::shared(); }
  ConnectOptions options(const std::string& via = "address") const {
    return {.target = bed()[via], .identity = "tester"};
  }
  // A client on the plaintext front.
  Client& client() {
    if (!client_) client_.emplace(must(face_.create(options())));
    return *client_;
  }
  template <class T>
  Result<T> run(Operation<T> operation, CallOptions call = {}) {
    return face_.run(std::move(operation), std::move(call));
  }
  // The value; the test ends badly without one.
  template <class T>
  static T must(Result<T> result) {
    EXPECT_TRUE(result) << result.status().to_string();
    if constexpr (!std::is_void_v<T>) return std::move(*result);
  }
  template <class... Args>
  WorkflowHandle start(std::string type, const Args&... arguments) {
    StartWorkflowOptions how{};
    how.id = unique_id();
    how.task_queue = "testbed";
    return must(run(client().start_workflow(std::move(type), std::move(how), arguments...)));
  }

  Face face_;
  std::optional<Client> client_;
};

#define MINIM_IN_EVERY_FACE(suite)                                                         \
  INSTANTIATE_TEST_SUITE_P(                                                                \
      Faces, suite,                                                                        \
      ::testing::Values(FaceKind::kCallbacks, FaceKind::kBlocking, FaceKind::kCoroutines), \
      [](const auto& face) { return face_name(face.param); })

}  // namespace minim::testing

#endif  // MINIM_TESTS_TEMPORAL_SUPPORT_FIXTURE_H_
