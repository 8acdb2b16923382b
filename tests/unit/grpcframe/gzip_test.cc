#include "grpcframe/gzip.h"

#include <gtest/gtest.h>

#include "unit/grpcframe/script.h"

namespace minim {
namespace {

std::string zipped(std::string_view bytes) { return *gzip_compress(bytes); }

class Gzip : public testing::Test {
 protected:
  void SetUp() override {
    if (!gzip_available()) GTEST_SKIP() << "built without gzip";
  }
};

TEST_F(Gzip, RoundTripsMessagesOfAllSizes) {
  std::string message;
  std::uint32_t state = 1;
  for (std::size_t size : {0u, 1u, 2u, 100u, 255u, 256u, 257u, 65535u, 300000u}) {
    while (message.size() < size) {
      state = state * 1664525 + 1013904223;
      message.push_back(static_cast<char>(state >> (size % 2 == 0 ? 24 : 30)));
    }
    const auto back = gzip_decompress(zipped(message), message.size());
    ASSERT_TRUE(back) << back.error().to_string();
    EXPECT_EQ(*back, message);
  }
}

TEST_F(Gzip, TheLimitIsExact) {
  const std::string bytes = zipped(std::string(1000, 'x'));
  for (const std::size_t limit : {std::size_t{1000}, std::size_t{1001}, std::string::npos}) {
    EXPECT_TRUE(gzip_decompress(bytes, limit).has_value()) << limit;
  }
  for (const std::size_t limit : {0u, 1u, 500u, 999u}) {
    const auto result = gzip_decompress(bytes, limit);
    ASSERT_FALSE(result.has_value()) << limit;
    EXPECT_EQ(result.error().message(),
              "grpc: received message after decompression larger than max (" +
                  std::to_string(limit + 1) + " vs. " + std::to_string(limit) +
                  "): see max_receive_message_bytes");
    EXPECT_EQ(result.error().code(), Code::kResourceExhausted);
    EXPECT_EQ(result.error().origin(), Origin::kLocal);
    EXPECT_TRUE(result.error().may_have_reached_server());
    EXPECT_FALSE(result.error().retryable());
  }
  EXPECT_TRUE(gzip_decompress(zipped(""), 0).has_value());
}

TEST_F(Gzip, ABombStopsAtTheLimit) {
  std::string bomb = zipped(std::string(std::size_t{64} << 20, '\0'));
  ASSERT_LT(bomb.size(), std::size_t{128} << 10);
  const auto result = gzip_decompress(bomb, 1000);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code(), Code::kResourceExhausted);
}

TEST_F(Gzip, SeveralMembersAreOneMessageUnderOneLimit) {
  const std::string bytes = zipped("one,") + zipped("") + zipped("two");
  EXPECT_EQ(gzip_decompress(bytes, 7).value_or(""), "one,two");
  EXPECT_EQ(gzip_decompress(bytes, 6).status().code(), Code::kResourceExhausted);
}

TEST_F(Gzip, RefusesWhatIsNotWholeGzip) {
  const std::string good = zipped("message message message");
  std::string bad_crc = good;
  bad_crc[good.size() - 8] = static_cast<char>(bad_crc[good.size() - 8] ^ 1);
  std::string bad_size = good;
  bad_size.back() = static_cast<char>(bad_size.back() ^ 1);
  std::string bad_body = good;
  bad_body[10] = static_cast<char>(bad_body[10] ^ 7);
  const struct {
    std::string bytes, why;
  } rows[] = {
      {"", "it ends after 0 bytes of output"},
      {"x", "it ends after 0 bytes of output"},
      {"not gzip at all", "incorrect header check"},
      {"\x78\x9c\x03", "incorrect header check"},
      {bad_crc, "incorrect data check"},
      {bad_size, "incorrect length check"},
      {bad_body, ""},
      {good + std::string(1, '\0'), ""},
      {good + "trailing", "incorrect header check"},
  };
  for (const auto& row : rows) {
    const auto result = gzip_decompress(row.bytes, 1000);
    ASSERT_FALSE(result) << row.why;
    EXPECT_EQ(result.error().code(), Code::kInternal);
    EXPECT_EQ(result.error().origin(), Origin::kTransport);
    EXPECT_TRUE(result.error().message().starts_with("compressed message is not valid gzip: "));
    EXPECT_NE(result.error().message().find(row.why), std::string_view::npos)
        << result.error().message();
  }
  for (std::size_t cut = 0; cut < good.size(); ++cut) {
    const auto result = gzip_decompress(std::string_view(good).substr(0, cut), 1000);
    ASSERT_EQ(result.status().code(), Code::kInternal) << cut;
  }
}

// The table of spec 8.3 as a call sees it.
TEST_F(Gzip, CompressionTable) {
  const std::string plain = test::framed("m");
  const std::string packed = test::framed(zipped("m"), 1);
  const std::string empty_flagged = test::framed("", 1);
  const struct {
    std::string name;
    bool asked;
    std::string encoding;  // "-": no such field
    std::string bytes;
    Code code;
  } rows[] = {
      {"flag 0, no encoding", true, "-", plain, Code::kOk},
      {"flag 0, identity", true, "identity", plain, Code::kOk},
      {"flag 0, gzip", true, "gzip", plain, Code::kOk},
      {"flag 0, gzip not asked for", false, "gzip", plain, Code::kOk},
      {"flag 0, unknown encoding", true, "br", plain, Code::kOk},
      {"flag 1, no encoding", true, "-", packed, Code::kInternal},
      {"flag 1, identity", true, "identity", packed, Code::kInternal},
      {"flag 1, gzip asked for", true, "gzip", packed, Code::kOk},
      {"flag 1, gzip not asked for", false, "gzip", packed, Code::kInternal},
      {"flag 1, unknown encoding", true, "br", packed, Code::kInternal},
      {"flag 1, encoding in upper case", true, "GZIP", packed, Code::kInternal},
      {"flag 1, length 0, no encoding", true, "-", empty_flagged, Code::kInternal},
      {"flag 1, length 0, identity", true, "identity", empty_flagged, Code::kInternal},
      {"flag 1, length 0, unknown encoding", true, "br", empty_flagged, Code::kInternal},
      {"flag 1, length 0, gzip", true, "gzip", empty_flagged, Code::kInternal},
      {"flag 2", true, "gzip", test::framed("m", 2), Code::kInternal},
      {"flag 255", true, "gzip", test::framed("m", '\xff'), Code::kInternal},
      {"corrupt gzip", true, "gzip", test::framed("not gzip", 1), Code::kInternal},
      {"truncated gzip", true, "gzip", test::framed(zipped("m").substr(0, 15), 1), Code::kInternal},
      {"trailing garbage", true, "gzip", test::framed(zipped("m") + "x", 1), Code::kInternal},
      {"gzip of an empty message", true, "gzip", test::framed(zipped(""), 1), Code::kOk},
      {"several members", true, "gzip", test::framed(zipped("") + zipped("m"), 1), Code::kOk},
      {"bomb", true, "gzip", test::framed(zipped(std::string(5000, 'x')), 1),
       Code::kResourceExhausted},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    test::Script script;
    script.limit(100);
    if (row.asked) script.accept_gzip();
    test::Fields more;
    if (row.encoding != "-") more.push_back({"grpc-encoding", row.encoding});
    const auto outcome =
        script.good(more).data(row.bytes).trailers({{"grpc-status", "0"}}).play_all();
    EXPECT_EQ(outcome.response.status.code(), row.code) << outcome.response.status.to_string();
    const bool empty = row.code != Code::kOk || row.name == "gzip of an empty message";
    EXPECT_EQ(outcome.response.message, empty ? "" : "m");
  }
}

TEST_F(Gzip, NamesTheCodingThatCannotBeRead) {
  const auto outcome = test::Script()
                           .accept_gzip()
                           .good({{"grpc-encoding", "b\nr"}})
                           .data(test::framed("", 1))
                           .play_all();
  EXPECT_EQ(outcome.verdict, Verdict::kReset);
  EXPECT_EQ(outcome.response.status.to_string(),
            "INTERNAL (transport): message is flagged as compressed, but grpc-encoding names no "
            "coding that was asked for; grpc-encoding is 'b r'");
}

TEST_F(Gzip, RefusesWhatZlibCannotCountBeforeItReadsIt) {
  const char one = 'x';
  const auto refused = gzip_compress(std::string_view(&one, std::size_t{1} << 32));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().to_string(),
            "RESOURCE_EXHAUSTED (local): message of 4294967296 bytes is too large to be "
            "compressed");
}

}  // namespace
}  // namespace minim
