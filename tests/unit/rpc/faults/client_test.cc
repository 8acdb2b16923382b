// Section H of the fault list: what the client's own side does to a call (rows 146 to 154, 157 and
// 158). Row 155, memory that runs out, is in tests/unit/h2; row 156, system calls that fail, in
// tests/uv, with rows 147, 157 and 158 on a real loop.
#include <gtest/gtest.h>

#include "support/rows.h"

namespace minim::test {

using namespace std::chrono_literals;
using rpc::CallOptions;
using rpc::Progress;

namespace {

Ending cancelled(Progress progress, std::size_t sent, std::string_view text = "was cancelled") {
  return {.code = Code::kCancelled,
          .text = text,
          .origin = Origin::kLocal,
          .progress = progress,
          .sent = sent};
}

Ending late(std::string_view text, Progress progress = Progress::kNotSent, std::size_t sent = 0) {
  return {.code = Code::kDeadlineExceeded,
          .text = text,
          .origin = Origin::kLocal,
          .progress = progress,
          .sent = sent};
}

// A request on "server:7233" that never gets further than `reach` takes it.
struct Phase {
  std::string_view name;
  std::function<void(World&)> reach;
  bool is_sent;
  std::string_view phase;  // what a deadline names
};

const std::vector<Phase>& phases() {
  static const std::vector<Phase> kPhases = {
      {"resolving", [](World&) {}, false, "resolving server"},
      {"connecting", [](World& w) { w.resolve({"10.0.0.1"}); }, false,
       "connecting to 10.0.0.1:7233"},
      {"before SETTINGS", [](World& w) { w.resolve({"10.0.0.1"}).accept(0); }, false,
       "waiting for the HTTP/2 SETTINGS of 10.0.0.1:7233"},
      {"queued",
       [](World& w) {
         w.resolve({"10.0.0.1"}).accept(0);
         w.send(0, Peer().settings({{kMaxConcurrentStreams, 0}}).settings_ack());
       },
       false, "waiting for a free stream (the server allows 0)"},
      {"sent", [](World& w) { w.resolve({"10.0.0.1"}).open(0); }, true, "waiting for the response"},
      {"upload stopped",
       [](World& w) {
         w.resolve({"10.0.0.1"}).accept(0);
         w.send(0, Peer().settings({{kInitialWindowSize, 3}}).settings_ack());
       },
       true, "sending the request"},
      {"headers seen",
       [](World& w) { w.resolve({"10.0.0.1"}).open(0).send(0, Peer().headers(1, grpc_headers())); },
       true, "reading the response"},
      {"message seen",
       [](World& w) {
         w.resolve({"10.0.0.1"}).open(0);
         w.send(0, Peer().headers(1, grpc_headers()).data(1, grpc_message("m")));
       },
       true, "reading the response"},
  };
  return kPhases;
}

// RST_STREAM(CANCEL) exactly where HEADERS went out.
void expect_reset(const World& w, bool is_sent) {
  std::size_t resets = 0;
  for (const World::Wire& wire : w.wires) {
    for (const Frame& frame : wire.received.frames()) {
      if (frame.type != kRstStream) continue;
      ++resets;
      EXPECT_EQ(frame.number(), 8u);
    }
  }
  EXPECT_EQ(resets, is_sent ? 1u : 0u);
}

// The world goes on after the call has ended in `phase`, and takes the next one.
void expect_next_call_works_after(World& w, const Phase& phase) {
  if (phase.name == "queued" || phase.name == "upload stopped") {
    w.send(0, Peer().settings({{kMaxConcurrentStreams, 100}, {kInitialWindowSize, 65'535}}));
  }
  const auto next = w.start("/svc/Next", patient());
  if (w.sent_count("/svc/Next") == 0) {
    if (!w.wires.empty() && w.wires[0].is_open) {
      w.send(0, Peer().settings().settings_ack());
    } else {
      reopen(w);
    }
  }
  answer(w, "/svc/Next", "next");
  expect_ending(w, next, "/svc/Next", {.text = "next"});
}

std::uint64_t timeout_nanoseconds(const std::string& text) {
  const std::pair<char, std::uint64_t> units[] = {{'n', 1},
                                                  {'u', 1'000},
                                                  {'m', 1'000'000},
                                                  {'S', 1'000'000'000},
                                                  {'M', 60'000'000'000},
                                                  {'H', 3'600'000'000'000}};
  for (const auto& [unit, nanoseconds] : units) {
    if (text.back() == unit) return std::stoull(text) * nanoseconds;
  }
  ADD_FAILURE() << "no unit: " << text;
  return 0;
}

}  // namespace

TEST(Faults, R146CancelInEachPhase) {
  for (const Phase& phase : phases()) {
    SCOPED_TRACE(phase.name);
    World w;
    const auto a = w.start("/svc/A");
    phase.reach(w);
    w.cancel(a).cancel(a);
    expect_ending(w, a, "/svc/A",
                  cancelled(phase.is_sent ? Progress::kSent : Progress::kNotSent, phase.is_sent));
    expect_reset(w, phase.is_sent);
    w.wait(1s);
    EXPECT_EQ(w.sent_count("/svc/A"), phase.is_sent ? 1u : 0u) << "not repeated";
    expect_next_call_works_after(w, phase);
  }
}

TEST(Faults, R147CancelAndTrailersInOneTurn) {
  for (const bool cancel_first : {false, true}) {
    World w(plain_options("10.0.0.1"));
    const auto a = w.start("/svc/A", once());
    w.open(0);
    const std::string reply = Peer().reply(1, "m").bytes();
    // On the channel itself: events are taken only when both have come.
    if (cancel_first) w.channel().cancel(w.now(), a);
    w.channel().receive(w.now(), w.wires[0].id, reply);
    if (!cancel_first) w.channel().cancel(w.now(), a);
    w.unblock(0).cancel(a);
    expect_ending(w, a, "/svc/A",
                  cancel_first ? cancelled(Progress::kSent, 1) : Ending{.text = "m"});
    expect_next_call_works(w, Next::kSameLink);
  }
}

TEST(Faults, R148DeadlineInThePast) {
  World w(plain_options("10.0.0.1"));
  w.connect().open(0).wait(1h);
  const auto a = w.start("/svc/A", {.deadline = w.now()});
  const auto b = w.start("/svc/B", {.deadline = kEpoch});
  expect_ending(w, a, "/svc/A", late("deadline exceeded before the call was started"));
  expect_ending(w, b, "/svc/B", late("deadline exceeded before the call was started"));
  EXPECT_EQ(w.wires[0].received.count(kHeaders), 0u);
  expect_next_call_works(w, Next::kSameLink);
}

TEST(Faults, R149DeadlineInEachPhase) {
  for (const Phase& phase : phases()) {
    SCOPED_TRACE(phase.name);
    World w;
    const auto a = w.start("/svc/A", {.deadline = kEpoch + 2s});
    phase.reach(w);
    w.wait(2s);
    expect_ending(w, a, "/svc/A",
                  late("after 2.0 s while " + std::string(phase.phase),
                       phase.is_sent ? Progress::kSent : Progress::kNotSent, phase.is_sent));
    expect_reset(w, phase.is_sent);
    expect_next_call_works_after(w, phase);
  }
}

TEST(Faults, R149DeadlineBetweenTheAttemptsOfAFreeRepeat) {
  World w(plain_options("10.0.0.1"));
  const auto a = w.start("/svc/A", {.deadline = kEpoch + 2s});
  w.open(0).send(0, Peer().goaway(0)).wait(2s);
  expect_ending(w, a, "/svc/A", late("GOAWAY", Progress::kNotSent, 1));
  expect_next_call_works(w, Next::kNewLink);
}

TEST(Faults, R150GrpcTimeoutIsRoundedUpAndSaysWhatIsLeft) {
  const Duration kTimeouts[] = {1ns,           99'999'999ns, 100'000'000ns,
                                100'000'001ns, 1s,           24h * 365 * 20};
  for (const Duration timeout : kTimeouts) {
    World w(plain_options("10.0.0.1"));
    w.connect().open(0);
    const auto a = w.start("/svc/A", {.rpc_timeout = timeout, .retry = rpc::no_retry()});
    const std::string text = w.wires[0].received.find(kHeaders)->field("grpc-timeout");
    EXPECT_LE(text.size(), 9u) << "8 digits and a unit";
    const auto wanted = static_cast<std::uint64_t>(timeout.count());
    EXPECT_GE(timeout_nanoseconds(text), wanted) << text;
    EXPECT_LE(timeout_nanoseconds(text), wanted + wanted / 1000 + 1) << text;
    answer(w, "/svc/A", "a");
    expect_ending(w, a, "/svc/A", {.text = "a"});
    expect_next_call_works(w, Next::kSameLink);
  }
  World w(plain_options("10.0.0.1"));  // a repeat sends what is left of the whole
  const auto a = w.start("/svc/A", {.deadline = kEpoch + 10s});
  w.open(0).wait(3s).send(0, Peer().fail(1, 14)).wait(100ms);
  const Frame* const second = w.wires[0].received.find(kHeaders, 3);
  ASSERT_NE(second, nullptr);
  EXPECT_EQ(timeout_nanoseconds(second->field("grpc-timeout")), 6'900'000'000u);
  answer(w, "/svc/A", "a");
  w.expect(a, Code::kOk, "a");
}

TEST(Faults, R151ServersCancelAMomentBeforeOurTimer) {
  // Both clocks have passed the deadline, and only our timer has not been served yet.
  for (const Duration delay : {0ns, 1ns, 500'000'000ns}) {
    World w(plain_options("10.0.0.1"));
    const auto a = w.start("/svc/A", {.deadline = kEpoch + 5s});
    w.open(0);
    w.channel().receive(kEpoch + 5s + delay, w.wires[0].id, Peer().rst(1, 8).bytes());
    w.wait(5s + delay).unblock(0);
    expect_ending(w, a, "/svc/A", late("deadline exceeded after 5.", Progress::kSent, 1));
    expect_next_call_works(w, Next::kSameLink);
  }
}

TEST(Faults, R152RequestAboveTheSendLimit) {
  rpc::ChannelOptions options = plain_options("10.0.0.1");
  options.limits.max_send_message_bytes = 1000;
  World w(std::move(options));
  rpc::Request most, more;
  most.path = "/svc/Most";
  most.message = std::string(1000, 'x');
  more.path = "/svc/More";
  more.message = std::string(1001, 'x');
  const auto a = w.start(std::move(most), once()), b = w.start(std::move(more));
  w.open(0);
  expect_ending(w, b, "/svc/More",
                {.code = Code::kResourceExhausted,
                 .text = "grpc: trying to send message larger than max (1001 vs. 1000)",
                 .origin = Origin::kLocal,
                 .progress = Progress::kNotSent,
                 .is_final = true,
                 .sent = 0});
  answer(w, "/svc/Most", "a");
  expect_ending(w, a, "/svc/Most", {.text = "a"});
  expect_next_call_works(w, Next::kSameLink);
}

TEST(Faults, R153MetadataThatNoHeaderCanCarry) {
  World w(plain_options("10.0.0.1"));
  w.connect().open(0);
  const std::pair<std::string, std::string> rows[] = {{"", "v"},
                                                      {"a b", "v"},
                                                      {"grpc-status", "0"},
                                                      {":path", "/"},
                                                      {"k", "a\r\nb"},
                                                      {"k", "\xc3\xa4"},
                                                      {"k", " v"},
                                                      {"te", "x"},
                                                      {"content-type", "x"},
                                                      {"k", std::string("\0", 1)}};
  for (const auto& [key, value] : rows) {
    rpc::Request request;
    request.path = "/svc/A";
    request.metadata.add(key, value);
    expect_ending(w, w.start(std::move(request)), "/svc/A",
                  {.code = Code::kInvalidArgument,
                   .origin = Origin::kLocal,
                   .progress = Progress::kNotSent,
                   .sent = 0});
  }
  rpc::Request upper;  // lower-cased by us, and so on the wire
  upper.path = "/svc/Upper";
  upper.metadata.add("X-Key", "v");
  const auto a = w.start(std::move(upper), once());
  EXPECT_EQ(w.wires[0].received.find(kHeaders)->field("x-key"), "v");
  answer(w, "/svc/Upper", "a");
  expect_ending(w, a, "/svc/Upper", {.text = "a"});
  expect_next_call_works(w, Next::kSameLink);
}

TEST(Faults, R154ChannelClosedWithCallsOpen) {
  for (const Phase& phase : phases()) {
    SCOPED_TRACE(phase.name);
    World w;
    const auto a = w.start("/svc/A"), b = w.start("/svc/B", patient());
    phase.reach(w);
    w.close().close();
    for (const auto& [call, path] : {std::pair(a, "/svc/A"), std::pair(b, "/svc/B")}) {
      const auto sent = phase.is_sent ? Progress::kSent : Progress::kNotSent;
      expect_ending(w, call, path, cancelled(sent, phase.is_sent, "client closed"));
    }
    EXPECT_TRUE(w.is_closed);
    const auto next = w.start("/svc/Next", patient());  // refused by name, and at once
    expect_ending(w, next, "/svc/Next", cancelled(Progress::kNotSent, 0, "client closed"));
  }
}

TEST(Faults, R157OnlyTheTimeThatIsHandedInCounts) {
  // The core reads no clock: what it does depends on the steps between the times it is given, and
  // not on where they begin. The driver's clock is tested in tests/uv.
  for (const Duration start : {0ns, Duration(24h), Duration(24h * 365 * 100)}) {
    SeededRandom random(1);
    Result<std::unique_ptr<rpc::Channel>> made =
        rpc::Channel::create(plain_options("10.0.0.1"), random);
    ASSERT_TRUE(made);
    rpc::Channel& channel = **made;
    rpc::Request request;
    request.path = "/svc/A";
    const Time begin{start};
    channel.start(begin, std::move(request), {.rpc_timeout = 5s, .retry = rpc::no_retry()});
    EXPECT_EQ(channel.next_deadline() - begin, Duration(5s));
    channel.on_time(begin + 5s);
    rpc::Channel::Event event;
    bool has_ended = false;
    while (channel.next_event(&event)) {
      if (event.kind != rpc::Channel::Event::Kind::kReply) continue;
      has_ended = true;
      EXPECT_EQ(event.reply.status.code(), Code::kDeadlineExceeded);
    }
    EXPECT_TRUE(has_ended);
  }
}

TEST(Faults, R158StalledLoopKeepsALiveConnection) {
  rpc::ChannelOptions options = plain_options("10.0.0.1");
  options.keepalive = rpc::KeepaliveOptions{.interval = 10s, .timeout = 5s};
  World w(std::move(options));
  const auto a = w.start("/svc/A", once());
  w.open(0).wait(10s);
  ASSERT_EQ(w.wires[0].received.count(kPing), 1u);
  // A minute without a turn; the driver reads before it serves the clock.
  w.channel().receive(w.now() + 1min, w.wires[0].id, Peer().pong(std::string(8, '\0')).bytes());
  w.channel().on_time(w.now() + 1min);
  w.wait(1min).expect_pending(a);
  EXPECT_FALSE(w.wires[0].is_closed);
  answer(w, "/svc/A", "a");
  expect_ending(w, a, "/svc/A", {.text = "a"});
  expect_next_call_works(w, Next::kSameLink);
}

}  // namespace minim::test
