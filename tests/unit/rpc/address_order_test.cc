#include "rpc/address_order.h"

#include <gtest/gtest.h>

#include "support/world.h"

namespace minim::test {

using namespace std::chrono_literals;
using rpc::Address;
using rpc::AddressOrder;

namespace {

std::vector<Address> addresses(const std::vector<std::string>& hosts) {
  std::vector<Address> made;
  for (const std::string& host : hosts) made.push_back(ip(host));
  return made;
}

}  // namespace

TEST(AddressOrder, FamiliesInTurn) {
  const AddressOrder order;
  EXPECT_EQ(order.arrange(kEpoch, addresses({"1.1.1.1", "1.1.1.2", "::1", "1.1.1.3"})),
            addresses({"1.1.1.1", "::1", "1.1.1.2", "1.1.1.3"}));
  EXPECT_TRUE(order.arrange(kEpoch, {}).empty());
}

TEST(AddressOrder, BadOnesGoLastForAWhile) {
  AddressOrder order;
  order.note_bad(kEpoch, ip("1.1.1.1"));
  EXPECT_EQ(order.arrange(kEpoch, addresses({"1.1.1.1", "1.1.1.2"})),
            addresses({"1.1.1.2", "1.1.1.1"}));
  EXPECT_EQ(order.arrange(kEpoch + 10min - 1ms, addresses({"1.1.1.1", "1.1.1.2"})),
            addresses({"1.1.1.2", "1.1.1.1"}));
  EXPECT_EQ(order.arrange(kEpoch + 10min, addresses({"1.1.1.1", "1.1.1.2"})),
            addresses({"1.1.1.1", "1.1.1.2"}));
  order.note_bad(kEpoch + 9min, ip("1.1.1.1"));
  order.note_bad(kEpoch + 9min, ip("1.1.1.2"));
  EXPECT_EQ(order.arrange(kEpoch + 18min, addresses({"1.1.1.1", "1.1.1.2"})),
            addresses({"1.1.1.1", "1.1.1.2"}))
      << "all are bad: the resolver's order";
  order.note_good(ip("1.1.1.2"));
  EXPECT_EQ(order.arrange(kEpoch + 18min, addresses({"1.1.1.1", "1.1.1.2"})),
            addresses({"1.1.1.2", "1.1.1.1"}));
}

TEST(AddressOrder, RemembersSixtyFour) {
  AddressOrder order;
  for (std::size_t i = 0; i < rpc::kMaxBadAddresses; ++i) {
    order.note_bad(kEpoch, ip("1.1.1." + std::to_string(i)));
  }
  EXPECT_EQ(order.arrange(kEpoch, addresses({"1.1.1.0", "2.2.2.2"})),
            addresses({"2.2.2.2", "1.1.1.0"}));
  order.note_bad(kEpoch, ip("1.1.1." + std::to_string(rpc::kMaxBadAddresses)));
  EXPECT_EQ(order.arrange(kEpoch, addresses({"1.1.1.1", "1.1.1.0"})),
            addresses({"1.1.1.0", "1.1.1.1"}))
      << "the first remark had to go";
}

TEST(AddressOrder, OneThatFailsAgainTakesNoOthersPlace) {
  AddressOrder order;
  order.note_bad(kEpoch, ip("1.1.1.1"));
  for (std::size_t i = 0; i < rpc::kMaxBadAddresses; ++i) order.note_bad(kEpoch, ip("2.2.2.2"));
  EXPECT_EQ(order.arrange(kEpoch, addresses({"1.1.1.1", "3.3.3.3"})),
            addresses({"3.3.3.3", "1.1.1.1"}));
}

TEST(AddressOrder, WhatARoundHasTaughtServesTheNext) {
  World w;
  w.connect();
  w.resolve({"10.0.0.1", "10.0.0.2", "10.0.0.3"}).wait(300ms).open(1);
  ASSERT_EQ(w.wires.size(), 2u) << "the first one is a black hole";
  w.wait(1min).hang_up(1);
  const auto a = w.start("/svc/A");
  w.resolve({"10.0.0.1", "10.0.0.2", "10.0.0.3"});
  ASSERT_EQ(w.wires.size(), 3u);
  EXPECT_EQ(w.wires[2].address, ip("10.0.0.2")) << "no 250 ms are lost to it again";
  w.refuse(2);
  EXPECT_EQ(w.wires.at(3).address, ip("10.0.0.3"));
  w.refuse(3);
  EXPECT_EQ(w.wires.at(4).address, ip("10.0.0.1")) << "but it is tried";
  w.open(4).send(4, Peer().reply(1, "a")).expect(a, Code::kOk, "a");
}

TEST(AddressOrder, OneThatServesIsNoLongerBad) {
  World w;
  w.connect();
  w.resolve({"10.0.0.1", "10.0.0.2"}).refuse(0).refuse(1).wait(200ms);
  const auto a = w.start("/svc/A");
  w.resolve({"10.0.0.1", "10.0.0.2"}).open(2);
  ASSERT_EQ(w.wires[2].address, ip("10.0.0.1"));
  w.send(2, Peer().reply(1, "a")).expect(a, Code::kOk, "a").hang_up(2);
  w.connect().resolve({"10.0.0.2", "10.0.0.1"});
  ASSERT_EQ(w.wires.size(), 4u);
  EXPECT_EQ(w.wires[3].address, ip("10.0.0.1"));
}

TEST(AddressOrder, SeventeenthAddressHasItsTurnWhenSixteenAreDead) {
  World w;
  const auto a = w.start("/svc/A", {.wait_for_ready = true});
  std::vector<std::string> hosts;
  for (int i = 1; i <= 17; ++i) hosts.push_back("10.0.0." + std::to_string(i));
  w.resolve(hosts);
  for (std::size_t i = 0; i < 16; ++i) w.refuse(i);
  w.wait(200ms).resolve(hosts);
  ASSERT_EQ(w.wires.size(), 17u);
  EXPECT_EQ(w.wires[16].address, ip("10.0.0.17"));
  w.open(16).send(16, Peer().reply(1, "a")).expect(a, Code::kOk, "a");
}

TEST(AddressOrder, SeventeenthAddressHasItsTurnWhenSixteenAreSilent) {
  World w;
  const auto a = w.start("/svc/A", {.wait_for_ready = true});
  std::vector<std::string> hosts;
  for (int i = 1; i <= 17; ++i) hosts.push_back("10.0.0." + std::to_string(i));
  w.resolve(hosts).wait(20s).wait(200ms).resolve(hosts);
  ASSERT_EQ(w.wires.size(), 17u);
  EXPECT_EQ(w.wires[16].address, ip("10.0.0.17"));
  w.open(16).send(16, Peer().reply(1, "a")).expect(a, Code::kOk, "a");
}

}  // namespace minim::test
