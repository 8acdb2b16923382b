#include "client/resource_exhausted.h"

#include <string>
#include <utility>

#include "minim/pb/errordetails.pb.h"
#include "minim/rich_status.h"

namespace minim {

namespace {

constexpr std::string_view kDetail = "temporal.api.errordetails.v1.ResourceExhaustedFailure";

}  // namespace

std::string_view ResourceExhausted::cause_name(Cause cause) {
  switch (cause) {
    case Cause::kUnspecified:
      return "UNSPECIFIED";
    case Cause::kRpsLimit:
      return "RPS_LIMIT";
    case Cause::kConcurrentLimit:
      return "CONCURRENT_LIMIT";
    case Cause::kSystemOverloaded:
      return "SYSTEM_OVERLOADED";
    case Cause::kPersistenceLimit:
      return "PERSISTENCE_LIMIT";
    case Cause::kBusyWorkflow:
      return "BUSY_WORKFLOW";
    case Cause::kApsLimit:
      return "APS_LIMIT";
    case Cause::kPersistenceStorageLimit:
      return "PERSISTENCE_STORAGE_LIMIT";
    case Cause::kCircuitBreakerOpen:
      return "CIRCUIT_BREAKER_OPEN";
    case Cause::kOpsLimit:
      return "OPS_LIMIT";
    case Cause::kWorkerDeploymentLimits:
      return "WORKER_DEPLOYMENT_LIMITS";
    case Cause::kBandwidthLimit:
      return "BANDWIDTH_LIMIT";
  }
  return "UNKNOWN";  // of a server that is newer
}

std::string_view ResourceExhausted::scope_name(Scope scope) {
  switch (scope) {
    case Scope::kUnspecified:
      return "UNSPECIFIED";
    case Scope::kNamespace:
      return "NAMESPACE";
    case Scope::kSystem:
      return "SYSTEM";
  }
  return "UNKNOWN";
}

std::string ResourceExhausted::note() const {
  std::string text = "cause ";
  text.append(cause_name(cause));
  if (scope != Scope::kUnspecified) text.append(", scope ").append(scope_name(scope));
  return text;
}

namespace internal {

std::shared_ptr<const ResourceExhausted> resource_exhausted(const Status& status) {
  if (status.code() != Code::kResourceExhausted) return nullptr;
  const auto rich = parse_rich_status(status.details());
  if (!rich) return nullptr;
  for (const RichStatus::Detail& detail : rich->details) {
    pb::ResourceExhaustedFailure failure;
    if (detail.type != kDetail || !failure.ParseFromString(detail.value)) continue;
    return std::make_shared<ResourceExhausted>(
        static_cast<ResourceExhausted::Cause>(failure.cause()),
        static_cast<ResourceExhausted::Scope>(failure.scope()));
  }
  return nullptr;
}

}  // namespace internal

}  // namespace minim
