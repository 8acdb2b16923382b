// What a call costs while it waits: opens many on one client that the server does not answer yet,
// and compares the heap before and after.
#include <malloc.h>
#include <uv.h>

#include <cstdio>

#include "bench/minim_options.h"
#include "minim/blocking.h"
#include "minim/uv.h"

namespace {

std::size_t heap_bytes() {
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

std::size_t resident_bytes() {
  std::FILE* const file = std::fopen("/proc/self/statm", "r");
  std::size_t total = 0;
  std::size_t resident = 0;
  if (file == nullptr || std::fscanf(file, "%zu %zu", &total, &resident) != 2) resident = 0;
  if (file != nullptr) std::fclose(file);
  return resident * 4096;
}

class Holder {
 public:
  Holder(const minim::Client& client, const minim::Client& observer, std::size_t count)
      : client_(client), observer_(observer), count_(count) {}

  // Both connections exist and have made a call before anything is counted.
  void begin() {
    expect_ok(observer_, "/minim.bench/Held", [this](const std::string&) {
      expect_ok(client_, "/minim.bench/Echo", [this](const std::string&) { open_all(); });
    });
  }
  bool complete() const { return answered_ == count_ + 1; }

 private:
  template <class Next>
  void expect_ok(const minim::Client& client, const char* path, Next next) {
    client.call(path, {}).start([next](minim::Result<std::string> reply) {
      if (reply) return next(*reply);
      std::fprintf(stderr, "open_calls: %s\n", std::string(reply.error().message()).c_str());
    });
  }

  void open_all() {
    heap_ = heap_bytes();
    resident_ = resident_bytes();
    for (std::size_t i = 0; i < count_; ++i) hold();
    ask();
  }

  void hold() {
    // The server answers when one more than we open has come.
    client_.call("/minim.bench/Hold/" + std::to_string(count_ + 1), std::string(100, 'm'))
        .start([this](minim::Result<std::string> reply) { answered_ += reply.has_value(); });
  }

  void ask() {
    expect_ok(observer_, "/minim.bench/Held", [this](const std::string& held) {
      if (std::stoul(held) < count_) return ask();
      const auto each = [this](std::size_t before, std::size_t now) {
        return (static_cast<double>(now) - static_cast<double>(before)) /
               static_cast<double>(count_);
      };
      std::printf("open=%zu answered=%zu heap_bytes_per_call=%.1f resident_bytes_per_call=%.1f\n",
                  count_, answered_, each(heap_, heap_bytes()), each(resident_, resident_bytes()));
      hold();
    });
  }

  const minim::Client& client_;
  const minim::Client& observer_;
  const std::size_t count_;
  std::size_t heap_ = 0;
  std::size_t resident_ = 0;
  std::size_t answered_ = 0;
};

}  // namespace

int main(int count, char** words) {
  const bench::Flags flags(count, words);
  uv_loop_t uv;
  uv_loop_init(&uv);
  bool complete = false;
  {
    minim::uv::Loop loop(&uv);
    auto client = minim::Client::create(loop, bench::connect_options(flags));
    auto observer = minim::Client::create(loop, bench::connect_options(flags));
    if (!client || !observer) return minim::complain(client.status());
    Holder holder(*client, *observer, flags.number("calls", 10'000));
    holder.begin();
    uv_run(&uv, UV_RUN_DEFAULT);
    complete = holder.complete();
    if (!complete) std::fprintf(stderr, "open_calls: not every call was answered\n");
  }
  uv_run(&uv, UV_RUN_DEFAULT);
  uv_loop_close(&uv);
  return complete ? 0 : 1;
}
