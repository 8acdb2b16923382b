// The seeds of each test run, and that the rules would notice.
#include <gtest/gtest.h>

#include "sim/simulation.h"

namespace minim::sim {
namespace {

constexpr std::uint64_t kSeeds = 10'000;
constexpr std::uint64_t kSlices = 4;

class Seeds : public testing::TestWithParam<std::uint64_t> {};

TEST_P(Seeds, HoldTheRules) {
  std::uint64_t calls = 0;
  std::uint64_t good_calls = 0;
  for (std::uint64_t seed = GetParam(); seed <= kSeeds; seed += kSlices) {
    const Outcome outcome = simulate(seed);
    ASSERT_EQ(outcome.problem, "") << "seed " << seed << ": sim --trace " << seed;
    calls += outcome.calls;
    good_calls += outcome.good_calls;
  }
  // A world in which nothing succeeds, or nothing fails, tests little.
  EXPECT_GT(good_calls, calls / 4);
  EXPECT_LT(good_calls, calls * 9 / 10);
}

INSTANTIATE_TEST_SUITE_P(Simulation, Seeds, testing::Range<std::uint64_t>(1, kSlices + 1));

TEST(Simulation, OneSeedHappensTheSameWayTwice) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    const Outcome first = simulate(seed, {.trace = true});
    const Outcome second = simulate(seed, {.trace = true});
    EXPECT_EQ(first.trace, second.trace) << "seed " << seed;
    EXPECT_EQ(first.fingerprint, simulate(seed).fingerprint) << "seed " << seed;
  }
  EXPECT_NE(simulate(1).fingerprint, simulate(2).fingerprint);
}

// How many of a hundred seeds notice that a rule is broken.
std::uint32_t noticed(Sabotage sabotage, std::string_view part) {
  std::uint32_t count = 0;
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    const Outcome outcome = simulate(seed, {.trace = false, .sabotage = sabotage});
    count += outcome.problem.find(part) != std::string::npos;
  }
  return count;
}

TEST(Simulation, ALostReplyIsNoticed) {
  EXPECT_EQ(noticed(Sabotage::kLoseReply, ""), 100u);
  EXPECT_GT(noticed(Sabotage::kLoseReply, "call"), 50u);
}
TEST(Simulation, ASecondReplyIsNoticed) {
  EXPECT_EQ(noticed(Sabotage::kRepeatReply, "a second reply"), 100u);
}
TEST(Simulation, ASecondRequestIsNoticed) {
  EXPECT_GT(noticed(Sabotage::kRepeatRequest, " times in "), 25u);
}
TEST(Simulation, ADeadlineThatPassesUnseenIsNoticed) {
  EXPECT_GT(noticed(Sabotage::kLateTimer, "lives on after its deadline"), 50u);
}

}  // namespace
}  // namespace minim::sim
