// HTTP/2 frames as lines, and what must not be in them.
#include "minim/trace.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/fake_filter.h"
#include "support/peer.h"

namespace minim::test {
namespace {

class Traces : public ::testing::Test {
 protected:
  std::unique_ptr<Filter> open(std::shared_ptr<FilterFactory> inner = nullptr) {
    factory_ = trace_->around(std::move(inner));
    auto opened = factory_->open("server");
    EXPECT_TRUE(opened);
    return std::move(*opened);
  }
  // In pieces of every size; gives the lines of each, which must be the same.
  std::string lines_of(const std::string& sent, const std::string& received) {
    std::string first;
    for (const std::size_t piece :
         {std::size_t{1}, std::size_t{2}, std::size_t{7}, std::size_t{4096}}) {
      trace_ = make_trace([this](std::string_view line) { lines_.append(line).append("\n"); });
      lines_.clear();
      const auto filter = open();
      for (std::size_t at = 0; at < sent.size(); at += piece) filter->send(sent.substr(at, piece));
      EXPECT_EQ(filter->output(), sent);
      filter->consume_output(sent.size());
      filter->receive(received);
      EXPECT_EQ(filter->plain(), received);
      while (!filter->plain().empty())
        filter->consume_plain(std::min(piece, filter->plain().size()));
      if (first.empty()) first = lines_;
      EXPECT_EQ(lines_, first) << piece;
    }
    return first;
  }

