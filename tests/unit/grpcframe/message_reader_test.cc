#include "grpcframe/message_reader.h"

#include <gtest/gtest.h>

#include "grpcframe/gzip.h"
#include "unit/grpcframe/script.h"

namespace minim {
namespace {

using test::framed;

Status feed(MessageReader& reader, std::string_view bytes, std::size_t chunk_bytes) {
  while (!bytes.empty()) {
    const std::string_view chunk = bytes.substr(0, chunk_bytes);
    if (Status status = reader.receive(chunk); !status.ok()) return status;
    bytes.remove_prefix(chunk.size());
  }
  return Status();
}

TEST(WriteMessagePrefix, IsFlagAndBigEndianLength) {
  char prefix[kMessagePrefixBytes];
  write_message_prefix(true, 0x01020384, prefix);
  EXPECT_EQ(std::string(prefix, 5), "\x01\x01\x02\x03\x84");
  write_message_prefix(false, 0xffffffff, prefix);
  EXPECT_EQ(std::string(prefix, 5), std::string("\0\xff\xff\xff\xff", 5));
}

TEST(MessageReader, ReadsOneMessageInAnyPieces) {
  for (const std::size_t size : {0u, 1u, 4u, 5u, 6u, 100u, 70000u, 200001u}) {
    std::string message;
    for (std::size_t i = 0; i < size; ++i) message.push_back(static_cast<char>(i * 7));
    for (const std::size_t chunk : test::kChunkSizes) {
      MessageReader reader;
      reader.begin(size, false);
      EXPECT_TRUE(reader.at_boundary());
      ASSERT_TRUE(feed(reader, framed(message), chunk).ok());
      EXPECT_TRUE(reader.at_boundary());
      EXPECT_EQ(reader.message_count(), 1u);
      const auto taken = reader.take();
      ASSERT_TRUE(taken);
      EXPECT_EQ(*taken, message);
    }
  }
}

TEST(MessageReader, TakesNoMoreMemoryThanAnnounced) {
  MessageReader reader;
  const std::string message(150000, 'x');
  reader.begin(message.size(), false);
  ASSERT_TRUE(feed(reader, framed(message), 1000).ok());
  EXPECT_LE(reader.take()->capacity(), message.size());
}

TEST(MessageReader, KnowsWhetherItIsInsideAMessage) {
  const std::string bytes = framed("ab");
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    MessageReader reader;
    reader.begin(10, false);
    ASSERT_TRUE(reader.receive(std::string_view(bytes).substr(0, cut)).ok());
    EXPECT_EQ(reader.at_boundary(), cut == 0 || cut == bytes.size()) << cut;
    EXPECT_EQ(reader.message_count(), cut >= 5 ? 1u : 0u) << cut;
  }
}

TEST(MessageReader, CountsFurtherMessagesAndKeepsTheFirst) {
  for (const std::size_t chunk : test::kChunkSizes) {
    MessageReader reader;
    reader.begin(10, false);
    ASSERT_TRUE(feed(reader, framed("one") + framed("") + framed("three"), chunk).ok());
    EXPECT_EQ(reader.message_count(), 3u);
    EXPECT_TRUE(reader.at_boundary());
    EXPECT_EQ(*reader.take(), "one");
  }
}

TEST(MessageReader, RefusesLengthsAboveTheLimitFromThePrefixAlone) {
  const struct {
    std::size_t limit;
    std::string_view length;
    bool good;
    std::string text;
  } rows[] = {
      {258, {"\0\0\1\2", 4}, true, ""},
      {257, {"\0\0\1\2", 4}, false, "258 vs. 257"},
      {0, {"\0\0\0\0", 4}, true, ""},
      {0, {"\0\0\0\1", 4}, false, "1 vs. 0"},
      {1000, {"\xff\xff\xff\xff", 4}, false, "4294967295 vs. 1000"},
      {0xffffffff, {"\xff\xff\xff\xff", 4}, true, ""},
      {0x1000000, {"\1\0\0\0", 4}, true, ""},
      {0x1000000, {"\1\0\0\1", 4}, false, "16777217 vs. 16777216"},
  };
  for (const auto& row : rows) {
    for (const std::size_t chunk : test::kChunkSizes) {
      MessageReader reader;
      reader.begin(row.limit, false);
      const Status status = feed(reader, std::string(1, '\0').append(row.length), chunk);
      EXPECT_EQ(status.ok(), row.good);
      if (row.good) continue;
      EXPECT_EQ(status.code(), Code::kResourceExhausted);
      EXPECT_EQ(status.origin(), Origin::kLocal);
      EXPECT_TRUE(status.may_have_reached_server());
      EXPECT_FALSE(status.retryable());
      EXPECT_EQ(status.message(), "grpc: received message larger than max (" + row.text +
                                      "): see max_receive_message_bytes");
      EXPECT_EQ(reader.message_count(), 0u);
    }
  }
}

TEST(MessageReader, RefusesFlags) {
  for (int flag = 1; flag < 256; ++flag) {
    MessageReader reader;
    reader.begin(10, false);
    const Status status = reader.receive(framed("", static_cast<char>(flag)));
    EXPECT_EQ(status.code(), Code::kInternal) << flag;
    EXPECT_EQ(status.origin(), Origin::kTransport);
    if (flag > 1) {
      EXPECT_EQ(status.message(), "message prefix has the flag " + std::to_string(flag) +
                                      ", only 0 and 1 are defined");
    }
  }
}

TEST(MessageReader, RefusesFlagsOfFurtherMessagesToo) {
  MessageReader reader;
  reader.begin(10, false);
  EXPECT_FALSE(reader.receive(framed("a") + framed("b", 3)).ok());
}

TEST(MessageReader, DecompressesTheFirstMessageOnly) {
  if (!gzip_available()) GTEST_SKIP() << "built without gzip";
  for (const std::size_t chunk : test::kChunkSizes) {
    MessageReader reader;
    reader.begin(100, true);
    ASSERT_TRUE(feed(reader, framed(*gzip_compress("text"), 1) + framed("plain"), chunk).ok());
    EXPECT_EQ(*reader.take(), "text");
    reader.begin(100, true);
    ASSERT_TRUE(feed(reader, framed("plain") + framed("rubbish", 1), chunk).ok());
    EXPECT_EQ(*reader.take(), "plain");
  }
}

TEST(MessageReader, BeginsAfreshAfterAnAbandonedMessage) {
  MessageReader reader;
  reader.begin(100, false);
  ASSERT_TRUE(reader.receive(framed("abandoned").substr(0, 8)).ok());
  reader.begin(100, false);
  EXPECT_TRUE(reader.at_boundary());
  EXPECT_EQ(reader.message_count(), 0u);
  ASSERT_TRUE(reader.receive(framed("new")).ok());
  EXPECT_EQ(*reader.take(), "new");
}

}  // namespace
}  // namespace minim
