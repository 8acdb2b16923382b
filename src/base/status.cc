#include "minim/status.h"

#include "minim/result.h"

namespace minim {

namespace {

constexpr std::string_view kCodeNames[] = {
    "OK",
    "CANCELLED",
    "UNKNOWN",
    "INVALID_ARGUMENT",
    "DEADLINE_EXCEEDED",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "FAILED_PRECONDITION",
    "ABORTED",
    "OUT_OF_RANGE",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
    "UNAUTHENTICATED",
};

// Texts of grpc-go for messages above a size limit; the reference stops retrying on them
// (spec: transport retry rules), and our own limit errors start the same way.
constexpr std::string_view kTooLargeTexts[] = {
    "grpc: received message larger than max",
    "grpc: message after decompression larger than max",
    "grpc: received message after decompression larger than max",
    "grpc: trying to send message larger than max",
    "grpc: message too large",
};

bool retryable_by_code(Code code, std::string_view message) {
  switch (code) {
    case Code::kResourceExhausted:
      for (const std::string_view text : kTooLargeTexts) {
        if (message.starts_with(text)) return false;
      }
      return true;
    case Code::kUnknown:
    case Code::kAborted:
    case Code::kOutOfRange:
    case Code::kInternal:
    case Code::kUnavailable:
    case Code::kDataLoss:
      return true;
    case Code::kOk:
    case Code::kCancelled:
    case Code::kInvalidArgument:
    case Code::kDeadlineExceeded:
    case Code::kNotFound:
    case Code::kAlreadyExists:
    case Code::kPermissionDenied:
    case Code::kFailedPrecondition:
    case Code::kUnimplemented:
    case Code::kUnauthenticated:
      return false;
  }
  return false;
}

}  // namespace

std::string_view code_name(Code code) {
  const auto index = static_cast<std::size_t>(code);
  return index < std::size(kCodeNames) ? kCodeNames[index] : kCodeNames[2];
}

std::string_view origin_name(Origin origin) {
  switch (origin) {
    case Origin::kLocal:
      return "local";
    case Origin::kTransport:
      return "transport";
    case Origin::kServer:
      return "server";
  }
  return "local";
}

Status::Status(Code code, std::string message, Origin origin) {
  if (code == Code::kOk) return;
  const bool retryable = retryable_by_code(code, message);
  block_ =
      new Block{{1}, code, origin, origin != Origin::kLocal, retryable, std::move(message), {}, {}};
}

Status& Status::operator=(const Status& other) noexcept {
  Status copied(other);
  std::swap(block_, copied.block_);
  return *this;
}

void Status::release(Block* block) noexcept {
  if (block->references.fetch_sub(1, std::memory_order_acq_rel) == 1) delete block;
}

std::string_view Status::message() const {
  return block_ == nullptr ? std::string_view() : std::string_view(block_->message);
}

std::string_view Status::details() const {
  return block_ == nullptr ? std::string_view() : std::string_view(block_->details);
}

bool Status::retryable() const { return block_ != nullptr && block_->retryable; }

bool Status::may_have_reached_server() const { return block_ == nullptr || block_->reached_server; }

const ErrorInfo* Status::info() const { return block_ == nullptr ? nullptr : block_->info.get(); }

std::string Status::to_string() const {
  if (ok()) return "OK";
  std::string text(code_name(code()));
  text.append(" (").append(origin_name(origin())).append(")");
  if (!message().empty()) text.append(": ");
  for (const char c : message()) {
    const bool line_end = c == '\n' || c == '\r';
    if (!line_end || text.back() != ' ') text.push_back(line_end ? ' ' : c);
  }
  const std::string note = info() != nullptr ? info()->note() : std::string();
  if (!note.empty()) text.append(" (").append(note).append(")");
  return text;
}

Status Status::copy() const {
  Status copied;
  if (block_ != nullptr) {
    copied.block_ = new Block{{1},
                              block_->code,
                              block_->origin,
                              block_->reached_server,
                              block_->retryable,
                              block_->message,
                              block_->details,
                              block_->info};
  }
  return copied;
}

Status Status::with_message(std::string message) const {
  Status changed = copy();
  if (changed.block_ != nullptr) changed.block_->message = std::move(message);
  return changed;
}

Status Status::with_details(std::string serialised_rpc_status) const {
  Status changed = copy();
  if (changed.block_ != nullptr) changed.block_->details = std::move(serialised_rpc_status);
  return changed;
}

Status Status::with_reached_server(bool may_have) const {
  Status changed = copy();
  if (changed.block_ != nullptr) changed.block_->reached_server = may_have;
  return changed;
}

Status Status::with_retryable(bool retryable) const {
  Status changed = copy();
  if (changed.block_ != nullptr) changed.block_->retryable = retryable;
  return changed;
}

Status Status::with_info(std::shared_ptr<const ErrorInfo> info) const {
  Status changed = copy();
  if (changed.block_ != nullptr) changed.block_->info = std::move(info);
  return changed;
}

namespace internal {

void die_bad_result_access(const Status& status) {
  std::fprintf(stderr, "minim: a Result was used without checking it; it holds %s\n",
               status.to_string().c_str());
  std::abort();
}

}  // namespace internal

}  // namespace minim
