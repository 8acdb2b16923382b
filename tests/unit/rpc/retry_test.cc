// When a failed attempt is repeated: the decision alone, and through a channel.
#include "rpc/retry.h"

#include <gtest/gtest.h>

#include <functional>

#include "support/world.h"

namespace minim::test {

using namespace std::chrono_literals;
using rpc::Reply;
using rpc::Retry;
using rpc::RetryOptions;

namespace {

Reply failed(Code code, std::string text = "text", Origin origin = Origin::kServer) {
  Reply reply;
  reply.status = Status(code, std::move(text), origin);
  return reply;
}

RetryOptions without_jitter() { return {.jitter = 0}; }

}  // namespace

TEST(Retry, TableOfCodes) {
  const struct {
    Code code;
    bool repeated;
  } rows[] = {
      {Code::kCancelled, false},
      {Code::kUnknown, true},
      {Code::kInvalidArgument, false},
      {Code::kDeadlineExceeded, false},
      {Code::kNotFound, false},
      {Code::kAlreadyExists, false},
      {Code::kPermissionDenied, false},
      {Code::kResourceExhausted, true},
      {Code::kFailedPrecondition, false},
      {Code::kAborted, true},
      {Code::kOutOfRange, true},
      {Code::kUnimplemented, false},
      {Code::kInternal, true},
      {Code::kUnavailable, true},
      {Code::kDataLoss, true},
      {Code::kUnauthenticated, false},
  };
  SeededRandom random(1);
  for (const auto& row : rows) {
    Retry retry;
    EXPECT_EQ(retry.decide(kEpoch, {}, failed(row.code), kNever, random).repeat, row.repeated)
        << code_name(row.code);
    // And over the wire.
    World w(plain_options("10.0.0.1"));
    w.start("/svc/A");
    w.open(0).send(0, Peer().fail(1, static_cast<int>(row.code))).wait(2s);
    EXPECT_EQ(w.sent_count("/svc/A"), row.repeated ? 2u : 1u) << code_name(row.code);
  }
}

// What a code alone does not say: who made it, and whether anything was sent.
TEST(Retry, TableOfCauses) {
  const struct {
    std::string_view what;
    std::function<void(World&, rpc::CallId)> end;
    Code code;  // of the end; kOk: the repeat's
    std::uint32_t attempts;
  } rows[] = {
      {"cancelled by its caller", [](World& w, rpc::CallId call) { w.cancel(call); },
       Code::kCancelled, 1},
      {"cancelled by the server", [](World& w, rpc::CallId) { w.send(0, Peer().fail(1, 1)); },
       Code::kCancelled, 1},
      {"stream reset with CANCEL", [](World& w, rpc::CallId) { w.send(0, Peer().rst(1, 8)); },
       Code::kCancelled, 1},
      {"connection closed under it", [](World& w, rpc::CallId) { w.hang_up(0); }, Code::kOk, 2},
      {"GOAWAY, processed, closed",
       [](World& w, rpc::CallId) { w.send(0, Peer().goaway(1)).hang_up(0); }, Code::kOk, 2},
      {"GOAWAY, not processed", [](World& w, rpc::CallId) { w.send(0, Peer().goaway(0)); },
       Code::kOk, 1},
      {"refused", [](World& w, rpc::CallId) { w.send(0, Peer().rst(1, 7)); }, Code::kOk, 1},
      {"refused twice",
       [](World& w, rpc::CallId) { w.send(0, Peer().rst(1, 7)).send(0, Peer().rst(3, 7)); },
       Code::kOk, 2},
      {"refused after headers",
       [](World& w, rpc::CallId) { w.send(0, Peer().headers(1, grpc_headers()).rst(1, 7)); },
       Code::kOk, 2},
      {"stream reset with INTERNAL_ERROR",
       [](World& w, rpc::CallId) { w.send(0, Peer().rst(1, 2)); }, Code::kOk, 2},
      {"its own deadline", [](World& w, rpc::CallId) { w.wait(30s); }, Code::kDeadlineExceeded, 1},
      {"the server's deadline", [](World& w, rpc::CallId) { w.send(0, Peer().fail(1, 4)); },
       Code::kDeadlineExceeded, 1},
      {"the server is out of something",
       [](World& w, rpc::CallId) { w.send(0, Peer().fail(1, 8, "quota")); }, Code::kOk, 2},
      {"the server says the message is too large",
       [](World& w, rpc::CallId) {
         w.send(0, Peer().fail(1, 8, "grpc: received message larger than max (5 vs. 4)"));
       },
       Code::kResourceExhausted, 1},
      {"HTTP 503 of a proxy",
       [](World& w, rpc::CallId) { w.send(0, Peer().headers(1, {{":status", "503"}}, true)); },
       Code::kOk, 2},
      {"HTTP 401 of a proxy",
       [](World& w, rpc::CallId) { w.send(0, Peer().headers(1, {{":status", "401"}}, true)); },
       Code::kUnauthenticated, 1},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.what);
    rpc::ChannelOptions options = plain_options("10.0.0.1");
    options.reconnect.initial_backoff = 10ms;  // over before the repeat
    World w(std::move(options));
    const auto call = w.start("/svc/A", {.rpc_timeout = 30s});
    w.open(0);
    row.end(w, call);
    // Whatever was to be repeated has been, by now, on this connection or on the next.
    for (int i = 0; i < 20 && w.reply(call) == nullptr; ++i) {
      w.wait(100ms);
      const std::size_t last = w.wires.size() - 1;
      if (last > 0 && !w.wires[last].is_open && !w.wires[last].is_closed) w.open(last);
      const std::uint32_t stream = w.stream_of(last, "/svc/A", w.sent_count("/svc/A") - 1 - last);
      if (w.sent_count("/svc/A") > 1 && w.wires[last].is_open && stream != 0) {
        w.send(last, Peer().reply(stream, "ok"));
      }
    }
    w.expect(call, row.code, row.code == Code::kOk ? "ok" : "");
    ASSERT_NE(w.reply(call), nullptr);
    EXPECT_EQ(w.reply(call)->attempts, row.attempts);
  }
}

