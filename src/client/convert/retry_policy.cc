#include "minim/retry_policy.h"

#include "client/convert/error.h"

namespace minim {

Status RetryPolicy::validate() const {
  constexpr Duration kZero = Duration::zero();
  if (maximum_attempts == 1) return Status();
  if (initial_interval < kZero) {
    return internal::invalid("retry policy: initial_interval is negative");
  }
  if (!(backoff_coefficient >= 1)) {
    return internal::invalid("retry policy: backoff_coefficient is below 1");
  }
  if (maximum_interval && *maximum_interval != kZero) {
    if (*maximum_interval < kZero) {
      return internal::invalid("retry policy: maximum_interval is negative");
    }
    if (*maximum_interval < initial_interval) {
      return internal::invalid("retry policy: maximum_interval is below initial_interval");
    }
  }
  if (maximum_attempts < 0) return internal::invalid("retry policy: maximum_attempts is negative");
  return Status();
}

}  // namespace minim
