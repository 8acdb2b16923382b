// Cancel and deadline in every state of a call on a connection (rows 146 to 151 of the list that
// docs/wire.md names), and keepalive.
#include <gtest/gtest.h>

#include "support/script.h"

namespace minim::test {

using namespace std::chrono_literals;
using rpc::Connection;
using rpc::KeepaliveOptions;
using rpc::Progress;
using Kind = Connection::Event::Kind;

namespace {

// Where a call stands when it is ended from here.
struct State {
  std::string_view name;
  void (*reach)(Script& s);  // begins with s.start() of call 0 done
  bool handshake;            // the peer's SETTINGS have come before
  bool headers_went_out;
  std::string_view phase;  // what a deadline names
};

const State kStates[] = {
    {"before SETTINGS", [](Script&) {}, false, false, "waiting for the server's HTTP/2 SETTINGS"},
    {"no free stream",
     [](Script& s) { s.next_packet().settings({{kMaxConcurrentStreams, 0}}).settings_ack(); },
     false, false, "waiting for a free stream (the server allows 0)"},
    {"sent", [](Script&) {}, true, true, "waiting for the response"},
    {"upload stopped", [](Script& s) { s.peer().window_update(0, 1); }, true, true,
     "sending the request"},
    {"informational headers seen", [](Script& s) { s.peer().headers(1, {{":status", "100"}}); },
     true, true, "waiting for the response"},
    {"headers seen", [](Script& s) { s.peer().headers(1, grpc_headers()); }, true, true,
     "reading the response"},
    {"inside the message",
     [](Script& s) {
       s.peer().headers(1, grpc_headers()).data(1, grpc_message("long").substr(0, 6));
     },
     true, true, "reading the response"},
    {"inside a header block",
     [](Script& s) { s.peer().frame(kHeaders, 0, 1, hpack_encode(grpc_headers())); }, true, true,
     "waiting for the response"},
    {"message seen",
     [](Script& s) { s.peer().headers(1, grpc_headers()).data(1, grpc_message("m")); }, true, true,
     "reading the response"},
};

rpc::Request request_of(const State& state) {
  rpc::Request request;
  request.path = "/svc/A";
  request.message = std::string(state.name == "upload stopped" ? 100'000 : 10, 'x');
  return request;
}

// The rest of the answer, which comes too late, and another call.
void late_answer(Script& s, const State& state) {
  if (state.name == "inside a header block") {
    s.next_packet().frame(kContinuation, kEndHeaders, 1, hpack_encode({{"x", "y"}}));
  }
  if (!state.headers_went_out) return;
  s.next_packet().data(1, "ignored");
  const auto other = s.start("/svc/Other");
  s.next_packet().reply(3, "alive");
  s.expect(other, Code::kOk, "alive");
}

void expect_reset(Script& s, const State& state) {
  s.expect([&state](const Script::Run& run) {
    EXPECT_EQ(run.received.count(kHeaders, 1), state.headers_went_out ? 1u : 0u);
    const Frame* const reset = run.received.find(kRstStream, 1);
    ASSERT_EQ(reset != nullptr, state.headers_went_out);
    if (reset != nullptr) {
      EXPECT_EQ(reset->number(), 8u);
    }
  });
}

}  // namespace

TEST(CancelAndDeadline, R146CancelInEveryState) {
  for (const State& state : kStates) {
    SCOPED_TRACE(state.name);
    Script s(state.handshake ? Script::Handshake::kDone : Script::Handshake::kNone);
    const auto a = s.start(request_of(state));
    state.reach(s);
    s.cancel(a).cancel(a);
    late_answer(s, state);
    s.expect(a, Code::kCancelled, "the call was cancelled",
             state.headers_went_out ? Progress::kSent : Progress::kNotSent);
    s.expect([&](const Script::Run& run) {
      EXPECT_EQ(run.replies[0]->status.may_have_reached_server(), state.headers_went_out);
    });
    expect_reset(s, state);
    s.run_all_ways();
  }
}

TEST(CancelAndDeadline, R149DeadlineInEveryState) {
  for (const State& state : kStates) {
    SCOPED_TRACE(state.name);
    Script s(state.handshake ? Script::Handshake::kDone : Script::Handshake::kNone);
    const auto a = s.start(request_of(state), 2s);
    state.reach(s);
    s.wait(3s);
    late_answer(s, state);
    s.expect(a, Code::kDeadlineExceeded,
             "deadline exceeded after 2.0 s while " + std::string(state.phase),
             state.headers_went_out ? Progress::kSent : Progress::kNotSent);
    s.expect([&](const Script::Run& run) {
      EXPECT_EQ(run.ended[0], kEpoch + 2s);
      EXPECT_EQ(run.replies[0]->status.may_have_reached_server(), state.headers_went_out);
      EXPECT_EQ(run.replies[0]->status.origin(), Origin::kLocal);
    });
    expect_reset(s, state);
    s.run_all_ways();
  }
}

TEST(CancelAndDeadline, R146CancelBeforeTheHeadersAreWritten) {
  Script s;
  s.block_output();
  const auto a = s.start("/svc/A"), b = s.start("/svc/B");
  s.cancel(a).unblock_output();
  s.next_packet().reply(3, "b");
  s.expect(a, Code::kCancelled).expect(b, Code::kOk, "b");
  s.run_all_ways();
}

TEST(CancelAndDeadline, R147CancelAndTrailersInOneTurn) {
  // Both orders: the reply has come and is not yet taken; and the cancel comes first.
  for (const bool cancel_first : {false, true}) {
    rpc::ConnectionOptions options;
    options.authority = "server";
    Connection connection(options, kEpoch);
    connection.receive(kEpoch, Peer().settings().settings_ack().bytes());
    rpc::Request request;
    request.path = "/svc/A";
    const rpc::CallId id = connection.start(kEpoch, request);
    while (!connection.output().empty()) connection.consume_output(connection.output().size());
    const std::string reply = Peer().reply(1, "m").bytes();
    if (cancel_first) connection.cancel(kEpoch, id);
    connection.receive(kEpoch, reply);
    if (!cancel_first) connection.cancel(kEpoch, id);
    Connection::Event event;
    int replies = 0;
    while (connection.next_event(&event)) {
      if (event.kind != Kind::kReply) continue;
      ++replies;
      EXPECT_EQ(event.reply.status.code(), cancel_first ? Code::kCancelled : Code::kOk);
    }
    EXPECT_EQ(replies, 1);
    EXPECT_FALSE(connection.is_closed());
  }
}

TEST(CancelAndDeadline, R147SlotOfACancelledCallIsUsedAgain) {
  Script s;
  const auto a = s.start("/svc/A");
  s.cancel(a);
  const auto b = s.start("/svc/B");
  s.next_packet().reply(1, "for a").reply(3, "b");
  const auto c = s.start("/svc/C");
  s.cancel(b);
  s.next_packet().reply(5, "c");
  s.expect(a, Code::kCancelled).expect(b, Code::kOk, "b").expect(c, Code::kOk, "c");
  s.run_all_ways();
}

TEST(CancelAndDeadline, R148DeadlineInThePast) {
  Script s;
  s.wait(1h);
  const auto a = s.start("/svc/A", -1s);
  s.expect(a, Code::kDeadlineExceeded, "before the call was started", Progress::kNotSent);
  s.expect([](const Script::Run& run) { EXPECT_EQ(run.received.count(kHeaders), 0u); });
  s.run_all_ways();
}

// A stream becomes free with the first packet after its deadline: the clock has not been asked yet.
TEST(CancelAndDeadline, R149QueuedCallIsNotSentWithNothingLeft) {
  rpc::ConnectionOptions options;
  options.authority = "server";
  Connection connection(options, kEpoch);
  connection.receive(kEpoch, Peer().settings({{kMaxConcurrentStreams, 1}}).settings_ack().bytes());
  rpc::Request request;
  request.path = "/svc/A";
  connection.start(kEpoch, request);
  const rpc::CallId late = connection.start(kEpoch, request, kEpoch + 1s);
  Received received;
  const auto write = [&] {
    while (!connection.output().empty()) {
      received.receive(connection.output());
      connection.consume_output(connection.output().size());
    }
  };
  write();
  connection.receive(kEpoch + 1s, Peer().reply(1, "m").bytes());
  write();
  EXPECT_EQ(received.count(kHeaders), 1u);
  Connection::Event event;
  Status status;
  while (connection.next_event(&event)) {
    if (event.kind == Kind::kReply && event.call == late) status = event.reply.status;
  }
  EXPECT_EQ(status.code(), Code::kDeadlineExceeded);
  EXPECT_FALSE(status.may_have_reached_server());
}

TEST(CancelAndDeadline, DeadlinesStrikeInTheirOrderAndLate) {
  Script s;
  const auto a = s.start("/svc/A", 3s), b = s.start("/svc/B", 1s), c = s.start("/svc/C", 3s);
  s.stall(24h);
  s.expect([=](const Script::Run& run) {
    std::vector<std::size_t> order;
    for (const Connection::Event& event : run.events) {
      if (event.kind == Kind::kReply) {
        order.push_back(reinterpret_cast<std::size_t>(event.tag) / 16 - 1);
      }
    }
    const std::vector<std::size_t> wanted{static_cast<std::size_t>(b), static_cast<std::size_t>(a),
                                          static_cast<std::size_t>(c)};
    EXPECT_EQ(order, wanted);
  });
  s.run_all_ways();
}

TEST(CancelAndDeadline, EarlyTimeChangesNothing) {
  Script s;
  const auto a = s.start("/svc/A", 3s);
  for (int i = 0; i < 10; ++i) s.stall(1ns);
  s.peer().reply(1, "a");
  s.expect(a, Code::kOk, "a");
  s.run_all_ways();
}

TEST(CancelAndDeadline, CancelWhileTheStreamLimitIsLowered) {
  // The request waits inside nghttp2 when it is taken back.
  Script s;
  s.block_output();
  std::vector<Script::Call> calls;
  for (int i = 0; i < 5; ++i) calls.push_back(s.start("/svc/A"));
  s.peer().settings({{kMaxConcurrentStreams, 1}});
  for (const auto call : calls) s.cancel(call);
  s.unblock_output();
  s.wait(1s);
  for (const auto call : calls) s.expect(call, Code::kCancelled);
  s.run_all_ways();
}

TEST(Keepalive, PingAfterSilenceAndEndWithoutAnswer) {
  Script s;
  s.options.keepalive = KeepaliveOptions{.interval = 30s, .timeout = 15s};
  const auto a = s.start("/svc/A");
  s.wait(44s);
  s.expect([](const Script::Run& run) { EXPECT_EQ(run.received.count(kPing), 1u); });
  s.wait(1s);
  s.expect(a, Code::kUnavailable, "keepalive: no answer to a PING within 15.0 s", Progress::kSent);
  s.expect([](const Script::Run& run) { EXPECT_EQ(run.ended[0], kEpoch + 45s); });
  s.run_all_ways();
}

TEST(Keepalive, AnswersKeepItAlive) {
  Script s;
  s.options.keepalive = KeepaliveOptions{.interval = 30s, .timeout = 15s};
  const auto a = s.start("/svc/A");
  for (int i = 0; i < 5; ++i) {
    s.wait(31s);
    s.next_packet().pong(std::string(8, '\0'));
  }
  s.expect_pending(a);
  s.expect([](const Script::Run& run) { EXPECT_EQ(run.received.count(kPing), 5u); });
  s.run_all_ways();
}

TEST(Keepalive, AnythingReadCountsAndWritingDoesNot) {
  Script s;
  s.options.keepalive = KeepaliveOptions{.interval = 30s, .timeout = 15s};
  for (int i = 0; i < 10; ++i) {
    s.wait(29s);
    s.start("/svc/A");
    s.next_packet().window_update(0, 1);
  }
  s.wait(20s);
  s.start("/svc/A");
  s.wait(9s);
  s.expect([](const Script::Run& run) { EXPECT_EQ(run.received.count(kPing), 0u); });
  s.run_all_ways();

  Script written;  // nothing is read while we write on
  written.options.keepalive = KeepaliveOptions{.interval = 30s, .timeout = 15s};
  for (int i = 0; i < 4; ++i) {
    written.start("/svc/A");
    written.wait(10s);
  }
  written.expect([](const Script::Run& run) { EXPECT_EQ(run.received.count(kPing), 1u); });
  written.run_all_ways();
}

TEST(Keepalive, IdleOnlyWhereAllowed) {
  for (const bool without_calls : {true, false}) {
    Script s;
    s.options.keepalive =
        KeepaliveOptions{.interval = 10s, .timeout = 5s, .without_calls = without_calls};
    s.wait(14s);
    s.expect([=](const Script::Run& run) {
      EXPECT_EQ(run.received.count(kPing), without_calls ? 1u : 0u);
    });
    s.run_all_ways();
  }
}

TEST(Keepalive, FirstCallAfterALongIdleTimeAsksAtOnce) {
  Script s;
  s.options.keepalive = KeepaliveOptions{.interval = 10s, .timeout = 5s, .without_calls = false};
  s.wait(1h);
  const auto a = s.start("/svc/A");
  s.wait(5s);
  s.expect(a, Code::kUnavailable, "keepalive");
  s.expect([](const Script::Run& run) {
    EXPECT_EQ(run.received.count(kPing), 1u);
    EXPECT_EQ(run.ended[0], kEpoch + 1h + 5s);
  });
  s.run_all_ways();
}

TEST(Keepalive, OffMeansNoPing) {
  Script s;
  s.start("/svc/A");
  s.wait(24h);
  s.expect([](const Script::Run& run) { EXPECT_EQ(run.received.count(kPing), 0u); });
  s.run_all_ways();
}

TEST(Keepalive, R158AnswerReadAfterAStallKeepsItAlive) {
  // The driver reads before it serves the clock; here both come a minute late.
  rpc::ConnectionOptions options;
  options.authority = "server";
  options.keepalive = KeepaliveOptions{.interval = 10s, .timeout = 5s};
  Connection connection(options, kEpoch);
  connection.receive(kEpoch, Peer().settings().settings_ack().bytes());
  connection.on_time(kEpoch + 10s);
  connection.receive(kEpoch + 1min, Peer().pong(std::string(8, '\0')).bytes());
  connection.on_time(kEpoch + 1min);
  EXPECT_FALSE(connection.is_closed());
  EXPECT_EQ(connection.next_deadline(), kEpoch + 70s);
}

TEST(Keepalive, StallBeforeThePingAsksFirst) {
  Script s;
  s.options.keepalive = KeepaliveOptions{.interval = 10s, .timeout = 5s};
  const auto a = s.start("/svc/A");
  s.stall(1h);
  s.expect_pending(a);
  s.expect([](const Script::Run& run) { EXPECT_EQ(run.received.count(kPing), 1u); });
  s.run_all_ways();
}

TEST(Keepalive, PeersPingsAreAnswered) {
  Script s;
  s.peer().ping("01234567");
  s.expect([](const Script::Run& run) {
    ASSERT_EQ(run.received.count(kPing), 1u);
    EXPECT_TRUE(run.received.find(kPing)->is_ack());
    EXPECT_EQ(run.received.find(kPing)->payload, "01234567");
  });
  s.run_all_ways();
}

}  // namespace minim::test
