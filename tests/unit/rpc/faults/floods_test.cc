// Floods and bombs of the fault list (rows 32, 36, 37, 101, 127, 137 and 143): whatever a server
// sends, the client holds a limit that has a name and kSlackBytes more, though MiBs have come.
#include <gtest/gtest.h>

#include "grpcframe/gzip.h"
#include "support/rows.h"
#include "unit/rpc/faults/memory.h"

namespace minim::test {

using namespace std::chrono_literals;
using rpc::Progress;

namespace {

// What reaches the client at once, a quarter of what the driver reads: all that comes in one read
// is events for a moment.
constexpr std::size_t kReadBytes = std::size_t{16} << 10;
// That read, its events (1,600 frames of one byte, in a vector that doubles), nghttp2's streams and
// frames, the call's reply, and what the test keeps of it.
constexpr std::size_t kSlackBytes = std::size_t{400} << 10;
constexpr std::size_t kMiB = std::size_t{1} << 20;

const rpc::Limits kLimits;
const Fields kOkTrailers{{"grpc-status", "0"}};
const Ending kReadingTooLong{.code = Code::kDeadlineExceeded,
                             .text = "while reading the response",
                             .origin = Origin::kLocal};

std::string block(const Fields& fields) { return hpack_encode(fields); }

rpc::ChannelOptions options_with(const std::function<void(rpc::Limits&)>& change) {
  rpc::ChannelOptions options = plain_options("10.0.0.1");
  change(options.limits);
  return options;
}

// /svc/A is on its way on link 0, as stream 1, the only one that the server allows; /svc/Queued
// waits for it.
struct Flooded {
  explicit Flooded(rpc::ChannelOptions options = plain_options("10.0.0.1"),
                   rpc::CallOptions call = once())
      : w(std::move(options)),
        a(w.start("/svc/A", std::move(call))),
        queued(w.start("/svc/Queued", {.rpc_timeout = 1h, .retry = rpc::no_retry()})) {
    w.accept(0).send(0, Peer().settings({{kMaxConcurrentStreams, 1}}).settings_ack());
    w.chunk_bytes = kReadBytes;
  }
  // Sends it, or as much as is taken; the most that was held on the way beyond what was before.
  std::size_t growth(std::string_view flood) {
    const MemoryGrowth grown;
    while (!flood.empty() && !w.wires[0].is_closed) {
      w.send(0, flood.substr(0, kReadBytes));
      flood.remove_prefix(std::min(flood.size(), kReadBytes));
    }
    return grown.most();
  }
  // /svc/A ended by a limit of its own, and the others go on: on the same link or on the next.
  void expect_ends(const Ending& ending, Next next = Next::kSameLink) {
    expect_ending(w, a, "/svc/A", ending);
    if (next == Next::kNewLink) {
      expect_moves(w, queued, "/svc/Queued");
    } else {
      answer(w, "/svc/Queued", "queued");
      expect_ending(w, queued, "/svc/Queued", {.text = "queued"});
    }
    expect_next_call_works(w, Next::kSameLink);
  }

