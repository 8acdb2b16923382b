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
  std::size_t request_bytes;
  void (*play)(World& w, rpc::CallId a);
};

void send(World& w, const Peer& peer) {
  if (w.wires.size() == 1 && w.wires[0].is_open) w.send(0, peer);
}

const Scenario kScenarios[] = {
    {"good", 10, [](World& w, rpc::CallId) { send(w, Peer().reply(1, "a").reply(3, "b")); }},
    {"large request", 200'000,
     [](World& w, rpc::CallId) {
       send(w, Peer().window_update(1, 1 << 20).window_update(0, 1 << 20).reply(1, "a"));
     }},
    {"gzip reply", 10,
     [](World& w, rpc::CallId) {
       const Result<std::string> coded = gzip_compress(std::string(3000, 'z'));
       if (!coded) return;
       Peer peer;
       peer.headers(1, grpc_headers({{"grpc-encoding", "gzip"}}));
       send(w, peer.data(1, grpc_message(*coded, 1)).trailers(1, {{"grpc-status", "0"}}));
     }},
    {"refused", 10, [](World& w, rpc::CallId) { send(w, Peer().rst(1, 7)); }},
    {"reset", 10, [](World& w, rpc::CallId) { send(w, Peer().rst(1, 2)); }},
    {"GOAWAY", 10, [](World& w, rpc::CallId) { send(w, Peer().goaway(1).reply(1, "a")); }},
    {"cancel", 10, [](World& w, rpc::CallId a) { w.cancel(a); }},
    {"deadline", 10, [](World& w, rpc::CallId) { w.wait(20s); }},
    {"many headers", 10,
     [](World& w, rpc::CallId) {
       Fields fields;
       for (int i = 0; i < 50; ++i) fields.emplace_back("x-" + std::to_string(i), "value");
       send(w, Peer().split_headers(1, grpc_headers(fields), 100).data(1, grpc_message("a")));
     }},
    {"breach", 10, [](World& w, rpc::CallId) { send(w, Peer().window_update(0, 0)); }},
    {"PINGs and SETTINGS", 10,
     [](World& w, rpc::CallId) {
       send(w, Peer().ping().settings({{kInitialWindowSize, 1}, {kHeaderTableSize, 0}}).ping());
     }},
    {"keepalive", 10, [](World& w, rpc::CallId) { w.wait(16s); }},
    {"lost", 10, [](World& w, rpc::CallId) { w.hang_up(0); }},
    {"closed", 10, [](World& w, rpc::CallId) { w.close(); }},
};

void expect_right_ending(const World& w, rpc::CallId call) {
  const rpc::Reply* const got = w.reply(call);
  ASSERT_NE(got, nullptr) << "has not ended";
  switch (got->status.code()) {
    case Code::kOk:
    case Code::kResourceExhausted:
    case Code::kUnavailable:
    case Code::kDeadlineExceeded:  // its own clock, or that of a scenario
    case Code::kCancelled:         // by a scenario
    case Code::kInternal:          // a reset by a scenario, a reply that could not be unpacked
      return;
    default:
      ADD_FAILURE() << got->status.to_string();
  }
}

// How many allocations it took.
int run_with_failure(const Scenario& scenario, int fail_at, bool fail_on) {
  rpc::ChannelOptions options = plain_options("10.0.0.1");
  options.keepalive = rpc::KeepaliveOptions{.interval = 10s, .timeout = 5s};
  World w(std::move(options));
  Memory::count = 0;
  Memory::fail_at = fail_at;
  Memory::fail_on = fail_on;
  const rpc::CallOptions timed{.rpc_timeout = 30s, .retry = rpc::no_retry()};
  const auto a = w.start(sized_request("/svc/A", scenario.request_bytes), timed);
  const auto b = w.start(sized_request("/svc/B", scenario.request_bytes), timed);
  w.accept(0);
  send(w, Peer().settings().settings_ack());
  if (!w.wires[0].is_closed) scenario.play(w, a);
  w.wait(1s);
  Memory::fail_at = 0;
  const int count = Memory::count;
  w.wait(30s);
  expect_right_ending(w, a);
  expect_right_ending(w, b);
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
