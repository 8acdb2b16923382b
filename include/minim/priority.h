// Priority: the order of tasks within a task queue (temporal.api.common.v1.Priority).
#ifndef MINIM_PRIORITY_H_
#define MINIM_PRIORITY_H_

#include <cstdint>
#include <optional>
#include <string>

#include "minim/status.h"

namespace minim {

// Unset fields are inherited, or the server's defaults.
struct Priority {
  // 1 is the most urgent; the server's default is the middle of its range (3 of 5).
  std::optional<std::int32_t> priority_key{};
  // Tasks of one key share its part of the throughput; the server allows 64 bytes.
  std::optional<std::string> fairness_key{};
  // The part of this key; the server keeps it within 0.001 and 1000.
  std::optional<float> fairness_weight{};

  // INVALID_ARGUMENT for a priority key below 1.
  Status validate() const;

  friend bool operator==(const Priority&, const Priority&) = default;
};

}  // namespace minim

#endif  // MINIM_PRIORITY_H_
