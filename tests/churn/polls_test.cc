// Ten thousand open long polls in one client: what they cost, and that it does not grow.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <vector>

#include "churn/report.h"
#include "minim/minim.h"
#include "temporal/support/testbed.h"

namespace minim::testing {
namespace {

using std::chrono::milliseconds;

constexpr int kPolls = 10'000;
constexpr int kWave = 500;
constexpr int kWorkflows = 100;
constexpr int kHoldSeconds = 5;
constexpr auto kPatience = std::chrono::minutes(5);  // for the rounds, on a busy machine
// Each poll is answered empty after this, and asked again: a thousand a second, which a server can
// do that shares two cores with others.
constexpr int kExpirySeconds = 12;
// Each round asks every poll once. The long form has more rounds.
constexpr std::size_t kRounds = 2;
constexpr std::size_t kRoundsHeldLonger = 4;
constexpr double kMaxMib = 20;       // above an idle client's
constexpr double kMaxGrowthMib = 1;  // from one round to a later one

// How many calls the server has begun.
long begun(const Testbed& bed) { return bed.get("/calls?since=1000000000")["last"].get<long>(); }

void wait_for_begun(const Testbed& bed, long calls) {
  for (int look = 0; look < 3000 && begun(bed) < calls; ++look) pause(milliseconds(10));
}

TEST(Polls, TenThousandOpenOnOneClient) {
  const auto hold = time_of("MINIM_POLL_SECONDS", kHoldSeconds);
  const std::size_t rounds = hold.count() > kHoldSeconds ? kRoundsHeldLonger : kRounds;
  const Testbed bed({"--dynamic", "history.longPollExpirationInterval=\"" +
                                      std::to_string(kExpirySeconds) + "s\""});
  ASSERT_EQ(bed.problem(), "");
  Runtime runtime;
  const Client client = *Client::create(runtime, {.target = bed["address"]});
  std::vector<WorkflowHandle> handles;
  for (int i = 0; i < kWorkflows; ++i) {
    StartWorkflowOptions how;
    how.id = "polls-" + std::to_string(i);
    how.task_queue = "nobody";
    const auto handle = wait(client.start_workflow("Polled", std::move(how)));
    ASSERT_TRUE(handle) << handle.status().to_string();
    handles.push_back(*handle);
  }
  const long before = begun(bed);
  const double idle_mib = resident_mib();
  const long idle_descriptors = open_descriptors();
  const double idle_cpu = cpu_seconds();

  std::atomic<int> ended = 0;
  std::atomic<int> terminated = 0;
  for (int i = 0; i < kPolls; ++i) {
    handles[i % kWorkflows].result().start([&](Result<void> result) {
      const auto* const failure = result ? nullptr : result.error().as<WorkflowFailed>();
      if (failure != nullptr && failure->status == WorkflowStatus::kTerminated) ++terminated;
      ++ended;
    });
    // In waves: what is measured is polls that are open, not a queue of them.
    if ((i + 1) % kWave == 0) wait_for_begun(bed, before + i + 1);
  }
  ASSERT_GE(begun(bed), before + kPolls) << "not all of them reached the server";
  const double open_cpu = cpu_seconds();

  std::vector<double> peaks;  // of the memory, by round
  long asked = kPolls;
  const auto began = Clock::now();
  while (Clock::now() - began < hold ||
         (peaks.size() < rounds && Clock::now() - began < kPatience)) {
    pause(milliseconds(100));
    asked = begun(bed) - before;
    peaks.resize(std::max<std::size_t>(peaks.size(), asked / kPolls));
    peaks.back() = std::max(peaks.back(), resident_mib());
  }
  const double held_cpu = cpu_seconds();
  const long held = std::chrono::duration_cast<std::chrono::seconds>(Clock::now() - began).count();
  const double most = *std::max_element(peaks.begin(), peaks.end());
  const long descriptors = open_descriptors();
  std::printf(
      "polls: %d open for %ld s, asked %ld times: at most %.1f MiB resident, %.1f above an idle "
      "client's; %ld descriptors, as idle %ld; CPU %.2f s to open them, %.2f s to hold them\n"
      "polls: above an idle client's by round:",
      kPolls, held, asked, most, most - idle_mib, descriptors, idle_descriptors,
      open_cpu - idle_cpu, held_cpu - open_cpu);
  for (const double mib : peaks) std::printf(" %.1f", mib - idle_mib);
  std::printf(" MiB\n");
  EXPECT_EQ(ended, 0) << "none has ended yet";
  EXPECT_LE(most - idle_mib, kMaxMib);
  ASSERT_GE(peaks.size(), rounds) << "they were not asked again so often";
  // Asked again, a poll carries the page token of its answer, and is longer by that; no more later.
  for (std::size_t i = 2; i < peaks.size(); ++i) {
    EXPECT_LE(peaks[i], peaks[1] + kMaxGrowthMib) << "round " << i + 1;
  }
  EXPECT_EQ(descriptors, idle_descriptors);

  for (const WorkflowHandle& handle : handles) {
    const auto done = wait(handle.terminate("the test is over"));
    EXPECT_TRUE(done) << done.status().to_string();
  }
  for (int look = 0; look < 6000 && ended < kPolls; ++look) pause(milliseconds(10));
  EXPECT_EQ(ended, kPolls);
  EXPECT_EQ(terminated, kPolls);
}

}  // namespace
}  // namespace minim::testing
