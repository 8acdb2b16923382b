// Failure: why a workflow, an activity or a Nexus operation ended badly, with the causes behind it.
//
//   for (const minim::Failure& cause : failure) log(cause.message());     // outermost first
//   if (auto* error = failure.find<minim::ApplicationFailure>()) {
//     if (error->type == "OutOfStock") { auto item = error->details<std::string>(); ... }
//   }
//   failure.to_string()   // ActivityError Charge: Activity error: caused by ApplicationError ...
#ifndef MINIM_FAILURE_H_
#define MINIM_FAILURE_H_

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

#include "minim/converter.h"
#include "minim/payload.h"
#include "minim/result.h"
#include "minim/time.h"

namespace minim {

// The enumerations of temporal.api.failure.v1 and enums.v1 by their numbers. A server may be newer
// than this list: other numbers are kept as they came.
enum class ApplicationErrorCategory : std::int32_t { kUnspecified = 0, kBenign = 1 };
enum class TimeoutType : std::int32_t {
  kUnspecified = 0,
  kStartToClose = 1,
  kScheduleToStart = 2,
  kScheduleToClose = 3,
  kHeartbeat = 4,
};
enum class RetryState : std::int32_t {
  kUnspecified = 0,
  kInProgress = 1,
  kNonRetryableFailure = 2,
  kTimeout = 3,
  kMaximumAttemptsReached = 4,
  kRetryPolicyNotSet = 5,
  kInternalServerError = 6,
  kCancelRequested = 7,
};
enum class NexusRetryBehavior : std::int32_t {
  kUnspecified = 0,
  kRetryable = 1,
  kNonRetryable = 2,
};

std::string to_string(TimeoutType type);  // "HEARTBEAT"; an unknown number as "9"
std::string to_string(RetryState state);  // "MAXIMUM_ATTEMPTS_REACHED"

// Values that user code attached to a failure.
struct FailureDetails {
  Payloads payloads{};

  // The first values: Result<A> for one type, Result<std::tuple<A, B>> for several. Further ones
  // are ignored. Errors as in converter.h.
  template <class T, class... More>
  auto details() const {
    Result<std::tuple<T, More...>> values = DataConverter().decode_first<T, More...>(payloads);
    if constexpr (sizeof...(More) == 0) {
      return values ? Result<T>(std::get<0>(std::move(values).value())) : Result<T>(values.error());
    } else {
      return values;
    }
  }
};

// What user code failed with.
struct ApplicationFailure : FailureDetails {
  std::string type{};  // the name that retry policies match; may be empty
  bool non_retryable = false;
  Duration next_retry_delay{};  // zero: as the retry policy says
  ApplicationErrorCategory category = ApplicationErrorCategory::kUnspecified;
};

struct TimeoutFailure : FailureDetails {  // details: of the last heartbeat
  TimeoutType type = TimeoutType::kUnspecified;
};

struct CancelledFailure : FailureDetails {
  std::string identity{};
};

// Details are there only when the workflow's own history said so.
struct TerminatedFailure : FailureDetails {
  std::string identity{};
};

struct ServerFailure {
  bool non_retryable = false;
};

struct ResetWorkflowFailure : FailureDetails {};  // details: of the last heartbeat

struct ActivityFailure {
  std::int64_t scheduled_event_id = 0;
  std::int64_t started_event_id = 0;
  std::string identity{};
  std::string activity_type{};
  std::string activity_id{};
  RetryState retry_state = RetryState::kUnspecified;
};

struct ChildWorkflowFailure {
  std::string namespace_{};
  std::string workflow_id{};
  std::string run_id{};
  std::string workflow_type{};
  std::int64_t initiated_event_id = 0;
  std::int64_t started_event_id = 0;
  RetryState retry_state = RetryState::kUnspecified;
};

struct NexusOperationFailure {
  std::int64_t scheduled_event_id = 0;
  std::string endpoint{};
  std::string service{};
  std::string operation{};
  std::string operation_token{};
};

struct NexusHandlerFailure {
  std::string type{};  // "BAD_REQUEST", ...; a type that minim does not know stays as it is
  NexusRetryBehavior retry_behavior = NexusRetryBehavior::kUnspecified;

