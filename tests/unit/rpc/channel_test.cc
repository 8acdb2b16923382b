#include <gtest/gtest.h>

#include "support/fake_filter.h"
#include "support/world.h"

namespace minim::test {

using namespace std::chrono_literals;
using rpc::Channel;
using rpc::ChannelState;

namespace {

constexpr std::size_t kChunks[] = {SIZE_MAX, 1};

rpc::CallOptions once() { return {.retry = rpc::no_retry()}; }

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
  rpc::ChannelOptions options = plain_options("10.0.0.1");
  options.limits.max_send_message_bytes = 10;
  World w(std::move(options));
  const auto good = w.start("/svc/A");
  rpc::Request path, metadata, message;
  path.path = "no path";
  metadata.path = message.path = "/svc/B";
  metadata.metadata = {{"key", "a\nb"}};
  message.message.assign(11, 'x');
  const auto check = [&](const rpc::Request& request, Code code, std::string_view text) {
    const auto bad = w.start(request, {.wait_for_ready = true});
    w.expect(bad, code, text);
    EXPECT_FALSE(w.reply(bad)->status.may_have_reached_server());
    EXPECT_FALSE(w.reply(bad)->status.retryable());
  };
  for (const bool is_open : {false, true}) {
    if (is_open) w.open(0);
    check(path, Code::kInvalidArgument, "'no path' is not a method path");
    check(metadata, Code::kInvalidArgument, "key");
    check(message, Code::kResourceExhausted, "larger than max (11 vs. 10)");
  }
  w.expect_pending(good);
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
