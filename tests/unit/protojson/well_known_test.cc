#include "protojson/well_known.h"

#include <gtest/gtest.h>

namespace minim::protojson {
namespace {

TEST(ProtoTimes, TimestampsBothWays) {
  const std::pair<SecondsNanos, const char*> cases[] = {
      {{0, 0}, "1970-01-01T00:00:00Z"},
      {{1577840461, 1000}, "2020-01-01T01:01:01.000001Z"},
      {{1577840461, 120000000}, "2020-01-01T01:01:01.120Z"},
      {{1577840461, 1}, "2020-01-01T01:01:01.000000001Z"},
      {{-1, 500000000}, "1969-12-31T23:59:59.500Z"},
      {{-62135596800, 0}, "0001-01-01T00:00:00Z"},
      {{253402300799, 999999999}, "9999-12-31T23:59:59.999999999Z"},
      {{951782400, 0}, "2000-02-29T00:00:00Z"}};
  for (const auto& [time, text] : cases) {
    EXPECT_EQ(timestamp_text(time), text);
    EXPECT_EQ(parse_timestamp(text), time) << text;
  }
}

TEST(ProtoTimes, TimestampsOutOfRange) {
  for (const SecondsNanos time :
       {SecondsNanos{-62135596801, 0}, {253402300800, 0}, {0, -1}, {0, 1000000000}}) {
    EXPECT_FALSE(timestamp_text(time));
  }
}

TEST(ProtoTimes, ParsesOffsetsAndFractions) {
  EXPECT_EQ(parse_timestamp("2020-01-01T00:00:00+05:00"), (SecondsNanos{1577818800, 0}));
  EXPECT_EQ(parse_timestamp("2020-01-01T00:00:00.5-05:30"), (SecondsNanos{1577856600, 500000000}));
  for (const char* text :
       {"", "2020-01-01", "2020-01-01T00:00:00", "2020-01-01 00:00:00Z", "2020-1-01T00:00:00Z",
        "2020-13-01T00:00:00Z", "2021-02-29T00:00:00Z", "2020-01-01T24:00:00Z",
        "2020-01-01T00:60:00Z", "2020-01-01T00:00:60Z", "2020-01-01T00:00:00.Z",
        "2020-01-01T00:00:00.1234567890Z", "2020-01-01T00:00:00+5:00", "2020-01-01T00:00:00+24:00",
        "2020-01-01T00:00:00Zx", "2020-01-01t00:00:00z", "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+00:01"}) {
    EXPECT_FALSE(parse_timestamp(text)) << text;
  }
}

TEST(ProtoTimes, DurationsBothWays) {
  const std::pair<SecondsNanos, const char*> cases[] = {{{0, 0}, "0s"},
                                                        {{1, 500000000}, "1.500s"},
                                                        {{-1, -500000000}, "-1.500s"},
                                                        {{0, -500000000}, "-0.500s"},
                                                        {{0, 1}, "0.000000001s"},
                                                        {{10, 1000}, "10.000001s"},
                                                        {{315576000000, 0}, "315576000000s"},
                                                        {{-315576000000, 0}, "-315576000000s"}};
  for (const auto& [duration, text] : cases) {
    EXPECT_EQ(duration_text(duration), text);
    EXPECT_EQ(parse_duration(text), duration) << text;
  }
  EXPECT_EQ(parse_duration("1.5s"), (SecondsNanos{1, 500000000}));
  EXPECT_EQ(parse_duration("-0s"), (SecondsNanos{0, 0}));
}

TEST(ProtoTimes, DurationsThatAreNone) {
  for (const SecondsNanos value :
       {SecondsNanos{1, -1}, {-1, 1}, {315576000001, 0}, {0, 1000000000}, {0, -1000000000}}) {
    EXPECT_FALSE(duration_text(value));
  }
  for (const char* text : {"", "s", "1", "1.s", ".5s", "+1s", "1h", "1 s", "--1s", "1.5", "1e3s",
                           "1.0000000001s", "315576000001s", "9999999999999s", "1s "}) {
    EXPECT_FALSE(parse_duration(text)) << text;
  }
}

TEST(ProtoMasks, PathsMustLeadBack) {
  EXPECT_EQ(mask_path_to_json("task_queue.name"), "taskQueue.name");
  EXPECT_EQ(mask_path_from_json("taskQueue.name"), "task_queue.name");
  EXPECT_FALSE(mask_path_to_json("taskQueue"));
  EXPECT_FALSE(mask_path_to_json("a__b"));
  EXPECT_FALSE(mask_path_to_json("a_1"));
  EXPECT_FALSE(mask_path_to_json("a,b"));
  EXPECT_FALSE(mask_path_from_json("task_queue"));
}

}  // namespace
}  // namespace minim::protojson
