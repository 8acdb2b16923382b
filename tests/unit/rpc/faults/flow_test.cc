// Section E of the fault list: flow control (rows 92 to 100).
#include <gtest/gtest.h>

#include "support/rows.h"

namespace minim::test {

using namespace std::chrono_literals;
using rpc::Progress;

namespace {

const Fields kOkTrailers{{"grpc-status", "0"}};

// That gzip makes no smaller.
rpc::Request large_request(std::size_t bytes) {
  rpc::Request request;
  request.path = "/svc/A";
  std::uint32_t state = 1;
  for (std::size_t i = 0; i < bytes; ++i) {
    state = state * 1'664'525 + 1'013'904'223;
    request.message += static_cast<char>(state >> 24);
  }
  return request;
}

// A channel with /svc/A on link 0, whose server allows `window` bytes on a stream.
struct Upload {
  explicit Upload(std::uint32_t window, std::size_t bytes = 12, rpc::CallOptions options = once())
      : w(plain_options("10.0.0.1")), call(w.start(large_request(bytes), std::move(options))) {
    w.accept(0).send(0, Peer().settings({{kInitialWindowSize, window}}).settings_ack());
  }
  std::size_t body_bytes() const { return w.wires[0].received.body(1).size(); }
  void expect_whole(std::size_t bytes) {
    EXPECT_EQ(body_bytes(), bytes + 5);
    answer(w, "/svc/A", "a");
    expect_ending(w, call, "/svc/A", {.text = "a"});
    EXPECT_EQ(w.wires[0].received.count(kRstStream), 0u);
    expect_next_call_works(w, Next::kSameLink);
  }

