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
