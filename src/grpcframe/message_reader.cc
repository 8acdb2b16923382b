#include "grpcframe/message_reader.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "grpcframe/gzip.h"

namespace minim {

namespace {

// What an announced length may reserve before its bytes have come: a peer that announces the limit
// on every stream and then sends nothing must not cost that much memory.
constexpr std::size_t kMaxReserveBytes = std::size_t{64} << 10;

std::uint32_t octet(char c) { return static_cast<std::uint8_t>(c); }

Status bad_message(std::string text) {
  return Status(Code::kInternal, std::move(text), Origin::kTransport);
}

}  // namespace

void write_message_prefix(bool compressed, std::uint32_t bytes,
                          char (&prefix)[kMessagePrefixBytes]) {
  prefix[0] = compressed ? 1 : 0;
  for (std::size_t i = 1; i < kMessagePrefixBytes; ++i) {
    prefix[i] = static_cast<char>(bytes >> (32 - 8 * i) & 0xff);
  }
}

void MessageReader::begin(std::size_t max_message_bytes, bool gzip) {
  // swap(): assigning an empty string would keep the memory. A short one has none of its own.
  if (message_.capacity() > sizeof message_) std::string().swap(message_);
  message_.clear();
  max_message_bytes_ = max_message_bytes;
  remaining_ = 0;
  message_count_ = 0;
  message_bytes_ = 0;
  prefix_bytes_ = 0;
  gzip_ = gzip;
  compressed_ = false;
}

Status MessageReader::receive(std::string_view bytes) {
  while (!bytes.empty()) {
    if (remaining_ != 0) {
      const std::size_t taken = std::min<std::size_t>(remaining_, bytes.size());
      if (message_count_ == 1) store(bytes.substr(0, taken));
      remaining_ -= static_cast<std::uint32_t>(taken);
      bytes.remove_prefix(taken);
      continue;
    }
    const std::size_t taken = std::min(kMessagePrefixBytes - prefix_bytes_, bytes.size());
    std::memcpy(prefix_ + prefix_bytes_, bytes.data(), taken);
    prefix_bytes_ = static_cast<std::uint8_t>(prefix_bytes_ + taken);
    bytes.remove_prefix(taken);
    if (prefix_bytes_ == kMessagePrefixBytes) {
      prefix_bytes_ = 0;
      if (Status status = begin_message(); !status.ok()) return status;
    }
  }
  return Status();
}

Status MessageReader::begin_message() {
  const std::uint32_t flag = octet(prefix_[0]);
  const std::uint32_t length = octet(prefix_[1]) << 24 | octet(prefix_[2]) << 16 |
                               octet(prefix_[3]) << 8 | octet(prefix_[4]);
  if (flag > 1) {
    return bad_message("message prefix has the flag " + std::to_string(flag) +
                       ", only 0 and 1 are defined");
  }
  if (flag == 1 && !gzip_) {
    return bad_message(
        "message is flagged as compressed, but grpc-encoding names no coding that "
        "was asked for");
  }
  if (length > max_message_bytes_) {
    return Status(Code::kResourceExhausted,
                  "grpc: received message larger than max (" + std::to_string(length) + " vs. " +
                      std::to_string(max_message_bytes_) + "): see max_receive_message_bytes")
        .with_reached_server(true);
  }
  if (message_count_ == 0) {
    compressed_ = flag == 1;
    message_bytes_ = length;
    message_.reserve(std::min<std::size_t>(length, kMaxReserveBytes));
  }
  // Saturates: an endless stream of empty messages must not look like a single one.
  if (message_count_ != std::numeric_limits<std::uint32_t>::max()) ++message_count_;
  remaining_ = length;
  return Status();
}

// Grows by doubling, but never beyond what the prefix announced. Into a new string, since reserve()
// of a string that has contents may round up to twice its capacity.
void MessageReader::store(std::string_view bytes) {
  const std::size_t size = message_.size() + bytes.size();
  if (size > message_.capacity()) {
    const std::size_t announced = message_.size() + remaining_;
    std::string larger;
    larger.reserve(std::min(announced, std::max(size, 2 * message_.capacity())));
    larger.append(message_);
    message_ = std::move(larger);
  }
  message_.append(bytes);
}

Result<std::string> MessageReader::take() {
  if (!compressed_) return std::move(message_);
  const std::string packed = std::move(message_);
  return gzip_decompress(packed, max_message_bytes_);
}

}  // namespace minim
