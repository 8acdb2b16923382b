// The seeds of each test run, and that the rules would notice.
#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>

#include "sim/ledger.h"
#include "sim/seed_watch.h"
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
  EXPECT_GT(noticed(Sabotage::kRepeatRequest, " times"), 25u);
}
TEST(Simulation, ADeadlineThatPassesUnseenIsNoticed) {
  EXPECT_GT(noticed(Sabotage::kNoClock, "lives on after its deadline"), 50u);
}
TEST(Simulation, ADeadlineThatIsSeenLateIsNoticed) {
  EXPECT_GT(noticed(Sabotage::kLateTimer, "after its deadline"), 50u);
}

TEST(SimulationDeathTest, ADeathNamesItsSeed) {
  EXPECT_DEATH(
      {
        const SeedWatch watch(4711);
        std::abort();
      },
      "FAILED seed 4711: the process died");
}
TEST(SimulationDeathTest, ASeedWithoutEndIsNamed) {
  EXPECT_DEATH(
      {
        const SeedWatch watch(4711);
        std::raise(SIGALRM);
      },
      "FAILED seed 4711: it does not end");
}

// --- the ledger ---

constexpr Moment at(int millis) {
  return {Time(std::chrono::milliseconds(millis)), static_cast<std::uint64_t>(millis)};
}

TEST(Ledger, MoreAttemptsThanThePolicyAllows) {
  Ledger ledger;
  ledger.started("/a", 2);
  EXPECT_EQ(ledger.accepted("/a", at(1)), "");
  EXPECT_EQ(ledger.accepted("/a", at(2)), "");
  EXPECT_EQ(ledger.accepted("/a", at(3)), "/a is taken up 3 times, and may be 2");
  ledger.started("/b", 0);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(ledger.accepted("/b", at(i)), "");
}

TEST(Ledger, OneRefusalIsFree) {
  Ledger ledger;
  ledger.started("/a", 1);
  EXPECT_EQ(ledger.refused("/a"), "");
  EXPECT_EQ(ledger.accepted("/a", at(1)), "");
  ledger.started("/b", 1);
  EXPECT_EQ(ledger.refused("/b"), "");
  EXPECT_EQ(ledger.refused("/b"), "");
  EXPECT_NE(ledger.refused("/b"), "");
}

TEST(Ledger, WhatAnAnswerSaysOfAFurtherAttempt) {
  const auto after = [](Verdict verdict, int millis) {
    Ledger ledger;
    ledger.started("/a", 0);
    EXPECT_EQ(ledger.accepted("/a", at(1)), "");
    ledger.answered("/a", verdict, at(10));
    return ledger.accepted("/a", at(millis));
  };
  const std::string never = "/a is taken up after an answer that is not to be repeated";
  const std::string sooner = "/a is taken up sooner after an answer than that allows";
  EXPECT_EQ(after(Verdict::of_status(0), 9000), never);
  EXPECT_EQ(after(Verdict::of_status(5), 9000), never);
  EXPECT_EQ(after(Verdict::of_status(14, "-1"), 9000), never);
  EXPECT_EQ(after(Verdict::of_status(14, "soon"), 9000), never);
  EXPECT_EQ(after(Verdict::of_reset(8), 9000), never);
  EXPECT_EQ(after(Verdict::of_http(403), 9000), never);
  EXPECT_EQ(after(Verdict::of_status(14), 89), sooner);
  EXPECT_EQ(after(Verdict::of_status(14), 90), "");
  EXPECT_EQ(after(Verdict::of_status(14, "20"), 29), sooner);
  EXPECT_EQ(after(Verdict::of_status(14, "20"), 30), "");
  EXPECT_EQ(after(Verdict::of_status(8), 809), sooner);
  EXPECT_EQ(after(Verdict::of_reset(2), 90), "");
  EXPECT_EQ(after(Verdict::of_http(503), 90), "");
  // On its way already when the answer was read.
  EXPECT_EQ(after(Verdict::of_status(5), 9), "");
}

}  // namespace
}  // namespace minim::sim
