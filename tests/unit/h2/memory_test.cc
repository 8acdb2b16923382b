#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "h2/arena.h"
#include "h2/pool.h"

namespace minim::test {

using h2::Arena;
using h2::Pool;

TEST(Pool, BlocksOfEverySizeAreUsableAndAligned) {
  Pool pool;
  for (int round = 0; round < 3; ++round) {
    std::vector<void*> blocks;
    for (const std::size_t bytes : {0, 1, 31, 32, 33, 64, 65, 500, 1023, 1024, 1025, 70'000}) {
      void* const block = pool.allocate(bytes);
      ASSERT_NE(block, nullptr);
      EXPECT_EQ(reinterpret_cast<std::uintptr_t>(block) % alignof(std::max_align_t), 0u);
      std::memset(block, 0xaa, bytes);
      blocks.push_back(block);
    }
    for (void* const block : blocks) pool.release(block);
  }
  pool.release(nullptr);
}

TEST(Pool, GivesTheLastBlockOfThatSizeAgain) {
  Pool pool;
  void* const first = pool.allocate(100);
  pool.release(first);
  EXPECT_EQ(pool.allocate(128), first);
  pool.release(first);
  void* const other = pool.allocate(129);
  EXPECT_NE(other, first);
  pool.release(other);
}

TEST(Pool, BlocksThatAreTakenAgainDoNotFillIt) {
  Pool pool;
  void* const first = pool.allocate(1024);
  void* const other = pool.allocate(1024);
  pool.release(other);
  pool.release(first);
  for (int i = 0; i < 1000; ++i) {
    ASSERT_EQ(pool.allocate(1024), first) << i;
    pool.release(first);
  }
}

TEST(Pool, KeepsABoundedNumber) {
  Pool pool;
  std::vector<void*> blocks;
  for (int i = 0; i < 1000; ++i) blocks.push_back(pool.allocate(1024));
  for (void* const block : blocks) pool.release(block);  // the leak check counts what is kept
}

TEST(Pool, ZeroesAndRefusesWhatOverflows) {
  Pool pool;
  void* const used = pool.allocate(64);
  std::memset(used, 0xff, 64);
  pool.release(used);
  auto* const zeroed = static_cast<unsigned char*>(pool.allocate_zeroed(8, 8));
  for (int i = 0; i < 64; ++i) EXPECT_EQ(zeroed[i], 0);
  pool.release(zeroed);
  EXPECT_EQ(pool.allocate_zeroed(SIZE_MAX, 2), nullptr);
  EXPECT_EQ(pool.allocate_zeroed(1, SIZE_MAX), nullptr);
  EXPECT_EQ(pool.allocate_zeroed(SIZE_MAX / 2 + 2, 2), nullptr) << "the product wraps to 2";
  EXPECT_EQ(pool.allocate(SIZE_MAX), nullptr);
  void* const none = pool.allocate_zeroed(3, 0);
  EXPECT_EQ(pool.resize(none, SIZE_MAX), nullptr);
  pool.release(none);  // it is still ours
}

TEST(Pool, ResizeKeepsTheContent) {
  Pool pool;
  char* block = static_cast<char*>(pool.resize(nullptr, 5));
  std::memcpy(block, "12345", 5);
  EXPECT_EQ(pool.resize(block, 32), block);
  std::size_t filled = 5;
  for (const std::size_t bytes : {30, 33, 64, 65, 120, 500, 5'000, 50'000}) {
    block = static_cast<char*>(pool.resize(block, bytes));
    ASSERT_NE(block, nullptr);
    EXPECT_EQ(std::memcmp(block, "12345", 5), 0);
    for (std::size_t i = 5; i < filled; ++i) ASSERT_EQ(block[i], 'x') << i << " of " << bytes;
    std::memset(block + filled, 'x', bytes - filled);
    filled = bytes;
  }
  pool.release(block);
}

TEST(Arena, TextsStayWhereTheyAre) {
  Arena arena;
  for (int round = 0; round < 2; ++round) {
    std::vector<std::string> texts{"", "a", std::string(5'000, 'x'), std::string(100'000, 'y')};
    for (int i = 0; i < 500; ++i) texts.push_back("text " + std::to_string(i));
    std::vector<std::string_view> views;
    for (const std::string& text : texts) views.push_back(arena.add(text));
    for (std::size_t i = 0; i < texts.size(); ++i) EXPECT_EQ(views[i], texts[i]);
    arena.clear();
  }
  Arena large_first;
  EXPECT_EQ(large_first.add(std::string(9'000, 'z')).size(), 9'000u);
  large_first.clear();
  EXPECT_EQ(large_first.add("small"), "small");
}

}  // namespace minim::test