  // Whether the caller may repeat: what the handler said, else what its type implies. Types that
  // are not known count as INTERNAL: retryable.
  bool retryable() const;
};

// One link of the chain and all causes behind it. A value; copies share the causes.
class Failure {
 public:
  // std::monostate: a failure that says no more than its message.
  using Info = std::variant<std::monostate, ApplicationFailure, TimeoutFailure, CancelledFailure,
                            TerminatedFailure, ServerFailure, ResetWorkflowFailure, ActivityFailure,
                            ChildWorkflowFailure, NexusOperationFailure, NexusHandlerFailure>;

  class Iterator;

  Failure() : Failure(std::string(), Info()) {}
  Failure(const Failure& other);
  Failure(Failure&& other) noexcept;
  Failure& operator=(const Failure& other);
  Failure& operator=(Failure&& other) noexcept;
  ~Failure();
  // An empty message becomes the default of the kind: "Application error", "Timeout", ...
  Failure(std::string message, Info info);
  Failure with_cause(Failure cause) const;

  const std::string& message() const { return message_; }
  const std::string& source() const { return source_; }            // the SDK that made it: "GoSDK"
  const std::string& stack_trace() const { return stack_trace_; }  // may have many lines
  const Info& info() const { return info_; }
  std::string_view kind_name() const;  // "ApplicationError", "Timeout", ..., "Failure"

  const Failure* cause() const { return cause_.get(); }  // null at the end of the chain
  Iterator begin() const;                                // this failure, then its causes
  Iterator end() const;

  // This link as a kind, or null.
  template <class T>
  const T* as() const {
    return std::get_if<T>(&info_);
  }
  // The outermost link of that kind, this one included, or null.
  template <class T>
  const T* find() const {
    for (const Failure* link = this; link != nullptr; link = link->cause()) {
      if (const T* const found = link->as<T>()) return found;
    }
    return nullptr;
  }
  // True for a cancellation, also as the direct cause of a failed activity, child workflow or Nexus
  // operation.
  bool is_cancelled() const;

  // The serialised temporal.api.failure.v1.Failure as the server sent it; empty for a cause and for
  // one that was not received.
  const std::string& bytes() const { return bytes_; }

  // The chain on one line: kinds, types, ids and messages, no details and no stack traces.
  std::string to_string() const;

 private:
  friend class FailureReader;

  std::string message_;
  std::string source_;
  std::string stack_trace_;
  Info info_;
  std::shared_ptr<const Failure> cause_;
  std::string bytes_;
};

class Failure::Iterator {
 public:
  using iterator_category = std::forward_iterator_tag;
  using value_type = Failure;
  using difference_type = std::ptrdiff_t;
  using pointer = const Failure*;
  using reference = const Failure&;

  Iterator() = default;
  explicit Iterator(const Failure* link) : link_(link) {}
  reference operator*() const { return *link_; }
  pointer operator->() const { return link_; }
  Iterator& operator++() {
    link_ = link_->cause();
    return *this;
  }
  Iterator operator++(int) {
    Iterator before = *this;
    ++*this;
    return before;
  }
  friend bool operator==(const Iterator&, const Iterator&) = default;

 private:
  const Failure* link_ = nullptr;
};

inline Failure::Iterator Failure::begin() const { return Iterator(this); }
inline Failure::Iterator Failure::end() const { return Iterator(); }

// A serialised temporal.api.failure.v1.Failure. INTERNAL, not retryable, when it is malformed or
// nested deeper than 100 causes. Details are decoded only when they are asked for, so one that
// cannot be decoded does not hide the failure.
Result<Failure> parse_failure(std::string_view bytes);

}  // namespace minim

#endif  // MINIM_FAILURE_H_
