#include "sim/world_plan.h"

#include "support/fake_filter.h"

namespace minim::sim {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// Zero would be none, and a call without clocks may wait for a server that never answers.
constexpr Duration kLeastTimeout = std::chrono::microseconds(1);

// Most worlds have a few troubles and not all of them: what only shows where nothing else goes
// wrong would else never show.
std::uint32_t trouble(Dice& dice, std::uint32_t most) {
  return dice.percent(35) ? dice.below(most + 1) : 0;
}

Moods make_moods(Dice& dice) {
  Moods moods;
  moods.refuse = trouble(dice, 40);
  moods.fail = trouble(dice, 50);
  moods.reset = trouble(dice, 40);
  moods.hang = trouble(dice, 20);
  moods.early = trouble(dice, 20);
  moods.not_grpc = trouble(dice, 20);
  moods.goaway = trouble(dice, 50);
  moods.gibberish = trouble(dice, 30);
  moods.mute = trouble(dice, 20);
  moods.max_streams = dice.percent(40) ? dice.between(1, 4) : 0;
  moods.may_shut_streams = dice.percent(15);
  if (dice.percent(25)) moods.initial_window = dice.below(30);
  moods.answer_least = milliseconds(dice.below(10));
  moods.answer_most =
      moods.answer_least + milliseconds(1 + dice.below(dice.percent(20) ? 5000 : 60));
  return moods;
}

}  // namespace

Moods calm_moods() {
  Moods moods;
  moods.answer_most = milliseconds(5);
  return moods;
}

WorldPlan make_plan(Dice& dice) {
  WorldPlan plan;
  plan.channels = dice.percent(40) ? 1 : dice.between(2, 4);
  plan.calls = dice.between(1, dice.percent(20) ? 40 : 12);
  plan.start_span = milliseconds(dice.below(dice.percent(50) ? 50 : 20'000));
  plan.calm_at = plan.start_span + milliseconds(dice.below(20'000));
  plan.moods = make_moods(dice);
  constexpr const char* kHosts[] = {"10.0.0.1", "fd00::1", "10.0.0.2", "fd00::2"};
  for (std::uint32_t i = dice.between(1, 4); i > 0; --i) {
    plan.addresses.push_back({rpc::Address::Kind::kIp, kHosts[i - 1], 7233});
  }
  plan.delay_least = std::chrono::microseconds(dice.below(2000));
  plan.delay_most = plan.delay_least + milliseconds(dice.below(dice.percent(20) ? 2000 : 20));
  plan.short_write = trouble(dice, 60);
  plan.cut_read = trouble(dice, 80);
  plan.wire_fault = trouble(dice, 60);
  plan.dial_refused = trouble(dice, 50);
  plan.dial_ignored = trouble(dice, 30);
  plan.lookup_fails = trouble(dice, 50);
  plan.has_filter = dice.percent(25);
  plan.has_gzip = dice.percent(25);
  plan.cancels = trouble(dice, 40);
  plan.follows = trouble(dice, 30);
  plan.wait_for_ready = dice.below(101);
  plan.no_retry = trouble(dice, 100);
  plan.large_requests = trouble(dice, 40);
  plan.closes_early = dice.percent(10) ? 50 : 0;
  plan.late_timer = trouble(dice, 30);
  plan.jumps = dice.percent(8) ? 100 : 0;
  return plan;
}

rpc::ChannelOptions make_options(const WorldPlan& plan, Dice& dice) {
  rpc::ChannelOptions options;
  options.target = dice.percent(90) ? "server" : "10.0.0.1:7233";
  if (plan.has_filter) options.tls = std::make_shared<test::FakeFilterFactory>();
  if (dice.percent(30)) {
    options.keepalive.reset();
  } else {
    options.keepalive->interval = seconds(dice.between(1, 30));
    options.keepalive->timeout = seconds(dice.between(1, 15));
    options.keepalive->without_calls = dice.percent(50);
  }
  if (!plan.has_gzip) options.gzip_above_bytes.reset();
  options.retry.max_attempts = dice.percent(80) ? dice.between(1, 6) : 0;
  options.reconnect.connect_timeout = seconds(dice.between(1, 20));
  if (dice.percent(10)) options.limits.max_calls = dice.between(1, 5);
  if (dice.percent(20)) options.limits.max_output_bytes = 1000;
  if (dice.percent(25)) {
    options.dns_balancing = rpc::DnsBalancingOptions{.interval = seconds(dice.between(1, 10))};
    if (dice.percent(50))
      options.dns_balancing->pick = rpc::DnsBalancingOptions::Pick::kLeastLoaded;
  } else if (dice.percent(25)) {
    options.max_connections = dice.between(2, 4);
  }
  if (dice.percent(20)) {
    options.idle_timeout = dice.millis(1, 5000);
  } else {
    options.keep_connected = dice.percent(20);
  }
  if (dice.percent(10)) {
    options.retry_throttle = rpc::RetryThrottleOptions{.max_tokens = dice.between(1, 10)};
  }
  return options;
}

rpc::CallOptions make_call_options(const WorldPlan& plan, Dice& dice, Time now) {
  rpc::CallOptions options;
  const std::uint32_t clocks = dice.between(1, 3);
  if ((clocks & 1) != 0)
    options.rpc_timeout = dice.millis(0, dice.percent(50) ? 100 : 30'000) + kLeastTimeout;
  if ((clocks & 2) != 0) {
    options.deadline = now + dice.millis(0, dice.percent(50) ? 100 : 60'000);
  }
  options.wait_for_ready = dice.percent(plan.wait_for_ready);
  if (dice.percent(plan.no_retry)) options.retry = rpc::no_retry();
  return options;
}

}  // namespace minim::sim
