#include <gtest/gtest.h>

#include "support/world.h"

namespace minim::test {

using namespace std::chrono_literals;
using rpc::ChannelState;

TEST(Channel, GoodCall) {
  for (const std::size_t chunk : {SIZE_MAX, std::size_t{1}}) {
    World w;
    w.chunk_bytes = chunk;
    const auto a = w.start("/svc/A");
    EXPECT_EQ(w.lookups.at(0).host, "server");
    w.resolve({"10.0.0.1"}).open(0).send(0, Peer().reply(1, "hello"));
    w.expect(a, Code::kOk, "hello");
    const std::vector<ChannelState> wanted{ChannelState::kConnecting, ChannelState::kReady};
    EXPECT_EQ(w.states, wanted);
  }
}

TEST(Channel, GoawayMovesCallsToANewConnection) {
  World w;
  const auto a = w.start("/svc/A"), b = w.start("/svc/B");
  w.resolve({"10.0.0.1"}).open(0);
  w.send(0, Peer().goaway(1).reply(1, "a"));
  w.expect(a, Code::kOk, "a");
  w.wait(1s);
  w.resolve({"10.0.0.1"}).open(1).send(1, Peer().reply(1, "b"));
  w.expect(b, Code::kOk, "b");
  EXPECT_EQ(w.reply(b)->attempts, 1u);
}

}  // namespace minim::test
