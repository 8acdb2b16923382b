#include "h2/header_encoder.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "h2/session.h"
#include "support/hpack.h"
#include "support/peer.h"

namespace minim::test {
namespace {

using h2::HeaderEncoder;
using h2::RequestHead;

// An encoder and the decoder of its peer.
struct Wire {
  std::string send(RequestHead& head, std::string_view varying = {}) {
    std::string block = size_updates;
    encoder.follow(size_updates);
    size_updates.clear();
    encoder.append(head, varying, block);
    bytes = block.size();
    const std::optional<std::vector<DecodedField>> fields = decoder.decode(block);
    if (!fields) return "cannot be decoded";
    std::string text;
    for (const DecodedField& field : *fields) {
      text.append(field.name).append("=").append(field.value);
      text += field.never_indexed ? "! " : " ";
    }
    return text;
  }

  HeaderEncoder encoder;
  HpackDecoder decoder;
  std::string size_updates;
  std::size_t bytes = 0;  // of the last block
};

const std::string kLong(200, 'v');

}  // namespace

TEST(HeaderEncoder, WhatIsSentAgainTakesAByte) {
  Wire wire;
  RequestHead head({{":method", "POST"},
                    {":scheme", "https"},
                    {":path", "/long.Service/Method"},
                    {"x-long", kLong},
                    {"x-empty", ""}});
  const std::string text =
      ":method=POST :scheme=https :path=/long.Service/Method x-long=" + kLong + " x-empty= ";
  EXPECT_EQ(wire.send(head), text);
  EXPECT_GT(wire.bytes, 200u);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(wire.send(head), text);
    EXPECT_EQ(wire.bytes, 5u);
  }
}

TEST(HeaderEncoder, AVaryingValueGoesInItsPlace) {
  Wire wire;
  RequestHead head({{"a", "1"}, {"grpc-timeout", "0n"}, {"b", "2"}}, 1);
  EXPECT_EQ(wire.send(head, "30S"), "a=1 grpc-timeout=30S! b=2 ");
  EXPECT_EQ(wire.send(head, "29999999u"), "a=1 grpc-timeout=29999999u! b=2 ");
  EXPECT_EQ(wire.send(head, ""), "a=1 grpc-timeout=! b=2 ");
  RequestHead last({{"a", "1"}, {"grpc-timeout", "0n"}}, 1);
  EXPECT_EQ(wire.send(last, kLong), "a=1 grpc-timeout=" + kLong + "! ");
}

TEST(HeaderEncoder, SecretsAndWhatIsSentOnceStayOutOfTheTable) {
  Wire wire;
  RequestHead head(
      {{"authorization", kLong, true}, {"k-bin", "xx", true}, {"one", "1", false, true}});
  const std::string text = "authorization=" + kLong + "! k-bin=xx! one=1 ";
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(wire.send(head), text);
    EXPECT_GT(wire.bytes, 200u);
  }
  // An equal field that is indexed elsewhere does not make a secret one an index.
  RequestHead indexed({{"k-bin", "xx"}, {"one", "1"}});
  EXPECT_EQ(wire.send(indexed), "k-bin=xx one=1 ");
  EXPECT_EQ(wire.send(head), text);
}

TEST(HeaderEncoder, HeadsTakeTurns) {
  Wire wire;
  RequestHead a({{":path", "/a"}, {"common", "c"}});
  RequestHead b({{":path", "/b"}, {"common", "c"}, {"common", "d"}});
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(wire.send(a), ":path=/a common=c ");
    EXPECT_EQ(wire.send(b), ":path=/b common=c common=d ");
  }
  EXPECT_EQ(wire.bytes, 3u);
}

