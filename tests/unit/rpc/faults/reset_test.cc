// Section C of the fault list: RST_STREAM before, inside and behind a response (rows 42 to 62).
#include <gtest/gtest.h>

#include "support/rows.h"

namespace minim::test {

using namespace std::chrono_literals;
using rpc::Connection;
using rpc::Progress;

namespace {

// The stream is reset before anything else has come.
void expect_reset(std::uint32_t error, Code code, std::string_view text) {
  expect_answer({text, [=](Peer& p) { p.rst(1, error); }, {code, text}});
}

void start_of_message(Peer& peer) {
  peer.headers(1, grpc_headers()).data(1, grpc_message("long").substr(0, 7));
}

}  // namespace

TEST(Faults, R042NoError) { expect_reset(0, Code::kInternal, "NO_ERROR (0)"); }

TEST(Faults, R043ProtocolError) { expect_reset(1, Code::kInternal, "PROTOCOL_ERROR (1)"); }

TEST(Faults, R044InternalError) { expect_reset(2, Code::kInternal, "INTERNAL_ERROR (2)"); }

TEST(Faults, R045FlowControlError) { expect_reset(3, Code::kInternal, "FLOW_CONTROL_ERROR (3)"); }

TEST(Faults, R046SettingsTimeoutStreamClosedFrameSizeError) {
  expect_reset(4, Code::kInternal, "SETTINGS_TIMEOUT (4)");
  expect_reset(5, Code::kInternal, "STREAM_CLOSED (5)");
  expect_reset(6, Code::kInternal, "FRAME_SIZE_ERROR (6)");
}

TEST(Faults, R047RefusedStreamIsRepeatedOnce) {
  Script s;
  const auto a = s.start("/svc/A"), b = s.start("/svc/B");
  s.peer().rst(1, 7).reply(3, "alive");
  s.expect(a, Code::kUnavailable, "the server refused the call unprocessed",
           Progress::kNotProcessed);
  s.expect(b, Code::kOk, "alive");
  s.expect([](const Script::Run& run) {
    EXPECT_FALSE(run.replies[0]->status.may_have_reached_server());
    EXPECT_TRUE(run.replies[0]->status.retryable());
  });
  s.run_all_ways();
  for (const std::size_t chunk : {SIZE_MAX, std::size_t{1}}) {
    World w(plain_options("10.0.0.1"));
    w.chunk_bytes = chunk;
    const auto call = w.start("/svc/A", once());
    w.open(0).send(0, Peer().rst(1, 7));
    EXPECT_EQ(w.elapsed(), 0s) << "at once";
    answer(w, "/svc/A", "a");
    expect_ending(w, call, "/svc/A", {.text = "a", .sent = 2});
    expect_next_call_works(w, Next::kSameLink);
  }
}

TEST(Faults, R048RefusedTwiceIsThePolicysCase) {
  World w(plain_options("10.0.0.1"));
  const auto a = w.start("/svc/A", once()), b = w.start("/svc/B");
  w.open(0).send(0, Peer().rst(1, 7).rst(3, 7));
  w.send(0, Peer().rst(5, 7).rst(7, 7));
  expect_ending(w, a, "/svc/A",
                {.code = Code::kUnavailable,
                 .text = "refused the call unprocessed",
                 .progress = Progress::kNotProcessed,
                 .sent = 2});
  w.expect_pending(b);
  EXPECT_EQ(w.sent_count("/svc/B"), 2u);
  w.wait(100ms);
  EXPECT_EQ(w.sent_count("/svc/B"), 3u) << "then the retry policy counts";
  answer(w, "/svc/B", "b");
  w.expect(b, Code::kOk, "b");
  EXPECT_EQ(w.reply(b)->attempts, 2u);
  expect_next_call_works(w, Next::kSameLink);
}

TEST(Faults, R049RefusedAfterHeadersIsNoProof) {
  expect_answer({"",
                 [](Peer& p) { p.headers(1, grpc_headers()).rst(1, 7); },
                 {Code::kUnavailable, "refused the call"}});
}

TEST(Faults, R050CancelBeforeTheDeadline) {
  expect_reset(8, Code::kCancelled, "CANCEL (8)");
  Script s;
  const auto a = s.start("/svc/A", 10s);
  s.wait(9s);
  s.peer().rst(1, 8);
  s.expect(a, Code::kCancelled, "CANCEL (8)", Progress::kSent);
  s.run_all_ways();
}

TEST(Faults, R051CancelAfterTheDeadline) {
  // The reset is read in the turn in which the deadline is found to have passed.
  World w(plain_options("10.0.0.1"));
  const auto a = w.start("/svc/A", {.rpc_timeout = 10s, .retry = rpc::no_retry()});
  w.open(0);
  w.channel().receive(kEpoch + 10s, w.wires[0].id, Peer().rst(1, 8).bytes());
  w.wait(10s).unblock(0);
  expect_ending(w, a, "/svc/A",
                {.code = Code::kDeadlineExceeded,
                 .text = "deadline exceeded after 10.0 s while waiting for the response",
                 .origin = Origin::kLocal});
  EXPECT_EQ(w.wires[0].received.count(kRstStream), 0u);
  expect_next_call_works(w, Next::kSameLink);
}

TEST(Faults, R052CompressionErrorConnectError) {
  expect_reset(9, Code::kInternal, "COMPRESSION_ERROR (9)");
  expect_reset(10, Code::kInternal, "CONNECT_ERROR (10)");
}

TEST(Faults, R053EnhanceYourCalm) {
  expect_reset(11, Code::kResourceExhausted, "ENHANCE_YOUR_CALM (11)");
}

TEST(Faults, R054InadequateSecurity) {
  expect_reset(12, Code::kPermissionDenied, "INADEQUATE_SECURITY (12)");
}

TEST(Faults, R055Http11RequiredAndUnknownCodes) {
  expect_reset(13, Code::kInternal, "HTTP_1_1_REQUIRED (13)");
  expect_reset(14, Code::kUnknown, "unknown HTTP/2 error (14)");
  expect_reset(0xdead, Code::kUnknown, "unknown HTTP/2 error (57005)");
  expect_reset(0xffffffff, Code::kUnknown, "unknown HTTP/2 error (4294967295)");
}

TEST(Faults, R056ResetAfterHeaders) {
  expect_answer({"",
                 [](Peer& p) { p.headers(1, grpc_headers()).rst(1, 0); },
                 {Code::kInternal, "NO_ERROR (0)"}});
}

TEST(Faults, R057ResetInMidMessage) {
  const struct {
    std::uint32_t error;
    Code code;
  } rows[] = {{0, Code::kInternal},
              {2, Code::kInternal},
              {8, Code::kCancelled},
              {11, Code::kResourceExhausted},
              {7, Code::kUnavailable}};
  for (const auto& row : rows) {
    expect_answer({"", [&](Peer& p) { start_of_message(p), p.rst(1, row.error); }, {row.code}});
  }
}

TEST(Faults, R058ResetAfterTheMessageAndNoTrailers) {
  expect_answer({"",
                 [](Peer& p) { p.headers(1, grpc_headers()).data(1, grpc_message("m")).rst(1, 0); },
                 {Code::kInternal, "NO_ERROR (0)"}});
}

TEST(Faults, R059EarlyAnswerWhileWeUpload) {
  for (const bool server_resets : {true, false}) {  // else it leaves it to us to stop
    Script s;
    s.peer().settings({{kInitialWindowSize, 20}});
    rpc::Request large;
    large.path = "/svc/A";
    large.message = std::string(100'000, 'x');
    const auto a = s.start(std::move(large)), b = s.start("/svc/B");
    s.peer().fail(1, 8, "too much");
    if (server_resets) s.peer().rst(1, 0);
    s.peer().window_update(0, 1 << 20).reply(3, "b");
    s.expect(a, Code::kResourceExhausted, "too much", Progress::kSent).expect(b, Code::kOk, "b");
    s.expect([=](const Script::Run& run) {
      EXPECT_EQ(run.received.body(1).size(), 20u);
      EXPECT_EQ(run.replies[0]->status.origin(), Origin::kServer);
      const Frame* const reset = run.received.find(kRstStream, 1);
      if (!server_resets) {
        ASSERT_NE(reset, nullptr);
        EXPECT_EQ(reset->number(), 0u) << "NO_ERROR (RFC 9113, 8.1)";
      }
    });
    s.run_all_ways();
  }
  World w(plain_options("10.0.0.1"));
  rpc::Request large;
  large.path = "/svc/A";
  for (unsigned i = 0; i < 100'000; ++i) large.message += static_cast<char>(i * i >> 3);  // no gzip
  const auto a = w.start(std::move(large), once());
  w.accept(0).send(0, Peer().settings({{kInitialWindowSize, 20}}).settings_ack());
  w.send(0, Peer().fail(1, 8, "too much").rst(1, 0));
  expect_ending(w, a, "/svc/A",
                {.code = Code::kResourceExhausted, .text = "too much", .origin = Origin::kServer});
  EXPECT_EQ(w.wires[0].received.body(1).size(), 20u);
  expect_next_call_works(w, Next::kSameLink);
}

TEST(Faults, R060ResetAfterTrailersChangesNothing) {
  for (const std::uint32_t error : {0u, 2u, 7u, 8u}) {
    expect_answer({"ok", [=](Peer& p) { p.reply(1, "done").rst(1, error); }, {.text = "done"}});
    expect_answer({"failed",
                   [=](Peer& p) { p.fail(1, 5, "none").rst(1, error); },
                   {Code::kNotFound, "none", Origin::kServer}});
  }
}

TEST(Faults, R061ResetOfAStreamThatIsGone) {
  expect_answer({"",
                 [](Peer& p) { p.reply(1, "a").rst(1, 8).window_update(1, 1).rst(1, 2); },
                 {.text = "a"}});
}

TEST(Faults, R062OneOfAHundredIsRefused) {
  World w(plain_options("10.0.0.1"));
  std::vector<rpc::CallId> calls;
  for (int i = 0; i < 100; ++i) calls.push_back(w.start("/svc/" + std::to_string(i), once()));
  Peer peer;
  for (std::uint32_t i = 0; i < 100; ++i) {
    i == 7 ? peer.rst(2 * i + 1, 7) : peer.reply(2 * i + 1, "ok");
  }
  w.open(0).send(0, peer);
  answer(w, "/svc/7", "ok");
  for (std::size_t i = 0; i < 100; ++i) {
    const std::size_t sent = i == 7 ? 2 : 1;
    expect_ending(w, calls[i], "/svc/" + std::to_string(i), {.text = "ok", .sent = sent});
  }
  expect_next_call_works(w, Next::kSameLink);
}

}  // namespace minim::test
