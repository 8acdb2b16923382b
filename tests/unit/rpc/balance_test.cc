// dns_balancing: calls spread over all addresses of a name.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "minim/random.h"
#include "support/fake_filter.h"
#include "support/world.h"

namespace minim::test {

using namespace std::chrono_literals;
using rpc::ChannelState;
using Pick = rpc::DnsBalancingOptions::Pick;

namespace {

rpc::CallOptions once() { return {.retry = rpc::no_retry()}; }

rpc::ChannelOptions balanced(Pick pick = Pick::kRoundRobin, std::string target = "server:7233") {
  rpc::ChannelOptions options = plain_options(std::move(target));
  options.dns_balancing = rpc::DnsBalancingOptions{.pick = pick};
  return options;
}

// How many requests each wire has seen.
std::vector<std::size_t> load(const World& w) {
  std::vector<std::size_t> counts;
  for (const World::Wire& wire : w.wires) counts.push_back(wire.received.count(kHeaders));
  return counts;
}

// The next lookup comes within 20 % of the interval.
void until_lookup(World& w, std::size_t count) {
  for (int i = 0; i < 400 && w.lookups.size() < count; ++i) w.wait(100ms);
  ASSERT_EQ(w.lookups.size(), count);
}

}  // namespace

TEST(Balance, OneConnectionToEachAddressAndCallsInTurn) {
  World w(balanced());
  const auto first = w.start("/svc/First", once());
  w.resolve({"10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.2"});
  ASSERT_EQ(w.wires.size(), 3u) << "all at once, each once";
  w.open(1);
  EXPECT_EQ(w.link_of("/svc/First"), 1) << "the first that is ready serves";
  w.open(0).open(2);
  w.send(1, Peer().reply(1, "first")).expect(first, Code::kOk, "first");
  for (int i = 0; i < 30; ++i) w.start("/svc/" + std::to_string(i), once());
  EXPECT_EQ(load(w), (std::vector<std::size_t>{10, 11, 10}));
  for (const World::Wire& wire : w.wires) {
    EXPECT_EQ(wire.received.find(kHeaders)->field(":authority"), "server:7233");
  }
}

TEST(Balance, NameAndAuthorityUnderTlsAreTheTargets) {
  const auto factory = std::make_shared<FakeFilterFactory>();
  rpc::ChannelOptions options = balanced();
  options.tls = factory;
  World w(std::move(options));
  w.start("/svc/A");
  w.resolve({"10.0.0.1", "10.0.0.2"});
  for (World::Wire& wire : w.wires) wire.read = FilterReader();
  w.accept(0).send(0, kFilterWelcome);
  EXPECT_EQ(factory->last_host, "server");
  w.send(0, filter_seal(Peer().settings().settings_ack().bytes()));
  EXPECT_EQ(w.wires[0].received.find(kHeaders)->field(":authority"), "server:7233");
}

TEST(Balance, FullConnectionsAreNotToldOfAnOptionThatItRefuses) {
  World w(balanced());
  w.connect().resolve({"10.0.0.1"}).accept(0);
  w.send(0, Peer().settings({{kMaxConcurrentStreams, 1}}).settings_ack());
  w.start("/svc/A", once());
  w.start("/svc/B", once());
  EXPECT_NE(w.notices().find("calls are waiting for a free stream (the server allows 1); long "
                             "polls hold streams, and there is one connection to each address"),
            std::string::npos)
      << w.notices();
}

TEST(Balance, LeastLoadedByOpenCalls) {
  World w(balanced(Pick::kLeastLoaded));
  w.connect().resolve({"10.0.0.1", "10.0.0.2", "10.0.0.3"}).open(0).open(1).open(2);
  for (int i = 0; i < 9; ++i) w.start("/svc/" + std::to_string(i), once());
  EXPECT_EQ(load(w), (std::vector<std::size_t>{3, 3, 3}));
  w.send(1, Peer().reply(1, "ok").reply(3, "ok"));
  w.start("/svc/X", once());
  w.start("/svc/Y", once());
  EXPECT_EQ(load(w), (std::vector<std::size_t>{3, 5, 3}));
}

TEST(Balance, DeadAddressReceivesNothingAndIsTriedAgain) {
  World w(balanced());
  const auto a = w.start("/svc/A", once());
  w.resolve({"10.0.0.1", "10.0.0.2"}).refuse(0).open(1);
  w.send(1, Peer().reply(1, "a")).expect(a, Code::kOk, "a");
  for (int i = 0; i < 10; ++i) {
    const auto call = w.start("/svc/" + std::to_string(i), once());
    w.send(1, Peer().reply(w.stream_of(1, "/svc/" + std::to_string(i)), "ok"));
    w.expect(call, Code::kOk, "ok");
  }
  const auto open = w.start("/svc/Poll", once());
  // Only where calls could go is the dead one dialled again, and with a backoff.
  std::vector<Duration> dials;
  while (w.elapsed() < 5s) {
    w.wait(10ms);
    if (w.wires.size() > 2 + dials.size()) {
      dials.push_back(w.elapsed());
      w.refuse(w.wires.size() - 1);
    }
  }
  EXPECT_EQ(dials, (std::vector<Duration>{200ms, 520ms, 1040ms, 1860ms, 3180ms}));
  w.wait(3s).open(w.wires.size() - 1);
  const auto back = w.start("/svc/Back", once()), forth = w.start("/svc/Forth", once());
  w.expect_pending(open).expect_pending(back).expect_pending(forth);
  EXPECT_EQ(w.wires.back().received.count(kHeaders), 1u) << "and serves again";
}

TEST(Balance, AddressThatIsLostServesNoMoreAndComesBack) {
  World w(balanced());
  const auto a = w.start("/svc/A", once());
  w.resolve({"10.0.0.1", "10.0.0.2"}).open(0).open(1);
  w.send(0, Peer().reply(1, "a")).expect(a, Code::kOk, "a");
  const auto b = w.start("/svc/B", once()), c = w.start("/svc/C", once());
  const auto on0 = w.link_of("/svc/B") == 0 ? b : c;
  w.hang_up(0, "connection reset by peer").expect(on0, Code::kUnavailable, "reset");
  ASSERT_EQ(w.wires.size(), 3u) << "it had proved itself: dialled again at once";
  EXPECT_EQ(w.wires[2].address, ip("10.0.0.1"));
  EXPECT_EQ(w.channel().state(), ChannelState::kReady);
  for (int i = 0; i < 4; ++i) w.start("/svc/" + std::to_string(i), once());
  EXPECT_EQ(w.wires[1].received.count(kHeaders), 5u);
  w.open(2);
  w.start("/svc/X", once());
  w.start("/svc/Y", once());
  EXPECT_EQ(w.wires[2].received.count(kHeaders), 1u);
}

TEST(Balance, BlackHoleIsGivenUpAfterTheConnectTimeout) {
  World w(balanced());
  const auto a = w.start("/svc/A", once());
  w.resolve({"10.0.0.1", "10.0.0.2"}).open(1).wait(19s);
  EXPECT_FALSE(w.wires[0].is_closed);
  w.expect_pending(a).wait(1s);
  EXPECT_TRUE(w.wires[0].is_closed);
  EXPECT_TRUE(w.wires[1].is_open);
}

TEST(Balance, AllAddressesFail) {
  World w(balanced());
  const auto a = w.start("/svc/A", once());
  w.resolve({"10.0.0.1", "10.0.0.2"}).refuse(0, "10.0.0.1:7233: connection refused");
  w.expect_pending(a).wait(10s);
  EXPECT_EQ(w.wires.size(), 2u) << "none is dialled again while calls wait for the others";
  w.refuse(1, "10.0.0.2:7233: connection refused");
  w.expect(a, Code::kUnavailable,
           "cannot connect to server:7233: 10.0.0.1:7233: connection refused, 10.0.0.2:7233: "
           "connection refused; is the server running?");
  EXPECT_EQ(w.channel().state(), ChannelState::kBackoff);
  const auto b = w.start("/svc/B", {.wait_for_ready = true});
  w.wait(200ms);
  ASSERT_EQ(w.lookups.size(), 2u) << "a new round looks the name up again";
  w.fail_lookup("name server failure");
  ASSERT_EQ(w.wires.size(), 4u) << "and goes on with what is known if that fails";
  EXPECT_NE(w.notices().find("name server failure; the 2 known addresses stay in use"),
            std::string::npos);
  w.open(3).send(3, Peer().reply(1, "b")).expect(b, Code::kOk, "b");
}

TEST(Balance, FirstLookupFails) {
  World w(balanced());
  const auto a = w.start("/svc/A", once());
  w.fail_lookup("no such host").expect(a, Code::kUnavailable, "no such host");
  World none(balanced());
  const auto b = none.start("/svc/A", once());
  none.resolve({}).expect(b, Code::kUnavailable, "the name has no address");
}

TEST(Balance, EveryLinkIsLostAtOnce) {
  World w(balanced());
  const auto a = w.start("/svc/A");
  w.resolve({"10.0.0.1", "10.0.0.2"}).open(0).open(1).wait(11s);
  w.hang_up(0).hang_up(1).expect_pending(a);
  EXPECT_EQ(w.channel().state(), ChannelState::kConnecting);
  ASSERT_EQ(w.wires.size(), 4u) << "both are dialled again, without another lookup";
  EXPECT_EQ(w.lookups.size(), 1u);
  const auto b = w.start("/svc/B", once());
  w.refuse(2).expect_pending(b);
  w.open(3).send(3, Peer().reply(1, "b")).expect(b, Code::kOk, "b");
}

TEST(Balance, RefreshAddsAndRemoves) {
  World w(balanced());
  const auto poll0 = w.start("/svc/Poll0", once()), poll1 = w.start("/svc/Poll1", once());
  w.resolve({"10.0.0.1", "10.0.0.2"}).open(0).open(1);
  w.start("/svc/Poll2", once());
  ASSERT_EQ(w.wires[0].received.count(kHeaders), 2u);
  until_lookup(w, 2);
  EXPECT_GE(w.elapsed(), 24s);
  EXPECT_LE(w.elapsed(), 36s);
  w.resolve({"10.0.0.2", "10.0.0.3"});
  ASSERT_EQ(w.wires.size(), 3u);
  EXPECT_EQ(w.wires[2].address, ip("10.0.0.3"));
  EXPECT_TRUE(w.wires[0].is_open) << "its calls finish";
  w.open(2);
  const std::size_t before = w.wires[0].received.count(kHeaders);
  for (int i = 0; i < 10; ++i) w.start("/svc/" + std::to_string(i), once());
  EXPECT_EQ(w.wires[0].received.count(kHeaders), before) << "and no new ones start there";
  EXPECT_EQ(w.wires[2].received.count(kHeaders), 5u);
  w.send(0, Peer().reply(1, "0").reply(3, "1"));
  w.expect(poll0, Code::kOk, "0").expect(poll1, Code::kOk, "1");
  EXPECT_TRUE(w.wires[0].is_closed);
  EXPECT_EQ(w.wires[0].received.frames().back().type, kGoaway);
  EXPECT_EQ(w.wires.size(), 3u) << "it is not dialled again";
}

TEST(Balance, RefreshDialsNoDeadAddressBeforeItsTime) {
  rpc::ChannelOptions options = balanced();
  options.dns_balancing->interval = 1s;
  World w(std::move(options));
  w.start("/svc/A", once());
  w.resolve({"10.0.0.1", "10.0.0.2"}).open(0);
  while (w.elapsed() < 60s) {
    if (const World::Wire& last = w.wires.back(); !last.is_open && !last.is_closed) {
      w.refuse(w.wires.size() - 1);
    }
    const std::size_t asked = w.lookups.size();
    w.wait(100ms);
    if (w.lookups.size() != asked) w.resolve({"10.0.0.1", "10.0.0.2"});
  }
  EXPECT_GT(w.lookups.size(), 40u);
  EXPECT_LT(w.wires.size(), 20u) << "its waits grow to ten seconds";
}

TEST(Balance, RefreshThatFailsChangesNothing) {
  World w(balanced());
  w.start("/svc/A", once());
  w.resolve({"10.0.0.1"}).open(0);
  until_lookup(w, 2);
  w.fail_lookup("name server failure");
  EXPECT_TRUE(w.wires[0].is_open);
  until_lookup(w, 3);
  w.resolve({});
  EXPECT_TRUE(w.wires[0].is_open) << "nor does an empty answer";
  until_lookup(w, 4);
  const std::size_t notices = w.notice_list.size();
  w.wait(1min);
  EXPECT_EQ(w.lookups.size(), 5u) << "a lookup that hangs is given up after 20 s";
  EXPECT_GT(w.notice_list.size(), notices);
  EXPECT_NE(w.notices().find("takes too long"), std::string::npos);
  const auto b = w.start("/svc/B", once());
  w.send(0, Peer().reply(3, "b")).expect(b, Code::kOk, "b");
}

TEST(Balance, RefreshThatReplacesAll) {
  World w(balanced());
  const auto a = w.start("/svc/A", once());
  w.resolve({"10.0.0.1"}).open(0);
  until_lookup(w, 2);
  w.resolve({"10.0.0.9"});
  const auto b = w.start("/svc/B", once());
  EXPECT_EQ(w.channel().state(), ChannelState::kConnecting);
  w.expect_pending(b).open(1).send(1, Peer().reply(1, "b")).expect(b, Code::kOk, "b");
  w.send(0, Peer().reply(1, "a")).expect(a, Code::kOk, "a");
  EXPECT_TRUE(w.wires[0].is_closed);
}

// A backoff that a connection ends early must not leave a channel that takes itself for idle: each
// input would begin a round, and its lookup, beside what is ready.
TEST(Balance, RefreshThatAnswersInABackoffDialsNothing) {
  rpc::ChannelOptions options = balanced();
  options.dns_balancing->interval = 1s;
  World w(std::move(options));
  w.start("/svc/A");
  w.resolve({"10.0.0.1"}).open(0);
  until_lookup(w, 2);
  w.hang_up(0, "connection reset by peer");
  ASSERT_EQ(w.channel().state(), ChannelState::kBackoff);
  w.resolve({"10.0.0.2"});
  EXPECT_EQ(w.wires.size(), 1u) << "a server that closes each connection is waited for";
  EXPECT_EQ(w.channel().state(), ChannelState::kBackoff);
  w.wait(250ms);
  ASSERT_EQ(w.lookups.size(), 3u);
  w.fail_lookup("name server failure");
  ASSERT_EQ(w.wires.size(), 2u);
  EXPECT_EQ(w.wires[1].address, ip("10.0.0.2")) << "what it said is kept";
  w.open(1).wait(250ms);
  for (int i = 0; i < 20; ++i) w.start("/svc/" + std::to_string(i));
  EXPECT_LE(w.lookups.size(), 4u);
  EXPECT_EQ(w.channel().state(), ChannelState::kReady);
}

TEST(Balance, RefreshThatAnswersAnIdleChannelDialsForNobody) {
  rpc::ChannelOptions options = balanced();
  options.dns_balancing->interval = 1s;
  World w(std::move(options));
  const auto a = w.start("/svc/A", once());
  w.resolve({"10.0.0.1"}).open(0);
  until_lookup(w, 2);
  w.send(0, Peer().reply(1, "a")).expect(a, Code::kOk, "a").hang_up(0);
  ASSERT_EQ(w.channel().state(), ChannelState::kIdle);
  w.resolve({"10.0.0.1", "10.0.0.2"});
  EXPECT_EQ(w.wires.size(), 1u);
  EXPECT_EQ(w.channel().state(), ChannelState::kIdle);
}

TEST(Balance, RestingChannelLeavesTheNameServerAlone) {
  World w(balanced());
  const auto a = w.start("/svc/A", once());
  w.resolve({"10.0.0.1"}).open(0).send(0, Peer().reply(1, "a")).expect(a, Code::kOk, "a");
  w.wait(1h);
  EXPECT_EQ(w.lookups.size(), 1u);
  const auto b = w.start("/svc/B", once());
  EXPECT_EQ(w.lookups.size(), 2u) << "the first call after that looks, and does not wait for it";
  w.send(0, Peer().reply(3, "b")).expect(b, Code::kOk, "b");
}

TEST(Balance, ClientsDoNotMarchInStep) {
  std::set<Duration> refreshes;
  std::map<std::string, int> firsts;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    World w(balanced(), seed);
    w.start("/svc/A", once());
    w.resolve({"10.0.0.1", "10.0.0.2"}).open(0).open(1);
    w.start("/svc/B", once());
    ++firsts[w.wires[static_cast<std::size_t>(w.link_of("/svc/B"))].address.host];
    until_lookup(w, 2);
    EXPECT_GE(w.lookups[1].asked - kEpoch, 24s);
    EXPECT_LE(w.lookups[1].asked - kEpoch, 36s);
    refreshes.insert(w.lookups[1].asked - kEpoch);
  }
  EXPECT_GT(refreshes.size(), 30u);
  EXPECT_LT(*refreshes.begin(), 26s);
  EXPECT_GT(*refreshes.rbegin(), 34s);
  EXPECT_GT(firsts["10.0.0.1"], 8) << "nor do they all begin with the same address";
  EXPECT_GT(firsts["10.0.0.2"], 8);
}

