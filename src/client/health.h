// grpc.health.v1.Health/Check.
#ifndef MINIM_CLIENT_HEALTH_H_
#define MINIM_CLIENT_HEALTH_H_

#include <string>
#include <utility>

#include "client/program_base.h"
#include "minim/health.h"

namespace minim::internal {

class HealthProgram final : public Program {
 public:
  HealthProgram(const ContextPtr& context, std::string service)
      : Program(context->wire), service_(std::move(service)) {}

  Step resume(Random& random, rpc::Reply* reply) override;

  HealthStatus health = HealthStatus::kUnknown;

 private:
  const std::string service_;
};

}  // namespace minim::internal

#endif  // MINIM_CLIENT_HEALTH_H_