TEST(Retry, WaitThatWouldPassABoundIsNotBegun) {
  const struct {
    std::string_view what;
    rpc::CallOptions options;
    std::string pushback;  // milliseconds
    bool repeated;
  } rows[] = {
      {"ends at the deadline", {.deadline = kEpoch + 100ms}, "", false},
      {"ends before it", {.deadline = kEpoch + 101ms}, "", true},
      {"pushback to the deadline", {.deadline = kEpoch + 3s}, "3000", false},
      {"pushback before it", {.deadline = kEpoch + 3s}, "2999", true},
      {"pushback past the budget", {}, "10001", false},
      {"pushback to the budget's end", {}, "10000", true},
      {"pushback far away", {}, "99999999999", false},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.what);
    World w(plain_options("10.0.0.1"));
    const auto call = w.start("/svc/A", row.options);
    Fields more;
    if (!row.pushback.empty()) more = {{"grpc-retry-pushback-ms", row.pushback}};
    w.open(0).send(0, Peer().fail(1, 14, "busy", more));
    if (row.repeated) {
      w.expect_pending(call).wait(11s);
      EXPECT_EQ(w.sent_count("/svc/A"), 2u);
    } else {
      w.expect(call, Code::kUnavailable, "busy");
    }
  }
}

TEST(Retry, MessagesAboveALimitAreNotRepeated) {
  for (const std::string_view text :
       {"grpc: received message larger than max (5 vs. 4)",
        "grpc: message after decompression larger than max (5 vs. 4)",
        "grpc: received message after decompression larger than max"}) {
    SeededRandom random(1);
    Retry retry;
    const Reply reply = failed(Code::kResourceExhausted, std::string(text));
    EXPECT_FALSE(retry.decide(kEpoch, {}, reply, kNever, random).repeat) << text;
  }
}

TEST(Retry, WaitsGrowToTheCap) {
  SeededRandom random(1);
  Retry retry;
  RetryOptions options = without_jitter();
  options.max_elapsed = Duration();
  options.max_attempts = 0;
  double expected = 0.1;
  for (int i = 0; i < 20; ++i) {
    const Retry::Decision next =
        retry.decide(kEpoch, options, failed(Code::kUnavailable), kNever, random);
    ASSERT_TRUE(next.repeat);
    EXPECT_NEAR(std::chrono::duration<double>(next.delay).count(), std::min(expected, 5.0), 1e-6);
    expected *= 1.7;
  }
}

TEST(Retry, JitterStaysInItsRange) {
  SeededRandom random(1);
  Duration least = 1h, most = 0s;
  for (int i = 0; i < 1000; ++i) {
    Retry retry;
    const Duration delay =
        retry.decide(kEpoch, {}, failed(Code::kUnavailable), kNever, random).delay;
    least = std::min(least, delay);
    most = std::max(most, delay);
  }
  EXPECT_GE(least, 80ms);
  EXPECT_LE(most, 120ms);
  EXPECT_LT(least, 82ms);
  EXPECT_GT(most, 118ms);
}

