#include "minim/time.h"

#include <gtest/gtest.h>

namespace minim {
namespace {

TEST(AddClamped, NeverOverflows) {
  const Time zero{};
  const Duration second = std::chrono::seconds(1);
  EXPECT_EQ(add_clamped(zero, second), zero + second);
  EXPECT_EQ(add_clamped(zero, -second), zero - second);
  EXPECT_EQ(add_clamped(zero, Duration::max()), kNever);
  EXPECT_EQ(add_clamped(kNever, -second), kNever);
  EXPECT_EQ(add_clamped(kNever, Duration::min()), kNever);
  EXPECT_EQ(add_clamped(kNever - second, second), kNever);
  EXPECT_EQ(add_clamped(kNever - second, second + Duration(1)), kNever);
  EXPECT_EQ(add_clamped(kNever - second, second - Duration(1)), kNever - Duration(1));
  EXPECT_EQ(add_clamped(Time::min(), Duration::max()), Time::min() + Duration::max());
  EXPECT_EQ(add_clamped(Time::min(), Duration(-1)), Time::min());
  EXPECT_EQ(add_clamped(zero - second, Duration::min()), Time::min());
  EXPECT_EQ(add_clamped(zero - second, Duration::max()), zero - second + Duration::max());
}

}  // namespace
}  // namespace minim
