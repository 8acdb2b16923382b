// What is refused is said by the loop, later, as everything is; only where there is no loop for it
// start() says it itself.
#include <gtest/gtest.h>

#include <atomic>
#include <optional>
#include <string>
#include <thread>

#include "faces/support/host.h"
#include "faces/support/pending.h"

namespace minim::test {
namespace {

constexpr char kClosed[] = "CANCELLED (local): client closed";
// Enough for any stack, one inside of the other.
constexpr int kOften = 100'000;

class Refusal : public testing::TestWithParam<FaceKind> {
 protected:
  FaceKind face() const { return GetParam(); }
  Operation<std::string> call() const { return client_->call("/test/Echo", ""); }

  Host host_{is_borrowed(GetParam())};
  std::optional<Client> client_ = host_.create({.target = "127.0.0.1:1"}).value();
};

INSTANTIATE_TEST_SUITE_P(, Refusal, testing::ValuesIn(kFaces),
                         [](const auto& face) { return face_name(face.param); });

TEST_P(Refusal, AClosedClientSaysItFromTheLoop) {
  const auto here = std::this_thread::get_id();
  std::atomic<std::thread::id> there;
  client_->close();
  const Pending refused(face(), call(), [&] { there = std::this_thread::get_id(); });
  EXPECT_EQ(is_borrowed(face()) ? refused.ends() : 0, 0) << "called from inside start()";
  host_.until([&] { return refused.has_ended() && there != std::thread::id(); });
  EXPECT_EQ(refused.status().to_string(), kClosed);
  EXPECT_EQ(there == here, is_borrowed(face()));
}

TEST_P(Refusal, ACallbackIsNotCalledFromInsideItsOwnStart) {
  client_->close();
  std::optional<Pending> second;
  std::atomic<bool> is_inside = false;
  std::atomic<bool> was_inside = false;
  std::atomic<bool> is_done = false;
  const Pending first(face(), call(), [&] {
    is_inside = true;
    second.emplace(face(), call(), [&] {
      was_inside = is_inside.load();
      is_done = true;
    });
    is_inside = false;
  });
  host_.until([&] { return is_done && first.has_ended(); });
  host_.until([&] { return second->has_ended(); });
  EXPECT_EQ(second->status().to_string(), kClosed);
  // A thread that waits is not the loop's, and may be told while it begins.
  EXPECT_TRUE(!was_inside || face() == FaceKind::kBlocking);
}

TEST_P(Refusal, ItCanBeCancelledAndItsClientDropped) {
  client_->close();
  std::optional<Pending> refused(std::in_place, face(), call());
  client_.reset();
  // On a Runtime's thread the coroutine may be running now: nobody else may destroy it.
  if (face() != FaceKind::kRuntimeCoroutines) refused->cancel();
  if (face() == FaceKind::kCoroutines) {
    host_.run();
    EXPECT_EQ(refused->ends(), 0);
    return;
  }
  host_.until([&] { return refused->has_ended(); });
  EXPECT_EQ(refused->status().to_string(), kClosed);
  EXPECT_EQ(refused->ends(), 1);
}

TEST_P(Refusal, TheEndOfTheHostDoesNotLoseIt) {
  client_->close();
  const Pending refused(face(), call());
  host_.destroy();
  host_.run();
  host_.until([&] { return refused.has_ended(); });
  EXPECT_EQ(refused.status().to_string(), kClosed);
}

// Its operations end in the last turn, and begin others that nobody will take up.
TEST_P(Refusal, WhatBeginsInTheLastTurnEndsInIt) {
  std::optional<Pending> second;
  std::atomic<bool> has_begun = false;
  const Pending first(face(), call().with({.wait_for_ready = true}), [&] {
    second.emplace(face(), call());
    has_begun = true;
  });
  host_.destroy();
  host_.run();
  host_.until([&] { return has_begun && first.has_ended() && second->has_ended(); });
  EXPECT_EQ(first.status().to_string(), kClosed);
  EXPECT_EQ(second->status().to_string(), kClosed);
}

TEST_P(Refusal, WithoutALoopItIsSaidAtOnce) {
  host_.destroy();
  host_.run();
  const Pending refused(face(), call());
  host_.until([&] { return refused.has_ended(); });
  EXPECT_EQ(refused.status().to_string(), kClosed);
}

Task<void> call_often(Client client, std::atomic<int>& failed) {
  for (int i = 0; i < kOften; ++i) {
    auto operation = client.call("/test/Echo", "").with({.wait_for_ready = true});
    const Result<std::string> got = co_await std::move(operation);
    if (got.status().to_string() == kClosed) ++failed;
  }
}

// A coroutine goes on where it is: were it resumed, each call would lie deeper in the stack.
TEST_P(Refusal, WithoutALoopACoroutineMayGoOnForLong) {
  host_.destroy();
  host_.run();
  std::atomic<int> failed = 0;
  EXPECT_TRUE(call_often(*client_, failed).done());
  EXPECT_EQ(failed, kOften);
}

TEST_P(Refusal, InTheLastTurnACoroutineMayGoOnForLong) {
  std::atomic<int> failed = 0;
  const Task<void> task = call_often(*client_, failed);
  client_.reset();
  host_.destroy();
  host_.run();
  host_.until([&] { return task.done(); });
  EXPECT_EQ(failed, kOften);
}

TEST_P(Refusal, WrongOptionsOfAConnectAreSaidByTheLoop) {
  std::atomic<int> ends = 0;
  std::atomic<std::thread::id> there;
  host_.connect({.namespace_ = ""}).start([&](Result<Client> client) {
    EXPECT_EQ(client.status().code(), Code::kInvalidArgument);
    there = std::this_thread::get_id();
    ++ends;
  });
  EXPECT_EQ(is_borrowed(face()) ? ends.load() : 0, 0) << "called from inside start()";
  host_.until([&] { return ends == 1; });
  EXPECT_EQ(there == std::this_thread::get_id(), is_borrowed(face()));
}

}  // namespace
}  // namespace minim::test
