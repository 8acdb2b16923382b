#include <gtest/gtest.h>

#include "support/fake_filter.h"
#include "support/world.h"

namespace minim::test {

using namespace std::chrono_literals;
using rpc::CallOptions;
using rpc::Channel;
using rpc::ChannelState;

namespace {

constexpr std::size_t kChunks[] = {SIZE_MAX, 1};

CallOptions timeout(Duration duration) { return {.rpc_timeout = duration}; }
CallOptions once() { return {.retry = rpc::no_retry()}; }

}  // namespace

TEST(Channel, GoodCall) {
  for (const std::size_t chunk : kChunks) {
    World w;
    w.chunk_bytes = chunk;
    const auto a = w.start("/svc/A");
    EXPECT_EQ(w.lookups.at(0).host, "server");
    EXPECT_EQ(w.lookups.at(0).port, 7233);
    w.resolve({"10.0.0.1"});
    EXPECT_EQ(w.wires.at(0).address, ip("10.0.0.1"));
    w.open(0).send(0, Peer().reply(1, "hello"));
    w.expect(a, Code::kOk, "hello");
    const std::vector<ChannelState> wanted{ChannelState::kConnecting, ChannelState::kReady};
    EXPECT_EQ(w.states, wanted);
    EXPECT_EQ(w.wires[0].received.find(kHeaders)->field(":authority"), "server:7233");
    EXPECT_EQ(w.wires[0].received.find(kHeaders)->field("user-agent"), "test");
  }
}

TEST(Channel, TargetsThatNeedNoLookup) {
  const struct {
    std::string_view target;
    rpc::Address address;
    std::string_view authority;
  } rows[] = {
      {"10.0.0.9:1", ip("10.0.0.9", 1), "10.0.0.9:1"},
      {"[::1]", ip("::1"), "[::1]:7233"},
      {"unix:/run/t.sock", {rpc::Address::Kind::kUnix, "/run/t.sock", 0}, "localhost"},
  };
  for (const auto& row : rows) {
    World w(plain_options(std::string(row.target)));
    w.start("/svc/A");
    ASSERT_EQ(w.wires.size(), 1u);
    EXPECT_TRUE(w.lookups.empty());
    EXPECT_EQ(w.wires[0].address, row.address);
    w.open(0);
    EXPECT_EQ(w.wires[0].received.find(kHeaders)->field(":authority"), row.authority);
  }
}

TEST(Channel, AuthorityCanBeSet) {
  rpc::ChannelOptions options = plain_options();
  options.authority = "other.example";
  World w(std::move(options));
  w.start("/svc/A");
  w.resolve({"10.0.0.1"}).open(0);
  EXPECT_EQ(w.wires[0].received.find(kHeaders)->field(":authority"), "other.example");
}

TEST(Channel, ConnectWithoutACall) {
  World w;
  w.connect().connect();
  EXPECT_EQ(w.lookups.size(), 1u);
  w.resolve({"10.0.0.1"}).open(0);
  EXPECT_EQ(w.channel().state(), ChannelState::kReady);
  const auto a = w.start("/svc/A");
  EXPECT_EQ(w.stream_of(0, "/svc/A"), 1u);
  w.send(0, Peer().reply(1, "a")).expect(a, Code::kOk, "a");
}

TEST(Channel, TagComesBackWithTheReply) {
  World w;
  int mine = 0;
  Result<std::unique_ptr<Channel>> made = [] {
    static SeededRandom random(1);
    return Channel::create(plain_options("1.1.1.1"), random);
  }();
  ASSERT_TRUE(made);
  rpc::Request request;
  request.path = "not a path";
  const auto id = (*made)->start(kEpoch, std::move(request), {.tag = &mine});
  (*made)->close(kEpoch);
  Channel::Event event;
  bool found = false;
  while ((*made)->next_event(&event)) {
    if (event.kind != Channel::Event::Kind::kReply) continue;
    found = true;
    EXPECT_EQ(event.tag, &mine);
    EXPECT_EQ(event.call, id);
  }
  EXPECT_TRUE(found);
}

TEST(Channel, MaxCallsIsNamed) {
  rpc::ChannelOptions options = plain_options();
  options.limits.max_calls = 1;
  World w(std::move(options));
  w.start("/svc/A");
  const auto b = w.start("/svc/B");
  w.expect(b, Code::kResourceExhausted, "max_calls: 1");
}

TEST(Channel, BadOptionsAreAllNamedAtOnce) {
  rpc::ChannelOptions options = plain_options("ftp://x");
  options.retry.jitter = 2;
  options.retry.multiplier = 0.5;
  options.keepalive = rpc::KeepaliveOptions{.interval = 0s};
  options.reconnect.connect_timeout = 0s;
  options.user_agent = "a\nb";
  options.proxy = rpc::ProxyOptions{.target = "no port here:x"};
  SeededRandom random(1);
  const auto made = Channel::create(std::move(options), random);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code(), Code::kInvalidArgument);
  for (const std::string_view part : {"ftp", "retry.jitter", "retry.multiplier", "keepalive",
                                      "connect_timeout", "user_agent", "proxy: "}) {
    EXPECT_NE(made.error().message().find(part), std::string_view::npos) << part;
  }
}