TEST(Retry, ThrottledCallsWaitLonger) {
  SeededRandom random(1);
  Retry retry;
  RetryOptions options = without_jitter();
  options.max_elapsed = Duration();
  double expected = 1;
  for (int i = 0; i < 6; ++i) {
    const Retry::Decision next =
        retry.decide(kEpoch, options, failed(Code::kResourceExhausted), kNever, random);
    ASSERT_TRUE(next.repeat);
    const double seconds = std::chrono::duration<double>(next.delay).count();
    EXPECT_GE(seconds, expected * 0.8);
    EXPECT_LE(seconds, expected * 1.2);
    expected = std::min(expected * 2, 10.0);
  }
}

TEST(Retry, AttemptsAreCounted) {
  for (const std::uint32_t most : {1u, 2u, 10u}) {
    SeededRandom random(1);
    Retry retry;
    RetryOptions options;
    options.max_attempts = most;
    options.max_elapsed = Duration();
    std::uint32_t attempts = 1;
    while (retry.decide(kEpoch, options, failed(Code::kUnavailable), kNever, random).repeat) {
      ++attempts;
    }
    EXPECT_EQ(attempts, most);
  }
}

TEST(Retry, BudgetCountsFromTheFirstFailure) {
  SeededRandom random(1);
  Retry retry;
  const Time first = kEpoch + 70s;  // a long poll that was cut late is repeated all the same
  EXPECT_TRUE(
      retry.decide(first, without_jitter(), failed(Code::kUnavailable), kNever, random).repeat);
  EXPECT_TRUE(retry.decide(first + 9s, without_jitter(), failed(Code::kUnavailable), kNever, random)
                  .repeat);
  EXPECT_FALSE(
      retry.decide(first + 9800ms, without_jitter(), failed(Code::kUnavailable), kNever, random)
          .repeat);
}

TEST(Retry, DeadlineEndsIt) {
  SeededRandom random(1);
  Retry retry;
  EXPECT_FALSE(
      retry.decide(kEpoch, without_jitter(), failed(Code::kUnavailable), kEpoch + 100ms, random)
          .repeat);
  Retry other;
  EXPECT_TRUE(
      other.decide(kEpoch, without_jitter(), failed(Code::kUnavailable), kEpoch + 101ms, random)
          .repeat);
}

TEST(Retry, R133PushbackIsHonoured) {
  SeededRandom random(1);
  Retry retry;
  Reply reply = failed(Code::kUnavailable);
  reply.pushback = 2345ms;
  EXPECT_EQ(retry.decide(kEpoch, {}, reply, kNever, random).delay, 2345ms);
  reply.pushback = -1ms;
  EXPECT_FALSE(retry.decide(kEpoch, {}, reply, kNever, random).repeat);
  World w(plain_options("10.0.0.1"));
  const auto a = w.start("/svc/A"), b = w.start("/svc/B");
  w.open(0).send(0, Peer()
                        .fail(1, 14, "no", {{"grpc-retry-pushback-ms", "-1"}})
                        .fail(3, 14, "later", {{"grpc-retry-pushback-ms", "3000"}}));
  w.expect(a, Code::kUnavailable, "no");
  w.wait(2999ms);
  EXPECT_EQ(w.sent_count("/svc/B"), 1u);
  w.wait(1ms).send(0, Peer().reply(5, "b")).expect(b, Code::kOk, "b");
}

TEST(Retry, WholeCourseOfACall) {
  World w(plain_options("10.0.0.1"));
  const auto a = w.start("/svc/A");
  w.open(0);
  std::vector<Duration> sent;
  std::size_t seen = 0;
  while (w.reply(a) == nullptr) {
    if (const std::size_t now = w.sent_count("/svc/A"); now > seen) {
      seen = now;
      sent.push_back(w.elapsed());
      w.send(0, Peer().fail(w.stream_of(0, "/svc/A", now - 1), 14, "busy"));
    } else {
      w.wait(1ms);
    }
  }
  const std::vector<Duration> wanted{0ms,    100ms,  270ms,  559ms, 1051ms,
                                     1886ms, 3306ms, 5720ms, 9823ms};
  ASSERT_EQ(sent.size(), wanted.size());
  for (std::size_t i = 0; i < sent.size(); ++i) {
    EXPECT_NEAR(static_cast<double>(sent[i].count()), static_cast<double>(wanted[i].count()), 5e6);
  }
  w.expect(a, Code::kUnavailable, "busy");
  EXPECT_EQ(w.reply(a)->status.message(), "busy") << "the server's text is left alone";
  EXPECT_EQ(w.reply(a)->attempts, 9u);
}

TEST(Retry, OwnTextSaysHowOftenItWasTried) {
  rpc::ChannelOptions options = plain_options("10.0.0.1");
  options.retry.max_attempts = 3;
  World w(std::move(options));
  const auto a = w.start("/svc/A");
  w.refuse(0, "10.0.0.1:7233: connection refused").wait(1s).refuse(1);
  w.expect(a, Code::kUnavailable, "(3 attempts, ");
}

