// The header list of one unary request, in the order of the gRPC specification.
#ifndef MINIM_GRPCFRAME_REQUEST_HEADERS_H_
#define MINIM_GRPCFRAME_REQUEST_HEADERS_H_

#include <string>
#include <string_view>
#include <vector>

#include "grpcframe/header_field.h"
#include "minim/metadata.h"

namespace minim {

struct RequestHead {
  bool tls = false;              // :scheme
  std::string_view path{};       // "/package.Service/Method"
  std::string_view authority{};  // host[:port]
  std::string_view timeout{};    // grpc-timeout text; empty: none
  std::string_view user_agent{};
  bool gzip = false;                   // grpc-encoding: gzip
  bool accept_gzip = false;            // grpc-accept-encoding: gzip
  const Metadata* metadata = nullptr;  // validated; null: none
  const Metadata* common = nullptr;    // likewise; a key that `metadata` has too is left out
};

// Where grpc-timeout stands, if there is one.
inline constexpr std::size_t kTimeoutField = 6;

// Replaces `fields` by: :method :scheme :path :authority te content-type grpc-timeout grpc-encoding
// grpc-accept-encoding user-agent, then the metadata and the common entries in their order ("-bin"
// values as unpadded base64; grpc-timeout only if `timeout` is empty). Names and values are views
// into `head`, its metadata, constants, or `base64` (which receives the encoded binary values):
// they live as long as those. grpc-timeout, authorization, proxy-authorization, cookie and "-bin"
// values are marked never_index, the other entries of `metadata` once.
void build_request_headers(const RequestHead& head, std::vector<HeaderField>& fields,
                           std::string& base64);

// What HPACK and SETTINGS_MAX_HEADER_LIST_SIZE count (RFC 9113, 10.5.1): names + values + 32 each.
std::size_t header_list_bytes(HeaderFields fields);

}  // namespace minim

#endif  // MINIM_GRPCFRAME_REQUEST_HEADERS_H_