TEST(Channel, SchemeAndTlsMustAgree) {
  SeededRandom random(1);
  const auto https = Channel::create(plain_options("https://host"), random);
  ASSERT_FALSE(https);
  EXPECT_NE(https.error().message().find("asks for TLS, and tls is not set"), std::string::npos);
  EXPECT_TRUE(Channel::create(plain_options("http://host"), random));
  for (const bool https_scheme : {false, true}) {
    rpc::ChannelOptions options = plain_options(https_scheme ? "https://host" : "http://host");
    options.tls = std::make_shared<FakeFilterFactory>();
    const auto made = Channel::create(std::move(options), random);
    EXPECT_EQ(made.has_value(), https_scheme);
    if (made) continue;
    EXPECT_EQ(made.error().code(), Code::kInvalidArgument);
    EXPECT_NE(made.error().message().find("asks for plaintext, and tls is set"), std::string::npos);
  }
}

TEST(Channel, CancelInEveryState) {
  {
    World w;
    const auto a = w.start("/svc/A");
    w.cancel(a).cancel(a).expect(a, Code::kCancelled, "the call was cancelled");
  }
  {
    World w;
    const auto a = w.start("/svc/A");
    w.resolve({"10.0.0.1"}).accept(0).cancel(a).expect(a, Code::kCancelled);
    w.send(0, Peer().settings().settings_ack());
    EXPECT_EQ(w.sent_count("/svc/A"), 0u);
  }
  {
    World w;
    const auto a = w.start("/svc/A");
    w.resolve({"10.0.0.1"}).open(0).cancel(a).expect(a, Code::kCancelled);
    EXPECT_EQ(w.wires[0].received.find(kRstStream, 1)->number(), 8u);
  }
  {  // between two attempts
    World w;
    const auto a = w.start("/svc/A");
    w.resolve({"10.0.0.1"}).open(0).send(0, Peer().fail(1, 14));
    w.expect_pending(a).cancel(a).expect(a, Code::kCancelled);
    w.wait(1min);
    EXPECT_EQ(w.sent_count("/svc/A"), 1u);
  }
}