// A host's Random is the loop's thread's, and a channel is made on any.
TEST(Balance, RandomIsLeftAloneUntilThereIsACall) {
  struct Counting final : Random {
    std::uint64_t next() override { return ++drawn; }
    std::uint64_t drawn = 0;
  } random;
  ASSERT_TRUE(rpc::Channel::create(balanced(), random));
  EXPECT_EQ(random.drawn, 0u);
}

TEST(Balance, AtMostSixteenAddressesAndTheSameOnes) {
  std::vector<std::string> hosts;
  for (int i = 1; i <= 17; ++i) hosts.push_back("10.0.0." + std::to_string(i));
  World w(balanced());
  w.start("/svc/A", once());
  w.resolve(hosts);
  ASSERT_EQ(w.wires.size(), 16u);
  for (std::size_t i = 0; i < 16; ++i) w.open(i);
  until_lookup(w, 2);
  std::reverse(hosts.begin(), hosts.end());
  w.resolve(hosts);
  EXPECT_EQ(w.wires.size(), 16u) << "another order is no reason to move";
}

TEST(Balance, DoesNotApply) {
  for (const std::string_view target : {"10.0.0.1", "[::1]:80", "unix:/run/t.sock", "localhost"}) {
    World w(balanced(Pick::kRoundRobin, std::string(target)));
    w.start("/svc/A", once());
    if (target == "localhost") w.resolve({"10.0.0.1", "10.0.0.2"});
    EXPECT_EQ(w.wires.size(), 1u) << target;
    w.open(0).wait(10min);
    EXPECT_LE(w.lookups.size(), 1u) << target;
  }
}

