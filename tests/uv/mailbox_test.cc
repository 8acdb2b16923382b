// The mailbox and its intrusive lists, without a loop.
#include "uv/mailbox.h"

#include <gtest/gtest.h>

#include <vector>

#include "uv/list.h"

namespace minim::test {
namespace {

struct Item {
  int value = 0;
  uv::Hook<Item> hook;
};
using Items = uv::List<Item, &Item::hook>;

std::vector<int> drain(Items& items) {
  std::vector<int> values;
  while (Item* const item = items.pop_front()) values.push_back(item->value);
  return values;
}

TEST(List, KeepsOrderAndRemovesAnywhere) {
  Item a{1, {}}, b{2, {}}, c{3, {}}, d{4, {}};
  Items items;
  for (Item* const item : {&a, &b, &c, &d}) items.push_back(item);
  items.remove(&b);
  EXPECT_FALSE(b.hook.linked);
  items.remove(&d);
  items.push_back(&b);
  items.remove(&a);
  EXPECT_EQ(drain(items), (std::vector<int>{3, 2}));
  EXPECT_TRUE(items.empty());
}

TEST(List, MovesWhole) {
  Item a{1, {}}, b{2, {}}, c{3, {}};
  Items one;
  one.push_back(&a);
  one.push_back(&b);
  Items two(std::move(one));
  EXPECT_TRUE(one.empty());
  one.push_back(&c);
  EXPECT_EQ(drain(two), (std::vector<int>{1, 2}));
  EXPECT_EQ(drain(one), (std::vector<int>{3}));
}

TEST(Mailbox, DropsAnswersThatNobodyTakes) {
  uv::Mailbox mailbox(1);
  mailbox.answer(std::make_unique<uv::Answer>(uv::real_system(), 1));  // no loop: deleted here
  EXPECT_FALSE(mailbox.has_mail());
}

TEST(Mailbox, RefusesAfterStop) {
  uv::Mailbox mailbox(1);
  uv::PortEnd port;
  mailbox.stop(uv::Mailbox::From::kElsewhere);
  EXPECT_TRUE(mailbox.is_stopped());
  EXPECT_EQ(mailbox.submit(uv::Mailbox::From::kElsewhere, port, nullptr).code(), Code::kCancelled);
  uv::RunQueue none;
  EXPECT_TRUE(mailbox.take(none, none).stopped);
  mailbox.close(uv::Mailbox::From::kElsewhere, port);
  mailbox.detach(uv::Mailbox::From::kElsewhere, port);
}

class IdleRun final : public internal::Run {
  void begin() override {}
  void on_reply(rpc::Reply) override {}
  void on_timer() override {}
  void on_cancel(Status) override {}
};

TEST(Mailbox, TakeRetiresWhatHasEnded) {
  uv::Mailbox mailbox(1);
  const auto run = std::make_shared<IdleRun>();
  uv::RunRecord record;
  record.run = run;
  run->executor_record = &record;
  mailbox.request_cancel(uv::Mailbox::From::kLoopThread, *run);  // comes after the end
  uv::RunQueue ended, blank;
  ended.push_back(&record);
  EXPECT_TRUE(mailbox.take(ended, blank).cancelled.empty());
  EXPECT_EQ(ended.front(), &record) << "the caller lets go of the run";
  mailbox.request_cancel(uv::Mailbox::From::kLoopThread, *run);
  EXPECT_FALSE(mailbox.has_mail()) << "nothing leads to the record any more";
}

}  // namespace
}  // namespace minim::test
