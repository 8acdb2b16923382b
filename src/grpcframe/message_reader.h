// Cuts the DATA of a unary response into its one length-prefixed message (gRPC PROTOCOL-HTTP2,
// "Length-Prefixed-Message"). Works for every way the bytes may be split.
#ifndef MINIM_GRPCFRAME_MESSAGE_READER_H_
#define MINIM_GRPCFRAME_MESSAGE_READER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "minim/result.h"

namespace minim {

inline constexpr std::size_t kMessagePrefixBytes = 5;

// The five bytes before a message. `bytes` must be below 2^32 (checked by the caller).
void write_message_prefix(bool compressed, std::uint32_t bytes,
                          char (&prefix)[kMessagePrefixBytes]);

class MessageReader {
 public:
  // `gzip`: the response announced grpc-encoding gzip and we can read it.
  void begin(std::size_t max_message_bytes, bool gzip);

  // Takes the next bytes. INTERNAL for a flag above 1, or 1 without an announced coding (also when
  // the length is 0); RESOURCE_EXHAUSTED, its text starting "grpc: received message larger than max
  // (N vs. LIMIT)", from the prefix alone, before anything is allocated. After an error the reader
  // must not be fed again. Bytes after the first message are counted as further messages, and not
  // stored.
  Status receive(std::string_view bytes);

  // How many messages have begun (their prefix is complete); unary allows exactly one.
  std::uint32_t message_count() const { return message_count_; }
  // False inside a prefix or a message.
  bool at_boundary() const { return prefix_bytes_ == 0 && remaining_ == 0; }
  // What the first message's prefix announced.
  std::uint32_t message_bytes() const { return message_bytes_; }
  // The first message, decompressed. Call at most once, after it is complete. INTERNAL or
  // RESOURCE_EXHAUSTED as gzip_decompress().
  Result<std::string> take();

 private:
  Status begin_message();
  void store(std::string_view bytes);

  std::string message_;
  std::size_t max_message_bytes_ = 0;
  std::uint32_t remaining_ = 0;  // bytes of the current message still to come
  std::uint32_t message_count_ = 0;
  std::uint32_t message_bytes_ = 0;
  std::uint8_t prefix_bytes_ = 0;  // bytes of the current prefix that have come, 0 to 4
  bool gzip_ = false;
  bool compressed_ = false;  // flag of the first message
  char prefix_[kMessagePrefixBytes] = {};
};

}  // namespace minim

#endif  // MINIM_GRPCFRAME_MESSAGE_READER_H_