TEST(Balance, OptionsThatContradictIt) {
  SeededRandom random(1);
  rpc::ChannelOptions options = balanced();
  options.proxy = rpc::ProxyOptions{.target = "10.9.9.9:3128"};
  options.max_connections = 2;
  options.dns_balancing->interval = 999ms;
  const auto made = rpc::Channel::create(std::move(options), random);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code(), Code::kInvalidArgument);
  for (const std::string_view part :
       {"dns_balancing and proxy contradict", "dns_balancing and max_connections contradict",
        "dns_balancing.interval must be at least 1 s"}) {
    EXPECT_NE(made.error().message().find(part), std::string_view::npos) << part;
  }
  options = balanced();
  options.dns_balancing->interval = 1s;
  EXPECT_TRUE(rpc::Channel::create(std::move(options), random));
}

TEST(Balance, GoawayOfOneMovesItsCallsToTheOthers) {
  World w(balanced());
  w.connect().resolve({"10.0.0.1", "10.0.0.2"}).open(0).open(1);
  const auto a = w.start("/svc/A", once()), b = w.start("/svc/B", once());
  w.send(0, Peer().goaway(0));
  EXPECT_EQ(w.wires[1].received.count(kHeaders), 2u);
  w.send(1, Peer().reply(1, "x").reply(3, "x")).expect(a, Code::kOk, "x").expect(b, Code::kOk, "x");
  EXPECT_EQ(w.reply(a)->attempts, 1u);
  EXPECT_EQ(w.reply(b)->attempts, 1u);
}