  World w;
  rpc::CallId call;
};

}  // namespace

TEST(Faults, R092WindowOpensLater) {
  Script s;
  s.peer().settings({{kInitialWindowSize, 0}});
  const auto a = s.start("/svc/A");
  s.expect(
      [](const Script::Run& run) { EXPECT_EQ(run.received.body(1), grpc_message("request")); });
  s.wait(1s);
  s.peer().window_update(1, 12);
  s.next_packet().reply(1, "a");
  s.expect(a, Code::kOk, "a");
  s.run_all_ways();
  Upload up(0);
  up.w.wait(1s);
  EXPECT_EQ(up.body_bytes(), 0u);
  up.w.send(0, Peer().window_update(1, 17).settings());
  up.w.send(0, Peer().settings({{kInitialWindowSize, 65'535}}));
  up.expect_whole(12);
}

TEST(Faults, R093WindowNeverOpens) {
  Upload up(0, 12, {.rpc_timeout = 5s, .retry = rpc::no_retry()});
  up.w.wait(6s);
  expect_ending(up.w, up.call, "/svc/A",
                {.code = Code::kDeadlineExceeded,
                 .text = "after 5.0 s while sending the request",
                 .origin = Origin::kLocal});
  EXPECT_EQ(up.body_bytes(), 0u);
  const Frame* const reset = up.w.wires[0].received.find(kRstStream, 1);
  ASSERT_NE(reset, nullptr);
  EXPECT_EQ(reset->number(), 8u);
  up.w.send(0, Peer().settings({{kInitialWindowSize, 65'535}}));
  expect_next_call_works(up.w, Next::kSameLink);
}

TEST(Faults, R094WindowOpensByteByByte) {
  Script s;
  s.peer().settings({{kInitialWindowSize, 0}});
  const auto a = s.start("/svc/A");
  for (int i = 0; i < 12; ++i) s.next_packet().window_update(1, 1);
  s.next_packet().reply(1, "a");
  s.expect(a, Code::kOk, "a");
  s.expect(
      [](const Script::Run& run) { EXPECT_EQ(run.received.body(1), grpc_message("request")); });
  s.run_all_ways();
  Upload up(0);
  for (std::size_t i = 0; i < 17; ++i) {
    EXPECT_EQ(up.body_bytes(), i);
    up.w.send(0, Peer().window_update(1, 1));
  }
  up.w.send(0, Peer().settings({{kInitialWindowSize, 65'535}}));
  up.expect_whole(12);
}

TEST(Faults, R095WindowShrinksBelowWhatIsInFlight) {
  Upload up(1000, 2000);
  EXPECT_EQ(up.body_bytes(), 1000u);
  up.w.send(0, Peer().settings({{kInitialWindowSize, 10}}));
  up.w.send(0, Peer().window_update(1, 980));
  EXPECT_EQ(up.body_bytes(), 1000u) << "the window is still below zero";
  up.w.send(0, Peer().window_update(1, 11));
  EXPECT_EQ(up.body_bytes(), 1001u);
  up.w.send(0, Peer().window_update(1, 3000).settings({{kInitialWindowSize, 65'535}}));
  up.expect_whole(2000);
}

TEST(Faults, R096PeerOverrunsOurStreamWindow) {
  const std::string much = grpc_message(std::string(2000, 'x')).substr(0, 1500);
  Script s;
  s.options.limits.stream_window_bytes = 1000;
  const auto a = s.start("/svc/A"), b = s.start("/svc/B");
  s.peer().headers(1, grpc_headers()).data(1, much).reply(3, "b");
  s.expect(a, Code::kInternal, "FLOW_CONTROL_ERROR", Progress::kSent).expect(b, Code::kOk, "b");
  s.expect([](const Script::Run& run) {
    ASSERT_NE(run.received.find(kRstStream, 1), nullptr);
    EXPECT_EQ(run.received.find(kRstStream, 1)->number(), 3u);
  });
  s.run();  // in small pieces it is no overrun: our WINDOW_UPDATEs go out in between
  rpc::ChannelOptions options = plain_options("10.0.0.1");
  options.limits.stream_window_bytes = 1000;
  World w(std::move(options));
  const auto call = w.start("/svc/A", once());
  w.open(0).send(0, Peer().headers(1, grpc_headers()).data(1, much));
  expect_ending(w, call, "/svc/A", {Code::kInternal, "FLOW_CONTROL_ERROR"});
  expect_next_call_works(w, Next::kSameLink);
}

TEST(Faults, R097PeerOverrunsOurConnectionWindow) {
  Peer flood;
  flood.headers(1, grpc_headers());
  for (int i = 0; i < 9; ++i) flood.data(1, std::string(16'000, '\0'));
  Script s;
  s.options.limits.connection_window_bytes = 65'535;
  const auto call = s.start("/svc/A");
  s.peer().raw(flood.bytes());
  s.expect(call, Code::kUnavailable, "FLOW_CONTROL_ERROR", Progress::kSent);
  s.expect([](const Script::Run& run) {
    EXPECT_TRUE(run.is_closed);
    ASSERT_EQ(run.received.count(kGoaway), 1u);
    EXPECT_EQ(run.received.find(kGoaway)->number(4), 3u);
  });
  s.run();  // in small pieces it is no overrun
  rpc::ChannelOptions options = plain_options("10.0.0.1");
  options.limits.connection_window_bytes = 65'535;
  World w(std::move(options));
  const auto a = w.start("/svc/A", once());
  w.open(0);
  w.wires[0].is_blocked = true;  // so that no WINDOW_UPDATE of ours leaves
  w.send(0, flood);
  expect_ending(w, a, "/svc/A", {Code::kUnavailable, "FLOW_CONTROL_ERROR"});
  EXPECT_TRUE(w.wires[0].is_closed);
  expect_next_call_works(w, Next::kNewLink);
}

TEST(Faults, R098StreamWindowUpdateOverflows) {
  expect_answer({.send = [](Peer& p) { p.window_update(1, 0x7fffffff); },
                 .ending = {Code::kInternal, "Flow control error"},
                 .reset = 3});
}

TEST(Faults, R099PaddedResponse) {
  rpc::ChannelOptions options = plain_options("10.0.0.1");
  options.limits.stream_window_bytes = 70'000;
  options.limits.connection_window_bytes = 70'000;
  World w(std::move(options));
  const auto a = w.start("/svc/A", once());
  const std::string message(300 << 10, 'm'), whole = grpc_message(message);
  w.open(0).send(0, Peer().headers(1, grpc_headers()));
  Peer packet;
  for (std::size_t at = 0; at < whole.size(); at += 5) {  // 256 bytes of window for 5 of these
    packet.padded_data(1, std::string_view(whole).substr(at, 5), 255);
    if (at % 500 == 0) w.send(0, packet.take());
  }
  packet.trailers(1, kOkTrailers);
  w.send(0, packet);
  expect_ending(w, a, "/svc/A", {.text = message});
  EXPECT_GT(w.wires[0].received.count(kWindowUpdate, 1), 100u) << "padding is credited";
  expect_next_call_works(w, Next::kSameLink);
}

TEST(Faults, R100LateDataOfACancelledCallIsCredited) {
  rpc::ChannelOptions options = plain_options("10.0.0.1");
  options.limits.connection_window_bytes = 65'535;
  World w(std::move(options));
  const auto a = w.start("/svc/A", once()), b = w.start("/svc/B", once());
  w.open(0).cancel(a).send(0, Peer().headers(1, grpc_headers()));
  for (int i = 0; i < 100; ++i) w.send(0, Peer().data(1, std::string(16'000, '\0')));
  std::uint32_t credited = 65'535;
  for (const Frame& frame : w.wires[0].received.frames()) {
    if (frame.type == kWindowUpdate && frame.stream == 0) credited += frame.number();
  }
  EXPECT_GE(credited, 1'600'000u);
  answer(w, "/svc/B", "b");
  expect_ending(w, b, "/svc/B", {.text = "b"});
  expect_ending(w, a, "/svc/A", {.code = Code::kCancelled, .origin = Origin::kLocal});
  expect_next_call_works(w, Next::kSameLink);
}

}  // namespace minim::test
