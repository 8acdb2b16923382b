// At which byte of a proxy's answer the handshake knows what it is.
#include <gtest/gtest.h>

#include "rpc/proxy_handshake.h"
#include "support/script.h"
#include "support/world.h"

namespace minim::test {

using namespace std::chrono_literals;

namespace {

rpc::ChannelOptions with_proxy() {
  rpc::ChannelOptions options = plain_options();
  options.proxy = rpc::ProxyOptions{.target = "10.9.9.9:3128"};
  return options;
}

}  // namespace

TEST(ProxyAnswer, FiveBytesTellHttpFromOtherProtocols) {
  for (const std::string_view answer : {"helo", "hello"}) {
    World w(with_proxy());
    const auto a = w.start("/svc/A", {.retry = rpc::no_retry()});
    w.wires.at(0).read = [](std::string_view) { return std::string(); };
    w.accept(0).send(0, answer).wait(1s);
    if (answer.size() == 5) {
      w.expect(a, Code::kUnavailable, "it does not answer as an HTTP proxy: 'hello'");
    } else {
      w.expect_pending(a);  // it may still become an HTTP answer
    }
  }
}

// A line may end with LF alone (RFC 9112, 2.2): each answer opens at its last byte, and what is
// behind it is the tunnel's.
TEST(ProxyAnswer, ABlankLineEndsItHoweverItsLinesEnd) {
  using State = rpc::ProxyHandshake::State;
  for (const std::string_view head :
       {"HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200 OK\n\n", "HTTP/1.1 200 OK\r\n\n",
        "HTTP/1.1 200 OK\nVia: x\n\r\n", "HTTP/1.0 200 OK\nVia: x\n\n",
        "HTTP/1.1 100 Continue\n\nHTTP/1.1 200 OK\n\n",
        "HTTP/1.1 100 C\r\n\r\nHTTP/1.1 200 OK\r\n\n"}) {
    for (std::size_t chunk = 1; chunk <= head.size(); ++chunk) {
      SCOPED_TRACE(std::string(head) + " in pieces of " + std::to_string(chunk));
      rpc::ProxyHandshake handshake({.target = "10.9.9.9:3128"}, "server:7233");
      handshake.consume_output(handshake.output().size());
      std::string_view rest = head.substr(0, head.size() - 1);
      for (; !rest.empty(); rest.remove_prefix(std::min(chunk, rest.size()))) {
        ASSERT_EQ(handshake.receive(kEpoch, rest.substr(0, chunk)), State::kWaiting);
      }
      ASSERT_EQ(handshake.receive(kEpoch, "\n\ntunnel"), State::kOpen);
      EXPECT_EQ(handshake.tunnel_bytes(), "\ntunnel");
    }
  }
}

TEST(ProxyAnswer, NothingIsWaitedForOnceItHasFailed) {
  using State = rpc::ProxyHandshake::State;
  rpc::ProxyHandshake handshake({.target = "10.9.9.9:3128"}, "server:7233");
  handshake.consume_output(handshake.output().size());
  EXPECT_EQ(handshake.next_deadline(), kNever);
  EXPECT_EQ(handshake.receive(kEpoch, "hello"), State::kWaiting);
  EXPECT_EQ(handshake.next_deadline(), kEpoch + 1s);
  EXPECT_EQ(handshake.receive(kEpoch, "\n"), State::kFailed);
  EXPECT_EQ(handshake.next_deadline(), kNever);
}

}  // namespace minim::test