  World w;
  rpc::CallId a, queued;
};

}  // namespace

TEST(Faults, R032EndlessContinuations) {
  // Below our limit on headers the number of frames is what ends it.
  Script s;
  const auto a = s.start("/svc/A");
  s.peer().frame(kHeaders, 0, 1, block(grpc_headers()));
  for (int i = 0; i < 200; ++i) s.peer().frame(kContinuation, 0, 1, "");
  s.expect(a, Code::kUnavailable, "ENHANCE_YOUR_CALM", Progress::kSent);
  s.expect([](const Script::Run& run) { EXPECT_TRUE(run.is_closed); });
  s.run_all_ways();
  Peer small;
  small.frame(kHeaders, 0, 1, block(grpc_headers()));
  for (int i = 0; i < 400'000; ++i) small.frame(kContinuation, 0, 1, "");
  Flooded flooded;
  EXPECT_LE(flooded.growth(small.bytes()), kSlackBytes);
  flooded.expect_ends({Code::kUnavailable, "ENHANCE_YOUR_CALM"}, Next::kNewLink);
}

TEST(Faults, R032EndlessContinuationsAboveTheLimitOnHeaders) {
  // The call ends by the limit that it meets first, in whatever pieces that came.
  const auto flood = [](Peer& p, int frames) {
    p.frame(kHeaders, 0, 1, block(grpc_headers()));
    const std::string piece = block({{"x", std::string(16'000, 'x')}});
    for (int i = 0; i < frames; ++i) p.frame(kContinuation, 0, 1, piece);
  };
  const Ending ending{.code = Code::kResourceExhausted,
                      .text = "65536 bytes): see max_header_list_bytes",
                      .origin = Origin::kLocal,
                      .is_final = true};
  Script s;
  const auto a = s.start("/svc/A"), b = s.start("/svc/B");
  flood(s.peer(), 5);
  for (int i = 0; i < 100; ++i) s.peer().frame(kContinuation, 0, 1, "");
  s.expect(a, ending.code, ending.text, Progress::kSent);
  s.expect(b, Code::kUnavailable, "ENHANCE_YOUR_CALM", Progress::kSent);
  s.expect([](const Script::Run& run) { EXPECT_TRUE(run.is_closed); });
  s.run_all_ways();
  Flooded flooded;
  Peer large;
  flood(large, 400);
  EXPECT_LE(flooded.growth(large.bytes()), kLimits.max_header_list_bytes + kSlackBytes);
  // The call that had waited took its place before the connection ended.
  expect_ending(flooded.w, flooded.a, "/svc/A", ending);
  expect_ending(flooded.w, flooded.queued, "/svc/Queued",
                {Code::kUnavailable, "ENHANCE_YOUR_CALM"});
  EXPECT_TRUE(flooded.w.wires[0].is_closed);
  expect_next_call_works(flooded.w, Next::kNewLink);
}

TEST(Faults, R036PingAndSettingsFloodsWhileWeCannotWrite) {
  for (const bool pings : {true, false}) {
    Peer flood;
    for (int i = 0; i < 12'000; ++i) pings ? flood.ping() : flood.settings();
    Script s;
    const auto a = s.start("/svc/A");
    s.block_output();
    s.peer().raw(flood.bytes());
    s.expect(a, Code::kUnavailable, "ENHANCE_YOUR_CALM", Progress::kSent);
    s.expect([](const Script::Run& run) {
      EXPECT_TRUE(run.is_closed);
      EXPECT_LT(run.largest_output, 200'000u);
    });
    s.run();
    for (int i = 0; i < 300'000; ++i) pings ? flood.ping() : flood.settings();
    Flooded flooded;
    flooded.w.wires[0].is_blocked = true;
    EXPECT_LE(flooded.growth(flood.bytes()), kLimits.max_output_bytes + kSlackBytes);
    flooded.expect_ends({Code::kUnavailable, "ENHANCE_YOUR_CALM"}, Next::kNewLink);
  }
}

TEST(Faults, R037EmptyDataFlood) {
  // It costs the server more than us, and ends with the call's own clock.
  Flooded flooded(plain_options("10.0.0.1"), {.rpc_timeout = 1min, .retry = rpc::no_retry()});
  Peer flood;
  flood.headers(1, grpc_headers());
  for (int i = 0; i < 400'000; ++i) flood.data(1, "");
  EXPECT_LE(flooded.growth(flood.bytes()), kSlackBytes);
  flooded.w.wait(1min);
  flooded.expect_ends(kReadingTooLong);
}

TEST(Faults, R037EndlessDataOfOneByte) {
  // Messages of the greatest size, byte by byte; the first one is kept, for there may be no second.
  constexpr std::size_t kMost = std::size_t{128} << 10;
  Flooded flooded(options_with([](rpc::Limits& l) { l.max_receive_message_bytes = kMost; }),
                  {.rpc_timeout = 1min, .retry = rpc::no_retry()});
  Peer flood;
  flood.headers(1, grpc_headers());
  const std::string message = grpc_message(std::string(kMost, 'm'));
  for (int i = 0; i < 4; ++i) {
    for (const char byte : message) flood.data(1, std::string_view(&byte, 1));
  }
  // Half as much again: the last growth copies.
  EXPECT_LE(flooded.growth(flood.bytes()), kMost + kMost / 2 + kSlackBytes);
  flooded.w.wait(1min);
  flooded.expect_ends(kReadingTooLong);
}

TEST(Faults, R101LargeResponseIsBufferedOnceAndWithinTheLimit) {
  constexpr std::size_t kMost = 4 * kMiB;
  Flooded flooded(options_with([](rpc::Limits& l) { l.max_receive_message_bytes = kMost; }));
  World& w = flooded.w;
  const std::string message(kMost, 'm'), whole = grpc_message(message);
  const MemoryGrowth grown;
  w.send(0, Peer().headers(1, grpc_headers()));
  for (std::size_t at = 0; at < whole.size(); at += 16'384) {
    w.send(0, Peer().data(1, std::string_view(whole).substr(at, 16'384)));
    // Between two reads there is one buffer, which doubles up to what was announced.
    ASSERT_LE(grown.now(), std::min(2 * at, kMost) + kSlackBytes);
  }
  w.send(0, Peer().trailers(1, kOkTrailers));
  EXPECT_LE(grown.now(), kMost + kSlackBytes);
  EXPECT_LE(grown.most(), kMost + kMost / 2 + kSlackBytes) << "the last growth copies half";
  EXPECT_GT(w.wires[0].received.count(kWindowUpdate, 0), 0u);
  EXPECT_GT(w.wires[0].received.count(kWindowUpdate, 1), 0u);
  flooded.expect_ends({.text = message});
}

TEST(Faults, R127HeadersThatUnpackToMuchMore) {
  // A field that goes to the table (RFC 7541, 6.2.1), and then one byte for each repeat of it.
  std::string bomb = block(grpc_headers()) + "\x40\x01x\x7f\xbd\x1d" + std::string(3900, 'v');
  Peer repeats;
  repeats.frame(kHeaders, 0, 1, bomb);
  for (int i = 0; i < 50; ++i) repeats.frame(kContinuation, 0, 1, std::string(16'000, '\xbe'));
  repeats.frame(kContinuation, kEndHeaders, 1, "");
  // Values that are split at commas, each part under the whole name.
  Peer commas;
  commas.split_headers(
      1, grpc_headers({{std::string(15'000, 'n') + "-bin", std::string(45'000, ',')}}), 16'000);
  for (const Peer* const flood : {&repeats, &commas}) {
    Flooded flooded;
    // A list is held twice for a moment: as it came, and as what the reply will have.
    EXPECT_LE(flooded.growth(flood->bytes()), 2 * kLimits.max_header_list_bytes + kSlackBytes);
    flooded.expect_ends({.code = Code::kResourceExhausted,
                         .text = "65536 bytes",
                         .origin = Origin::kLocal,
                         .is_final = true});
  }
}

TEST(Faults, R137HugeLengthTakesNoMemory) {
  for (const char flag : {'\0', '\1'}) {
    // The greatest length that is taken, and the greatest that there is; 4 MiB follow that one.
    for (const std::string_view length :
         {std::string_view("\x08\0\0\0", 4), std::string_view("\xff\xff\xff\xff", 4)}) {
      Flooded flooded;
      Peer flood;
      flood.headers(1, grpc_headers({{"grpc-encoding", "gzip"}}));
      flood.data(1, flag + std::string(length));
      const bool is_refused = length[0] != '\x08';
      for (int i = 0; is_refused && i < 256; ++i) flood.data(1, std::string(16'384, 'x'));
      EXPECT_LE(flooded.growth(flood.bytes()), kSlackBytes);
      if (is_refused) {
        flooded.expect_ends({.code = Code::kResourceExhausted,
                             .text = "(4294967295 vs. 134217728)",
                             .origin = Origin::kLocal,
                             .is_final = true});
      } else {
        flooded.w.expect_pending(flooded.a);
      }
    }
  }
}

TEST(Faults, R143GzipBomb) {
  const Result<std::string> bomb = gzip_compress(std::string(64 * kMiB, '\0'));
  ASSERT_TRUE(bomb);
  ASSERT_LT(bomb->size(), kMiB / 10);
  const auto limit = [](rpc::Limits& limits) { limits.max_receive_message_bytes = kMiB; };
  const auto send = [&](Peer& p) {
    p.headers(1, grpc_headers({{"grpc-encoding", "gzip"}}));
    const std::string message = grpc_message(*bomb, 1);
    for (std::size_t at = 0; at < message.size(); at += 16'384) {
      p.data(1, std::string_view(message).substr(at, 16'384));
    }
    p.trailers(1, kOkTrailers);
  };
  const Ending ending{.code = Code::kResourceExhausted,
                      .text = "grpc: received message after decompression larger than max",
                      .origin = Origin::kLocal,
                      .is_final = true};
  expect_answer({.send = send, .ending = ending, .limits = limit});
  Flooded flooded(options_with(limit));
  Peer flood;
  send(flood);
  Memory::inflated = 0;
  // Twice the limit: the last growth copies.
  EXPECT_LE(flooded.growth(flood.bytes()), 2 * kMiB + kSlackBytes);
  EXPECT_EQ(Memory::inflated, kMiB + 1);
  flooded.expect_ends(ending);
}

}  // namespace minim::test
