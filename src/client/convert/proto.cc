#include "client/convert/proto.h"

#include <cstdint>
#include <utility>

namespace minim::internal {

namespace {

constexpr std::int64_t kNanosPerSecond = 1'000'000'000;

// seconds + nanos in nanoseconds, at the ends of the range where it would overflow.
std::int64_t clamped_nanos(std::int64_t seconds, std::int32_t nanos) {
  std::int64_t total = 0;
  if (__builtin_mul_overflow(seconds, kNanosPerSecond, &total) ||
      __builtin_add_overflow(total, std::int64_t{nanos}, &total)) {
    return seconds < 0 ? INT64_MIN : INT64_MAX;
  }
  return total;
}

}  // namespace

void to_pb(Payload payload, pb::Payload& out) {
  for (const PayloadMetadata::Entry& entry : payload.metadata) {
    (*out.mutable_metadata())[entry.first] = entry.second;
  }
  out.set_data(std::move(payload.data));
  for (const std::int64_t size : payload.external_sizes_bytes) {
    out.add_external_payloads()->set_size_bytes(size);
  }
}

Payload from_pb(const pb::Payload& in) {
  Payload payload;
  for (const auto& entry : in.metadata()) payload.metadata.set(entry.first, entry.second);
  payload.data = in.data();
  for (const auto& part : in.external_payloads()) {
    payload.external_sizes_bytes.push_back(part.size_bytes());
  }
  return payload;
}

void to_pb(Payloads payloads, pb::Payloads& out) {
  for (Payload& payload : payloads) to_pb(std::move(payload), *out.add_payloads());
}

Payloads from_pb(const pb::Payloads& in) {
  Payloads payloads;
  payloads.reserve(static_cast<std::size_t>(in.payloads_size()));
  for (const pb::Payload& payload : in.payloads()) payloads.push_back(from_pb(payload));
  return payloads;
}

void to_pb(PayloadMap payloads, PbPayloadMap& out) {
  for (auto& [name, payload] : payloads) to_pb(std::move(payload), out[name]);
}

PayloadMap from_pb(const PbPayloadMap& in) {
  PayloadMap payloads;
  for (const auto& entry : in) payloads.emplace(entry.first, from_pb(entry.second));
  return payloads;
}

void to_pb(Duration duration, pb::Duration& out) {
  out.set_seconds(duration.count() / kNanosPerSecond);
  out.set_nanos(static_cast<std::int32_t>(duration.count() % kNanosPerSecond));
}

Duration from_pb(const pb::Duration& in) {
  return Duration(clamped_nanos(in.seconds(), in.nanos()));
}

void to_pb(Datetime time, pb::Timestamp& out) {
  const std::int64_t total = time.time_since_epoch().count();
  std::int64_t seconds = total / kNanosPerSecond;
  std::int64_t nanos = total % kNanosPerSecond;
  if (nanos < 0) {
    --seconds;
    nanos += kNanosPerSecond;
  }
  out.set_seconds(seconds);
  out.set_nanos(static_cast<std::int32_t>(nanos));
}

Datetime from_pb(const pb::Timestamp& in) {
  std::int64_t seconds = in.seconds();
  std::int64_t nanos = in.nanos();
  if (seconds < 0 && nanos > 0) {
    // The first second of the range is not representable without its nanoseconds.
    ++seconds;
    nanos -= kNanosPerSecond;
  }
  return Datetime(Duration(clamped_nanos(seconds, static_cast<std::int32_t>(nanos))));
}

void to_pb(const RetryPolicy& policy, pb::RetryPolicy& out) {
  Duration maximum = policy.maximum_interval.value_or(Duration::zero());
  if (maximum == Duration::zero()) {
    std::int64_t nanos = 0;
    if (__builtin_mul_overflow(policy.initial_interval.count(), std::int64_t{100}, &nanos)) {
      maximum = policy.initial_interval < maximum ? Duration::min() : Duration::max();
    } else {
      maximum = Duration(nanos);
    }
  }
  to_pb(policy.initial_interval, *out.mutable_initial_interval());
  out.set_backoff_coefficient(policy.backoff_coefficient);
  to_pb(maximum, *out.mutable_maximum_interval());
  out.set_maximum_attempts(policy.maximum_attempts);
  for (const std::string& type : policy.non_retryable_error_types) {
    out.add_non_retryable_error_types(type);
  }
}

RetryPolicy from_pb(const pb::RetryPolicy& in) {
  RetryPolicy policy;
  policy.initial_interval = from_pb(in.initial_interval());
  policy.backoff_coefficient = in.backoff_coefficient();
  if (in.has_maximum_interval()) policy.maximum_interval = from_pb(in.maximum_interval());
  policy.maximum_attempts = in.maximum_attempts();
  policy.non_retryable_error_types.assign(in.non_retryable_error_types().begin(),
                                          in.non_retryable_error_types().end());
  return policy;
}

void to_pb(const Priority& priority, pb::Priority& out) {
  out.set_priority_key(priority.priority_key.value_or(0));
  out.set_fairness_key(priority.fairness_key.value_or(std::string()));
  out.set_fairness_weight(priority.fairness_weight.value_or(0));
}

Priority from_pb(const pb::Priority& in) {
  Priority priority;
  if (in.priority_key() != 0) priority.priority_key = in.priority_key();
  if (!in.fairness_key().empty()) priority.fairness_key = in.fairness_key();
  if (in.fairness_weight() != 0) priority.fairness_weight = in.fairness_weight();
  return priority;
}

}  // namespace minim::internal