// The first attempt was taken up; what ends the call later was not sent at all.
TEST(Channel, EarlierAttemptsThatMayHaveBeenProcessedAreNotForgotten) {
  const auto begin = [](World& w) {
    const auto a = w.start("/svc/A", {.deadline = kEpoch + 1s});
    w.resolve({"10.0.0.1"}).open(0);
    w.send(0, Peer().fail(1, 14, "try later"));
    w.expect_pending(a);
    return a;
  };
  const auto expect_reached = [](World& w, rpc::CallId a) {
    EXPECT_EQ(w.reply(a)->progress, rpc::Progress::kSent);
    EXPECT_TRUE(w.reply(a)->status.may_have_reached_server());
  };
  {
    SCOPED_TRACE("cancelled while it waits for its second attempt");
    World w;
    const auto a = begin(w);
    w.cancel(a).expect(a, Code::kCancelled);
    expect_reached(w, a);
  }
  {
    SCOPED_TRACE("its second attempt finds no connection");
    World w;
    const auto a = begin(w);
    w.hang_up(0, "reset");
    w.wait(2s).expect(a, Code::kDeadlineExceeded);
    expect_reached(w, a);
  }
  {
    SCOPED_TRACE("closed");
    World w;
    const auto a = begin(w);
    w.close().expect(a, Code::kCancelled, "client closed");
    expect_reached(w, a);
  }
}

TEST(Channel, CloseEndsEverything) {
  World w;
  const auto sent = w.start("/svc/Sent");
  w.resolve({"10.0.0.1"}).open(0);
  const auto sleeping = w.start("/svc/Sleeping");
  w.send(0, Peer().fail(3, 14));
  w.close().close();
  w.expect(sent, Code::kCancelled, "client closed");
  w.expect(sleeping, Code::kCancelled, "client closed");
  EXPECT_TRUE(w.is_closed);
  EXPECT_EQ(w.states.back(), ChannelState::kClosed);
  const Received& got = w.wires[0].received;
  EXPECT_EQ(got.find(kRstStream, 1)->number(), 8u);
  EXPECT_EQ(got.frames().back().type, kGoaway);
  const auto late = w.start("/svc/Late");
  w.expect(late, Code::kCancelled, "client closed");
  EXPECT_EQ(w.channel().next_deadline(), kNever);
}

TEST(Channel, CloseWithADrainTimeLetsCallsFinish) {
  World w(plain_options("10.0.0.1"));
  const auto a = w.start("/svc/A"), b = w.start("/svc/B");
  w.open(0).close(5s);
  EXPECT_FALSE(w.is_closed);
  const auto late = w.start("/svc/Late");
  w.expect(late, Code::kCancelled, "client closed");
  w.wait(1s).send(0, Peer().reply(1, "a").fail(3, 14, "busy"));
  w.expect(a, Code::kOk, "a").expect_pending(b);
  w.wait(100ms).send(0, Peer().reply(5, "b"));
  w.expect(b, Code::kOk, "b");  // repeated as ever
  EXPECT_TRUE(w.is_closed) << "with the last call, not with the drain time";
  EXPECT_EQ(w.wires[0].received.frames().back().type, kGoaway);
}

TEST(Channel, CloseCutsWhatTheDrainTimeDoesNotSee) {
  World w(plain_options("10.0.0.1"));
  const auto a = w.start("/svc/A");
  w.open(0).close(5s).wait(5s - 1ms).expect_pending(a).wait(1ms);
  w.expect(a, Code::kCancelled, "client closed");
  EXPECT_TRUE(w.is_closed);
  EXPECT_EQ(w.wires[0].received.find(kRstStream, 1)->number(), 8u);
}

TEST(Channel, SecondCloseCanOnlyShortenTheDrain) {
  World w(plain_options("10.0.0.1"));
  const auto a = w.start("/svc/A");
  w.close(5s).wait(1s).close(1h).wait(1s).expect_pending(a).close();
  w.expect(a, Code::kCancelled, "client closed");
  EXPECT_TRUE(w.is_closed);
  World longer(plain_options("10.0.0.1"));
  const auto b = longer.start("/svc/A", {.wait_for_ready = true});
  longer.close(5s).close(1h).refuse(0).expect_pending(b).wait(5s);
  longer.expect(b, Code::kCancelled, "client closed");
}

