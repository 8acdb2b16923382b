// A link's filter: its handshake, and how it may fail. Proxies: proxy_test.cc.
#include <gtest/gtest.h>

#include "support/fake_filter.h"
#include "support/world.h"

namespace minim::test {

using namespace std::chrono_literals;

namespace {

constexpr std::size_t kChunks[] = {SIZE_MAX, 1, 3};

rpc::CallOptions once() { return {.retry = rpc::no_retry()}; }

struct Filtered {
  std::shared_ptr<FakeFilterFactory> factory = std::make_shared<FakeFilterFactory>();
  rpc::ChannelOptions options = [this] {
    rpc::ChannelOptions made = plain_options("10.0.0.1");
    made.tls = factory;
    return made;
  }();
};

}  // namespace

TEST(Filter, GoodHandshake) {
  for (const std::size_t chunk : kChunks) {
    Filtered f;
    World w(f.options);
    w.chunk_bytes = chunk;
    const auto a = w.start("/svc/A");
    w.wires.at(0).read = FilterReader();
    w.accept(0);
    EXPECT_EQ(w.wires[0].raw, kFilterHello) << "nothing plain before the handshake is done";
    EXPECT_EQ(f.factory->last_host, "10.0.0.1");
    w.send(0, kFilterWelcome);
    EXPECT_TRUE(w.wires[0].received.has_preface());
    w.send(0, filter_seal(Peer().settings().settings_ack().bytes()));
    w.send(0, filter_seal(Peer().reply(1, "a").bytes())).expect(a, Code::kOk, "a");
    EXPECT_EQ(w.wires[0].received.find(kHeaders)->field(":scheme"), "https");
    w.close();
    EXPECT_EQ(w.wires[0].raw.back(), '\0') << "the goodbye";
  }
}

TEST(Filter, WelcomeAndSettingsInOnePacket) {
  Filtered f;
  World w(f.options);
  const auto a = w.start("/svc/A");
  w.wires.at(0).read = FilterReader();
  w.accept(0);
  w.send(0, std::string(kFilterWelcome) + filter_seal(Peer().settings().settings_ack().bytes()));
  w.send(0, filter_seal(Peer().reply(1, "a").bytes())).expect(a, Code::kOk, "a");
}

TEST(Filter, AuthorityOfTheFilter) {
  Filtered f;
  f.factory->authority_override = "override.example";
  World w(f.options);
  w.start("/svc/A");
  w.wires.at(0).read = FilterReader();
  w.accept(0).send(0, kFilterWelcome);
  w.send(0, filter_seal(Peer().settings().settings_ack().bytes()));
  EXPECT_EQ(w.wires[0].received.find(kHeaders)->field(":authority"), "override.example");
}

TEST(Filter, NameOfAUnixSocketIsLocalhost) {
  Filtered f;
  f.options.target = "unix:/run/t.sock";
  World w(f.options);
  w.connect();
  w.wires.at(0).read = FilterReader();
  w.accept(0);
  EXPECT_EQ(f.factory->last_host, "localhost");
}

TEST(Filter, CannotBeMade) {
  Filtered f;
  f.factory->refuse_to_open = "the key does not match the certificate";
  World w(f.options);
  const auto a = w.start("/svc/A", once());
  w.accept(0).expect(a, Code::kUnavailable,
                     "cannot connect to 10.0.0.1:7233: the key does not match");
}

TEST(Filter, HandshakeFails) {
  for (const std::size_t chunk : kChunks) {
    Filtered f;
    World w(f.options);
    w.chunk_bytes = chunk;
    const auto a = w.start("/svc/A", once());
    w.wires.at(0).read = FilterReader();
    w.accept(0).send(0, "go away");
    w.expect(a, Code::kUnavailable, "the handshake failed: not welcome");
    EXPECT_EQ(w.wires[0].raw, std::string(kFilterHello) + "alert\n") << "its last words go out";
    EXPECT_FALSE(w.reply(a)->status.may_have_reached_server());
  }
}

TEST(Filter, PeerHangsUpInEachStage) {
  {
    Filtered f;
    World w(f.options);
    const auto a = w.start("/svc/A", once());
    w.wires.at(0).read = FilterReader();
    w.accept(0).hang_up(0).expect(a, Code::kUnavailable, "the peer hung up in the handshake");
  }
  {  // as a TLS 1.3 server does that wants a client certificate
    Filtered f;
    World w(f.options);
    const auto a = w.start("/svc/A", once());
    w.wires.at(0).read = FilterReader();
    w.accept(0).send(0, kFilterWelcome).hang_up(0);
    w.expect(a, Code::kUnavailable, "closed the connection before its HTTP/2 SETTINGS");
    EXPECT_EQ(w.reply(a)->status.message().find("does it want TLS"), std::string_view::npos);
  }
  {
    Filtered f;
    World w(f.options);
    const auto a = w.start("/svc/A", once());
    w.wires.at(0).read = FilterReader();
    w.accept(0).send(0, kFilterWelcome);
    w.send(0, filter_seal(Peer().settings().settings_ack().bytes()));
    w.send(0, "\x30 half a record").hang_up(0);
    w.expect(a, Code::kUnavailable, "the peer hung up inside a record");
  }
}

// Nothing comes in, and no time passes.
TEST(Filter, FailureToSendEndsTheLinkAtOnce) {
  Filtered f;
  World w(f.options);
  w.connect().wires.at(0).read = FilterReader();
  w.accept(0).send(0, kFilterWelcome);
  w.send(0, filter_seal(Peer().settings().settings_ack().bytes()));
  f.factory->fails_to_send = true;
  const auto a = w.start("/svc/A", once());
  w.wait(0s).expect(a, Code::kUnavailable, "no seal was left");
  EXPECT_TRUE(w.wires[0].is_closed);
}

TEST(Filter, GoodbyeOfThePeerEndsTheLink) {
  Filtered f;
  World w(f.options);
  const auto a = w.start("/svc/A", once());
  w.wires.at(0).read = FilterReader();
  w.accept(0).send(0, kFilterWelcome);
  w.send(0, filter_seal(Peer().settings().settings_ack().bytes()));
  w.send(0, filter_seal(Peer().reply(1, "a").bytes()) + std::string(1, '\0'));
  w.expect(a, Code::kOk, "a");
  EXPECT_TRUE(w.wires[0].is_closed);
}

TEST(Filter, SilentHandshakeNamesItsPhase) {
  Filtered f;
  World w(f.options);
  const auto a = w.start("/svc/A", {.rpc_timeout = 3s}), b = w.start("/svc/B", once());
  w.wires.at(0).read = FilterReader();
  w.accept(0).wait(3s);
  w.expect(a, Code::kDeadlineExceeded, "while shaking hands (TLS) with 10.0.0.1:7233");
  w.wait(17s).expect(b, Code::kUnavailable,
                     "timed out after 20.0 s while shaking hands (TLS) with 10.0.0.1:7233");
}

TEST(Filter, SlowSocketBoundsWhatIsSealed) {
  Filtered f;
  f.options.gzip_above_bytes.reset();
  World w(f.options);
  rpc::Request request;
  request.path = "/svc/A";
  request.message = std::string(500'000, 'x');
  for (int i = 0; i < 10; ++i) w.start(request);
  w.wires.at(0).read = FilterReader();
  w.accept(0).send(0, kFilterWelcome);
  w.wires[0].is_blocked = true;
  w.send(0, filter_seal(Peer()
                            .settings({{kInitialWindowSize, 1 << 30}})
                            .settings_ack()
                            .window_update(0, 1 << 30)
                            .bytes()));
  EXPECT_LT(w.channel().output(w.wires[0].id).size(), 200'000u);
  w.unblock(0);
  EXPECT_EQ(w.wires[0].received.body(19).size(), 500'005u);
}

}  // namespace minim::test
