#include "cli/trace.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "cli/output.h"
#include "minim/observer.h"
#include "minim/trace.h"

namespace minim::cli {

namespace {

class Lines final : public Observer {
 public:
  void observe(const Observation& what) override {
    if (what.kind != Observation::Kind::kTraffic) write("* " + to_string(what));
  }
  void write(std::string_view line) const {
    const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - start_;
    std::fprintf(stderr, "%8.3f %s\n", passed.count(), printable(line).c_str());
  }

 private:
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace

void trace_if_asked(ConnectOptions& options) {
  const char* const asked = std::getenv("MINIM_TRACE");
  if (asked == nullptr || *asked == '\0' || std::string_view(asked) == "0") return;
  const auto lines = std::make_shared<Lines>();
  options.trace = make_trace([lines](std::string_view line) { lines->write(line); });
  options.observer = lines;
}

}  // namespace minim::cli
