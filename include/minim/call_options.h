// Settings of one operation, given by Operation::with() before it runs.
#ifndef MINIM_CALL_OPTIONS_H_
#define MINIM_CALL_OPTIONS_H_

#include <optional>

#include "minim/metadata.h"
#include "minim/rpc/options.h"
#include "minim/time.h"

namespace minim {

struct CallOptions {
  // Bounds each attempt of each RPC of the operation, queueing and connecting included; sent as
  // grpc-timeout. Unset or zero: 30 s, or 70 s for the long poll of a workflow's result.
  // Duration::max(): no bound, and no grpc-timeout.
  std::optional<Duration> rpc_timeout{};
  // Bounds the whole operation, from the moment it is run. Unset: no bound.
  std::optional<Duration> deadline{};
  // Sent with each RPC of the operation; hides client-level entries of the same key.
  Metadata metadata{};
  // Wait through failed attempts to connect instead of failing with them.
  bool wait_for_ready = false;
  // Unset: the client's. INVALID_ARGUMENT for the operation if it could not be the client's.
  std::optional<rpc::RetryOptions> retry{};
};

}  // namespace minim

#endif  // MINIM_CALL_OPTIONS_H_
