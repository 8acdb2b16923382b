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

// A hundred responses under way at a time are more than a connection keeps readers for.
TEST(Reuse, HundredCallsAfterAHundred) {
  Script s;
  std::uint32_t first = 1;
  for (int round = 0; round < 3; ++round, first += 200) {
    std::vector<Script::Call> calls;
    for (int i = 0; i < 100; ++i) calls.push_back(s.start("/svc/" + std::to_string(i)));
    for (std::uint32_t i = 0; i < 100; ++i) s.peer().headers(first + 2 * i, grpc_headers());
    for (std::uint32_t i = 0; i < 100; ++i) {
      const std::string text = std::to_string(round) + "." + std::to_string(i);
      s.peer().data(first + 2 * i, grpc_message(text));
      s.peer().trailers(first + 2 * i, {{"grpc-status", "0"}});
      s.expect(calls[i], Code::kOk, text);
    }
  }
  s.run();
}

}  // namespace minim::test