TEST(Channel, CloseWithADrainTimeAndNoCallsIsImmediate) {
  rpc::ChannelOptions options = plain_options("10.0.0.1");
  options.keep_connected = true;
  World w(std::move(options));
  w.connect().open(0).close(1h);
  EXPECT_TRUE(w.is_closed);
  World never(plain_options("10.0.0.1"));
  never.close(Duration::max());
  EXPECT_TRUE(never.is_closed);
}

TEST(Channel, CloseWhileConnecting) {
  World resolving;
  const auto a = resolving.start("/svc/A");
  resolving.close().expect(a, Code::kCancelled, "client closed");
  resolving.resolve({"10.0.0.1"});
  EXPECT_TRUE(resolving.wires.empty());
  World dialling;
  const auto b = dialling.start("/svc/A");
  dialling.resolve({"10.0.0.1"}).close().expect(b, Code::kCancelled, "client closed");
  EXPECT_TRUE(dialling.wires[0].is_closed);
  dialling.accept(0);
  EXPECT_EQ(dialling.wires[0].raw, "");
}

TEST(Channel, DeadlineNamesThePhase) {
  const auto expect_phase = [](World& w, rpc::CallId call, std::string_view phase) {
    w.wait(6s).expect(call, Code::kDeadlineExceeded, "deadline exceeded after 5.0 s while ");
    w.expect(call, Code::kDeadlineExceeded, phase);
  };
  {
    World w;
    const auto a = w.start("/svc/A", timeout(5s));
    expect_phase(w, a, "resolving server");
  }
  {
    World w;
    const auto a = w.start("/svc/A", timeout(5s));
    w.resolve({"10.0.0.1"});
    expect_phase(w, a, "connecting to 10.0.0.1:7233");
  }
  {
    World w;
    const auto a = w.start("/svc/A", timeout(5s));
    w.resolve({"10.0.0.1"}).accept(0);
    expect_phase(w, a, "waiting for the HTTP/2 SETTINGS of 10.0.0.1:7233");
  }
  {
    World w;
    const auto a = w.start("/svc/A", timeout(5s));
    w.resolve({"10.0.0.1"}).accept(0).send(0, Peer().settings({{kMaxConcurrentStreams, 0}}));
    expect_phase(w, a, "waiting for a free stream (the server allows 0)");
  }
  {
    World w;
    const auto a = w.start("/svc/A", timeout(5s));
    w.resolve({"10.0.0.1"}).open(0);
    expect_phase(w, a, "waiting for the response");
  }
  {
    World w;
    const auto a = w.start("/svc/A", timeout(5s));
    w.resolve({"10.0.0.1"}).open(0).send(0, Peer().headers(1, grpc_headers()));
    expect_phase(w, a, "reading the response");
  }
  {
    World w;
    const auto a = w.start("/svc/A", {.rpc_timeout = 5s, .wait_for_ready = true});
    w.fail_lookup("no such host");
    w.wait(4900ms);
    w.fail_lookup("no such host");  // whichever lookup runs
    expect_phase(w, a,
                 "waiting to reconnect to server:7233; last error: cannot connect to "
                 "server:7233: no such host");
  }
}

TEST(Channel, DeadlineCountsFromWhereItsClockBegan) {
  {  // the wait for a connection and for a stream is part of it
    World w;
    const auto a = w.start("/svc/A", timeout(5s));
    w.wait(2s).resolve({"10.0.0.1"}).wait(1s).open(0);
    EXPECT_EQ(w.wires[0].received.find(kHeaders)->field("grpc-timeout"), "2S");
    w.wait(2s).expect(a, Code::kDeadlineExceeded,
                      "deadline exceeded after 5.0 s while waiting for the response");
  }
  {  // the whole call's
    World w(plain_options("10.0.0.1"));
    const auto a = w.start("/svc/A", {.rpc_timeout = 30s, .deadline = kEpoch + 5s});
    w.open(0).wait(3s).send(0, Peer().fail(1, 14, "the server's own words")).wait(2s);
    w.expect(a, Code::kDeadlineExceeded,
             "deadline exceeded after 5.0 s while waiting for the response; last error: "
             "UNAVAILABLE from the server (2 attempts, 5.0 s)");
  }
}

