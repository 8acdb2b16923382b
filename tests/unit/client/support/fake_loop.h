// A loop that exists only in the test: it keeps what runs ask of it, on a clock that the test
// moves.
#ifndef MINIM_TESTS_UNIT_CLIENT_SUPPORT_FAKE_LOOP_H_
#define MINIM_TESTS_UNIT_CLIENT_SUPPORT_FAKE_LOOP_H_

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "minim/client.h"
#include "minim/internal/executor.h"
#include "minim/random.h"

namespace minim::testing {

class FakePort final : public internal::Port {
 public:
  struct Call {
    internal::Run* run;
    rpc::Request request;
    rpc::CallOptions options;
  };

  Status submit(std::shared_ptr<internal::Run> run) override {
    if (closed) return Status(Code::kCancelled, "client closed");
    submitted.push_back(run);
    runs.push_back(std::move(run));
    return Status();
  }
  void request_cancel(const std::shared_ptr<internal::Run>& run) override {
    end(*run, "operation cancelled");
  }
  void close(Duration drain) override {
    closed = true;
    drained_for = drain;
    if (drain > Duration()) return;
    const auto running = runs;
    for (const auto& run : running) end(*run, "client closed");
  }
  bool is_loop_thread() const override { return on_loop; }
  Time now() const override { return clock; }
  Random& random() override { return random_; }
  void start_call(internal::Run& run, rpc::Request&& request, rpc::CallOptions&& options) override {
    calls.push_back({&run, std::move(request), std::move(options)});
  }
  void start_timer(internal::Run&, Time when) override { timer = when; }
  void finished(internal::Run& run) override {
    ++finished_count;
    std::erase_if(runs, [&run](const auto& other) { return other.get() == &run; });
  }

  // The first step of everything submitted.
  void begin() {
    for (const auto& run : std::exchange(submitted, {})) run->begin();
  }
  // Answers the oldest call.
  void answer(rpc::Reply reply) {
    Call call = std::move(calls.front());
    calls.erase(calls.begin());
    const auto run = call.run->shared_from_this();
    run->on_reply(std::move(reply));
  }
  void answer_ok(std::string message = {}) {
    rpc::Reply reply;
    reply.message = std::move(message);
    answer(std::move(reply));
  }

  std::vector<std::shared_ptr<internal::Run>> submitted;
  std::vector<std::shared_ptr<internal::Run>> runs;
  std::vector<Call> calls;
  std::optional<Time> timer;
  Time clock = Time() + std::chrono::hours(1);
  int finished_count = 0;
  bool closed = false;
  Duration drained_for{};
  bool on_loop = false;

 private:
  void end(internal::Run& run, const char* why) {
    for (const auto& running : runs) {
      if (running.get() != &run) continue;
      const auto kept = running;
      std::erase_if(calls, [&run](const Call& call) { return call.run == &run; });
      std::erase(submitted, kept);
      return kept->on_cancel(Status(Code::kCancelled, why));
    }
  }

  SeededRandom random_{7};
};

class FakeExecutor final : public internal::Executor {
 public:
  Result<std::shared_ptr<internal::Port>> open(rpc::ChannelOptions options) override {
    opened = std::move(options);
    if (!refusal.ok()) return refusal;
    return std::shared_ptr<internal::Port>(port);
  }
  std::uint64_t entropy() override { return 1; }
  std::string default_identity() override { return "1@test"; }
  std::optional<std::string> environment(const char* name) override {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  }

  std::map<std::string, std::string, std::less<>> variables;
  std::shared_ptr<FakePort> port = std::make_shared<FakePort>();
  std::optional<rpc::ChannelOptions> opened;
  Status refusal;
};

// A host as Client::create() and connect() take one.
struct FakeHost {
  FakeHost() = default;
  FakeHost(const FakeHost&) = delete;
  FakeHost& operator=(const FakeHost&) = delete;
  // What a test leaves running owns the port that owns it. Its callback may be gone: nobody is
  // called.
  ~FakeHost() {
    port().submitted.clear();
    port().runs.clear();
  }

  std::shared_ptr<FakeExecutor> fake = std::make_shared<FakeExecutor>();
  std::shared_ptr<internal::Executor> executor() const { return fake; }
  FakePort& port() const { return *fake->port; }
  Client client(ConnectOptions options = {}) const {
    return std::move(*Client::create_on(fake, std::move(options)));
  }
};

}  // namespace minim::testing

#endif  // MINIM_TESTS_UNIT_CLIENT_SUPPORT_FAKE_LOOP_H_
