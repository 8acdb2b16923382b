// Status: how a call or an operation ended.
//
// A value of one pointer; OK is the null pointer and costs nothing. Copies share one immutable
// block, so a Status may be copied and read on any thread.
#ifndef MINIM_STATUS_H_
#define MINIM_STATUS_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace minim {

// The 17 gRPC codes, by their numbers on the wire (gRPC doc/statuscodes.md).
enum class Code : std::uint8_t {
  kOk = 0,
  kCancelled = 1,
  kUnknown = 2,
  kInvalidArgument = 3,
  kDeadlineExceeded = 4,
  kNotFound = 5,
  kAlreadyExists = 6,
  kPermissionDenied = 7,
  kResourceExhausted = 8,
  kFailedPrecondition = 9,
  kAborted = 10,
  kOutOfRange = 11,
  kUnimplemented = 12,
  kInternal = 13,
  kUnavailable = 14,
  kDataLoss = 15,
  kUnauthenticated = 16,
};

// "DEADLINE_EXCEEDED"; "CODE(17)" style text never occurs: numbers above 16 become kUnknown on
// receipt.
std::string_view code_name(Code code);

// Who made the error. Server text is untrusted: it is never merged into text of ours.
enum class Origin : std::uint8_t {
  kLocal,      // minim itself: bad arguments, limits, deadlines, cancel, close
  kTransport,  // the way to the server: resolve, connect, TLS, proxy, HTTP/2
  kServer,     // the server's own grpc-status
};

std::string_view origin_name(Origin origin);  // "local", "transport", "server"

// What a typed error carries beside code and text; see Status::as<T>(). Each type has its own
// `static constexpr ErrorKind kKind`.
enum class ErrorKind : std::uint8_t {
  kWorkflowAlreadyStarted,
  kWorkflowFailed,
  kWorkflowContinuedAsNew,
  kQueryFailed,
  kQueryRejected,
  kResourceExhausted,
};

class ErrorInfo {
 public:
  explicit ErrorInfo(ErrorKind kind) : kind_(kind) {}
  ErrorInfo(const ErrorInfo&) = delete;
  ErrorInfo& operator=(const ErrorInfo&) = delete;
  virtual ~ErrorInfo() = default;
  ErrorKind kind() const { return kind_; }
  // What to_string() adds in brackets to the message; empty: nothing.
  virtual std::string note() const { return {}; }

 private:
  const ErrorKind kind_;
};

class [[nodiscard]] Status {
 public:
  Status() = default;  // OK
  Status(Code code, std::string message, Origin origin = Origin::kLocal);
  Status(const Status& other) noexcept : block_(other.block_) {
    if (block_ != nullptr) block_->references.fetch_add(1, std::memory_order_relaxed);
  }
  Status(Status&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
  Status& operator=(const Status& other) noexcept;
  Status& operator=(Status&& other) noexcept {
    if (this != &other) {
      if (block_ != nullptr) release(block_);
      block_ = std::exchange(other.block_, nullptr);
    }
    return *this;
  }
  ~Status() {
    if (block_ != nullptr) release(block_);
  }

  bool ok() const { return block_ == nullptr; }
  Code code() const { return block_ == nullptr ? Code::kOk : block_->code; }
  // The bare message: ours, or the server's grpc-message decoded, which may have several lines.
  // Empty when OK.
  std::string_view message() const;
  Origin origin() const { return block_ == nullptr ? Origin::kLocal : block_->origin; }
  // The serialised google.rpc.Status that the server sent with the error (grpc-status-details-bin);
  // empty when it sent none or sent rubbish.
  std::string_view details() const;

  // True for the codes that the retry policy repeats: UNKNOWN, RESOURCE_EXHAUSTED, ABORTED,
  // OUT_OF_RANGE, INTERNAL, UNAVAILABLE, DATA_LOSS; false when this very error cannot get better by
  // repeating (a message above a size limit).
  bool retryable() const;
  // False only where it is proven that the server did not act on the request.
  bool may_have_reached_server() const;

  // The typed part of the error, or null: if (auto* e = status.as<WorkflowAlreadyStarted>()) ...
  template <class T>
  const T* as() const {
    const ErrorInfo* const found = info();
    return found != nullptr && found->kind() == T::kKind ? static_cast<const T*>(found) : nullptr;
  }

  // One line for people: "UNAVAILABLE (transport): cannot connect to ..."; "OK". Line ends in the
  // message become spaces.
  std::string to_string() const;

  // Builders, each for a status that is not OK (no effect on OK): they return a changed copy.
  Status with_message(std::string message) const;
  Status with_details(std::string serialised_rpc_status) const;
  Status with_reached_server(bool may_have) const;
  Status with_retryable(bool retryable) const;
  Status with_info(std::shared_ptr<const ErrorInfo> info) const;

  // Same code, message and origin.
  friend bool operator==(const Status& a, const Status& b) {
    return a.code() == b.code() && a.origin() == b.origin() && a.message() == b.message();
  }

 private:
  struct Block {
    std::atomic<std::uint32_t> references;
    Code code;
    Origin origin;
    bool reached_server;
    bool retryable;
    std::string message;
    std::string details;
    std::shared_ptr<const ErrorInfo> info;
  };
  const ErrorInfo* info() const;
  Status copy() const;  // own block, for the builders
  static void release(Block* block) noexcept;

  Block* block_ = nullptr;
};

}  // namespace minim

#endif  // MINIM_STATUS_H_
