// Each name that the trace knows, and what it leaves out or cuts.
#include <gtest/gtest.h>

#include <string>

#include "minim/trace.h"
#include "support/peer.h"

namespace minim::test {
namespace {

constexpr std::uint8_t kHasPriority = 0x20;

// What one connection's trace says of these bytes of the server.
std::string trace_of(const std::string& received) {
  std::string lines;
  const auto trace = make_trace([&](std::string_view line) { lines.append(line).append("\n"); });
  const auto filter = *trace->around(nullptr)->open("server");
  filter->receive(received);
  filter->consume_plain(received.size());
  return lines;
}

std::string bytes(std::size_t count) { return std::to_string(count) + " bytes"; }

}  // namespace

TEST(TraceTexts, FieldsWhoseValueIsShown) {
  for (const std::string name : {":authority",
                                 ":method",
                                 ":path",
                                 ":scheme",
                                 ":status",
                                 "client-name",
                                 "client-version",
                                 "content-type",
                                 "date",
                                 "grpc-accept-encoding",
                                 "grpc-encoding",
                                 "grpc-message",
                                 "grpc-retry-pushback-ms",
                                 "grpc-status",
                                 "grpc-timeout",
                                 "server",
                                 "supported-features",
                                 "te",
                                 "temporal-namespace",
                                 "user-agent"}) {
    const std::string lines = trace_of(Peer().headers(1, {{name, "text"}}).take());
    EXPECT_TRUE(lines.ends_with(": " + name + "=text\n")) << lines;
  }
  for (const std::string name :
       {"authorization", "cookie", "grpc-status-details-bin", "server-x"}) {
    const std::string lines = trace_of(Peer().headers(1, {{name, "text"}}).take());
    EXPECT_TRUE(lines.ends_with(": " + name + "=(4 bytes)\n")) << lines;
  }
}

TEST(TraceTexts, NamesOfFramesAndSettings) {
  const char* const frames[] = {"DATA",          "HEADERS",      "PRIORITY", "RST_STREAM",
                                "SETTINGS",      "PUSH_PROMISE", "PING",     "GOAWAY",
                                "WINDOW_UPDATE", "CONTINUATION", "type 10"};
  for (std::uint8_t type = 0; type < std::size(frames); ++type) {
    const std::string lines = trace_of(Peer().frame(type, 0, 0x7fffffff, "").take());
    EXPECT_TRUE(
        lines.starts_with("1< " + std::string(frames[type]) + " stream 2147483647, 0 bytes"))
        << lines;
  }
  EXPECT_EQ(trace_of(Peer()
                         .settings({{0, 1},
                                    {kHeaderTableSize, 2},
                                    {kEnablePush, 3},
                                    {kMaxConcurrentStreams, 4},
                                    {kInitialWindowSize, 5},
                                    {kMaxFrameSize, 6},
                                    {kMaxHeaderListSize, 0x12345678},
                                    {7, 8}})
                         .take()),
            "1< SETTINGS, 48 bytes: setting 0=1, HEADER_TABLE_SIZE=2, ENABLE_PUSH=3, "
            "MAX_CONCURRENT_STREAMS=4, INITIAL_WINDOW_SIZE=5, MAX_FRAME_SIZE=6, "
            "MAX_HEADER_LIST_SIZE=305419896, setting 7=8\n");
}

TEST(TraceTexts, FlagsBelongToTheirFrames) {
  const struct {
    std::uint8_t type;
    std::string_view names;  // of the flags 0x01, 0x04 and 0x08
  } rows[] = {{kData, " END_STREAM PADDED"},
              {kHeaders, " END_STREAM END_HEADERS PADDED"},
              {kPriority, ""},
              {kRstStream, ""},
              {kSettings, " ACK"},
              {kPushPromise, ""},
              {kPing, " ACK"},
              {kGoaway, ""},
              {kWindowUpdate, ""},
              {kContinuation, " END_HEADERS"}};
  for (const auto& row : rows) {
    const std::string with = trace_of(Peer().frame(row.type, 0x0d, 0, "").take());
    const std::string without = trace_of(Peer().frame(row.type, 0, 0, "").take());
    const std::string name = without.substr(0, without.find(','));
    EXPECT_EQ(with.substr(0, with.find(',')), name + std::string(row.names));
  }
}

TEST(TraceTexts, ErrorsAndTheirText) {
  EXPECT_EQ(trace_of(Peer().goaway(0x01020304, 2).take()),
            "1< GOAWAY, 8 bytes: last stream 16909060, INTERNAL_ERROR\n");
  EXPECT_EQ(trace_of(Peer().goaway(1, 0, "x").take()),
            "1< GOAWAY, 9 bytes: last stream 1, NO_ERROR, x\n");
  EXPECT_EQ(trace_of(Peer().goaway(1, 0, std::string(129, 'x')).take()),
            "1< GOAWAY, 137 bytes: last stream 1, NO_ERROR, " + std::string(125, 'x') + "...\n");
  EXPECT_EQ(trace_of(Peer().goaway(1, 0, std::string(128, 'x')).take()),
            "1< GOAWAY, 136 bytes: last stream 1, NO_ERROR, " + std::string(128, 'x') + "\n");
  EXPECT_EQ(trace_of(Peer().window_update(3, 0x7fffffff).take()),
            "1< WINDOW_UPDATE stream 3, 4 bytes: +2147483647\n");
}

TEST(TraceTexts, PaddingAndPriorityAreNoFields) {
  const std::string block = hpack_encode({{":status", "200"}});
  const std::string padding = std::string(1, '\2'), priority = "12345", end = std::string(2, '\0');
  const auto ends = [](const std::string& payload, std::uint8_t flags) {
    const std::string lines =
        trace_of(Peer().frame(kHeaders, kEndHeaders | flags, 1, payload).take());
    return lines.substr(lines.find("bytes"));
  };
  EXPECT_EQ(ends(block, 0), "bytes: :status=200\n");
  EXPECT_EQ(ends(padding + block + end, kPadded), "bytes: :status=200\n");
  EXPECT_EQ(ends(priority + block, kHasPriority), "bytes: :status=200\n");
  EXPECT_EQ(ends(padding + priority + block + end, kPadded | kHasPriority), "bytes: :status=200\n");
  EXPECT_EQ(ends("", kPadded | kHasPriority), "bytes: \n") << "and nothing is read past the end";
}

TEST(TraceTexts, LongNamesAndValuesAreCut) {
  const auto fields = [](std::size_t size) {
    const std::string name(size, 'n'), value(size, 'v');
    const std::string lines =
        trace_of(Peer().headers(1, {{"server", value}, {name, value}}).take());
    return lines.substr(lines.find("server="));
  };
  const auto shown = [](char c, std::size_t size) {
    return size <= 128 ? std::string(size, c) : std::string(125, c) + "...";
  };
  for (const std::size_t size : {128, 129}) {
    EXPECT_EQ(fields(size),
              "server=" + shown('v', size) + ", " + shown('n', size) + "=(" + bytes(size) + ")\n");
  }
}

TEST(TraceTexts, EachConnectionHasItsNumber) {
  std::string lines;
  const auto trace = make_trace([&](std::string_view line) { lines.append(line).append("\n"); });
  const auto factory = trace->around(nullptr);
  for (int i = 0; i < 2; ++i) {
    const auto filter = *factory->open("server");
    const std::string ping = Peer().ping().take();
    filter->receive(ping);
    filter->consume_plain(ping.size());
  }
  EXPECT_EQ(lines, "1< PING, 8 bytes\n2< PING, 8 bytes\n");
}

}  // namespace minim::test
