// Row 155 of the fault list: the k-th allocation inside nghttp2 and zlib fails, for every k. (Our
// own C++ allocations end the process; docs/limits.md bounds them.)
#include "unit/rpc/faults/memory.h"

#include <gtest/gtest.h>

#include <functional>

#include "grpcframe/gzip.h"
#include "support/rows.h"

namespace minim::test {

using namespace std::chrono_literals;

namespace {

rpc::Request sized_request(std::string path, std::size_t bytes) {
  rpc::Request request;
  request.path = std::move(path);
  request.message = std::string(bytes, 'x');
  return request;
}

// What a server does to /svc/A and /svc/B once it is connected; tolerates that they never came.
struct Scenario {
  std::string_view name;
  Code code;  // of /svc/A when no allocation fails; whichever call is stream 1 meets the same
  std::size_t request_bytes;
  void (*play)(World& w, rpc::CallId a);
};

void send(World& w, const Peer& peer) {
  if (w.wires.size() == 1 && w.wires[0].is_open) w.send(0, peer);
}

const Scenario kScenarios[] = {
    {"good", Code::kOk, 10,
     [](World& w, rpc::CallId) { send(w, Peer().reply(1, "a").reply(3, "b")); }},
    {"large request", Code::kOk, 200'000,
     [](World& w, rpc::CallId) {
       send(w, Peer().window_update(1, 1 << 20).window_update(0, 1 << 20).reply(1, "a"));
     }},
    {"gzip reply", Code::kOk, 10,
     [](World& w, rpc::CallId) {
       const Result<std::string> coded = gzip_compress(std::string(3000, 'z'));
       if (!coded) return;
       Peer peer;
       peer.headers(1, grpc_headers({{"grpc-encoding", "gzip"}}));
       send(w, peer.data(1, grpc_message(*coded, 1)).trailers(1, {{"grpc-status", "0"}}));
     }},
    {"refused", Code::kUnavailable, 10, [](World& w, rpc::CallId) { send(w, Peer().rst(1, 7)); }},
    {"reset", Code::kInternal, 10, [](World& w, rpc::CallId) { send(w, Peer().rst(1, 2)); }},
    {"GOAWAY", Code::kOk, 10,
     [](World& w, rpc::CallId) { send(w, Peer().goaway(1).reply(1, "a")); }},
    {"cancel", Code::kCancelled, 10, [](World& w, rpc::CallId a) { w.cancel(a); }},
    {"deadline", Code::kDeadlineExceeded, 10, [](World& w, rpc::CallId) { w.wait(5s); }},
    {"many headers", Code::kOk, 10,
     [](World& w, rpc::CallId) {
       Fields fields;
       for (int i = 0; i < 50; ++i) fields.emplace_back("x-" + std::to_string(i), "value");
       Peer peer;
       peer.split_headers(1, grpc_headers(fields), 100).data(1, grpc_message("a"));
       send(w, peer.trailers(1, {{"grpc-status", "0"}}));
     }},
    {"breach", Code::kUnavailable, 10,
     [](World& w, rpc::CallId) { send(w, Peer().window_update(0, 0)); }},
    {"PINGs and SETTINGS", Code::kUnavailable, 10,
     [](World& w, rpc::CallId) {
       send(w, Peer().ping().settings({{kInitialWindowSize, 1}, {kHeaderTableSize, 0}}).ping());
     }},
    {"keepalive", Code::kUnavailable, 10, [](World& w, rpc::CallId) { w.wait(16s); }},
    {"lost", Code::kUnavailable, 10, [](World& w, rpc::CallId) { w.hang_up(0); }},
    {"closed", Code::kCancelled, 10, [](World& w, rpc::CallId) { w.close(); }},
};

// As without a failure, or as the want of memory is said; once, and no later than keepalive and the
// connect timeout have it.
void expect_right_ending(const World& w, rpc::CallId call, std::string_view path,
                         const Scenario& scenario) {
  const rpc::Reply* const got = w.reply(call);
  ASSERT_NE(got, nullptr) << path << " has not ended";
  const std::string text = got->status.to_string();
  const Code code = got->status.code();
  EXPECT_TRUE(code == scenario.code || code == Code::kResourceExhausted ||
              code == Code::kUnavailable)
      << path << ": " << text;
  // What is refused is repeated once for free.
  EXPECT_LE(w.sent_count(path), scenario.name == "refused" ? 2u : 1u) << path << ": " << text;
  EXPECT_TRUE(got->status.ok() || w.sent_count(path) != 0 || !got->status.may_have_reached_server())
      << path << ": " << text;
}

// How many allocations it took.
int run_with_failure(const Scenario& scenario, int fail_at, bool fail_on) {
  rpc::ChannelOptions options = plain_options("10.0.0.1");
  const bool has_deadline = scenario.code == Code::kDeadlineExceeded;
  if (!has_deadline) options.keepalive = rpc::KeepaliveOptions{.interval = 10s, .timeout = 5s};
  World w(std::move(options));
  Memory::count = 0;
  Memory::fail_at = fail_at;
  Memory::fail_on = fail_on;
  const rpc::CallOptions timed{.rpc_timeout = has_deadline ? 5s : 1h, .retry = rpc::no_retry()};
  const auto a = w.start(sized_request("/svc/A", scenario.request_bytes), timed);
  const auto b = w.start(sized_request("/svc/B", scenario.request_bytes), timed);
  w.accept(0);
  send(w, Peer().settings().settings_ack());
  if (!w.wires[0].is_closed) scenario.play(w, a);
  w.wait(1s);
  Memory::fail_at = 0;
  const int count = Memory::count;
  w.wait(40s);
  expect_right_ending(w, a, "/svc/A", scenario);
  expect_right_ending(w, b, "/svc/B", scenario);
  if (fail_at == 0) {
    EXPECT_EQ(code_name(w.reply(a)->status.code()), code_name(scenario.code));
  }
  if (w.is_closed) return count;
  const auto next = w.start("/svc/Next", patient());
  if (w.sent_count("/svc/Next") == 0) reopen(w);
  answer(w, "/svc/Next", "next");
  w.expect(next, Code::kOk, "next");
  return count;
}

}  // namespace

TEST(Faults, R155EachAllocationOfTheLibrariesFails) {
  for (const Scenario& scenario : kScenarios) {
    SCOPED_TRACE(scenario.name);
    const int count = run_with_failure(scenario, 0, false);
    EXPECT_GT(count, 10);
    for (const bool fail_on : {false, true}) {
      for (int k = 1; k <= count && !HasFailure(); ++k) {
        SCOPED_TRACE("allocation " + std::to_string(k) + (fail_on ? " and all after it" : ""));
        run_with_failure(scenario, k, fail_on);
      }
    }
  }
}

TEST(GzipMemory, WantOfItIsSaid) {
  const std::string text(3000, 'z');
  const std::string coded = *gzip_compress(text);
  const std::function<Result<std::string>()> steps[] = {
      [&] { return gzip_compress(text); }, [&] { return gzip_decompress(coded, text.size()); }};
  for (const auto& step : steps) {
    Memory::count = 0;
    ASSERT_TRUE(step());
    const int count = Memory::count;
    EXPECT_GE(count, 2);
    for (int k = 1; k <= count; ++k) {
      Memory::count = 0;
      Memory::fail_at = k;
      const Result<std::string> failed = step();
      Memory::fail_at = 0;
      ASSERT_FALSE(failed) << k;
      EXPECT_EQ(failed.error().to_string(), "RESOURCE_EXHAUSTED (local): gzip: out of memory") << k;
    }
  }
}

}  // namespace minim::test
