// Faults of a server on one connection, by the rows of the list that docs/wire.md names: breaches
// of HTTP/2 (24 to 41), resets (42 to 62), GOAWAY and the end of connections (63 to 91).
#include <gtest/gtest.h>

#include "support/script.h"

namespace minim::test {

using namespace std::chrono_literals;
using rpc::Connection;
using rpc::Progress;
using Kind = Connection::Event::Kind;

namespace {

// The peer's bytes break HTTP/2 as a whole while a call is in flight.
void expect_connection_error(const std::function<void(Peer&)>& breach, std::string_view text = {},
                             bool goaway = true) {
  Script s;
  const auto a = s.start("/svc/A");
  breach(s.peer());
  s.expect(a, Code::kUnavailable, text, Progress::kSent);
  s.expect([&](const Script::Run& run) {
    EXPECT_TRUE(run.is_closed);
    EXPECT_EQ(run.received.count(kGoaway), goaway ? 1u : 0u);
  });
  s.run_all_ways();
}

void expect_after_reset(const std::function<void(Peer&)>& answer, Code code,
                        std::string_view text = {}, Progress progress = Progress::kSent) {
  Script s;
  const auto a = s.start("/svc/A"), b = s.start("/svc/B");
  answer(s.peer());
  s.peer().reply(3, "alive");
  s.expect(a, code, text, progress).expect(b, Code::kOk, "alive");
  s.run_all_ways();
}

}  // namespace

TEST(Faults, R008SilentServerTimesOut) {
  Script s(Script::Handshake::kNone);
  const auto a = s.start("/svc/A");
  s.wait(20s);
  s.expect(a, Code::kUnavailable, "the peer sent no SETTINGS in time", Progress::kNotSent);
  s.run_all_ways();
}

TEST(Faults, R010Http1AnswerIsNamed) {
  Script s(Script::Handshake::kNone);
  const auto a = s.start("/svc/A");
  s.peer().raw("HTTP/1.1 400 Bad Request\r\nServer: old\r\n\r\n");
  s.expect(a, Code::kUnavailable, "the server does not speak HTTP/2 here: it speaks HTTP/1",
           Progress::kNotSent);
  s.expect([](const Script::Run& run) { EXPECT_TRUE(run.is_closed); });
  s.run_all_ways();
  EXPECT_NE(s.run().replies[0]->status.message().find("'HTTP/1.1 400 Bad Request'"),
            std::string_view::npos);
}

TEST(Faults, R011TlsAlertIsNamed) {
  Script s(Script::Handshake::kNone);
  const auto a = s.start("/svc/A");
  s.peer().raw(std::string_view("\x15\x03\x01\x00\x02\x02\x28", 7));
  s.lost("the peer closed the connection");
  s.expect(a, Code::kUnavailable, "it speaks TLS: turn TLS on", Progress::kNotSent);
  s.run_all_ways();
}

TEST(Faults, R024FirstFrameIsNotSettings) {
  Script s(Script::Handshake::kNone);
  const auto a = s.start("/svc/A");
  s.peer().ping().settings();
  s.expect(a, Code::kUnavailable, "HTTP/2 failed", Progress::kNotSent);
  s.expect([](const Script::Run& run) { EXPECT_TRUE(run.is_closed); });
  s.run_all_ways();
}

TEST(Faults, R025BadSettingsFrames) {
  expect_connection_error([](Peer& p) { p.frame(kSettings, 0, 0, "12345"); }, "FRAME_SIZE_ERROR");
  expect_connection_error([](Peer& p) { p.frame(kSettings, 0, 1, ""); }, "PROTOCOL_ERROR");
  expect_connection_error([](Peer& p) { p.frame(kSettings, kAck, 0, "123456"); },
                          "FRAME_SIZE_ERROR");
}

TEST(Faults, R026BadSettingsValues) {
  expect_connection_error([](Peer& p) { p.settings({{kInitialWindowSize, 0x80000000}}); },
                          "FLOW_CONTROL_ERROR");
  expect_connection_error([](Peer& p) { p.settings({{kMaxFrameSize, 16'383}}); }, "PROTOCOL_ERROR");
  expect_connection_error([](Peer& p) { p.settings({{kMaxFrameSize, 1 << 24}}); },
                          "PROTOCOL_ERROR");
  expect_connection_error([](Peer& p) { p.settings({{kEnablePush, 1}}); }, "PROTOCOL_ERROR");
  expect_connection_error([](Peer& p) { p.settings({{kEnablePush, 2}}); }, "PROTOCOL_ERROR");
}

TEST(Faults, R027FrameAboveOurLimit) {
  expect_connection_error(
      [](Peer& p) { p.headers(1, grpc_headers()).data(1, std::string(16'385, 'x')); },
      "FRAME_SIZE_ERROR");
}

TEST(Faults, R028FramesOnStreamsThatDoNotExist) {
  for (const std::uint32_t stream : {0u, 2u, 99u}) {
    expect_connection_error([&](Peer& p) { p.headers(stream, grpc_headers()); });
    expect_connection_error([&](Peer& p) { p.data(stream, "x"); });
  }
}

TEST(Faults, R029PushPromise) {
  expect_connection_error([](Peer& p) {
    p.frame(kPushPromise, kEndHeaders, 1,
            std::string("\0\0\0\x02", 4) + hpack_encode({{":method", "GET"}}));
  });
}

TEST(Faults, R030BadHpack) {
  expect_connection_error([](Peer& p) { p.frame(kHeaders, kEndHeaders, 1, "\xff\xff\x7f"); },
                          "COMPRESSION_ERROR");
  expect_connection_error(
      [](Peer& p) { p.frame(kHeaders, kEndHeaders, 1, std::string("\x00\x81\xff\x01x", 5)); },
      "COMPRESSION_ERROR");
  expect_connection_error([](Peer& p) { p.frame(kHeaders, kEndHeaders, 1, "\x3f\xff\xff\x7f"); },
                          "COMPRESSION_ERROR");
}

TEST(Faults, R031ContinuationOutOfPlace) {
  expect_connection_error([](Peer& p) { p.frame(kContinuation, kEndHeaders, 1, ""); },
                          "CONTINUATION");
  expect_connection_error(
      [](Peer& p) { p.frame(kHeaders, 0, 1, hpack_encode(grpc_headers())).ping(); });
}

TEST(Faults, R032EndlessContinuations) {
  Script s;
  const auto a = s.start("/svc/A");
  const std::string piece = hpack_encode({{"x", std::string(1000, 'x')}});
  s.peer().frame(kHeaders, 0, 1, hpack_encode(grpc_headers()));
  for (int i = 0; i < 200; ++i) s.peer().frame(kContinuation, 0, 1, piece);
  s.expect([&](const Script::Run& run) {
    ASSERT_TRUE(run.replies[static_cast<std::size_t>(a)]);
    EXPECT_FALSE(run.replies[static_cast<std::size_t>(a)]->status.ok());
  });
  s.run_all_ways();
}

TEST(Faults, R033BadWindowUpdates) {
  expect_connection_error([](Peer& p) { p.window_update(0, 0); }, "PROTOCOL_ERROR");
  expect_connection_error([](Peer& p) { p.window_update(0, 0x7fffffff); }, "FLOW_CONTROL_ERROR");
}

TEST(Faults, R032ContinuationsThatAreFine) {
  Script s;
  const auto a = s.start("/svc/A");
  s.peer().split_headers(1, grpc_headers({{"x-long", std::string(100, 'x')}}), 20);
  s.peer().data(1, grpc_message("fine"));
  s.peer().split_headers(1, {{"grpc-status", "0"}, {"x-end", "yes"}}, 7, true);
  s.expect(a, Code::kOk, "fine");
  s.expect([](const Script::Run& run) {
    ASSERT_TRUE(run.replies[0]);
    EXPECT_NE(run.replies[0]->headers.find("x-long"), nullptr);
    EXPECT_NE(run.replies[0]->trailers.find("x-end"), nullptr);
  });
  s.run_all_ways();
}

TEST(Faults, R034PaddingLongerThanTheFrame) {
  expect_connection_error([](Peer& p) {
    p.headers(1, grpc_headers()).frame(kData, kPadded, 1, std::string("\x05xx", 3));
  });
}

TEST(Faults, R035DataBeforeHeaders) {
  Script s;
  const auto a = s.start("/svc/A");
  s.peer().data(1, grpc_message("x"));
  s.expect([&](const Script::Run& run) {
    const auto& reply = run.replies[static_cast<std::size_t>(a)];
    ASSERT_TRUE(reply);
    EXPECT_TRUE(reply->status.code() == Code::kUnavailable ||
                reply->status.code() == Code::kInternal)
        << reply->status.to_string();
  });
  s.run_all_ways();
}

TEST(Faults, R036PingAndSettingsFloodsWhileWeCannotWrite) {
  for (const bool pings : {true, false}) {
    Script s;
    const auto a = s.start("/svc/A");
    s.block_output();
    for (int i = 0; i < 12'000; ++i) pings ? s.peer().ping() : s.peer().settings();
    s.expect(a, Code::kUnavailable, "ENHANCE_YOUR_CALM");
    s.expect([](const Script::Run& run) {
      EXPECT_TRUE(run.is_closed);
      EXPECT_LT(run.largest_output, 200'000u);
    });
    s.run();
  }
}

TEST(Faults, R037EmptyDataFlood) {
  Script s;
  const auto a = s.start("/svc/A", 1min);
  s.peer().headers(1, grpc_headers());
  for (int i = 0; i < 20'000; ++i) s.peer().data(1, "");
  s.wait(2min);
  s.expect([&](const Script::Run& run) {
    ASSERT_TRUE(run.replies[static_cast<std::size_t>(a)]);
    EXPECT_FALSE(run.replies[static_cast<std::size_t>(a)]->status.ok());
  });
  s.run();
}

TEST(Faults, R038UnknownThingsAreIgnored) {
  Script s;
  const auto a = s.start("/svc/A");
  s.peer().settings({{0xabc, 7}}).frame(0xfa, 0xff, 0, "extension").frame(0xfa, 0, 1, "");
  s.peer().frame(kPriority, 0, 1, std::string("\0\0\0\0\x10", 5));
  s.peer().frame(10, 0, 0, std::string("\0\1xy", 4)).frame(12, 0, 0, "origin");
  s.peer().reply(1, "fine");
  s.expect(a, Code::kOk, "fine");
  s.run_all_ways();
  Script same;  // a reserved bit on HEADERS; unknown flags
  const auto b = same.start("/svc/A");
  same.peer().frame(kHeaders, kEndHeaders | 0x40, 0x80000001, hpack_encode(grpc_headers()));
  same.peer().data(1, grpc_message("fine")).trailers(1, {{"grpc-status", "0"}});
  same.expect(b, Code::kOk, "fine");
  same.run_all_ways();
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
}

TEST(Faults, R041OurHeadersAboveThePeersLimit) {
  Script s(Script::Handshake::kNone);
  s.peer().settings({{kMaxHeaderListSize, 500}}).settings_ack();
  rpc::Request large;
  large.path = "/svc/A";
  large.metadata = {{"x", std::string(400, 'x')}};
  const auto a = s.start(std::move(large)), b = s.start("/svc/B");
  s.peer().reply(1, "b");
  s.expect(a, Code::kResourceExhausted, "at most 500 are taken (server's SETTINGS)",
           Progress::kNotSent);
  s.expect(b, Code::kOk, "b");
  s.run_all_ways();
}

TEST(Faults, R042ToR055ResetBeforeAnyResponse) {
  const struct {
    std::uint32_t error;
    Code code;
    std::string_view text;
    Progress progress = Progress::kSent;
  } rows[] = {
      {0, Code::kInternal, "NO_ERROR (0)"},
      {1, Code::kInternal, "PROTOCOL_ERROR (1)"},
      {2, Code::kInternal, "INTERNAL_ERROR (2)"},
      {3, Code::kInternal, "FLOW_CONTROL_ERROR (3)"},
      {4, Code::kInternal, "SETTINGS_TIMEOUT (4)"},
      {5, Code::kInternal, "STREAM_CLOSED (5)"},
      {6, Code::kInternal, "FRAME_SIZE_ERROR (6)"},
      {7, Code::kUnavailable, "refused the call unprocessed", Progress::kNotProcessed},
      {8, Code::kCancelled, "CANCEL (8)"},
      {9, Code::kInternal, "COMPRESSION_ERROR (9)"},
      {10, Code::kInternal, "CONNECT_ERROR (10)"},
      {11, Code::kResourceExhausted, "ENHANCE_YOUR_CALM (11)"},
      {12, Code::kPermissionDenied, "INADEQUATE_SECURITY (12)"},
      {13, Code::kInternal, "HTTP_1_1_REQUIRED (13)"},
      {0xdead, Code::kUnknown, "unknown HTTP/2 error (57005)"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.text);
    expect_after_reset([&](Peer& p) { p.rst(1, row.error); }, row.code, row.text, row.progress);
  }
}

TEST(Faults, R047RefusedIsProvenUnprocessed) {
  Script s;
  s.start("/svc/A");
  s.peer().rst(1, 7);
  s.expect([](const Script::Run& run) {
    EXPECT_FALSE(run.replies[0]->status.may_have_reached_server());
    EXPECT_TRUE(run.replies[0]->status.retryable());
  });
  s.run_all_ways();
}

TEST(Faults, R049RefusedAfterHeadersIsNoProof) {
  expect_after_reset([](Peer& p) { p.headers(1, grpc_headers()).rst(1, 7); }, Code::kUnavailable);
}

TEST(Faults, R050CancelBeforeTheDeadline) {
  Script s;
  const auto a = s.start("/svc/A", 10s);
  s.wait(9s);
  s.peer().rst(1, 8);
  s.expect(a, Code::kCancelled, "CANCEL (8)", Progress::kSent);
  s.run_all_ways();
}

TEST(Faults, R051CancelAfterTheDeadline) {
  // The reset is read in the turn in which the deadline is found to have passed.
  Connection connection({.authority = "server"}, kEpoch);
  connection.receive(kEpoch, Peer().settings().settings_ack().bytes());
  rpc::Request request;
  request.path = "/svc/A";
  connection.start(kEpoch, std::move(request), kEpoch + 10s);
  while (!connection.output().empty()) connection.consume_output(connection.output().size());
  connection.receive(kEpoch + 10s, Peer().rst(1, 8).bytes());
  Connection::Event event;
  ASSERT_TRUE(connection.next_event(&event));  // kReady
  ASSERT_TRUE(connection.next_event(&event));
  EXPECT_EQ(event.reply.status.code(), Code::kDeadlineExceeded) << event.reply.status.to_string();
}

TEST(Faults, R056ResetAfterHeaders) {
  expect_after_reset([](Peer& p) { p.headers(1, grpc_headers()).rst(1, 0); }, Code::kInternal,
                     "NO_ERROR");
}

TEST(Faults, R057ResetInMidMessage) {
  expect_after_reset(
      [](Peer& p) {
        p.headers(1, grpc_headers()).data(1, grpc_message("long").substr(0, 7)).rst(1, 2);
      },
      Code::kInternal, "INTERNAL_ERROR");
}

TEST(Faults, R058ResetAfterTheMessageAndNoTrailers) {
  Script s;
  const auto a = s.start("/svc/A");
  s.peer().headers(1, grpc_headers()).data(1, grpc_message("m")).rst(1, 0);
  s.expect(a, Code::kInternal, "NO_ERROR");
  s.expect([](const Script::Run& run) { EXPECT_EQ(run.replies[0]->message, ""); });
  s.run_all_ways();
}

TEST(Faults, R059EarlyAnswerWhileWeUpload) {
  Script s;
  s.peer().settings({{kInitialWindowSize, 20}});
  rpc::Request large;
  large.path = "/svc/A";
  large.message = std::string(100'000, 'x');
  const auto a = s.start(std::move(large)), b = s.start("/svc/B");
  s.peer().fail(1, 8, "too much").rst(1, 0).window_update(0, 1 << 20).reply(3, "b");
  s.expect(a, Code::kResourceExhausted, "too much").expect(b, Code::kOk, "b");
  s.expect([](const Script::Run& run) { EXPECT_EQ(run.received.body(1).size(), 20u); });
  s.run_all_ways();

  Script no_reset;  // the server leaves it to us to stop
  no_reset.peer().settings({{kInitialWindowSize, 20}});
  rpc::Request again;
  again.path = "/svc/A";
  again.message = std::string(100'000, 'x');
  const auto c = no_reset.start(std::move(again));
  no_reset.peer().reply(1, "done");
  no_reset.expect(c, Code::kOk, "done");
  no_reset.expect([](const Script::Run& run) {
    const Frame* const reset = run.received.find(kRstStream, 1);
    ASSERT_NE(reset, nullptr);
    EXPECT_EQ(reset->number(), 0u);
  });
  no_reset.run_all_ways();
}

TEST(Faults, R060ResetAfterTrailersChangesNothing) {
  for (const std::uint32_t error : {0u, 2u, 7u, 8u}) {
    Script s;
    const auto a = s.start("/svc/A"), b = s.start("/svc/B");
    s.peer().reply(1, "done").rst(1, error).reply(3, "b");
    s.expect(a, Code::kOk, "done").expect(b, Code::kOk, "b");
    s.run_all_ways();
  }
}

TEST(Faults, R061ResetOfAStreamThatIsGone) {
  Script s;
  const auto a = s.start("/svc/A");
  s.peer().reply(1, "a").rst(1, 8).window_update(1, 1);
  const auto b = s.start("/svc/B");
  s.peer().rst(1, 2).reply(3, "b");
  s.expect(a, Code::kOk, "a").expect(b, Code::kOk, "b");
  s.run_all_ways();
}

TEST(Faults, R062OneOfManyIsRefused) {
  Script s;
  for (int i = 0; i < 20; ++i) s.start("/svc/A");
  for (std::uint32_t i = 0; i < 20; ++i) {
    i == 7 ? s.peer().rst(15, 7) : s.peer().reply(2 * i + 1, "ok");
  }
  for (std::size_t i = 0; i < 20; ++i) {
    if (i == 7) {
      s.expect(Script::Call{i}, Code::kUnavailable, "", Progress::kNotProcessed);
    } else {
      s.expect(Script::Call{i}, Code::kOk, "ok");
    }
  }
  s.run_all_ways();
}

TEST(Faults, R063GracefulDoubleGoaway) {
  Script s;
  const auto a = s.start("/svc/A"), b = s.start("/svc/B");
  s.peer().goaway(0x7fffffff, 0, "bye");
  const auto late = s.start("/svc/Late");
  s.wait(1s);
  s.peer().goaway(3).reply(1, "a").reply(3, "b");
  s.expect(a, Code::kOk, "a").expect(b, Code::kOk, "b");
  s.expect(late, Code::kUnavailable, "GOAWAY NO_ERROR: bye", Progress::kNotSent);
  s.expect([](const Script::Run& run) {
    EXPECT_EQ(run.count(Kind::kDraining), 1u);
    ASSERT_TRUE(run.is_closed);
    EXPECT_TRUE(run.find(Kind::kClosed)->status.ok());
  });
  s.run_all_ways();
}

TEST(Faults, R064GoawayBelowOurId) {
  Script s;
  const auto a = s.start("/svc/A"), b = s.start("/svc/B");
  s.peer().goaway(1).reply(1, "a");
  s.expect(a, Code::kOk, "a")
      .expect(b, Code::kUnavailable, "GOAWAY NO_ERROR", Progress::kNotProcessed);
  s.expect([](const Script::Run& run) {
    EXPECT_FALSE(run.replies[1]->status.may_have_reached_server());
    EXPECT_TRUE(run.is_closed);
  });
  s.run_all_ways();
}

TEST(Faults, R065SecondGoawayLowersTheId) {
  Script s;
  const auto a = s.start("/svc/A"), b = s.start("/svc/B");
  s.peer().goaway(0x7fffffff).goaway(1).reply(1, "a");
  s.expect(a, Code::kOk, "a").expect(b, Code::kUnavailable, "", Progress::kNotProcessed);
  s.run_all_ways();
}

TEST(Faults, R067GoawayThenTheEnd) {
  Script s;
  const auto a = s.start("/svc/A");
  s.peer().goaway(1, 2, "out of\nmemory");
  s.lost("the peer closed the connection");
  s.expect(a, Code::kUnavailable, "GOAWAY INTERNAL_ERROR: out of memory", Progress::kSent);
  s.run_all_ways();
}

TEST(Faults, R068GoawayWhileCallsWaitForAStream) {
  Script s;
  s.peer().settings({{kMaxConcurrentStreams, 1}});
  const auto a = s.start("/svc/A"), b = s.start("/svc/B");
  s.peer().goaway(1).reply(1, "a");
  s.expect(a, Code::kOk, "a").expect(b, Code::kUnavailable, "GOAWAY", Progress::kNotSent);
  s.run_all_ways();
}

TEST(Faults, R069GoawayBeforeOurHeadersAreWritten) {
  Script s;
  s.block_output();
  const auto a = s.start("/svc/A");
  s.peer().goaway(0);
  s.unblock_output();
  // Its HEADERS stand in the output already and will leave, but the server has said what it will
  // do.
  s.expect(a, Code::kUnavailable, "GOAWAY", Progress::kNotProcessed);
  s.run_all_ways();
}

TEST(Faults, R071TooManyPings) {
  Script s;
  const auto a = s.start("/svc/A");
  s.peer().goaway(0, 11, "too_many_pings");
  s.expect(a, Code::kUnavailable, "", Progress::kNotProcessed);
  s.expect([](const Script::Run& run) {
    ASSERT_NE(run.find(Kind::kDraining), nullptr);
    EXPECT_TRUE(run.find(Kind::kDraining)->too_many_pings);
  });
  s.run_all_ways();
}

TEST(Faults, R072GoawayIdGrowsOrIsEven) {
  expect_connection_error([](Peer& p) { p.goaway(1).goaway(3); });
  expect_connection_error([](Peer& p) { p.goaway(2); });
}

TEST(Faults, R073GoawayWithAnErrorAndTheEnd) {
  Script s;
  const auto a = s.start("/svc/A"), b = s.start("/svc/B");
  s.peer().goaway(1, 2);
  s.lost();
  s.expect(a, Code::kUnavailable, "INTERNAL_ERROR", Progress::kSent);
  s.expect(b, Code::kUnavailable, "", Progress::kNotProcessed);
  s.run_all_ways();
}

TEST(Faults, R074GoawayWithALotOfDebugData) {
  Script s;
  const auto a = s.start("/svc/A");
  s.peer().goaway(0x7fffffff, 0, std::string(16'000, '\xff'));
  s.lost();
  s.expect([&](const Script::Run& run) {
    EXPECT_LT(run.replies[static_cast<std::size_t>(a)]->status.message().size(), 1000u);
  });
  s.run_all_ways();
}

TEST(Faults, R076OneStreamAtATime) {
  Script s;
  s.peer().settings({{kMaxConcurrentStreams, 1}});
  for (int i = 0; i < 10; ++i) s.start("/svc/A");
  for (std::uint32_t i = 0; i < 10; ++i) s.next_packet().reply(2 * i + 1, std::to_string(i));
  for (std::size_t i = 0; i < 10; ++i) s.expect(Script::Call{i}, Code::kOk, std::to_string(i));
  s.run();
  // In a chunk each: no second HEADERS before the first reply.
  Script one;
  one.peer().settings({{kMaxConcurrentStreams, 1}});
  one.start("/svc/A"), one.start("/svc/B");
  one.expect([](const Script::Run& run) { EXPECT_EQ(run.received.count(kHeaders), 1u); });
  one.run_all_ways();
}

TEST(Faults, R077NoStreamsForEver) {
  Script s;
  s.peer().settings({{kMaxConcurrentStreams, 0}});
  const auto a = s.start("/svc/A", 5s);
  s.wait(6s);
  s.expect(a, Code::kDeadlineExceeded,
           "deadline exceeded after 5.0 s while waiting for a free stream (the server allows 0)",
           Progress::kNotSent);
  s.expect([](const Script::Run& run) {
    EXPECT_EQ(run.received.count(kHeaders), 0u);
    EXPECT_EQ(run.received.count(kRstStream), 0u);
  });
  s.run_all_ways();
}

TEST(Faults, R078StreamLimitLoweredBelowWhatIsOpen) {
  Script s;
  const auto a = s.start("/svc/A"), b = s.start("/svc/B");
  s.peer().settings({{kMaxConcurrentStreams, 1}});
  const auto c = s.start("/svc/C");
  s.peer().reply(1, "a");
  s.expect([](const Script::Run& run) { EXPECT_EQ(run.received.count(kHeaders), 3u); });
  s.next_packet().reply(3, "b");
  s.next_packet().reply(5, "c");
  s.expect(a, Code::kOk, "a").expect(b, Code::kOk, "b").expect(c, Code::kOk, "c");
  s.run();
}

TEST(Faults, R081EndBeforeAnyResponse) {
  Script s;
  const auto a = s.start("/svc/A");
  s.lost("connection reset by peer");
  s.expect(a, Code::kUnavailable, "connection reset by peer", Progress::kSent);
  s.run_all_ways();
}

TEST(Faults, R082EndInMidMessage) {
  Script s;
  const auto a = s.start("/svc/A");
  s.peer().headers(1, grpc_headers()).data(1, grpc_message("message").substr(0, 8));
  s.lost();
  s.expect(a, Code::kUnavailable, "", Progress::kSent);
  s.expect([](const Script::Run& run) { EXPECT_EQ(run.replies[0]->message, ""); });
  s.run_all_ways();
}

TEST(Faults, R083EndBeforeTheTrailers) {
  Script s;
  const auto a = s.start("/svc/A");
  s.peer().headers(1, grpc_headers()).data(1, grpc_message("message"));
  s.lost();
  s.expect(a, Code::kUnavailable, "", Progress::kSent);
  s.expect([](const Script::Run& run) { EXPECT_EQ(run.replies[0]->message, ""); });
  s.run_all_ways();
}

TEST(Faults, R084EndRightAfterTheTrailers) {
  Script s;
  const auto a = s.start("/svc/A");
  s.peer().reply(1, "whole");
  s.lost();
  s.expect(a, Code::kOk, "whole");
  s.run_all_ways();
}

TEST(Faults, R085HeadersPartlyWritten) {
  Script s;
  s.block_output();
  const auto a = s.start("/svc/A");
  s.take_output(10);  // the acknowledgement of SETTINGS is 9 bytes; it went out before
  s.lost("broken pipe");
  s.expect(a, Code::kUnavailable, "broken pipe", Progress::kSent);
  s.run();
}

TEST(Faults, R086HeadersStillWithUs) {
  Script s;
  s.block_output();
  const auto a = s.start("/svc/A");
  s.lost("broken pipe");
  s.unblock_output();
  s.expect(a, Code::kUnavailable, "broken pipe", Progress::kNotSent);
  s.expect([](const Script::Run& run) {
    EXPECT_EQ(run.received.count(kHeaders), 0u) << "what was not sent must not be sent any more";
  });
  s.run_all_ways();
}

TEST(Faults, R089StrayPingAnswers) {
  Script s;
  const auto a = s.start("/svc/A");
  s.peer().pong("whatever").reply(1, "a");
  s.expect(a, Code::kOk, "a");
  s.run_all_ways();
}

TEST(Faults, R090PeerThatNeverReads) {
  Script s;
  s.block_output();
  std::vector<Script::Call> calls;
  rpc::Request large;
  large.path = "/svc/A";
  large.message = std::string(50'000, 'x');
  for (int i = 0; i < 20; ++i) calls.push_back(s.start(large, 5s));
  s.wait(6s);
  for (const auto call : calls) s.expect(call, Code::kDeadlineExceeded);
  s.expect([](const Script::Run& run) { EXPECT_LT(run.largest_output, 128u << 10); });
  s.run();
}

}  // namespace minim::test
