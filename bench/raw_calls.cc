// minim's side of the rows about calls: a number of them through Client::call on a borrowed loop.
#include <uv.h>

#include <cstdio>

#include "bench/allocation_count.h"
#include "bench/minim_options.h"
#include "bench/workload.h"
#include "minim/blocking.h"
#include "minim/uv.h"

namespace {

class Caller {
 public:
  Caller(const minim::Client& client, bench::Workload& work, std::size_t warm_up)
      : client_(client), work_(work), warm_up_(warm_up) {}

  void begin() {
    for (std::size_t i = 0; i < work_.in_flight; ++i) next();
  }
  // Allocations since the warm-up ended, and the calls they were made for.
  std::uint64_t allocations() const { return bench::allocation_count() - allocations_before_; }
  std::size_t counted_calls() const { return work_.calls - warm_up_; }

 private:
  void next() {
    if (work_.all_started()) return;
    const auto started = work_.on_start();
    client_.call(work_.path, work_.message)
        .start([this, started](minim::Result<std::string> reply) {
          const bool good = reply && *reply == work_.message;
          if (!good && !complained_) {
            complained_ = true;
            std::fprintf(
                stderr, "raw_calls: %s\n",
                reply ? "another message came back" : std::string(reply.error().message()).c_str());
          }
          work_.on_done(started, good);
          if (++done_ == warm_up_) allocations_before_ = bench::allocation_count();
          next();
        });
  }

  const minim::Client& client_;
  bench::Workload& work_;
  const std::size_t warm_up_;
  std::size_t done_ = 0;
  std::uint64_t allocations_before_ = 0;
  bool complained_ = false;
};

}  // namespace

int main(int count, char** words) {
  const bench::Flags flags(count, words);
  uv_loop_t uv;
  uv_loop_init(&uv);
  int code = 1;
  {
    minim::uv::Loop loop(&uv);
    auto client = minim::Client::create(loop, bench::connect_options(flags));
    if (!client) return minim::complain(client.error());
    bench::Workload work(flags);
    Caller caller(*client, work, work.calls / 2);
    caller.begin();
    uv_run(&uv, UV_RUN_DEFAULT);
    if (bench::counts_allocations()) {
      std::printf("allocations_per_call=%.3f ", static_cast<double>(caller.allocations()) /
                                                    static_cast<double>(caller.counted_calls()));
    }
    code = work.report();
  }
  uv_run(&uv, UV_RUN_DEFAULT);
  uv_loop_close(&uv);
  return code;
}
