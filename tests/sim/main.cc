// Runs seeds:  sim [--first N] [--count N] [--trace SEED]
// Prints each failing seed with what went wrong, then one line of counts; exit 1 if there was one.
// A seed that the program dies of, or that does not end, is named as well, and is the last.
#include <charconv>
#include <cstdio>
#include <cstring>
#include <string_view>

#include "sim/simulation.h"

namespace {

bool read(const char* text, std::uint64_t& value) {
  const char* const end = text + std::strlen(text);
  return std::from_chars(text, end, value).ptr == end && *text != 0;
}

int usage() {
  std::fputs("usage: sim [--first SEED] [--count N] [--trace SEED]\n", stderr);
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  std::uint64_t first = 1;
  std::uint64_t count = 1000;
  std::uint64_t traced = 0;
  bool trace = false;
  for (int i = 1; i < argc; i += 2) {
    const std::string_view flag = argv[i];
    if (i + 1 == argc) return usage();
    std::uint64_t* const value = flag == "--first"   ? &first
                                 : flag == "--count" ? &count
                                 : flag == "--trace" ? &traced
                                                     : nullptr;
    if (value == nullptr || !read(argv[i + 1], *value)) return usage();
    trace = trace || value == &traced;
  }
  if (trace) {
    const minim::sim::Outcome outcome = minim::sim::simulate(traced, {.trace = true});
    std::fputs(outcome.trace.c_str(), stdout);
    std::printf("fingerprint %016llx\n%s\n", static_cast<unsigned long long>(outcome.fingerprint),
                outcome.problem.empty() ? "all rules held" : outcome.problem.c_str());
    return outcome.problem.empty() ? 0 : 1;
  }
  std::uint64_t failed = 0;
  std::uint64_t calls = 0;
  std::uint64_t good = 0;
  std::uint64_t dials = 0;
  std::uint64_t steps = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    const minim::sim::Outcome outcome = minim::sim::simulate(first + i);
    calls += outcome.calls;
    good += outcome.good_calls;
    dials += outcome.dials;
    steps += outcome.steps;
    if (outcome.problem.empty()) continue;
    ++failed;
    std::printf("FAILED seed %llu: %s\n", static_cast<unsigned long long>(first + i),
                outcome.problem.c_str());
    std::fflush(stdout);
  }
  std::printf("%llu seeds, %llu failed, %llu calls, %llu OK, %llu connections, %llu steps\n",
              static_cast<unsigned long long>(count), static_cast<unsigned long long>(failed),
              static_cast<unsigned long long>(calls), static_cast<unsigned long long>(good),
              static_cast<unsigned long long>(dials), static_cast<unsigned long long>(steps));
  return failed == 0 ? 0 : 1;
}
