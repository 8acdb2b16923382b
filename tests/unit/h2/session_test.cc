#include "h2/session.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "support/peer.h"

namespace minim::test {

using namespace std::chrono_literals;
using h2::CloseCause;
using h2::Event;
using h2::Session;
using h2::StreamSlot;

namespace {

constexpr Time kNow = Time(1h);

// A session, its events as lines of text, and what it sent.
class Harness {
 public:
  explicit Harness(h2::SessionOptions options = {}) : session(options, kNow) {}

  StreamSlot start(int mark, std::string_view body = "body") {
    return session.start(&marks[mark], head, "", "", body);
  }

  Harness& receive(const Peer& peer, std::size_t chunk_bytes = SIZE_MAX) {
    std::string_view rest = peer.bytes();
    while (!rest.empty()) {
      const std::string chunk(rest.substr(0, chunk_bytes));
      rest.remove_prefix(chunk.size());
      session.receive(kNow, chunk);
      take_events();
    }
    return *this;
  }

  void take_events() {
    while (const Event* const event = session.next_event()) log.push_back(text_of(*event));
  }

  Harness& write() {
    while (!session.output().empty()) {
      EXPECT_TRUE(received.receive(session.output())) << received.problem();
      session.consume_output(session.output().size());
    }
    return *this;
  }

  std::string take_log() {
    std::string all;
    for (const std::string& line : log) all += line + "\n";
    log.clear();
    return all;
  }

  static std::string cause_name(CloseCause cause) {
    switch (cause) {
      case CloseCause::kFinished:
        return "finished";
      case CloseCause::kReset:
        return "reset";
      case CloseCause::kRefused:
        return "refused";
      case CloseCause::kNotSent:
        return "not sent";
      case CloseCause::kViolation:
        return "violation";
      case CloseCause::kHeadersTooLarge:
        return "headers too large";
      case CloseCause::kSessionLost:
        return "session lost";
    }
    return {};
  }

  std::string text_of(const Event& event) const {
    const std::string mark =
        event.mark == nullptr ? ""
                              : " " + std::to_string(static_cast<const int*>(event.mark) - marks);
    const std::string end = event.end_stream ? " end" : "";
    switch (event.kind) {
      case Event::Kind::kSettings:
        return "settings";
      case Event::Kind::kHeaders: {
        std::string text = "headers" + mark;
        for (const HeaderField& field : event.headers) {
          text.append(" ").append(field.name).append("=").append(field.value);
        }
        return text + end;
      }
      case Event::Kind::kData:
        return "data" + mark + " '" + std::string(event.text) + "'" + end;
      case Event::Kind::kStreamClosed:
        return "closed" + mark + " " + cause_name(event.cause) + " " + std::to_string(event.error);
      case Event::Kind::kPong:
        return "pong " + std::to_string(event.value);
      case Event::Kind::kGoaway:
        return "goaway " + std::to_string(event.error) + " " + std::to_string(event.value) + " '" +
               std::string(event.text) + "'";
      case Event::Kind::kClosed:
        return "session closed " + std::to_string(event.error);
    }
    return {};
  }

