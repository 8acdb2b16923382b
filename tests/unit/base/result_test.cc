#include "minim/result.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace minim {
namespace {

const Status kError(Code::kNotFound, "nothing here");

TEST(Result, HoldsAValueOrAnError) {
  const Result<std::string> good(std::string("text"));
  EXPECT_TRUE(good.has_value());
  EXPECT_TRUE(good);
  EXPECT_EQ(*good, "text");
  EXPECT_EQ(good->size(), 4u);
  EXPECT_TRUE(good.status().ok());
  EXPECT_EQ(good.value_or("other"), "text");

  const Result<std::string> bad(kError);
  EXPECT_FALSE(bad.has_value());
  EXPECT_EQ(bad.error(), kError);
  EXPECT_EQ(bad.status(), kError);
  EXPECT_EQ(bad.value_or("other"), "other");
}

TEST(Result, CopiesMovesAndAssignsBetweenBothStates) {
  const Result<std::string> good(std::string(100, 'x'));
  const Result<std::string> bad(kError);
  for (const Result<std::string>* from : {&good, &bad}) {
    for (const Result<std::string>* onto : {&good, &bad}) {
      Result<std::string> target(*onto);
      target = *from;
      EXPECT_EQ(target.status(), from->status());
      Result<std::string> moved(std::move(target));
      EXPECT_EQ(moved.status(), from->status());
      Result<std::string>& same = moved;
      moved = same;
      EXPECT_EQ(moved.value_or(""), from->value_or(""));
    }
  }
}

TEST(Result, AMovedFromErrorStillSaysWhy) {
  Result<std::string> bad(kError);
  const Result<std::string> moved(std::move(bad));
  EXPECT_EQ(bad.error(), kError);
  EXPECT_EQ(moved.error(), kError);
}

TEST(Result, CarriesTypesThatOnlyMove) {
  Result<std::unique_ptr<int>> result(std::make_unique<int>(7));
  const std::unique_ptr<int> taken = *std::move(result);
  EXPECT_EQ(*taken, 7);
}

TEST(Result, OfVoidTakesAnOkStatusAsSuccess) {
  const Result<void> fresh;
  EXPECT_TRUE(fresh.has_value());
  fresh.value();
  EXPECT_TRUE(Result<void>(Status()).has_value());
  const Result<void> bad(kError);
  EXPECT_FALSE(bad);
  EXPECT_EQ(bad.error(), kError);
}

TEST(ResultDeathTest, MisuseEndsTheProcessAndShowsTheError) {
  const Result<int> good(1);
  const Result<int> bad(kError);
  EXPECT_DEATH((void)bad.value(), "NOT_FOUND \\(local\\): nothing here");
  EXPECT_DEATH((void)good.error(), "it holds OK");
  EXPECT_DEATH((void)Result<int>(Status()), "it holds OK");
  EXPECT_DEATH(Result<void>(kError).value(), "NOT_FOUND");
  EXPECT_DEATH((void)Result<void>().error(), "it holds OK");
}

}  // namespace
}  // namespace minim
