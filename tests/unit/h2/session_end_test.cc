// How streams and sessions end: cancelled, lost, refused, and what may still come of them.
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "unit/h2/session_harness.h"

namespace minim::test {

using namespace std::chrono_literals;
using h2::StreamSlot;

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

TEST(Session, CancelInTheMiddleOfAFrame) {
  const std::string reply = Peer().headers(1, {{":status", "200"}, {"a", "b"}}).bytes();
  const std::string data = Peer().data(1, "never seen", true).bytes();
  for (const bool is_written : {false, true}) {  // our RST_STREAM, before the rest comes
    for (const bool in_data : {false, true}) {
      SCOPED_TRACE(std::string(in_data ? "DATA" : "HEADERS") + (is_written ? ", written" : ""));
      Harness h;
      h.receive(hello());
      const StreamSlot a = h.start(0), b = h.start(1);
      h.write();
      h.take_log();
      const std::string bytes = in_data ? reply + data : reply;
      const std::size_t half = bytes.size() - 3;
      h.receive(Peer().raw(bytes.substr(0, half)));
      h.take_log();
      h.session.cancel(a, h2::kCancel);
      if (is_written) h.write();
      h.receive(Peer().raw(bytes.substr(half)).headers(3, {{":status", "200"}}));
      EXPECT_EQ(h.take_log(), "headers 1 :status=200\n");
      h.write();
      EXPECT_EQ(h.received.count(kRstStream, 1), 1u);
      h.session.cancel(b, h2::kCancel);
      h.write().take_events();
      EXPECT_EQ(h.session.open_streams(), 0u);
    }
  }
}

TEST(Session, AfterItsEndNothingHappens) {
  for (const bool is_breach : {true, false}) {
    SCOPED_TRACE(is_breach ? "a breach" : "SETTINGS that are not acknowledged");
    Harness h;
    h.receive(is_breach ? hello() : Peer().settings());
    const StreamSlot a = h.start(0);
    h.write();
    if (is_breach) {
      h.receive(Peer().window_update(0, 0)).write();
    } else {
      h.session.on_time(kNow + 1h);
    }
    h.take_events();
    EXPECT_NE(h.take_log().find("session closed"), std::string::npos);
    const std::size_t frames = h.received.frames().size();
    h.session.ping(1);
    h.session.shut_down();
    h.session.cancel(a, h2::kCancel);
    h.write();
    EXPECT_EQ(h.received.frames().size(), frames);
    EXPECT_EQ(h.session.next_deadline(), kNever);
    h.session.lost();
    h.take_events();
    EXPECT_EQ(h.take_log(), "") << "it was cancelled";
    EXPECT_EQ(h.session.open_streams(), 0u);
  }
  Harness early;  // whose SETTINGS have never come
  early.session.lost();
  EXPECT_EQ(early.session.next_deadline(), kNever);
}

// A peer may push until it has our SETTINGS; nothing of it is for a stream of ours.
TEST(Session, PushBeforeOurSettingsAreAcknowledged) {
  const Fields pushed = {
      {":method", "GET"}, {":scheme", "http"}, {":path", "/pushed"}, {":authority", "server"}};
  Harness h;
  h.receive(Peer().settings());
  h.start(0);
  h.write();
  h.take_log();
  const std::string block = Peer().headers(1, pushed).bytes().substr(9);
  h.receive(Peer().frame(kPushPromise, kEndHeaders, 1, std::string("\0\0\0\2", 4) + block));
  h.receive(Peer().headers(2, {{":status", "200"}}).data(2, "pushed", true));
  h.write();
  EXPECT_EQ(h.take_log(), "");
  EXPECT_EQ(h.received.count(kRstStream, 2), 1u) << "refused";
  h.receive(Peer().headers(1, {{":status", "200"}}, true));
  EXPECT_EQ(h.take_log(), "headers 0 :status=200 end\nclosed 0 finished 0\n");
}

TEST(Session, IllegalFieldInAnInformationalBlock) {
  Harness h;
  h.receive(hello());
  h.start(0), h.start(1);
  h.write();
  h.take_log();
  h.receive(Peer().headers(1, {{":status", "103"}, {"a", "b\n"}}).headers(3, {{":status", "200"}}));
  h.write();
  h.take_events();
  EXPECT_EQ(h.take_log(), "headers 1 :status=200\nclosed 0 violation 1\n");
}

}  // namespace minim::test