TEST(Channel, DeadlineNamesTheLastErrorOfEachKind) {
  {  // of another address in this round
    World w;
    const auto a = w.start("/svc/A", timeout(5s));
    w.resolve({"10.0.0.1", "10.0.0.2"}).refuse(0, "10.0.0.1:7233: connection refused").wait(5s);
    w.expect(a, Code::kDeadlineExceeded,
             "deadline exceeded after 5.0 s while connecting to 10.0.0.2:7233; last error: "
             "10.0.0.1:7233: connection refused");
  }
  {  // of the round before
    World w(plain_options("10.0.0.1"));
    const auto a = w.start("/svc/A", {.rpc_timeout = 5s, .wait_for_ready = true});
    w.refuse(0, "10.0.0.1:7233: connection refused").wait(5s);
    w.expect(a, Code::kDeadlineExceeded,
             "while connecting to 10.0.0.1:7233; last error: cannot connect to 10.0.0.1:7233: "
             "10.0.0.1:7233: connection refused");
  }
  {  // of a connection that is long forgotten: none
    World w(plain_options("10.0.0.1"));
    w.connect().refuse(0).wait(200ms).connect().open(1).wait(1min).hang_up(1);
    const auto a = w.start("/svc/A", timeout(5s));
    w.wait(5s).expect(a, Code::kDeadlineExceeded, "connecting to 10.0.0.1:7233");
    EXPECT_EQ(w.reply(a)->status.message().find("last error"), std::string_view::npos);
  }
}

TEST(Channel, WholeDeadlineAndAttemptTimeoutAreTwoClocks) {
  World w;
  CallOptions options = timeout(5s);
  options.deadline = kEpoch + 7s;
  options.wait_for_ready = true;
  const auto a = w.start("/svc/A", options);
  w.resolve({"10.0.0.1"}).open(0);
  EXPECT_EQ(w.wires[0].received.find(kHeaders)->field("grpc-timeout"), "5S");
  w.wait(4s).send(0, Peer().fail(1, 14, "busy"));
  w.wait(100ms);
  ASSERT_EQ(w.sent_count("/svc/A"), 2u);
  const Frame* const second = w.wires[0].received.find(kHeaders, 3);
  EXPECT_EQ(second->field("grpc-timeout"), "2900000u") << "what is left of the whole";
  w.wait(10s);
  w.expect(a, Code::kDeadlineExceeded, "waiting for the response");
  EXPECT_EQ(w.reply(a)->attempts, 2u);
}

TEST(Channel, WithoutAnyBoundNoTimeoutIsSent) {
  World w;
  const auto a = w.start("/svc/A", {.rpc_timeout = Duration::max()});
  w.resolve({"10.0.0.1"}).open(0).send(0, Peer().reply(1, "a"));
  EXPECT_EQ(w.wires[0].received.find(kHeaders)->field("grpc-timeout"), "");
  w.expect(a, Code::kOk, "a");
}

TEST(Channel, RetryIsNotBegunWhereItCannotEndInTime) {
  World w;
  const auto a = w.start("/svc/A", {.deadline = kEpoch + 50ms});
  w.resolve({"10.0.0.1"}).open(0).send(0, Peer().fail(1, 14, "busy"));
  w.expect(a, Code::kUnavailable, "busy");
}

