// gRPC codes for failures that carry an HTTP or HTTP/2 number instead of a grpc-status (gRPC
// http-grpc-status-mapping.md and PROTOCOL-HTTP2, "Errors").
#ifndef MINIM_GRPCFRAME_ERROR_CODES_H_
#define MINIM_GRPCFRAME_ERROR_CODES_H_

#include <cstdint>
#include <string_view>

#include "minim/status.h"

namespace minim {

// RST_STREAM and GOAWAY error codes (RFC 9113, 7).
inline constexpr std::uint32_t kHttp2RefusedStream = 7;
inline constexpr std::uint32_t kHttp2Cancel = 8;

// gRPC code for an HTTP status of a response without grpc-status.
Code code_from_http_status(int http_status);
// gRPC code for an RST_STREAM error code (RFC 9113, 7).
Code code_from_http2_error(std::uint32_t http2_error);
// "REFUSED_STREAM"; "unknown HTTP/2 error" for a number without a name.
std::string_view http2_error_name(std::uint32_t http2_error);

}  // namespace minim

#endif  // MINIM_GRPCFRAME_ERROR_CODES_H_