  h2::RequestHead head{
      {{":method", "POST"}, {":scheme", "http"}, {":path", "/x"}, {":authority", "server"}}};
  Session session;
  Received received;
  std::vector<std::string> log;
  int marks[8] = {};
};

Peer hello() { return Peer().settings().settings_ack(); }

}  // namespace

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

TEST(Session, WhatNeverLeftIsNotSent) {
  Harness h;
  h.receive(hello()).write();
  h.start(0);
  h.take_log();
  h.receive(Peer().goaway(0, 0, "bye"));
  h.write();
  h.take_events();
  EXPECT_EQ(h.take_log(), "goaway 0 0 'bye'\nclosed 0 not sent 7\n");
  EXPECT_EQ(h.received.count(kHeaders), 0u);
}

TEST(Session, LostTellsWhatHadLeft) {
  Harness h;
  h.receive(hello());
  h.start(0);
  h.write();
  h.start(1);
  EXPECT_FALSE(h.session.output().empty());  // the second request waits to be written
  h.take_log();
  h.session.lost();
  h.take_events();
  EXPECT_EQ(h.take_log(), "closed 0 session lost 0\nclosed 1 not sent 0\n");
  EXPECT_TRUE(h.session.output().empty()) << "and must not be written any more";
  EXPECT_TRUE(h.session.is_closed());
  h.session.receive(kNow, Peer().reply(1, "late").bytes());
  h.take_events();
  EXPECT_EQ(h.take_log(), "");
}

TEST(Session, CancelledStreamsAreSilent) {
  Harness h;
  h.receive(hello());
  const StreamSlot a = h.start(0), b = h.start(1);
  h.write();
  h.take_log();
  h.session.cancel(a, h2::kCancel);
  h.session.cancel(a, h2::kCancel);
  h.receive(Peer().reply(1, "late").reply(3, "m"));
  EXPECT_EQ(h.log.size(), 4u) << "only those of the other stream";
  h.session.cancel(b, h2::kCancel);
  h.write();
  EXPECT_EQ(h.received.count(kRstStream, 1), 1u);
  EXPECT_EQ(h.received.find(kRstStream, 1)->number(), 8u);
  EXPECT_EQ(h.received.count(kRstStream, 3), 0u) << "it had ended";
}

TEST(Session, CancelWithEventsInTheQueue) {
  Harness h;
  h.receive(hello());
  const StreamSlot a = h.start(0);
  h.write();
  h.take_log();
  const std::string bytes = Peer().reply(1, "m").bytes();
  h.session.receive(kNow, bytes);
  h.session.cancel(a, h2::kCancel);
  const StreamSlot b = h.start(1);  // must not get the slot whose events are still queued
  EXPECT_NE(a, b);
  h.take_events();
  EXPECT_EQ(h.take_log(), "");
  const StreamSlot c = h.start(2);
  EXPECT_EQ(c, a);
}

TEST(Session, BuffersMayGoAfterCancel) {
  Harness h;
  h.receive(hello()).write();
  auto body = std::make_unique<std::string>(100'000, 'x');
  const StreamSlot a = h.start(0, *body);
  h.session.cancel(a, h2::kCancel);
  body.reset();
  h.write();
  EXPECT_EQ(h.received.count(kHeaders), 0u) << "what was not sent is taken back";
  body = std::make_unique<std::string>(100'000, 'x');
  const StreamSlot b = h.start(1, *body);
  (void)h.session.output();
  h.session.cancel(b, h2::kCancel);
  body.reset();
  h.write();
  EXPECT_NE(h.received.find(kRstStream), nullptr);
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

TEST(Session, EventsOfOutputAreDueAtOnce) {
  h2::SessionOptions options;
  options.max_output_bytes = 100;
  Harness h(options);
  h.receive(hello()).write();
  // The output is full, so that nghttp2's GOAWAY about the breach waits.
  const std::string body(60'000, 'x');
  h.start(0, body);
  (void)h.session.output();
  h.receive(Peer().window_update(0, 0));
  h.take_log();
  h.write();
  EXPECT_TRUE(h.session.is_closed());
  EXPECT_EQ(h.session.next_deadline(), Time::min());
  h.session.on_time(kNow);
  h.take_events();
  EXPECT_NE(h.take_log().find("session closed 1\n"), std::string::npos);
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

TEST(Session, ShutDownSaysGoaway) {
  Harness h;
  h.receive(hello());
  h.session.shut_down();
  EXPECT_FALSE(h.session.can_start());
  h.write();
  ASSERT_NE(h.received.find(kGoaway), nullptr);
  EXPECT_EQ(h.received.find(kGoaway)->number(4), 0u);
  EXPECT_FALSE(h.session.is_closed());
}

}  // namespace minim::test
