// When so many attempts fail that none is repeated: the tokens alone, and through a channel.
#include "rpc/retry_throttle.h"

#include <gtest/gtest.h>

#include <tuple>

#include "support/world.h"

namespace minim::test {

using namespace std::chrono_literals;

TEST(RetryThrottle, TokensGoAndComeBack) {
  rpc::RetryThrottle off{std::nullopt};
  for (int i = 0; i < 100; ++i) off.on_failure();
  EXPECT_TRUE(off.allows());
  rpc::RetryThrottle throttle{rpc::RetryThrottleOptions{.max_tokens = 4, .token_ratio = 0.4}};
  throttle.on_failure();
  EXPECT_TRUE(throttle.allows()) << "3 of 4";
  throttle.on_failure();
  EXPECT_FALSE(throttle.allows()) << "half of them is too few";
  throttle.on_success();
  EXPECT_TRUE(throttle.allows()) << "2.4";
  for (int i = 0; i < 100; ++i) throttle.on_failure();
  for (int i = 0; i < 5; ++i) throttle.on_success();
  EXPECT_FALSE(throttle.allows()) << "it fell to 0, and is at 2.0";
  for (int i = 0; i < 100; ++i) throttle.on_success();
  for (int i = 0; i < 2; ++i) throttle.on_failure();
  EXPECT_FALSE(throttle.allows()) << "it rose to 4 and no further";
}

TEST(RetryThrottle, StopsAStormAndLetsOneGoOn) {
  rpc::ChannelOptions options = plain_options("10.0.0.1");
  options.retry_throttle = rpc::RetryThrottleOptions{.max_tokens = 4, .token_ratio = 1};
  World w(std::move(options));
  const auto a = w.start("/svc/A"), b = w.start("/svc/B"), c = w.start("/svc/C");
  // A verdict on the request, a limit of ours and an unprocessed call cost no token.
  w.open(0).send(0, Peer().fail(5, 5, "not found").rst(3, 7));
  w.expect(c, Code::kNotFound);
  ASSERT_EQ(w.stream_of(0, "/svc/B", 1), 7u);
  w.send(0, Peer().fail(1, 14, "busy")).expect_pending(a);
  w.send(0, Peer().fail(7, 14, "busy"));
  w.expect(b, Code::kUnavailable, "busy");
  EXPECT_EQ(w.reply(b)->attempts, 1u) << "two of four tokens are gone";
  EXPECT_EQ(w.notices(), "retry_throttle: too many attempts fail; no call is repeated for now\n");
  w.wait(100ms).send(0, Peer().reply(9, "a")).expect(a, Code::kOk, "a");
  const auto d = w.start("/svc/D");
  w.send(0, Peer().fail(11, 14, "busy"));
  w.expect(d, Code::kUnavailable, "busy");
  w.start("/svc/E");
  w.send(0, Peer().reply(13, "e"));
  w.start("/svc/F");
  w.send(0, Peer().reply(15, "f"));
  const auto g = w.start("/svc/G");
  w.send(0, Peer().fail(17, 14, "busy"));
  w.expect_pending(g).wait(100ms).send(0, Peer().reply(19, "g")).expect(g, Code::kOk, "g");
}

TEST(RetryThrottle, ForbiddenRepeatsCount) {
  rpc::ChannelOptions options = plain_options("10.0.0.1");
  options.retry_throttle = rpc::RetryThrottleOptions{.max_tokens = 4};
  World w(std::move(options));
  w.start("/svc/A");
  const auto b = w.start("/svc/B");
  w.open(0).send(0, Peer().fail(1, 5, "no", {{"grpc-retry-pushback-ms", "-1"}}));
  w.send(0, Peer().fail(3, 14, "busy")).expect(b, Code::kUnavailable, "busy");
}

TEST(RetryThrottle, OptionsHaveARange) {
  SeededRandom random(1);
  for (const auto& [tokens, ratio, good] :
       {std::tuple(0u, 0.1, false), std::tuple(1u, 0.001, true), std::tuple(1000u, 1000.0, true),
        std::tuple(1001u, 0.1, false), std::tuple(10u, 0.0009, false)}) {
    rpc::ChannelOptions options = plain_options();
    options.retry_throttle = rpc::RetryThrottleOptions{.max_tokens = tokens, .token_ratio = ratio};
    const auto made = rpc::Channel::create(std::move(options), random);
    EXPECT_EQ(made.has_value(), good) << tokens << " " << ratio;
    if (!good) {
      EXPECT_NE(made.error().message().find("retry_throttle."), std::string_view::npos);
    }
  }
}

}  // namespace minim::test