  std::string lines_;
  std::shared_ptr<Trace> trace_ =
      make_trace([this](std::string_view line) { lines_.append(line).append("\n"); });
  std::shared_ptr<FilterFactory> factory_;
};

TEST_F(Traces, FramesInBothDirections) {
  const std::string sent =
      std::string("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n") +
      Peer()
          .settings({{kEnablePush, 0}, {kMaxHeaderListSize, 65536}})
          .headers(1, {{":method", "POST"}, {":path", "/p.S/M"}, {"authorization", "Bearer TOP"}})
          .data(1, "SECRET payload", true)
          .window_update(0, 1000)
          .take();
  const std::string received = Peer()
                                   .settings({{kMaxConcurrentStreams, 7}})
                                   .settings_ack()
                                   .headers(1, {{":status", "200"}, {"x-token", "TOP"}})
                                   .padded_data(1, "SECRET", 3)
                                   .trailers(1, {{"grpc-status", "5"}, {"grpc-message", "gone"}})
                                   .ping("SECRET!!")
                                   .rst(3, 8)
                                   .goaway(3, 11, "too_many_pings")
                                   .frame(0x77, 0, 0, "SECRET")
                                   .take();
  const std::string lines = lines_of(sent, received);
  EXPECT_EQ(lines.find("SECRET"), std::string::npos) << lines;
  EXPECT_EQ(lines.find("TOP"), std::string::npos) << lines;
  for (const char* const line :
       {"1> SETTINGS, 12 bytes: ENABLE_PUSH=0, MAX_HEADER_LIST_SIZE=65536\n",
        ": :method=POST, :path=/p.S/M, authorization=(10 bytes)\n",
        "1> DATA stream 1 END_STREAM, 14 bytes\n", "1> WINDOW_UPDATE, 4 bytes: +1000\n",
        "1< SETTINGS, 6 bytes: MAX_CONCURRENT_STREAMS=7\n", "1< SETTINGS ACK, 0 bytes\n",
        "1< DATA stream 1 PADDED, 10 bytes\n", ": :status=200, x-token=(3 bytes)\n",
        ": grpc-status=5, grpc-message=gone\n", "1< PING, 8 bytes\n",
        "1< RST_STREAM stream 3, 4 bytes: CANCEL\n",
        ": last stream 3, ENHANCE_YOUR_CALM, too_many_pings\n", "1< type 119, 6 bytes\n"}) {
    EXPECT_NE(lines.find(line), std::string::npos) << line << "\nis not in\n" << lines;
  }
}

TEST_F(Traces, HeaderBlocksOverSeveralFrames) {
  const std::string lines =
      lines_of("", Peer().split_headers(1, {{":status", "200"}, {"server", "abc"}}, 2).take());
  EXPECT_NE(lines.find("1< CONTINUATION stream 1 END_HEADERS, "), std::string::npos) << lines;
  EXPECT_NE(lines.find(": :status=200, server=abc\n"), std::string::npos) << lines;
}

TEST_F(Traces, WhatCannotBeReadIsSaid) {
  const std::string lines = lines_of("", Peer()
                                             .frame(kHeaders, kEndHeaders, 1, "\xff\xff\xff")
                                             .headers(3, {{":status", "200"}})
                                             .frame(kRstStream, 0, 1, "")
                                             .frame(kHeaders, kPadded | kEndHeaders, 5, "\x7f")
                                             .take());
  EXPECT_NE(lines.find("1< HEADERS stream 1 END_HEADERS, 3 bytes: (not readable)\n"),
            std::string::npos)
      << lines;
  EXPECT_NE(lines.find("1< RST_STREAM stream 1, 0 bytes"), std::string::npos) << lines;
}

TEST_F(Traces, OfABlockThatBreaksOffWhatWasReadIsShown) {
  const std::string priority("\0\0\0\0\x10", 5);
  const std::string lines =
      lines_of("", Peer()
                       .frame(kHeaders, kEndHeaders | 0x20, 1, priority + "\x88")
                       .frame(kHeaders, kEndHeaders, 3, "\x88\xff\xff\xff\xff\xff\xff\xff\xff\xff")
                       .goaway(3)
                       .settings({{0, 7}, {99, 8}, {kEnablePush, 0}})
                       .take());
  EXPECT_EQ(lines,
            "1< HEADERS stream 1 END_HEADERS, 6 bytes: :status=200\n"
            "1< HEADERS stream 3 END_HEADERS, 10 bytes: :status=200, (not readable)\n"
            "1< GOAWAY, 8 bytes: last stream 3, NO_ERROR\n"
            "1< SETTINGS, 18 bytes: setting 0=7, setting 99=8, ENABLE_PUSH=0\n");
}

// kMaxBlockBytes, in one frame and in two: what passes it is not read, and neither is what follows.
TEST_F(Traces, BlocksAreKeptUpToTheirLimit) {
  constexpr std::size_t kLimit = std::size_t{64} << 10;
  // One field, all value; the length is 127 and the rest in three septets (RFC 7541, 5.1).
  const auto block = [](std::size_t bytes) {
    std::string made("\0\1x\x7f", 4);
    const std::size_t value = bytes - made.size() - 3, rest = value - 127;
    made += static_cast<char>(rest | 128);
    made += static_cast<char>(rest >> 7 | 128);
    made += static_cast<char>(rest >> 14);
    return made.append(value, 'v');
  };
  for (const bool in_two : {false, true}) {
    for (const std::size_t bytes : {kLimit, kLimit + 1}) {
      SCOPED_TRACE(std::to_string(bytes) + (in_two ? " in two" : ""));
      const std::string whole = block(bytes);
      Peer peer;
      if (in_two) {
        peer.frame(kHeaders, 0, 1, whole.substr(0, 40'000));
        peer.frame(kContinuation, kEndHeaders, 1, whole.substr(40'000));
      } else {
        peer.frame(kHeaders, kEndHeaders, 1, whole);
      }
      peer.headers(3, {{":status", "200"}});
      const std::string lines = lines_of("", peer.take());
      const bool is_read = bytes == kLimit;
      EXPECT_EQ(lines.find("x=(") != std::string::npos, is_read) << lines;
      EXPECT_EQ(lines.find("bytes: (not readable)\n") == std::string::npos, is_read) << lines;
      EXPECT_EQ(lines.ends_with(":status=200\n"), is_read) << lines;
    }
  }
}

TEST_F(Traces, ValuesAreShownUpToTheirLimit) {
  for (const std::size_t bytes : {std::size_t{128}, std::size_t{129}}) {
    const std::string lines =
        lines_of("", Peer().headers(1, {{"server", std::string(bytes, 's')}}).take());
    const std::string shown = bytes == 128 ? std::string(128, 's') : std::string(125, 's') + "...";
    EXPECT_TRUE(lines.ends_with("server=" + shown + "\n")) << lines;
  }
}

// kMaxLineBytes: the fields are decoded on, for those of later blocks.
TEST_F(Traces, LinesAreLengthenedUpToTheirLimit) {
  const std::size_t limit = std::size_t{16} << 10;
  const std::string field = ", :status=200";
  const std::size_t fits = (limit + field.size()) / field.size();  // the first has no comma
  for (const std::size_t count : {fits, fits + 1, std::size_t{60'000}}) {
    std::string block(count, '\x88');
    if (count > fits) block += std::string("\x40\6server\1s", 10);  // indexed: later a byte
    Peer peer;
    peer.frame(kHeaders, kEndHeaders, 1, block);
    if (count > fits) peer.frame(kHeaders, kEndHeaders, 3, "\xbe");
    const std::string lines = lines_of("", peer.take());
    EXPECT_LE(lines.find('\n'), limit + 100);
    EXPECT_EQ(lines.find(":status=200, ...\n") != std::string::npos, count > fits) << count;
    EXPECT_EQ(lines.ends_with(": server=s\n"), count > fits) << count;
  }
  std::vector<std::pair<std::uint16_t, std::uint32_t>> settings(9'000, {kEnablePush, 0});
  const std::string lines = lines_of("", Peer().settings(settings).take());
  EXPECT_LE(lines.size(), limit + 100);
  EXPECT_TRUE(lines.ends_with("ENABLE_PUSH=0, ...\n"));
}

TEST_F(Traces, AFilterBehindItWorksAsBefore) {
  const auto inner = std::make_shared<FakeFilterFactory>();
  inner->authority_override = "other.example";
  const std::unique_ptr<Filter> filter = open(inner);
  EXPECT_TRUE(factory_->is_secure());
  EXPECT_EQ(factory_->authority(), "other.example");
  EXPECT_EQ(inner->last_host, "server");
  EXPECT_EQ(filter->output(), kFilterHello);
  filter->consume_output(kFilterHello.size());
  EXPECT_FALSE(filter->is_open());
  filter->receive(kFilterWelcome);
  EXPECT_TRUE(filter->is_open());
  const std::string sent = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + Peer().ping().take();
  filter->send(sent);
  EXPECT_EQ(filter->output(), filter_seal(sent));
  filter->consume_output(filter->output().size());
  EXPECT_FALSE(filter->peer_closed());
  const std::string received = Peer().settings_ack().take();
  filter->receive(filter_seal(received) + '\0');
  EXPECT_EQ(filter->plain(), received);
  filter->consume_plain(received.size());
  EXPECT_TRUE(filter->peer_closed());
  EXPECT_TRUE(filter->failed().ok());
  filter->close();
  EXPECT_EQ(filter->output(), std::string_view("\0", 1));
  EXPECT_EQ(lines_, "1> PING, 8 bytes\n1< SETTINGS ACK, 0 bytes\n");
  filter->receive_end();
  EXPECT_TRUE(filter->failed().ok()) << "a goodbye came first";

  const std::unique_ptr<Filter> refused = open(inner);
  refused->receive_end();
  EXPECT_EQ(refused->failed().message(), "the peer hung up in the handshake");
  inner->refuse_to_open = "no roots";
  const auto made = factory_->open("server");
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().message(), "no roots");
}

TEST_F(Traces, WithoutAFilterNothingFails) {
  const std::unique_ptr<Filter> filter = open();
  EXPECT_TRUE(filter->is_open());
  filter->receive_end();
  filter->close();
  EXPECT_TRUE(filter->failed().ok());
  EXPECT_FALSE(filter->peer_closed());
  EXPECT_EQ(filter->output(), "");
}

TEST_F(Traces, PlaintextIsNotTakenForTls) {
  open();
  EXPECT_FALSE(factory_->is_secure());
  EXPECT_EQ(factory_->authority(), "");
  EXPECT_FALSE(trace_->around(factory_)->is_secure()) << "what is behind it decides";
}

}  // namespace
}  // namespace minim::test
