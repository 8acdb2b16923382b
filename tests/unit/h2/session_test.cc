#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "unit/h2/session_harness.h"

namespace minim::test {

using namespace std::chrono_literals;
using h2::StreamSlot;

TEST(Session, GoodExchange) {
  for (const std::size_t chunk : {SIZE_MAX, std::size_t{1}, std::size_t{5}}) {
    Harness h;
    h.receive(hello(), chunk);
    EXPECT_EQ(h.take_log(), "settings\n");
    h.start(1);
    h.write();
    h.receive(Peer().headers(1, {{":status", "200"}, {"a", "b"}}), chunk);
    EXPECT_EQ(h.take_log(), "headers 1 :status=200 a=b\n");
    h.receive(Peer().data(1, "x"), chunk);
    EXPECT_EQ(h.take_log(), "data 1 'x'\n");
    h.receive(Peer().trailers(1, {{"t", "v"}}), chunk);
    EXPECT_EQ(h.take_log(), "headers 1 t=v end\nclosed 1 finished 0\n");
    EXPECT_EQ(h.session.open_streams(), 0u);
    EXPECT_EQ(h.received.body(1), "body");
  }
}

TEST(Session, EndOnDataIsItsOwnEvent) {
  Harness h;
  h.receive(hello());
  h.start(0);
  h.write();
  h.take_log();
  h.receive(Peer().headers(1, {{":status", "200"}}).data(1, "x", true));
  EXPECT_EQ(h.take_log(),
            "headers 0 :status=200\ndata 0 'x'\ndata 0 '' end\nclosed 0 finished 0\n");
}

TEST(Session, CannotStartBeforeSettingsNorAboveTheLimitNorWhileDraining) {
  Harness h;
  EXPECT_FALSE(h.session.can_start());
  h.receive(Peer().settings({{kMaxConcurrentStreams, 2}}));
  EXPECT_TRUE(h.session.can_start());
  EXPECT_EQ(h.session.max_streams(), 2u);
  h.start(0), h.start(1);
  EXPECT_FALSE(h.session.can_start());
  h.write().receive(Peer().rst(1, 8));
  EXPECT_TRUE(h.session.can_start());
  h.receive(Peer().goaway(3));
  EXPECT_FALSE(h.session.can_start());
}

TEST(Session, AbsentStreamLimitMeansNone) {
  Harness h;
  EXPECT_EQ(h.session.max_streams(), h2::kAssumedMaxStreams);
  h.receive(hello());
  EXPECT_GE(h.session.max_streams(), 1u << 20);
}

TEST(Session, ResetsAndRefusalsAreTold) {
  Harness h;
  h.receive(hello());
  h.start(0), h.start(1), h.start(2);
  h.write();
  h.take_log();
  h.receive(Peer().rst(1, 2).rst(3, 7).goaway(3));
  EXPECT_EQ(h.take_log(),
            "closed 0 reset 2\nclosed 1 refused 7\ngoaway 0 3 ''\nclosed 2 refused 7\n");
}

TEST(Session, OutputIsBounded) {
  h2::SessionOptions options;
  options.max_output_bytes = 10'000;
  Harness h(options);
  h.receive(Peer().settings({{kInitialWindowSize, 1 << 24}}).window_update(0, 1 << 24)).write();
  const std::string body(200'000, 'x');
  h.start(0, body);
  EXPECT_LT(h.session.output().size(), 10'000u + 16'384u + 100u);
  h.write();
  EXPECT_EQ(h.received.body(1), body);
}

TEST(Session, PingAndPong) {
  Harness h;
  h.receive(hello()).write();
  h.session.ping(0x0102030405060708);
  h.write();
  EXPECT_EQ(h.received.find(kPing)->payload, "\1\2\3\4\5\6\7\10");
  h.take_log();
  h.receive(Peer().pong("\1\2\3\4\5\6\7\10"));
  EXPECT_EQ(h.take_log(), "pong 72623859790382856\n");
}

TEST(Session, SettingsHaveATimeLimit) {
  h2::SessionOptions options;
  options.settings_timeout = 5s;
  Harness silent(options);
  EXPECT_EQ(silent.session.next_deadline(), kNow + 5s);
  silent.session.on_time(kNow + 4s);
  EXPECT_FALSE(silent.session.is_closed());
  silent.session.on_time(kNow + 5s);
  silent.take_events();
  EXPECT_EQ(silent.take_log(), "session closed 4\n");

  Harness unacknowledged(options);
  unacknowledged.receive(Peer().settings());
  EXPECT_EQ(unacknowledged.session.next_deadline(), kNow + 5s);
  unacknowledged.session.on_time(kNow + 1h);
  EXPECT_TRUE(unacknowledged.session.is_closed());

  Harness good(options);
  good.receive(hello());
  EXPECT_EQ(good.session.next_deadline(), kNever);
  good.session.on_time(kNow + 1h);
  EXPECT_FALSE(good.session.is_closed());
}

TEST(Session, HeaderListAboveTheLimitResetsOneStream) {
  h2::SessionOptions options;
  options.max_header_list_bytes = 300;
  Harness h(options);
  h.receive(hello());
  h.start(0), h.start(1);
  h.write();
  h.take_log();
  h.receive(Peer().headers(1, {{":status", "200"}, {"x", std::string(250, 'x')}}).reply(3, "m"));
  h.write();
  h.take_events();
  const std::string log = h.take_log();
  EXPECT_NE(log.find("closed 0 headers too large"), std::string::npos) << log;
  EXPECT_NE(log.find("closed 1 finished"), std::string::npos) << log;
}

TEST(Session, ManyStreamsUseFewSlots) {
  Harness h;
  h.receive(hello());
  for (std::uint32_t i = 0; i < 1000; ++i) {
    EXPECT_LT(static_cast<std::uint32_t>(h.start(0)), 2u);
    h.write().receive(Peer().reply(2 * i + 1, "m"));
  }
}

}  // namespace minim::test
