// What waits for a socket that takes nothing: how much of it nghttp2 holds, and how it gets out.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "unit/h2/session_harness.h"

namespace minim::test {

using h2::kMaxQueuedFrames;
using h2::SendState;
using h2::StreamSlot;

namespace {

Peer hello_with(std::uint32_t streams) {
  return Peer().settings({{kMaxConcurrentStreams, streams}}).settings_ack();
}

std::vector<StreamSlot> start(Harness& h, std::size_t count) {
  std::vector<StreamSlot> streams;
  while (streams.size() < count && h.session.can_start()) streams.push_back(h.start(0, ""));
  return streams;
}

}  // namespace

TEST(SessionQueue, RequestsWaitOutsideUntilTheOutputIsTaken) {
  Harness h;
  h.receive(hello_with(2500)).write();
  EXPECT_EQ(start(h, 9999).size(), kMaxQueuedFrames);
  EXPECT_EQ(h.session.queued_frames(), kMaxQueuedFrames);
  h.write();
  EXPECT_EQ(start(h, 9999).size(), kMaxQueuedFrames);
  h.write();
  EXPECT_EQ(start(h, 9999).size(), 500u) << "as many as the peer allows";
  h.write();
  EXPECT_EQ(h.received.count(kHeaders), 2500u);
}

TEST(SessionQueue, ResetsWaitOutsideUntilTheOutputIsTaken) {
  Harness h;
  h.receive(hello_with(6000)).write();
  std::vector<StreamSlot> streams;
  while (streams.size() < 6000) {
    for (const StreamSlot stream : start(h, 1000)) streams.push_back(stream);
    h.write();
  }
  h.take_log();
  for (const StreamSlot stream : streams) h.session.cancel(stream, h2::kCancel);
  EXPECT_EQ(h.session.queued_frames(), 2 * kMaxQueuedFrames);
  EXPECT_FALSE(h.session.can_start());
  // What ends meanwhile has nothing left to reset.
  h.receive(Peer().reply(1, "late").reply(11999, "late"));
  EXPECT_EQ(h.take_log(), "");
  h.write();
  h.take_events();
  EXPECT_GE(h.received.count(kRstStream), 5998u);
  EXPECT_EQ(h.session.open_streams(), 0u);
  EXPECT_TRUE(h.session.can_start());
}

// Requests that the peer's new limit holds back fill the queue; only the resets make them move.
TEST(SessionQueue, ResetsGoOutBesideRequestsThatAreHeldBack) {
  Harness h;
  h.receive(hello_with(2 * kMaxQueuedFrames)).write();
  const std::vector<StreamSlot> open = start(h, kMaxQueuedFrames);
  h.write();
  ASSERT_EQ(start(h, kMaxQueuedFrames).size(), kMaxQueuedFrames);
  h.receive(Peer().settings({{kMaxConcurrentStreams, 1}})).write();
  ASSERT_EQ(h.received.count(kHeaders), kMaxQueuedFrames);
  for (const StreamSlot stream : open) h.session.cancel(stream, h2::kCancel);
  h.write();
  EXPECT_EQ(h.received.count(kRstStream), kMaxQueuedFrames);
  EXPECT_EQ(h.received.count(kHeaders), kMaxQueuedFrames + 1);
}

TEST(SessionQueue, GoawayGivesBackWhatAnotherLimitHoldsBack) {
  Harness h;
  h.receive(hello_with(10)).write();
  h.start(0);
  h.write();
  h.start(1);
  const StreamSlot cancelled = h.start(2);
  h.start(3);
  h.session.cancel(cancelled, h2::kCancel);
  h.receive(Peer().settings({{kMaxConcurrentStreams, 1}}));
  h.take_log();
  h.receive(Peer().goaway(1));
  EXPECT_EQ(h.take_log(), "goaway 0 1 ''\nclosed 1 not sent 7\nclosed 3 not sent 7\n");
  EXPECT_EQ(h.session.open_streams(), 1u);
  h.receive(Peer().reply(1, "m")).write();
  h.take_events();
  EXPECT_TRUE(h.take_log().ends_with("closed 0 finished 0\n"));
  EXPECT_EQ(h.session.open_streams(), 0u);
  EXPECT_EQ(h.received.count(kHeaders), 1u);
}

TEST(SessionQueue, GoawayGivesBackWhatWaitsBehindAStuckSocket) {
  const std::string body(5000, 'x');
  Harness h({.max_output_bytes = 1000});
  h.receive(Peer().settings().window_update(0, 1 << 20)).write();
  h.start(0, body);
  ASSERT_FALSE(h.session.output().empty());
  h.start(1);
  h.take_log();
  h.receive(Peer().goaway(1));
  EXPECT_EQ(h.take_log(), "goaway 0 1 ''\nclosed 1 not sent 7\n");
  h.write();
  EXPECT_EQ(h.received.body(1).size(), 5000u);
  EXPECT_EQ(h.received.count(kHeaders), 1u);
}

TEST(SessionQueue, SendState) {
  const std::string body(100'000, 'x');  // the peer's windows take 65,535
  Harness h;
  h.receive(hello()).write();
  const StreamSlot stream = h.start(0, body);
  EXPECT_EQ(h.session.send_state(stream), SendState::kUnsent);
  ASSERT_FALSE(h.session.output().empty());
  EXPECT_EQ(h.session.send_state(stream), SendState::kSending) << "nobody has taken it";
  h.write();
  EXPECT_EQ(h.session.send_state(stream), SendState::kSending) << "the windows are used up";
  h.receive(Peer().window_update(0, 1 << 20).window_update(1, 1 << 20)).write();
  EXPECT_EQ(h.session.send_state(stream), SendState::kSent);
}

// nghttp2 takes no field above 64 KiB, and calls the whole connection broken.
TEST(SessionQueue, FieldThatIsTooLargeIsItsStreamsFault) {
  Harness h({.max_header_list_bytes = std::size_t{1} << 20});
  h.receive(hello()).write();
  h.start(0);
  h.start(1);
  h.write();
  h.take_log();
  const Fields fields = {{":status", "200"}, {"x", std::string(66'000, 'x')}};
  h.receive(Peer().split_headers(3, fields, 16'384));
  EXPECT_EQ(h.take_log(), "session closed 9\n");
  h.session.lost();
  h.take_events();
  EXPECT_EQ(h.take_log(), "closed 0 session lost 0\nclosed 1 headers too large 9\n");
}

// A block of one frame cannot have such a field: it is broken, and all its session with it.
TEST(SessionQueue, BrokenBlockIsNobodysFault) {
  Harness h;
  h.receive(hello()).write();
  h.start(0);
  h.start(1);
  h.write();
  h.take_log();
  h.receive(Peer().frame(kHeaders, kEndHeaders, 3, "\xff\xff\xff\xff\xff\xff"));
  EXPECT_EQ(h.take_log(), "session closed 9\n");
  h.session.lost();
  h.take_events();
  EXPECT_EQ(h.take_log(), "closed 0 session lost 0\nclosed 1 session lost 0\n");
}

}  // namespace minim::test