TEST(Retry, PolicyOfACallReplacesTheChannels) {
  rpc::ChannelOptions options = plain_options("10.0.0.1");
  options.retry = rpc::no_retry();
  World w(std::move(options));
  const auto a = w.start("/svc/A"), b = w.start("/svc/B", {.retry = RetryOptions{.jitter = 0}});
  w.open(0).send(0, Peer().fail(1, 14, "busy").fail(3, 14, "busy"));
  w.expect(a, Code::kUnavailable, "busy").expect_pending(b);
  w.wait(100ms).send(0, Peer().reply(5, "b")).expect(b, Code::kOk, "b");
}

TEST(Retry, PollThatTheServerLetsRunOutIsRepeated) {
  World w(plain_options("10.0.0.1"));
  const auto poll = w.start("/svc/Poll", {.long_poll = true}), other = w.start("/svc/Other");
  w.open(0).send(0, Peer().fail(1, 4, "too much to do").fail(3, 4, "too much to do"));
  w.expect(other, Code::kDeadlineExceeded, "too much to do").expect_pending(poll);
  w.wait(2s).send(0, Peer().reply(5, "x")).expect(poll, Code::kOk, "x");
  // Our own clock is a bound.
  const auto bounded = w.start("/svc/Bounded", {.rpc_timeout = 1s, .long_poll = true});
  w.wait(2s).expect(bounded, Code::kDeadlineExceeded, "waiting for the response");
  EXPECT_EQ(w.sent_count("/svc/Bounded"), 1u);
}

TEST(Retry, EachAttemptHasTheWholeTimeout) {
  World w(plain_options("10.0.0.1"));
  const auto a = w.start("/svc/A", {.rpc_timeout = 30s});
  w.open(0).wait(20s).send(0, Peer().fail(1, 14, "busy"));
  w.wait(100ms);
  EXPECT_EQ(w.wires[0].received.find(kHeaders, 3)->field("grpc-timeout"), "30S");
  w.wait(31s).expect(a, Code::kDeadlineExceeded, "after 30.0 s while waiting for the response");
  w.expect(a, Code::kDeadlineExceeded, "(2 attempts, 50.1 s)");
}

TEST(Retry, MetadataAndMessageAreTheSameInEachAttempt) {
  World w(plain_options("10.0.0.1"));
  rpc::Request request;
  request.path = "/svc/A";
  request.message = "the message";
  request.metadata = {{"k", "1"}, {"k", "2"}, {"b-bin", "\xff"}};
  w.start(std::move(request));
  w.open(0).send(0, Peer().fail(1, 14)).wait(100ms);
  const Received& got = w.wires[0].received;
  ASSERT_NE(got.find(kHeaders, 3), nullptr);
  const auto listed = [&](std::uint32_t stream) {
    std::string all;
    for (const DecodedField& field : got.find(kHeaders, stream)->fields) {
      all += field.name + "=" + field.value + "\n";
    }
    return all;
  };
  EXPECT_EQ(listed(1), listed(3));
  EXPECT_EQ(got.body(1), got.body(3));
}

TEST(Retry, LimitsOfOurOwnAreNotRepeated) {
  rpc::ChannelOptions options = plain_options("10.0.0.1");
  options.limits.max_receive_message_bytes = 10;
  World w(std::move(options));
  const auto a = w.start("/svc/A");
  w.open(0).send(0, Peer().reply(1, "eleven byte"));
  w.expect(a, Code::kResourceExhausted, "grpc: received message larger than max (11 vs. 10)");
}

TEST(Retry, GrownAndJitterDoNotOverflow) {
  EXPECT_EQ(rpc::grown(Duration::max(), 2, 5s), 5s);
  EXPECT_EQ(rpc::grown(1s, 2, 5s), 2s);
  SeededRandom random(1);
  EXPECT_EQ(rpc::with_jitter(3s, 0, random), 3s);
  for (int i = 0; i < 100; ++i) {
    EXPECT_GE(rpc::with_jitter(Duration::max(), 1, random), Duration());
    EXPECT_GT(rpc::with_jitter(Duration::max(), 0.2, random), Duration::max() / 2);
  }
}

TEST(Retry, EndlessWaitIsNotBegun) {
  SeededRandom random(1);
  Retry retry;
  const RetryOptions options{.initial_interval = Duration::max(), .max_interval = Duration::max()};
  for (int i = 0; i < 8; ++i) {
    const Time later = kEpoch + i * 1s;
    EXPECT_FALSE(retry.decide(later, options, failed(Code::kUnavailable), kNever, random).repeat);
  }
}

}  // namespace minim::test
