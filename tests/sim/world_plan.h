// What one seed's world is like: chosen once, before anything happens.
#ifndef MINIM_TESTS_SIM_WORLD_PLAN_H_
#define MINIM_TESTS_SIM_WORLD_PLAN_H_

#include <vector>

#include "minim/rpc/channel.h"
#include "sim/dice.h"
#include "sim/server_end.h"

namespace minim::sim {

// Chances in per cent, of each time that the thing could happen.
struct WorldPlan {
  std::uint32_t channels = 1;
  std::uint32_t calls = 1;  // in all; more follow from inside replies
  Duration start_span{};    // the calls start within this time
  Duration calm_at{};       // from then on nothing goes wrong that has not gone wrong already
  Moods moods;
  std::vector<rpc::Address> addresses;

  // The network.
  Duration delay_least{};
  Duration delay_most{};
  std::uint32_t short_write = 0;  // the socket takes a part of what it is offered
  std::uint32_t cut_read = 0;     // what arrives is handed over in two pieces
  std::uint32_t wire_fault = 0;   // a connection that will be reset, ended, stalled or forgotten
  std::uint32_t dial_refused = 0;
  std::uint32_t dial_ignored = 0;
  std::uint32_t lookup_fails = 0;
  bool has_filter = false;
  bool has_gzip = false;

  // Those who call.
  std::uint32_t cancels = 0;
  std::uint32_t follows = 0;  // a reply makes its caller start another call
  std::uint32_t wait_for_ready = 0;
  std::uint32_t no_retry = 0;
  std::uint32_t large_requests = 0;
  std::uint32_t closes_early = 0;  // the channel is closed while calls run

  // Time.
  std::uint32_t late_timer = 0;  // the loop comes to its timer late
  std::uint32_t jumps = 0;       // the machine sleeps for a while, once
};

WorldPlan make_plan(Dice& dice);
Moods calm_moods();
rpc::ChannelOptions make_options(const WorldPlan& plan, Dice& dice);
rpc::CallOptions make_call_options(const WorldPlan& plan, Dice& dice, Time now);

}  // namespace minim::sim

#endif  // MINIM_TESTS_SIM_WORLD_PLAN_H_
