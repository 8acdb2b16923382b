// A client that ends in each state of its life, in each face: what runs ends once and says the
// truth, nothing is left, and nobody is called from inside.
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <tuple>

#include "faces/support/states.h"

namespace minim::test {
namespace {

constexpr char kClosed[] = "CANCELLED (local): client closed";

class InEveryState : public testing::TestWithParam<std::tuple<ClientState, FaceKind>> {
 protected:
  InEveryState() { std::get<0>(GetParam()).reach(stage_); }

  // On a borrowed loop nothing happens but in its turns.
  void expect_silence_so_far() const {
    EXPECT_EQ(is_borrowed(stage_.face()) ? stage_.ends() : 0, 0) << "called from inside";
  }

  // All ends once, a call that comes later ends alike, and nothing is left.
  void expect_closed_for_good() {
    stage_.until([&] { return stage_.have_ended(); });
    stage_.expect_ends(kClosed);
    const Pending late(stage_.face(), stage_.client().call("/test/Echo", ""));
    stage_.until([&] { return late.has_ended(); });
    EXPECT_EQ(late.status().to_string(), kClosed);
    stage_.expect_nothing_left();
    stage_.expect_ends(kClosed);
  }

  Stage stage_{std::get<1>(GetParam())};
};

INSTANTIATE_TEST_SUITE_P(
    , InEveryState, testing::Combine(testing::ValuesIn(client_states()), testing::ValuesIn(kFaces)),
    [](const auto& row) {
      return std::string(std::get<0>(row.param).name) + "_" + face_name(std::get<1>(row.param));
    });

TEST_P(InEveryState, Closed) {
  stage_.client().close();
  expect_silence_so_far();
  expect_closed_for_good();
}

TEST_P(InEveryState, ItsHostDestroyed) {
  stage_.host().destroy();
  expect_silence_so_far();
  // A Runtime has waited for its callbacks; a thread in wait() has still to wake up.
  if (is_borrowed(stage_.face())) stage_.host().run();
  EXPECT_TRUE(stage_.have_ended() || stage_.face() == FaceKind::kBlocking);
  expect_closed_for_good();
}

TEST_P(InEveryState, DestroyedWithItsHostInACallbackOfItsOwn) {
  std::atomic<bool> is_done = false;
  stage_.on_loop([&] {
    const int before = stage_.ends();
    stage_.drop_client();
    stage_.host().destroy();
    EXPECT_EQ(stage_.ends(), before) << "called from inside";
    is_done = true;
  });
  stage_.until([&] { return is_done.load(); });
  stage_.until([&] { return stage_.have_ended(); });
  stage_.expect_ends(kClosed);
  stage_.expect_nothing_left();
  stage_.expect_ends(kClosed);
}

// Operations outlive the handles of their client; the last one takes the connection along.
TEST_P(InEveryState, DroppedAndItsOperationsCancelled) {
  stage_.drop_client();
  EXPECT_EQ(stage_.ends(), 0);
  stage_.cancel_all();
  expect_silence_so_far();
  const bool was_told = !is_coroutine(stage_.face());
  if (was_told) stage_.until([&] { return stage_.have_ended(); });
  stage_.expect_nothing_left();
  stage_.expect_ends("CANCELLED (local): the operation was cancelled", was_told);
}

}  // namespace
}  // namespace minim::test
