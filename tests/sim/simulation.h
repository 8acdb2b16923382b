// A seeded world: channels, a resolver, a network, servers and a clock, all of whose doings follow
// from one number. Held to the rules after each step:
//
//   each call ends exactly once; none later than its clocks and one turn;
//   no further attempt is taken up that the policy does not allow: by their number, by the answer
//   to the one before, by the wait after it;
//   what a reply says agrees with what the servers did: at most one attempt is taken up for each
//   attempt that was counted, and nothing that is said to be unprocessed was taken up;
//   nothing spins; when all calls have ended nothing is left of them, on the servers neither, and
//   no connections but those that the options keep; after close() nothing.
#ifndef MINIM_TESTS_SIM_SIMULATION_H_
#define MINIM_TESTS_SIM_SIMULATION_H_

#include <cstdint>
#include <string>

namespace minim::sim {

// Breaks a rule on purpose, so that a test sees that it would be noticed.
enum class Sabotage : std::uint8_t {
  kNone,
  kLoseReply,      // one reply is not handed on
  kRepeatReply,    // one is handed on twice
  kRepeatRequest,  // one request reaches a server twice
  kLateTimer,      // the loop comes to its timers a second late
  kNoClock,        // and then does not tell the time
};

struct Options {
  bool trace = false;
  Sabotage sabotage = Sabotage::kNone;
};

struct Outcome {
  std::string problem;            // empty: all rules held
  std::uint64_t fingerprint = 0;  // of all that happened, in order
  std::string trace;              // if asked for: a line for each thing that happened
  std::uint32_t calls = 0;
  std::uint32_t good_calls = 0;
  std::uint32_t attempts = 0;
  std::uint32_t dials = 0;
  std::uint32_t steps = 0;
};

Outcome simulate(std::uint64_t seed, const Options& options = {});

}  // namespace minim::sim

#endif  // MINIM_TESTS_SIM_SIMULATION_H_
