// What a session says of its own end.
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>

#include "h2/session.h"
#include "support/peer.h"

namespace minim::test {

using namespace std::chrono_literals;

namespace {

constexpr Time kNow = Time(1h);

// The text and the error of the session's end.
std::optional<std::pair<std::string, std::uint32_t>> end_of(h2::Session& session) {
  std::optional<std::pair<std::string, std::uint32_t>> end;
  while (const h2::Event* const event = session.next_event()) {
    if (event->kind != h2::Event::Kind::kClosed) continue;
    EXPECT_FALSE(end) << "it ends once";
    end.emplace(event->text, event->error);
  }
  return end;
}

}  // namespace

TEST(SessionFailure, FloodIsNamedByWhatItIs) {
  h2::Session session({}, kNow);
  Peer flood;
  flood.settings();
  for (int i = 0; i < 12'000; ++i) flood.ping();
  session.receive(kNow, flood.bytes());
  const auto end = end_of(session);
  ASSERT_TRUE(end);
  EXPECT_NE(end->first.find("Flooding was detected"), std::string::npos) << end->first;
  EXPECT_EQ(end->second, 11u) << "ENHANCE_YOUR_CALM";
  EXPECT_TRUE(session.is_closed());
}

// What a request's body was may be gone by then.
TEST(SessionFailure, NothingIsWrittenOnceItIsLost) {
  h2::SessionOptions options;
  options.max_output_bytes = 100;
  h2::Session session(options, kNow);
  session.receive(kNow, Peer().settings().settings_ack().bytes());
  h2::RequestHead head{
      {{":method", "POST"}, {":scheme", "http"}, {":path", "/x"}, {":authority", "server"}}};
  auto body = std::make_unique<std::string>(60'000, 'x');
  int mark = 0;
  ASSERT_NE(session.start(&mark, head, "", "", *body), h2::StreamSlot::kNone);
  while (session.output().find("xxx") == std::string_view::npos) {
    session.consume_output(session.output().size());
  }
  session.lost();
  body.reset();
  session.consume_output(session.output().size());
  EXPECT_EQ(session.output(), "");
}

}  // namespace minim::test
