// HTTP/2 frames as lines, and what must not be in them.
#include "minim/trace.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

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

TEST_F(Traces, PlaintextIsNotTakenForTls) {
  open();
  EXPECT_FALSE(factory_->is_secure());
  EXPECT_EQ(factory_->authority(), "");
}

}  // namespace
}  // namespace minim::test
