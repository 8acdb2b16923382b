#include "grpcframe/timeout.h"

#include <gtest/gtest.h>

#include <string>

namespace minim {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

std::string encoded(Duration timeout) {
  char buffer[kMaxTimeoutChars];
  return std::string(encode_timeout(timeout, buffer));
}

TEST(EncodeTimeout, Table) {
  const struct {
    Duration timeout;
    std::string_view text;
  } rows[] = {
      {Duration::min(), "0n"},
      {Duration(-1), "0n"},
      {Duration(0), "0n"},
      {Duration(1), "1n"},
      {Duration(99'999'999), "99999999n"},
      {Duration(100'000'000), "100000u"},
      {Duration(100'000'001), "100001u"},
      {milliseconds(100), "100000u"},
      {seconds(1), "1S"},
      {milliseconds(1500), "1500000u"},
      {seconds(11), "11S"},
      {seconds(30), "30S"},
      {seconds(70), "70S"},
      {Duration(99'999'999'000), "99999999u"},
      {Duration(99'999'999'001), "100000m"},
      {seconds(100), "100S"},
      {seconds(99'999), "99999S"},
      {milliseconds(99'999'999), "99999999m"},
      {milliseconds(99'999'999) + Duration(1), "100000S"},
      {hours(24 * 365), "31536000S"},
      {seconds(99'999'999), "99999999S"},
      {seconds(100'000'000), "1666667M"},
      {hours(24 * 365 * 100), "52560000M"},
      {hours(24 * 365 * 200), "1752000H"},
      {Duration::max(), "2562048H"},
  };
  for (const auto& row : rows) EXPECT_EQ(encoded(row.timeout), row.text) << row.timeout.count();
}

TEST(EncodeTimeout, NeverShortensAndNeverDecreases) {
  Duration read_before(0);
  for (std::int64_t n = 1; n < Duration::max().count() / 2; n += n / 1000 + 1) {
    const std::string text = encoded(Duration(n));
    ASSERT_LE(text.size(), kMaxTimeoutChars);
    const auto read = parse_timeout(text);
    ASSERT_TRUE(read) << text;
    ASSERT_GE(*read, Duration(n)) << text;
    ASSERT_GE(*read, read_before) << text;
    // Less than one unit longer, which is at most one part in 100,000 of the timeout.
    ASSERT_LE((*read - Duration(n)).count(), n / 99'999) << text;
    read_before = *read;
  }
}

TEST(ParseTimeout, Table) {
  const struct {
    std::string_view text;
    std::optional<Duration> timeout;
  } rows[] = {
      {"0n", Duration(0)},
      {"1n", Duration(1)},
      {"007u", Duration(7'000)},
      {"5m", milliseconds(5)},
      {"5S", seconds(5)},
      {"5M", seconds(300)},
      {"5H", hours(5)},
      {"99999999S", seconds(99'999'999)},
      {"99999999M", seconds(99'999'999) * 60},
      {"2562047H", hours(2'562'047)},
      {"2562048H", Duration::max()},
      {"99999999H", Duration::max()},
      {"", std::nullopt},
      {"n", std::nullopt},
      {"5", std::nullopt},
      {"123456789n", std::nullopt},
      {"000000001n", std::nullopt},
      {"5s", std::nullopt},
      {"5h", std::nullopt},
      {"5U", std::nullopt},
      {"-5n", std::nullopt},
      {"+5n", std::nullopt},
      {" 5n", std::nullopt},
      {"5 n", std::nullopt},
      {"5n ", std::nullopt},
      {"5.0S", std::nullopt},
      {"0x5n", std::nullopt},
      {"5nn", std::nullopt},
      {std::string_view("5\0n", 3), std::nullopt},
  };
  for (const auto& row : rows) EXPECT_EQ(parse_timeout(row.text), row.timeout) << row.text;
}

}  // namespace
}  // namespace minim
