#include "sim/seed_watch.h"

#include <unistd.h>

#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iterator>

// There in builds with a sanitizer, which ends the process without a signal.
extern "C" __attribute__((weak)) void __sanitizer_set_death_callback(void (*callback)());

namespace minim::sim {

namespace {

constexpr int kSignals[] = {SIGALRM, SIGABRT, SIGSEGV, SIGBUS, SIGILL, SIGFPE};

char current_seed[32];  // what a signal handler can still read; empty: none runs
struct sigaction before[std::size(kSignals)];

void say(const char* text) {
  if (write(STDERR_FILENO, text, std::strlen(text)) < 0) std::_Exit(2);
}

void say_seed(const char* what) {
  if (current_seed[0] == 0) return;
  say("FAILED seed ");
  say(current_seed);
  say(what);
  current_seed[0] = 0;
}

void on_death() { say_seed(": the process died\n"); }

// What would have handled it otherwise does so next: an instruction that faults is run again.
void on_signal(int number) {
  say_seed(number == SIGALRM ? ": it does not end\n" : ": the process died\n");
  for (std::size_t i = 0; i < std::size(kSignals); ++i) {
    sigaction(kSignals[i], &before[i], nullptr);
  }
  if (number == SIGALRM || number == SIGABRT) std::raise(number);
}

void install() {
  struct sigaction action{};
  action.sa_handler = on_signal;
  for (std::size_t i = 0; i < std::size(kSignals); ++i) {
    sigaction(kSignals[i], &action, &before[i]);
  }
  if (__sanitizer_set_death_callback != nullptr) __sanitizer_set_death_callback(on_death);
}

}  // namespace

SeedWatch::SeedWatch(std::uint64_t seed, unsigned most_seconds) {
  [[maybe_unused]] static const bool installed = (install(), true);
  *std::to_chars(std::begin(current_seed), std::end(current_seed) - 1, seed).ptr = 0;
  alarm(most_seconds);
}

SeedWatch::~SeedWatch() {
  alarm(0);
  current_seed[0] = 0;
}

}  // namespace minim::sim
