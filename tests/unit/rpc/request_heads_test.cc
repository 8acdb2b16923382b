// Which requests share a list of headers, and which list goes for a new one.
#include "rpc/request_heads.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace minim::test {

using rpc::kMaxKeptHeads;
using rpc::RequestHeads;

namespace {

rpc::Request request(std::size_t number) {
  rpc::Request made;
  made.path = "/svc/M" + std::to_string(number);
  return made;
}

class Heads : public ::testing::Test {
 protected:
  // The list that a call with this path gets.
  RequestHeads::Head& take(std::size_t number) {
    const rpc::Request made = request(number);
    return heads_.take(made, false, false);
  }
  RequestHeads::Head* find(std::size_t number) {
    RequestHeads::Head* const found = heads_.find(request(number), false, false);
    if (found != nullptr) heads_.release(*found);
    return found;
  }

  rpc::ConnectionOptions options_{.authority = "server:7233"};
  RequestHeads heads_{options_};
};

}  // namespace

TEST_F(Heads, EachIsFoundWhereverTheLastOneWas) {
  std::vector<RequestHeads::Head*> all;
  for (std::size_t i = 0; i < 4; ++i) all.push_back(&take(i));
  for (const std::size_t i : {0, 3, 1, 2, 2, 0, 1, 3, 0}) EXPECT_EQ(find(i), all[i]) << i;
  EXPECT_EQ(find(4), nullptr);
  rpc::Request own = request(1);
  own.metadata = {{"a", "b"}};
  EXPECT_EQ(heads_.find(own, false, false), nullptr) << "metadata of its own";
  for (RequestHeads::Head* const head : all) heads_.release(*head);
}

TEST_F(Heads, OneThatNobodyUsesMakesRoom) {
  std::vector<RequestHeads::Head*> all;
  for (std::size_t i = 0; i < kMaxKeptHeads; ++i) all.push_back(&take(i));
  RequestHeads::Head& extra = take(100);
  EXPECT_FALSE(extra.is_kept) << "all are in use";
  EXPECT_EQ(find(100), nullptr);
  heads_.release(extra);
  heads_.release(*all[7]);
  RequestHeads::Head& replacing = take(101);
  EXPECT_TRUE(replacing.is_kept);
  EXPECT_EQ(find(101), &replacing);
  EXPECT_EQ(find(7), nullptr) << "its list has gone";
  for (const std::size_t i : {0, 6, 8, 63}) EXPECT_EQ(find(i), all[i]) << i;
  heads_.release(replacing);
  for (std::size_t i = 0; i < kMaxKeptHeads; ++i) {
    if (i != 7) heads_.release(*all[i]);
  }
}

TEST_F(Heads, ReplacedInTurn) {
  for (std::size_t i = 0; i < kMaxKeptHeads; ++i) heads_.release(take(i));
  // The one that was replaced last is the last to go again.
  for (std::size_t i = 0; i < kMaxKeptHeads; ++i) {
    heads_.release(take(100 + i));
    for (std::size_t kept = 0; kept <= i; ++kept) ASSERT_NE(find(100 + kept), nullptr) << i;
  }
  for (std::size_t i = 0; i < kMaxKeptHeads; ++i) EXPECT_EQ(find(i), nullptr);
}

TEST_F(Heads, CodingAndTimeoutMakeListsOfTheirOwn) {
  const rpc::Request made = request(1);
  std::vector<RequestHeads::Head*> first, second;
  for (auto* const heads : {&first, &second}) {
    for (const int kind : {0, 1, 2, 3}) {
      heads->push_back(&heads_.take(made, (kind & 1) != 0, (kind & 2) != 0));
      EXPECT_EQ(heads->back()->gzip, (kind & 1) != 0);
      EXPECT_EQ(heads->back()->timed, (kind & 2) != 0);
    }
  }
  EXPECT_EQ(first, second);
  for (RequestHeads::Head* const head : first) EXPECT_EQ(head->users, 2u);
  for (const auto& heads : {first, second}) {
    for (RequestHeads::Head* const head : heads) heads_.release(*head);
  }
}

TEST_F(Heads, BytesAreThoseOfTheFieldsWithoutATimeout) {
  const rpc::Request made = request(1);
  RequestHeads::Head& plain = heads_.take(made, false, false);
  RequestHeads::Head& timed = heads_.take(made, false, true);
  EXPECT_NE(&plain, &timed);
  EXPECT_EQ(timed.bytes, plain.bytes + std::string_view("grpc-timeout").size() + 32);
  heads_.release(plain);
  heads_.release(timed);
}

// A client that gets a new key makes new common metadata, and lets go of the old.
TEST_F(Heads, OnesThatNoCallCanHaveAgainGoWithTheNextNewOne) {
  const auto request_with = [](std::size_t number, const std::shared_ptr<const Metadata>& common) {
    rpc::Request made = request(number);
    made.common = common;
    return made;
  };
  const auto key = [](const char* text) {
    return std::make_shared<const Metadata>(Metadata{{"authorization", text}});
  };
  auto old_key = key("old");
  const std::weak_ptr<const Metadata> old = old_key;
  RequestHeads others(options_);  // another connection
  std::optional<rpc::Request> in_use = request_with(1, old_key);
  RequestHeads::Head& used = heads_.take(*in_use, false, false);
  for (RequestHeads* const heads : {&heads_, &others}) {
    for (const std::size_t i : {2, 3})
      heads->release(heads->take(request_with(i, old_key), false, false));
  }
  heads_.release(take(9));
  EXPECT_EQ(heads_.size(), 4u);
  old_key.reset();
  const auto new_key = key("new");
  heads_.release(heads_.take(request_with(1, new_key), false, false));
  EXPECT_EQ(heads_.size(), 5u) << "a call has the old key still";
  heads_.release(used);
  in_use.reset();
  EXPECT_TRUE(old.expired()) << "no list keeps it";
  heads_.release(heads_.take(request_with(2, new_key), false, false));
  EXPECT_EQ(heads_.size(), 3u) << "two with the new key, one with none";
  EXPECT_NE(find(9), nullptr);
  EXPECT_EQ(heads_.find(request_with(1, key("other")), false, false), nullptr);
}

}  // namespace minim::test
