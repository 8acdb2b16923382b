// HealthStatus: what gRPC's health protocol says of a service (grpc.health.v1).
#ifndef MINIM_HEALTH_H_
#define MINIM_HEALTH_H_

#include <cstdint>
#include <string_view>

namespace minim {

enum class HealthStatus : std::uint8_t {
  kUnknown,  // the server does not know, or says something that we do not
  kServing,
  kNotServing,
  kServiceUnknown,  // no service of that name is watched there (NOT_FOUND)
  kUnimplemented,   // the server does not speak the protocol
};

std::string_view to_string(HealthStatus status);  // "SERVING", "NOT_SERVING" ...

}  // namespace minim

#endif  // MINIM_HEALTH_H_
