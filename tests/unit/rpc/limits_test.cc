// Each bound of docs/limits.md that a channel keeps: at the limit all is well, and one past it the
// text names the bound.
#include <gtest/gtest.h>

#include "rpc/retry.h"
#include "support/world.h"

namespace minim::test {

using namespace std::chrono_literals;

namespace {

rpc::ChannelOptions limited(rpc::Limits limits) {
  rpc::ChannelOptions options = plain_options("10.0.0.1");
  options.retry = rpc::no_retry();
  options.gzip_above_bytes.reset();
  options.limits = limits;
  return options;
}

rpc::Request request_of(std::size_t bytes) {
  rpc::Request request;
  request.path = "/svc/A";
  request.message.assign(bytes, 'x');
  return request;
}

// As HTTP/2 counts it (RFC 9113, 6.5.2).
std::size_t list_bytes(const Fields& fields) {
  std::size_t bytes = 0;
  for (const auto& [name, value] : fields) bytes += name.size() + value.size() + 32;
  return bytes;
}

}  // namespace

TEST(Limits, MaxSendMessageBytes) {
  World w(limited({.max_send_message_bytes = 1000}));
  const auto at = w.start(request_of(1000)), past = w.start(request_of(1001));
  w.open(0).send(0, Peer().reply(1, "ok")).expect(at, Code::kOk, "ok");
  w.expect(past, Code::kResourceExhausted,
           "grpc: trying to send message larger than max (1001 vs. 1000)");
  EXPECT_EQ(w.wires[0].received.count(kHeaders), 1u);
}

TEST(Limits, MaxReceiveMessageBytes) {
  World w(limited({.max_receive_message_bytes = 1000}));
  const auto at = w.start("/svc/At"), past = w.start("/svc/Past");
  w.open(0).send(0, Peer().reply(1, std::string(1000, 'x')));
  w.send(0, Peer().headers(3, grpc_headers()).data(3, std::string("\0\0\0\x03\xe9", 5)));
  w.expect(at, Code::kOk, std::string(1000, 'x'));
  w.expect(past, Code::kResourceExhausted,
           "grpc: received message larger than max (1001 vs. 1000)");
}

TEST(Limits, MaxHeaderListBytes) {
  const auto head = [](std::size_t bytes) {
    Fields fields = grpc_headers({{"filler", ""}});
    fields.back().second.assign(bytes - list_bytes(fields), 'x');
    return fields;
  };
  World w(limited({.max_header_list_bytes = 2000}));
  const auto at = w.start("/svc/At"), past = w.start("/svc/Past");
  w.open(0);
  w.send(0, Peer()
                .headers(1, head(2000))
                .data(1, grpc_message("ok"))
                .trailers(1, {{"grpc-status", "0"}}));
  w.expect(at, Code::kOk, "ok");
  w.send(0, Peer().headers(3, head(2001)));
  w.expect(past, Code::kResourceExhausted, "2000 bytes): see max_header_list_bytes");
  const auto next = w.start("/svc/Next");
  w.send(0, Peer().reply(5, "next")).expect(next, Code::kOk, "next");
}

TEST(Limits, MaxCalls) {
  World w(limited({.max_calls = 3}));
  const auto a = w.start("/svc/A");
  w.open(0);
  w.start("/svc/B");
  w.start("/svc/C");
  const auto d = w.start("/svc/D");
  w.expect(d, Code::kResourceExhausted, "max_calls: 3 calls are open on this channel already");
  w.send(0, Peer().reply(1, "a")).expect(a, Code::kOk, "a");
  const auto e = w.start("/svc/E");
  w.send(0, Peer().reply(7, "e")).expect(e, Code::kOk, "e");
}

TEST(Limits, MaxOutputBytes) {
  World w(limited({.max_output_bytes = 10'000}));
  const auto a = w.start(request_of(60'000));
  w.accept(0);
  w.wires[0].is_blocked = true;
  w.send(0, Peer().settings().settings_ack().window_update(0, 1 << 20));
  std::size_t largest = 0;
  for (std::string_view bytes; !(bytes = w.channel().output(w.wires[0].id)).empty();) {
    largest = std::max(largest, bytes.size());
    w.wires[0].received.receive(bytes);
    w.channel().consume_output(w.wires[0].id, bytes.size());
  }
  EXPECT_LT(largest, 10'000u + 9u + 16'384u) << "the frame that passes it is written whole";
  EXPECT_GE(largest, 10'000u);
  w.unblock(0).send(0, Peer().reply(1, "ok")).expect(a, Code::kOk, "ok");
}

TEST(Limits, StreamWindowBytes) {
  // A message with its prefix that fills the window, and one that passes it by a byte.
  for (const bool past : {false, true}) {
    World w(limited({.stream_window_bytes = 1000}));
    const auto a = w.start("/svc/A");
    w.open(0).send(0, Peer().reply(1, std::string(past ? 996 : 995, 'x')));
    if (past) {
      w.expect(a, Code::kInternal, "FLOW_CONTROL_ERROR");
    } else {
      w.expect(a, Code::kOk, std::string(995, 'x'));
    }
  }
}

// What the peer is told. It cannot pass the connection's window here: that is given back as DATA
// comes in.
TEST(Limits, ConnectionWindowBytes) {
  for (const auto& [bytes, update] :
       {std::pair(65'535u, 0u), {65'536u, 1u}, {4'194'304u, 4'128'769u}}) {
    World w(limited({.stream_window_bytes = 1000, .connection_window_bytes = bytes}));
    w.connect().open(0);
    const Received& got = w.wires[0].received;
    EXPECT_EQ(got.count(kWindowUpdate), update == 0 ? 0u : 1u);
    if (update != 0) {
      EXPECT_EQ(got.find(kWindowUpdate, 0)->number(), update);
    }
    ASSERT_EQ(got.find(kSettings)->payload.substr(6, 2), std::string_view("\0\4", 2));
    EXPECT_EQ(got.find(kSettings)->number(8), 1000u);
  }
}

TEST(Limits, MaxRequestHeaderBytes) {
  World w(limited({}));
  w.connect().open(0);
  const auto send = [&](std::size_t value_bytes) {
    rpc::Request request = request_of(1);
    request.metadata = {{"filler", std::string(value_bytes, 'x')}};
    return w.start(std::move(request));
  };
  const auto probe = send(70'000);
  const rpc::Reply* const refused = w.reply(probe);
  ASSERT_NE(refused, nullptr);
  const std::string text(refused->status.message());
  const std::size_t at = text.find("headers have ");
  ASSERT_NE(at, std::string::npos) << text;
  const std::size_t fits = 70'000 - (std::stoul(text.substr(at + 13)) - 65'536);
  w.expect(send(fits + 1), Code::kResourceExhausted,
           "the request's headers have 65537 bytes, and at most 65536 are taken");
  w.expect_pending(send(fits));
  EXPECT_EQ(w.wires[0].received.count(kHeaders), 1u);
}

TEST(Limits, MaxInformationalBlocks) {
  World w(limited({}));
  const auto at = w.start("/svc/At"), past = w.start("/svc/Past");
  w.open(0);
  for (int i = 0; i < 16; ++i) {
    w.send(0, Peer().headers(1, {{":status", "103"}}).headers(3, {{":status", "103"}}));
  }
  w.expect_pending(past).send(0, Peer().reply(1, "ok").headers(3, {{":status", "103"}}));
  w.expect(at, Code::kOk, "ok").expect(past, Code::kInternal, "more than 16 informational");
}

TEST(Limits, MaxGoawayTextBytes) {
  for (const std::size_t bytes : {256, 257}) {
    World w(limited({}));
    const auto a = w.start("/svc/A");
    w.open(0).send(0, Peer().goaway(1, 2, std::string(bytes, 'g'))).hang_up(0);
    const std::string shown = bytes == 256 ? std::string(256, 'g') : std::string(253, 'g') + "...";
    w.expect(a, Code::kUnavailable, "GOAWAY INTERNAL_ERROR: " + shown + ")");
  }
}

// Frames after HEADERS, each whole and each by itself.
TEST(Limits, MaxContinuations) {
  for (const bool is_past : {false, true}) {
    World w(limited({}));
    const auto a = w.start("/svc/A");
    const std::string block = Peer().headers(1, grpc_headers()).bytes().substr(9);
    Peer peer;
    peer.frame(kHeaders, 0, 1, block);
    for (int i = 0; i < (is_past ? 100 : 99); ++i) peer.frame(kContinuation, 0, 1, "");
    peer.frame(kContinuation, kEndHeaders, 1, "").data(1, grpc_message("a"));
    w.open(0).send(0, peer.trailers(1, {{"grpc-status", "0"}}));
    if (is_past) {
      w.expect(a, Code::kUnavailable, "ENHANCE_YOUR_CALM");
    } else {
      w.expect(a, Code::kOk, "a");
    }
  }
}

TEST(Limits, MaxAddressesPerRound) {
  for (const int count : {16, 17}) {
    World w;
    w.connect();
    std::vector<std::string> hosts;
    for (int i = 0; i < count; ++i) hosts.push_back("10.0.0." + std::to_string(i));
    w.resolve(hosts).wait(19s);
    EXPECT_EQ(w.wires.size(), 16u);
  }
}

// No options make a channel dial without rest.
TEST(Limits, MinReconnectWait) {
  for (const double jitter : {0.0, 1.0}) {
    rpc::ChannelOptions options = plain_options("10.0.0.1");
    options.reconnect = {.initial_backoff = 0s, .multiplier = 1, .jitter = jitter};
    World w(std::move(options));
    w.start("/svc/A", {.wait_for_ready = true});
    for (std::size_t link = 0; link < 20; ++link) {
      w.refuse(link).wait(10ms - 1ns);
      ASSERT_EQ(w.wires.size(), link + 1);
      w.wait(jitter == 0 ? 1ns : Duration(10ms));
      ASSERT_EQ(w.wires.size(), link + 2);
    }
  }
}

// In a backoff an attempt fails at the moment it is made: without a wait the next is due as well.
TEST(Limits, MinRetryWait) {
  for (const double jitter : {0.0, 1.0}) {
    for (const Duration interval : {Duration(0), Duration(1)}) {
      rpc::ChannelOptions options = plain_options("10.0.0.1");
      options.retry = {.initial_interval = interval,
                       .jitter = jitter,
                       .multiplier = 1,
                       .max_interval = interval,
                       .max_attempts = 0};
      World w(std::move(options));
      const auto a = w.start("/svc/A");
      w.refuse(0).wait(100ms).expect_pending(a);
      w.wait(100ms).open(1).send(1, Peer().reply(1, "a")).expect(a, Code::kOk, "a");
      EXPECT_EQ(w.reply(a)->attempts, 201u);
    }
  }
  SeededRandom random(1);
  rpc::Retry retry;
  rpc::Reply reply;
  reply.status = Status(Code::kUnavailable, "text", Origin::kServer);
  reply.pushback = 0ms;
  EXPECT_EQ(retry.decide(kEpoch, {}, reply, kNever, random).delay, 0s) << "the server's own word";
}

TEST(Limits, MaxKeepaliveInterval) {
  rpc::ChannelOptions options = plain_options("10.0.0.1");
  options.keepalive = rpc::KeepaliveOptions{.interval = 1h, .timeout = 15s};
  World w(std::move(options));
  w.connect();
  for (const Duration interval : {Duration(1h), Duration(2h), Duration(2h)}) {
    const std::size_t link = w.wires.size() - 1;
    w.open(link).wait(interval - 1ms);
    EXPECT_EQ(w.wires[link].received.count(kPing), 0u);
    w.wait(1ms);
    EXPECT_EQ(w.wires[link].received.count(kPing), 1u);
    w.send(link, Peer().goaway(0, 11, "too_many_pings")).connect();
  }
}

}  // namespace minim::test
