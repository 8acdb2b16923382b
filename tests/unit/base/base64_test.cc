#include "base/base64.h"

#include <gtest/gtest.h>

namespace minim {
namespace {

TEST(Base64, EncodesTheVectorsOfRfc4648) {
  const struct {
    std::string_view bytes, padded, unpadded;
  } rows[] = {
      {"", "", ""},
      {"f", "Zg==", "Zg"},
      {"fo", "Zm8=", "Zm8"},
      {"foo", "Zm9v", "Zm9v"},
      {"foob", "Zm9vYg==", "Zm9vYg"},
      {"fooba", "Zm9vYmE=", "Zm9vYmE"},
      {"foobar", "Zm9vYmFy", "Zm9vYmFy"},
      {"\xfb\xff\xfe", "+//+", "+//+"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.padded);
    EXPECT_EQ(base64_encode(row.bytes, Base64Padding::kWrite), row.padded);
    EXPECT_EQ(base64_encode(row.bytes, Base64Padding::kOmit), row.unpadded);
    EXPECT_EQ(base64_decode(row.padded), row.bytes);
    EXPECT_EQ(base64_decode(row.unpadded), row.bytes);
    EXPECT_EQ(base64_length(row.bytes.size(), Base64Padding::kWrite), row.padded.size());
    EXPECT_EQ(base64_length(row.bytes.size(), Base64Padding::kOmit), row.unpadded.size());
  }
}

TEST(Base64, RefusesWhatIsNotBase64) {
  for (const std::string_view text : {"A",        "AAAAA", "=",     "==",    "A=",
                                      "A==",      "AA=",   "AAA==", "AAAA=", "AAAA==",
                                      "AAAA====", "A===",  "=AAA",  "AA=A",  "AA==AAAA",
                                      "A A=",     "AA-_",  "AA\n",  "AA.A",  "\xff\xff\xff\xff",
                                      "AA,AA"}) {
    EXPECT_EQ(base64_decode(text), std::nullopt) << text;
  }
}

TEST(Base64, DoesNotLookAtTheUnusedBits) {
  EXPECT_EQ(base64_decode("Zh"), "f");
  EXPECT_EQ(base64_decode("Zm9="), "fo");
}

TEST(Base64, RoundTripsEveryByteAtEveryLength) {
  std::string bytes;
  for (int i = 0; i < 300; ++i) {
    for (const Base64Padding padding : {Base64Padding::kOmit, Base64Padding::kWrite}) {
      ASSERT_EQ(base64_decode(base64_encode(bytes, padding)), bytes);
    }
    bytes.push_back(static_cast<char>(255 - i));
  }
}

TEST(Base64, AppendsWithinReservedRoom) {
  std::string text = "abc";
  text.reserve(3 + base64_length(100, Base64Padding::kOmit));
  const char* const before = text.data();
  base64_append(text, std::string(100, 'x'), Base64Padding::kOmit);
  EXPECT_EQ(text.data(), before);
  EXPECT_EQ(text.substr(0, 7), "abceHh4");
  EXPECT_EQ(text.size(), 3u + 134u);
}

}  // namespace
}  // namespace minim
