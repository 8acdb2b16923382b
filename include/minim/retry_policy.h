// RetryPolicy: how the server repeats a workflow or an activity
// (temporal.api.common.v1.RetryPolicy).
#ifndef MINIM_RETRY_POLICY_H_
#define MINIM_RETRY_POLICY_H_

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "minim/status.h"
#include "minim/time.h"

namespace minim {

struct RetryPolicy {
  // The wait before the first repetition.
  Duration initial_interval = std::chrono::seconds(1);
  // Each wait is the one before times this; at least 1.
  double backoff_coefficient = 2.0;
  // No wait is longer. Unset or zero: 100 times the initial interval.
  std::optional<Duration> maximum_interval{};
  // Attempts in all, the first one included; 0: no bound.
  std::int32_t maximum_attempts = 0;
  // Application failures of these types are not repeated.
  std::vector<std::string> non_retryable_error_types{};

  // INVALID_ARGUMENT for the first field that makes no sense, in the order above; a maximum below
  // the initial interval too. Nothing is checked when maximum_attempts is 1: nothing is repeated.
  Status validate() const;

  friend bool operator==(const RetryPolicy&, const RetryPolicy&) = default;
};

}  // namespace minim

#endif  // MINIM_RETRY_POLICY_H_