TEST(Balance, StreamLimitSendsCallsToTheOthers) {
  World w(balanced());
  w.connect().resolve({"10.0.0.1", "10.0.0.2"}).accept(0).open(1);
  w.send(0, Peer().settings({{kMaxConcurrentStreams, 1}}).settings_ack());
  for (int i = 0; i < 6; ++i) w.start("/svc/" + std::to_string(i), once());
  EXPECT_EQ(load(w), (std::vector<std::size_t>{1, 5}));
}

TEST(Balance, IdleTimeoutClosesThemAll) {
  rpc::ChannelOptions options = balanced();
  options.idle_timeout = 1min;
  World w(std::move(options));
  const auto a = w.start("/svc/A", once());
  w.resolve({"10.0.0.1", "10.0.0.2", "10.0.0.3"}).open(0).open(1).wait(19s);
  w.send(0, Peer().reply(w.stream_of(0, "/svc/A"), "a")).expect(a, Code::kOk, "a");
  w.wait(500ms).wait(1min);
  for (const World::Wire& wire : w.wires) EXPECT_TRUE(wire.is_closed);
  EXPECT_EQ(w.channel().state(), ChannelState::kIdle);
  w.wait(1h);
  const auto b = w.start("/svc/B", once());
  EXPECT_EQ(w.lookups.size(), 2u);
  w.resolve({"10.0.0.1"}).open(w.wires.size() - 1);
  w.send(w.wires.size() - 1, Peer().reply(1, "b")).expect(b, Code::kOk, "b");
}

}  // namespace minim::test
