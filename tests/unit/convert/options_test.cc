// Shared options on the wire, by the rows P1 to P8 and P12 to P17 of the interoperability table. P9
// to P11 (versioning overrides) belong to the start operation. P17: nanoseconds are kept, where the
// reference cuts to microseconds.
#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <limits>
#include <string>

#include "client/convert/proto.h"
#include "minim/priority.h"
#include "minim/retry_policy.h"
#include "unit/convert/vectors.h"

namespace minim {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

std::string wire(const RetryPolicy& policy) {
  pb::RetryPolicy message;
  internal::to_pb(policy, message);
  return wire_hex(message);
}

std::string wire(Duration duration) {
  pb::Duration message;
  internal::to_pb(duration, message);
  EXPECT_EQ(internal::from_pb(message), duration);
  return wire_hex(message);
}

TEST(RetryPolicy, P1_P2_P5_MaximumIntervalIsAlwaysWritten) {
  EXPECT_EQ(wire(RetryPolicy{}), "0a0208011100000000000000401a020864");
  EXPECT_EQ(wire({.initial_interval = seconds(2)}), "0a0208021100000000000000401a0308c801");
  EXPECT_EQ(wire({.maximum_interval = seconds(0)}), wire(RetryPolicy{}));
}

TEST(RetryPolicy, P3_AllFields) {
  const RetryPolicy policy{.backoff_coefficient = 1.0,
                           .maximum_interval = seconds(5),
                           .maximum_attempts = 3,
                           .non_retryable_error_types = {"A", "B"}};
  EXPECT_TRUE(policy.validate().ok());
  EXPECT_EQ(wire(policy), "0a02080111000000000000f03f1a02080520032a01412a0142");
  pb::RetryPolicy message;
  internal::to_pb(policy, message);
  EXPECT_EQ(internal::from_pb(message), policy);
  EXPECT_EQ(internal::from_pb(pb::RetryPolicy()).maximum_interval, std::nullopt);
}

TEST(RetryPolicy, P4_ZeroIsWritten) {
  EXPECT_EQ(wire({.initial_interval = seconds(0)}), "0a001100000000000000401a00");
}

TEST(RetryPolicy, P6_NothingIsCheckedWithoutRepetition) {
  const RetryPolicy policy{.initial_interval = seconds(-1), .maximum_attempts = 1};
  EXPECT_TRUE(policy.validate().ok());
  pb::RetryPolicy message;
  internal::to_pb(policy, message);
  EXPECT_EQ(message.maximum_interval().seconds(), -100);
}

TEST(RetryPolicy, P7_Refused) {
  const auto problem = [](const RetryPolicy& policy) {
    const Status status = policy.validate();
    EXPECT_EQ(status.code(), Code::kInvalidArgument);
    return std::string(status.message());
  };
  EXPECT_EQ(problem({.initial_interval = seconds(-1), .maximum_attempts = -1}),
            "retry policy: initial_interval is negative");
  EXPECT_EQ(problem({.backoff_coefficient = 0.5}), "retry policy: backoff_coefficient is below 1");
  EXPECT_EQ(problem({.backoff_coefficient = std::nan("")}),
            "retry policy: backoff_coefficient is below 1");
  EXPECT_EQ(problem({.maximum_interval = seconds(-1)}),
            "retry policy: maximum_interval is negative");
  EXPECT_EQ(problem({.maximum_interval = milliseconds(1)}),
            "retry policy: maximum_interval is below initial_interval");
  EXPECT_EQ(problem({.maximum_attempts = -1}), "retry policy: maximum_attempts is negative");
}

TEST(RetryPolicy, HugeIntervalsDoNotOverflow) {
  pb::RetryPolicy message;
  internal::to_pb(RetryPolicy{.initial_interval = Duration::max()}, message);
  EXPECT_EQ(internal::from_pb(message.maximum_interval()), Duration::max());
}

TEST(Priority, P8_OnTheWire) {
  const Priority priority{.priority_key = 3, .fairness_key = "t", .fairness_weight = 2.5f};
  pb::Priority message;
  internal::to_pb(priority, message);
  EXPECT_EQ(wire_hex(message), "08031201741d00002040");
  EXPECT_EQ(internal::from_pb(message), priority);
  pb::Priority empty;
  internal::to_pb(Priority(), empty);
  EXPECT_EQ(wire_hex(empty), "");
  EXPECT_EQ(internal::from_pb(empty), Priority());
  EXPECT_TRUE(priority.validate().ok());
  EXPECT_TRUE(Priority().validate().ok());
  EXPECT_EQ(Priority{.priority_key = 0}.validate().to_string(),
            "INVALID_ARGUMENT (local): priority: priority_key is 0, at least 1 allowed");
}

TEST(Durations, P12_P13_P17) {
  EXPECT_EQ(wire(seconds(10)), "080a");
  EXPECT_EQ(wire(milliseconds(1500)), "08011080cab5ee01");
  EXPECT_EQ(wire(microseconds(1)), "10e807");
  EXPECT_EQ(wire(hours(24 * 365)), "0880e7840f");
  EXPECT_EQ(wire(seconds(0)), "");
  EXPECT_EQ(wire(seconds(1) + nanoseconds(999)), "080110e707");

  pb::Duration negative;
  internal::to_pb(milliseconds(-1500), negative);
  EXPECT_EQ(negative.seconds(), -1);
  EXPECT_EQ(negative.nanos(), -500000000);
  internal::to_pb(milliseconds(-500), negative);
  EXPECT_EQ(negative.seconds(), 0);
  EXPECT_EQ(negative.nanos(), -500000000);
}

TEST(Durations, AreClamped) {
  pb::Duration message;
  message.set_seconds(std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(internal::from_pb(message), Duration::max());
  message.set_seconds(std::numeric_limits<std::int64_t>::min());
  message.set_nanos(-999999999);
  EXPECT_EQ(internal::from_pb(message), Duration::min());
}

TEST(Timestamps, P14_P15_P16) {
  pb::Timestamp message;
  internal::to_pb(Datetime(seconds(1577840461) + microseconds(1)), message);
  EXPECT_EQ(wire_hex(message), "08cddeaff00510e807");
  internal::to_pb(Datetime(milliseconds(-500)), message);
  EXPECT_EQ(message.seconds(), -1);
  EXPECT_EQ(message.nanos(), 500000000);
  EXPECT_EQ(internal::from_pb(message), Datetime(milliseconds(-500)));
  internal::to_pb(Datetime(seconds(1577818800)), message);
  EXPECT_EQ(message.seconds(), 1577818800);

  internal::to_pb(Datetime::min(), message);
  EXPECT_EQ(internal::from_pb(message), Datetime::min());
  internal::to_pb(Datetime::max(), message);
  EXPECT_EQ(internal::from_pb(message), Datetime::max());
}

TEST(PayloadLists, RoundTrip) {
  Payload payload = make_payload("my-encoding", "blah");
  payload.metadata.set("a", "1");
  payload.metadata.set("z", "2");
  const Payloads payloads{payload, Payload(), json_plain("1")};
  pb::Payloads list;
  internal::to_pb(payloads, list);
  EXPECT_EQ(internal::from_pb(list), payloads);
  const PayloadMap map{{"x", payload}, {"y", Payload()}};
  pb::Memo memo;
  internal::to_pb(map, *memo.mutable_fields());
  EXPECT_EQ(internal::from_pb(memo.fields()), map);
}

TEST(PayloadMetadata, IsOrderedAndUnique) {
  PayloadMetadata metadata{{"b", "1"}, {"a", "2"}, {"b", "3"}};
  EXPECT_EQ(metadata.size(), 2u);
  EXPECT_EQ(metadata.begin()->first, "a");
  EXPECT_EQ(*metadata.find("b"), "3");
  metadata.remove("b");
  metadata.remove("c");
  EXPECT_EQ(metadata.find("b"), nullptr);
  EXPECT_EQ(Payload().encoding(), "");
}

}  // namespace
}  // namespace minim
