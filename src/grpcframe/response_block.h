// What gRPC means by the fields of one response header block: the initial one or the trailers.
#ifndef MINIM_GRPCFRAME_RESPONSE_BLOCK_H_
#define MINIM_GRPCFRAME_RESPONSE_BLOCK_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "grpcframe/header_field.h"
#include "minim/metadata.h"
#include "minim/status.h"
#include "minim/time.h"

namespace minim {

// What the server said about repeating the call (grpc-retry-pushback-ms, gRFC A6).
struct Pushback {
  bool given = false;
  bool never = false;  // negative or unreadable: do not repeat
  Duration delay{};    // valid when given and not never
};

// What joined "-bin" values of one block may come to, counted as fields of their own (RFC 9113,
// 10.5.1): each repeats the name, so that 64 KiB of commas could become a gibibyte.
inline constexpr std::size_t kMaxJoinedBytes = std::size_t{64} << 10;

// Views live as long as the fields they were read from.
struct ResponseBlock {
  // Of :status; below 0: absent, given twice, or not three digits.
  int http_status = -1;
  bool has_http_status = false;
  bool has_other_pseudo = false;  // a pseudo-header that no response may have

  bool has_content_type = false;
  bool is_grpc = false;           // has a content-type, and each one is application/grpc...
  std::string_view content_type;  // the one that is not, else the last
  std::string_view codec;         // "json" of application/grpc+json; empty for ours

  std::string_view encoding;  // the last grpc-encoding

  bool has_status = false;
  bool status_conflict = false;   // several grpc-status fields that differ
  std::string_view status;        // the first grpc-status
  std::string_view other_status;  // the one that differs
  std::string_view message;       // the last grpc-message, still percent-encoded
  int details_count = 0;
  std::string_view details;  // the last grpc-status-details-bin, still base64
  Pushback pushback;
  std::size_t joined_bytes = 0;  // above kMaxJoinedBytes: values are missing
};

// Sorts the fields of a block out. Fields that gRPC does not reserve are appended to `custom`,
// "-bin" values decoded (joined ones split at commas, up to kMaxJoinedBytes); one that is not
// base64 is left out.
ResponseBlock read_response_block(HeaderFields fields, Metadata& custom);

// The code of a grpc-status text: one or more digits (so "00" is OK), at most 16.
std::optional<Code> parse_grpc_status(std::string_view text);

}  // namespace minim

#endif  // MINIM_GRPCFRAME_RESPONSE_BLOCK_H_
