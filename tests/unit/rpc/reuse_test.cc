// What calls that have ended leave to the next ones: their places and their readers, and nothing
// of what they were.
#include <gtest/gtest.h>

#include <set>

#include "support/script.h"
#include "support/world.h"

namespace minim::test {

using rpc::Channel;

// The lower half of an id is the place of its call: what has ended leaves it to the next one.
TEST(Reuse, PlacesOfCallsAreUsedAgain) {
  SeededRandom random(1);
  const auto channel = *Channel::create(plain_options("10.0.0.1"), random);
  std::set<std::uint64_t> ids, places;
  for (int i = 0; i < 100; ++i) {
    const rpc::CallId id = channel->start(kEpoch, {}, {});
    channel->cancel(kEpoch, id);
    ids.insert(static_cast<std::uint64_t>(id));
    places.insert(static_cast<std::uint64_t>(id) & 0xffffffff);
  }
  EXPECT_EQ(ids.size(), 100u);
  EXPECT_EQ(places.size(), 1u);
}

// More than a connection keeps readers for.
TEST(Reuse, HundredCallsAfterAHundred) {
  Script s;
  std::uint32_t stream = 1;
  for (int round = 0; round < 3; ++round) {
    std::vector<Script::Call> calls;
    for (int i = 0; i < 100; ++i) calls.push_back(s.start("/svc/" + std::to_string(i)));
    s.peer();
    for (int i = 0; i < 100; ++i, stream += 2) {
      const std::string text = std::to_string(round) + "." + std::to_string(i);
      s.peer().reply(stream, text);
      s.expect(calls[static_cast<std::size_t>(i)], Code::kOk, text);
    }
  }
  s.run();
}

}  // namespace minim::test