TEST(HeaderEncoder, AFullTableKeepsWhatItHas) {
  Wire wire;
  RequestHead early({{":method", "POST"}, {":path", "/early"}});
  wire.send(early);
  for (int i = 0; i < 100; ++i) {
    const std::string value = std::to_string(i) + kLong;
    RequestHead head({{"x", value}, {"y", ""}});
    EXPECT_EQ(wire.send(head), "x=" + value + " y= ");
    EXPECT_EQ(wire.send(head), "x=" + value + " y= ");
  }
  EXPECT_GT(wire.bytes, 200u);  // no room for the last one
  EXPECT_EQ(wire.send(early), ":method=POST :path=/early ");
  EXPECT_EQ(wire.bytes, 2u);
  const std::string too_large(5000, 'x');
  RequestHead large({{"x", too_large}, {"y", ""}});
  EXPECT_EQ(wire.send(large), "x=" + too_large + " y= ");
}

TEST(HeaderEncoder, FollowsTheTableSizesOfThePeer) {
  Wire wire;
  RequestHead a({{":path", "/a"}, {"first", "1"}});
  RequestHead b({{":path", "/b"}, {"second", "2"}});
  wire.send(a);
  wire.send(b);
  wire.size_updates = "\x3f\x5f";  // 31 + 95: room for three
  EXPECT_EQ(wire.send(b), ":path=/b second=2 ");
  EXPECT_EQ(wire.bytes, 4u);
  EXPECT_EQ(wire.send(a), ":path=/a first=1 ");
  wire.size_updates = std::string("\x20\x3f\xe1\x1f", 4);  // 0, then 4096 again
  EXPECT_EQ(wire.send(b), ":path=/b second=2 ");
  EXPECT_GT(wire.bytes, 10u);
  EXPECT_EQ(wire.send(b), ":path=/b second=2 ");
  EXPECT_EQ(wire.bytes, 2u);
  wire.size_updates = "\x20";
  EXPECT_EQ(wire.send(b), ":path=/b second=2 ");
  EXPECT_EQ(wire.send(b), ":path=/b second=2 ");
  EXPECT_GT(wire.bytes, 10u);
}

TEST(HeaderEncoder, FollowsSizeUpdatesAlone) {
  HeaderEncoder encoder;
  RequestHead head({{":path", "/a"}, {"first", "1"}});
  const auto block_bytes = [&] {
    std::string block;
    encoder.append(head, "", block);
    return block.size();
  };
  const std::size_t whole = block_bytes();
  EXPECT_EQ(block_bytes(), 2u);
  encoder.follow("\x82\x20");  // a field, and what is not at the start
  EXPECT_EQ(block_bytes(), 2u);
  encoder.follow("\x3f");  // breaks off: 31 at least, room for none
  EXPECT_EQ(block_bytes(), whole);
}

TEST(HeaderEncoder, LargeBlocksBecomeContinuations) {
  const std::string value(15'000, 'v');
  h2::Session session({}, Time());
  Received received;
  session.receive(Time(), Peer().settings({{kHeaderTableSize, 0}}).settings_ack().bytes());
  RequestHead head({{":path", "/x"}, {"a", value}, {"b", value}, {"c", value}});
  RequestHead small({{":method", "POST"}, {":path", "/small"}});
  int mark = 0;
  session.start(&mark, head, "", "", "body");
  session.start(&mark, small, "", "", "body");
  while (!session.output().empty()) {
    ASSERT_TRUE(received.receive(session.output())) << received.problem();
    session.consume_output(session.output().size());
  }
  const Frame* const frame = received.find(kHeaders, 1);
  ASSERT_NE(frame, nullptr);
  ASSERT_EQ(frame->fields.size(), 4u);
  EXPECT_EQ(frame->field("c"), value);
  EXPECT_FALSE(frame->end_stream());
  EXPECT_EQ(received.body(1), "body");
  ASSERT_NE(received.find(kHeaders, 3), nullptr);
  EXPECT_EQ(received.find(kHeaders, 3)->field(":path"), "/small");
  EXPECT_EQ(received.body(3), "body");
}

}  // namespace minim::test
