#include "minim/failure.h"

#include <array>

namespace minim {

namespace {

// By the index of Failure::Info.
constexpr std::array<std::string_view, std::variant_size_v<Failure::Info>> kKindNames = {
    "Failure",
    "ApplicationError",
    "Timeout",
    "Cancelled",
    "Terminated",
    "ServerError",
    "WorkflowReset",
    "ActivityError",
    "ChildWorkflowError",
    "NexusOperationError",
    "NexusHandlerError",
};

constexpr std::array<std::string_view, std::variant_size_v<Failure::Info>> kDefaultMessages = {
    "Failure error",
    "Application error",
    "Timeout",
    "Cancelled",
    "Terminated",
    "Server error",
    "Failure error",
    "Activity error",
    "Child workflow error",
    "Nexus operation error",
    "Nexus handler error",
};

constexpr std::string_view kTimeoutTypes[] = {"UNSPECIFIED", "START_TO_CLOSE", "SCHEDULE_TO_START",
                                              "SCHEDULE_TO_CLOSE", "HEARTBEAT"};

constexpr std::string_view kRetryStates[] = {
    "UNSPECIFIED",
    "IN_PROGRESS",
    "NON_RETRYABLE_FAILURE",
    "TIMEOUT",
    "MAXIMUM_ATTEMPTS_REACHED",
    "RETRY_POLICY_NOT_SET",
    "INTERNAL_SERVER_ERROR",
    "CANCEL_REQUESTED",
};

constexpr std::string_view kNonRetryableHandlerErrors[] = {
    "BAD_REQUEST", "UNAUTHENTICATED", "UNAUTHORIZED", "NOT_FOUND", "CONFLICT", "NOT_IMPLEMENTED",
};

template <std::size_t N>
std::string name_of(const std::string_view (&names)[N], std::int32_t number) {
  const auto index = static_cast<std::size_t>(number);
  return number >= 0 && index < N ? std::string(names[index]) : std::to_string(number);
}

// What tells two failures of one kind apart, for to_string().
struct Label {
  std::string operator()(const std::monostate&) const { return {}; }
  std::string operator()(const ApplicationFailure& info) const { return info.type; }
  std::string operator()(const TimeoutFailure& info) const {
    return info.type == TimeoutType::kUnspecified ? std::string() : to_string(info.type);
  }
  std::string operator()(const CancelledFailure&) const { return {}; }
  std::string operator()(const TerminatedFailure&) const { return {}; }
  std::string operator()(const ServerFailure&) const { return {}; }
  std::string operator()(const ResetWorkflowFailure&) const { return {}; }
  std::string operator()(const ActivityFailure& info) const { return info.activity_type; }
  std::string operator()(const ChildWorkflowFailure& info) const { return info.workflow_type; }
  std::string operator()(const NexusOperationFailure& info) const {
    return info.service.empty() ? info.operation : info.service + "/" + info.operation;
  }
  std::string operator()(const NexusHandlerFailure& info) const { return info.type; }
};

// Server text on one line: a message may hold line breaks and worse.
void append_one_line(std::string& out, std::string_view text) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    out.push_back(byte < 0x20 || byte == 0x7F ? ' ' : c);
  }
}

}  // namespace

std::string to_string(TimeoutType type) {
  return name_of(kTimeoutTypes, static_cast<std::int32_t>(type));
}

std::string to_string(RetryState state) {
  return name_of(kRetryStates, static_cast<std::int32_t>(state));
}

bool NexusHandlerFailure::retryable() const {
  if (retry_behavior == NexusRetryBehavior::kRetryable) return true;
  if (retry_behavior == NexusRetryBehavior::kNonRetryable) return false;
  for (const std::string_view name : kNonRetryableHandlerErrors) {
    if (type == name) return false;
  }
  return true;
}

Failure::Failure(std::string message, Info info)
    : message_(std::move(message)), info_(std::move(info)) {
  if (message_.empty()) message_ = kDefaultMessages[info_.index()];
}

// Here and not inline: the shared causes are then made and released by code built with the same
// flags, whether the host uses RTTI or not.
Failure::Failure(const Failure& other) = default;
Failure::Failure(Failure&& other) noexcept = default;
Failure& Failure::operator=(const Failure& other) = default;
Failure& Failure::operator=(Failure&& other) noexcept = default;
Failure::~Failure() = default;

Failure Failure::with_cause(Failure cause) const {
  Failure changed = *this;
  changed.bytes_.clear();
  changed.cause_ = std::make_shared<const Failure>(std::move(cause));
  return changed;
}

std::string_view Failure::kind_name() const { return kKindNames[info_.index()]; }

bool Failure::is_cancelled() const {
  if (as<CancelledFailure>() != nullptr) return true;
  const bool wraps = as<ActivityFailure>() != nullptr || as<ChildWorkflowFailure>() != nullptr ||
                     as<NexusOperationFailure>() != nullptr;
  return wraps && cause_ != nullptr && cause_->as<CancelledFailure>() != nullptr;
}

std::string Failure::to_string() const {
  std::string text;
  for (const Failure& link : *this) {
    if (&link != this) text.append(": caused by ");
    text.append(link.kind_name());
    const std::string label = std::visit(Label(), link.info_);
    if (!label.empty()) {
      text.push_back(' ');
      append_one_line(text, label);
    }
    text.append(": ");
    append_one_line(text, link.message_);
  }
  return text;
}

}  // namespace minim
