// Section B of the fault list: breaches of HTTP/2 as a whole, and what is none (rows 24 to 41;
// the floods of rows 32, 36 and 37 are in floods_test.cc).
#include <gtest/gtest.h>

#include "support/rows.h"

namespace minim::test {

using namespace std::chrono_literals;
using rpc::Progress;

namespace {

// The peer's bytes break HTTP/2 as a whole while a call is in flight: it may have been processed.
void expect_breach(std::string_view name, const std::function<void(Peer&)>& breach,
                   std::string_view text = {}) {
  expect_answer(
      {.name = name, .send = breach, .ending = {Code::kUnavailable, text}, .is_breach = true});
}

void expect_no_fault(std::string_view name, const std::function<void(Peer&)>& oddity) {
  expect_answer({name, [&](Peer& p) { oddity(p), p.reply(1, "fine"); }, {.text = "fine"}});
}

std::string block(const Fields& fields) { return hpack_encode(fields); }

}  // namespace

TEST(Faults, R024FirstFrameIsNotSettings) {
  expect_no_connection([](World& w) { w.accept(0).send(0, Peer().ping().settings()); },
                       "HTTP/2 failed");
  Script s(Script::Handshake::kNone);
  const auto a = s.start("/svc/A");
  s.peer().ping().settings();
  s.expect(a, Code::kUnavailable, "HTTP/2 failed", Progress::kNotSent);
  s.expect([](const Script::Run& run) { EXPECT_TRUE(run.is_closed); });
  s.run_all_ways();
}

TEST(Faults, R025BadSettingsFrames) {
  expect_breach("length", [](Peer& p) { p.frame(kSettings, 0, 0, "12345"); }, "FRAME_SIZE_ERROR");
  expect_breach("stream", [](Peer& p) { p.frame(kSettings, 0, 1, ""); }, "PROTOCOL_ERROR");
  expect_breach(
      "payload", [](Peer& p) { p.frame(kSettings, kAck, 0, "123456"); }, "FRAME_SIZE_ERROR");
}

TEST(Faults, R026BadSettingsValues) {
  const struct {
    std::uint16_t id;
    std::uint32_t value;
    std::string_view text;
  } rows[] = {{kInitialWindowSize, 0x80000000, "FLOW_CONTROL_ERROR"},
              {kMaxFrameSize, 16'383, "PROTOCOL_ERROR"},
              {kMaxFrameSize, 1 << 24, "PROTOCOL_ERROR"},
              {kEnablePush, 1, "PROTOCOL_ERROR"},
              {kEnablePush, 2, "PROTOCOL_ERROR"}};
  for (const auto& row : rows) {
    expect_breach("value", [&](Peer& p) { p.settings({{row.id, row.value}}); }, row.text);
  }
}

TEST(Faults, R027FrameAboveOurLimit) {
  expect_breach(
      "", [](Peer& p) { p.headers(1, grpc_headers()).data(1, std::string(16'385, 'x')); },
      "FRAME_SIZE_ERROR");
}

TEST(Faults, R028FramesOnStreamsThatDoNotExist) {
  for (const std::uint32_t stream : {0u, 2u, 99u}) {
    expect_breach("HEADERS", [&](Peer& p) { p.headers(stream, grpc_headers()); });
    expect_breach("DATA", [&](Peer& p) { p.data(stream, "x"); });
  }
}

TEST(Faults, R029PushPromise) {
  expect_breach("", [](Peer& p) {
    p.frame(kPushPromise, kEndHeaders, 1,
            std::string("\0\0\0\x02", 4) + block({{":method", "GET"}}));
  });
}

TEST(Faults, R030BadHpack) {
  const std::string_view blocks[] = {
      std::string_view("\xff\xff\x7f", 3),                       // an index far out of the table
      std::string_view("\x80", 1),                               // index 0
      std::string_view("\x00\x81\xff\x01x", 5),                  // Huffman bits that are no symbol
      std::string_view("\x00\x85\xff\xff\xff\xff\xff\x01x", 9),  // Huffman's end-of-string
      std::string_view("\x3f\xff\xff\x7f", 4),                   // a table larger than we allow
  };
  for (const std::string_view bad : blocks) {
    expect_breach(
        "", [&](Peer& p) { p.frame(kHeaders, kEndHeaders, 1, bad); }, "COMPRESSION_ERROR");
  }
}

TEST(Faults, R031ContinuationOutOfPlace) {
  expect_breach(
      "alone", [](Peer& p) { p.frame(kContinuation, kEndHeaders, 1, ""); }, "CONTINUATION");
  expect_breach("interrupted",
                [](Peer& p) { p.frame(kHeaders, 0, 1, block(grpc_headers())).ping(); });
  expect_breach("of another stream", [](Peer& p) {
    p.frame(kHeaders, 0, 1, block(grpc_headers())).frame(kContinuation, kEndHeaders, 3, "");
  });
}

TEST(Faults, R032ContinuationsThatAreFine) {
  expect_answer({"",
                 [](Peer& p) {
                   p.split_headers(1, grpc_headers({{"x-long", std::string(100, 'x')}}), 20);
                   p.data(1, grpc_message("fine"));
                   p.split_headers(1, {{"grpc-status", "0"}, {"x-end", "yes"}}, 7, true);
                 },
                 {.text = "fine"}});
}

TEST(Faults, R033BadWindowUpdates) {
  expect_breach("zero", [](Peer& p) { p.window_update(0, 0); }, "PROTOCOL_ERROR");
  expect_breach("overflow", [](Peer& p) { p.window_update(0, 0x7fffffff); }, "FLOW_CONTROL_ERROR");
}

TEST(Faults, R034PaddingLongerThanTheFrame) {
  expect_breach("", [](Peer& p) {
    p.headers(1, grpc_headers()).frame(kData, kPadded, 1, std::string("\x05xx", 3));
  });
}

TEST(Faults, R035DataBeforeHeaders) {
  // nghttp2 takes it for a breach of the connection, as RFC 9113, 8.1 allows.
  expect_breach("", [](Peer& p) { p.data(1, grpc_message("x")); }, "PROTOCOL_ERROR");
}

TEST(Faults, R038UnknownThingsAreIgnored) {
  expect_no_fault("setting", [](Peer& p) { p.settings({{0xabc, 7}}); });
  expect_no_fault("frame type",
                  [](Peer& p) { p.frame(0xfa, 0xff, 0, "extension").frame(0xfa, 0, 1, ""); });
  expect_no_fault("PRIORITY",
                  [](Peer& p) { p.frame(kPriority, 0, 1, std::string("\0\0\0\0\x10", 5)); });
  expect_no_fault("ALTSVC, ORIGIN", [](Peer& p) {
    p.frame(10, 0, 0, std::string("\0\1xy", 4)).frame(12, 0, 0, "origin");
  });
  expect_answer({"reserved bit, unknown flag",
                 [](Peer& p) {
                   p.frame(kHeaders, kEndHeaders | 0x40, 0x80000001, block(grpc_headers()));
                   p.data(1, grpc_message("fine")).trailers(1, {{"grpc-status", "0"}});
                 },
                 {.text = "fine"}});
}

TEST(Faults, R039SettingsNeverAcknowledged) {
  Script s(Script::Handshake::kNone);
  s.peer().settings();
  const auto a = s.start("/svc/A"), b = s.start("/svc/B");
  s.peer().reply(1, "fine");
  s.wait(20s);
  s.expect(a, Code::kOk, "fine");
  s.expect(b, Code::kUnavailable, "did not acknowledge our SETTINGS", Progress::kSent);
  s.run_all_ways();
  World w(plain_options("10.0.0.1"));
  const auto call = w.start("/svc/A", once());
  w.accept(0).send(0, Peer().settings()).wait(20s);
  expect_ending(w, call, "/svc/A", {Code::kUnavailable, "did not acknowledge our SETTINGS"});
  EXPECT_TRUE(w.wires[0].is_closed);
  expect_next_call_works(w, Next::kNewLink);
}

TEST(Faults, R040HeaderTableSizeGoesUpAndDown) {
  Script s;
  s.peer().settings({{kHeaderTableSize, 0}});
  const auto a = s.start("/svc/A");
  s.peer().reply(1, "a").settings({{kHeaderTableSize, 4096}});
  const auto b = s.start("/svc/A");
  s.peer().reply(3, "b").settings({{kHeaderTableSize, 0xffffffff}});
  const auto c = s.start("/svc/A");
  s.peer().reply(5, "c");
  s.expect(a, Code::kOk, "a").expect(b, Code::kOk, "b").expect(c, Code::kOk, "c");
  s.run_all_ways();
  expect_no_fault("on a channel", [](Peer& p) {
    p.settings({{kHeaderTableSize, 0}}).settings({{kHeaderTableSize, 4096}});
    p.settings({{kHeaderTableSize, 0xffffffff}});
  });
}

TEST(Faults, R041OurHeadersAboveThePeersLimit) {
  World w(plain_options("10.0.0.1"));
  rpc::Request large;
  large.path = "/svc/A";
  large.metadata = {{"x", std::string(400, 'x')}};
  const auto a = w.start(std::move(large)), b = w.start("/svc/B", once());
  w.accept(0).send(0, Peer().settings({{kMaxHeaderListSize, 500}}).settings_ack());
  expect_ending(w, a, "/svc/A",
                {.code = Code::kResourceExhausted,
                 .text = "at most 500 are taken (server's SETTINGS)",
                 .origin = Origin::kLocal,
                 .progress = Progress::kNotSent,
                 .is_final = true,
                 .sent = 0});
  answer(w, "/svc/B", "b");
  w.expect(b, Code::kOk, "b");
  expect_next_call_works(w, Next::kSameLink);
}

}  // namespace minim::test