TEST(Channel, GzipIsSwitchedOffByTheServersRefusal) {
  rpc::ChannelOptions options = plain_options("10.0.0.1");
  options.gzip_above_bytes = 10;
  World w(std::move(options));
  rpc::Request request;
  request.path = "/svc/A";
  request.message = std::string(1000, 'x');
  const auto a = w.start(request), b = w.start(request);
  w.open(0).send(0, Peer().fail(1, 12, "no gzip here"));
  EXPECT_EQ(w.sent_count("/svc/A"), 3u);
  EXPECT_EQ(w.wires[0].received.find(kHeaders, 5)->field("grpc-encoding"), "");
  w.send(0, Peer().reply(5, "a")).expect(a, Code::kOk, "a");
  EXPECT_EQ(w.reply(a)->attempts, 1u);
  w.send(0, Peer().fail(3, 12, "no gzip here"));
  w.send(0, Peer().fail(7, 12, "no such method")).expect(b, Code::kUnimplemented, "no such method");
  EXPECT_NE(w.notices().find("gzip is off from now on"), std::string::npos);
  const auto c = w.start(request);
  EXPECT_EQ(w.wires[0].received.find(kHeaders, 9)->field("grpc-encoding"), "");
  w.send(0, Peer().reply(9, "c")).expect(c, Code::kOk, "c");
}

TEST(Channel, GzipFromZeroBytesTakesTheRefusalAsTheAnswer) {
  rpc::ChannelOptions options = plain_options("10.0.0.1");
  options.gzip_above_bytes = 0;
  World w(std::move(options));
  const auto a = w.start("/svc/A");
  w.open(0).send(0, Peer().fail(1, 12, "no gzip here"));
  w.expect(a, Code::kUnimplemented, "no gzip here");
  EXPECT_EQ(w.sent_count("/svc/A"), 1u);
  (void)w.start("/svc/B");
  EXPECT_EQ(w.wires[0].received.find(kHeaders, 3)->field("grpc-encoding"), "gzip");
}

TEST(Channel, LimitOfStreamsQueuesFairly) {
  World w(plain_options("10.0.0.1"));
  std::vector<rpc::CallId> calls;
  for (int i = 0; i < 5; ++i) calls.push_back(w.start("/svc/" + std::to_string(i)));
  w.accept(0).send(0, Peer().settings({{kMaxConcurrentStreams, 1}}).settings_ack());
  for (std::uint32_t i = 0; i < 5; ++i) {
    EXPECT_EQ(w.stream_of(0, "/svc/" + std::to_string(i)), 2 * i + 1);
    EXPECT_EQ(w.wires[0].received.count(kHeaders), i + 1);
    w.send(0, Peer().reply(2 * i + 1, "ok")).expect(calls[i], Code::kOk, "ok");
  }
}

TEST(Channel, ReplyInTheSamePacketAsGoaway) {
  World w(plain_options("10.0.0.1"));
  const auto a = w.start("/svc/A"), b = w.start("/svc/B");
  w.open(0).send(0, Peer().reply(1, "a").goaway(3).reply(3, "b"));
  w.expect(a, Code::kOk, "a").expect(b, Code::kOk, "b");
  EXPECT_TRUE(w.wires[0].is_closed);
  EXPECT_EQ(w.channel().state(), ChannelState::kIdle);
}

TEST(Channel, BadCallEndsWithoutAConnection) {
  World w(plain_options("10.0.0.1"));
  const auto a = w.start("/svc/A");
  rpc::Request request;
  request.path = "no path";
  const auto b = w.start(std::move(request));
  w.open(0);
  w.expect(b, Code::kInvalidArgument, "not a method path").expect_pending(a);
}

TEST(Channel, StateNames) {
  EXPECT_EQ(rpc::channel_state_name(ChannelState::kIdle), "idle");
  EXPECT_EQ(rpc::channel_state_name(ChannelState::kConnecting), "connecting");
  EXPECT_EQ(rpc::channel_state_name(ChannelState::kReady), "ready");
  EXPECT_EQ(rpc::channel_state_name(ChannelState::kBackoff), "backoff");
  EXPECT_EQ(rpc::channel_state_name(ChannelState::kClosed), "closed");
}

TEST(Channel, OnceMeansOnce) {
  World w(plain_options("10.0.0.1"));
  const auto a = w.start("/svc/A", once());
  w.open(0).send(0, Peer().fail(1, 14, "busy")).expect(a, Code::kUnavailable, "busy");
  EXPECT_EQ(w.reply(a)->attempts, 1u);
}

}  // namespace minim::test
