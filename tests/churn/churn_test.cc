// The real server ends connections all the time, in good order and not: nothing is lost or doubled.
#include <gtest/gtest.h>

#include <cstdio>
#include <functional>

#include "churn/report.h"
#include "minim/random.h"
#include "proxies/support/load.h"
#include "temporal/support/testbed.h"

namespace minim::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int kWidth = 64;
constexpr int kShortSeconds = 20;  // both tests together

std::vector<std::string> aged(const char* age) {
  // The settings are read when the server starts.
  return {"--dynamic", std::string("frontend.keepAliveMaxConnectionAge=\"") + age + "\"",
          "--dynamic", "frontend.keepAliveMaxConnectionAgeGrace=\"2s\""};
}

// Signals and starts for half of the time; `act` runs meanwhile, again and again, and pauses.
void churn(const std::string& name, const Testbed& bed,
           const std::function<void(const Load&)>& act) {
  const seconds whole = time_of("MINIM_CHURN_SECONDS", kShortSeconds);
  ASSERT_EQ(bed.problem(), "");
  Runtime runtime;
  ConnectOptions options;
  options.target = bed["address"];
  // On a busy machine kills come faster than answers, and ten attempts are soon over; that a call
  // gives up at last is tested elsewhere.
  options.retry.max_attempts = 0;
  options.retry.max_elapsed = std::chrono::minutes(10);
  const Client client = *Client::create(runtime, options);
  Load load(client, name, {.width = kWidth, .workflows = 64, .signals_per_start = 31});
  const auto began = Clock::now();
  const Status started = load.start(0);
  ASSERT_TRUE(started.ok()) << started.to_string();
  while (Clock::now() - began < whole / 2) act(load);
  load.stop();
  const double took = std::chrono::duration<double>(Clock::now() - began).count();

  const Json counts = bed.get("/counts")["counts"];
  long seen = 0;
  for (const auto& [method, codes] : counts.items()) {
    if (!method.ends_with("/SignalWorkflowExecution") &&
        !method.ends_with("/StartWorkflowExecution")) {
      continue;
    }
    for (const auto& [code, count] : codes.items()) seen += count.get<long>();
  }
  const Json links = bed.get("/connections?via=address")["connections"];
  const long connections = links.empty() ? 0 : links.back()["id"].get<long>();
  const Client judge = *Client::create(runtime, {.target = bed["direct"]});
  const std::vector<std::string> differences = load.differences(judge);
  const long asked = load.signals() + load.starts();
  std::printf(
      "%s: %.0f s, %ld signals and %ld starts, %d in flight, %.0f a second; %ld connections; the "
      "server ran %ld more (repeats); %ld failed, %zu lost or doubled\n",
      name.c_str(), took, load.signals(), load.starts(), kWidth, static_cast<double>(asked) / took,
      connections, seen - asked - 64, load.failed(), differences.size());
  EXPECT_EQ(load.failures(), std::vector<std::string>());
  EXPECT_EQ(differences, std::vector<std::string>());
  EXPECT_GT(asked, 1000) << "too few to say anything";
  EXPECT_GE(connections, (whole / 4).count()) << "the connection was not replaced";
}

TEST(Churn, ConnectionsOfASecond) {
  const Testbed bed(aged("1s"));
  churn("churn-age", bed, [](const Load&) { pause(milliseconds(100)); });
}

TEST(Churn, ConnectionsOfASecondAndRandomKills) {
  const Testbed bed(aged("1s"));
  SeededRandom random(20'261'126);
  long kills = 0;
  const char* const ways[] = {"close", "eof", "reset"};
  long ended = 0;
  churn("churn-kill", bed, [&](const Load& load) {
    pause(milliseconds(50 + static_cast<int>(random.next() % 450)));
    // Else nothing would ever get through where answers take longer than that.
    if (load.ended() == ended) return;
    ended = load.ended();
    const Json answer =
        bed.post("/kill-connections", {{"via", "address"}, {"how", ways[random.next() % 3]}});
    kills += answer.value("killed", 0L);
  });
  std::printf("churn-kill: %ld connections were killed\n", kills);
  // Of 10 s: each pause is shorter than half a second, but for where nothing has got through.
  EXPECT_GE(kills, 5);
}

}  // namespace
}  // namespace minim::testing
