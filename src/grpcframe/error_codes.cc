#include "grpcframe/error_codes.h"

#include <iterator>

namespace minim {

namespace {

struct Http2Error {
  std::string_view name;
  Code code;
};

// By error code. gRPC names no code for STREAM_CLOSED and HTTP_1_1_REQUIRED: a server that sends
// them on an open stream has failed, so INTERNAL.
constexpr Http2Error kHttp2Errors[] = {
    {"NO_ERROR", Code::kInternal},
    {"PROTOCOL_ERROR", Code::kInternal},
    {"INTERNAL_ERROR", Code::kInternal},
    {"FLOW_CONTROL_ERROR", Code::kInternal},
    {"SETTINGS_TIMEOUT", Code::kInternal},
    {"STREAM_CLOSED", Code::kInternal},
    {"FRAME_SIZE_ERROR", Code::kInternal},
    {"REFUSED_STREAM", Code::kUnavailable},
    {"CANCEL", Code::kCancelled},
    {"COMPRESSION_ERROR", Code::kInternal},
    {"CONNECT_ERROR", Code::kInternal},
    {"ENHANCE_YOUR_CALM", Code::kResourceExhausted},
    {"INADEQUATE_SECURITY", Code::kPermissionDenied},
    {"HTTP_1_1_REQUIRED", Code::kInternal},
};

}  // namespace

Code code_from_http_status(int http_status) {
  switch (http_status) {
    case 400:
      return Code::kInternal;
    case 401:
      return Code::kUnauthenticated;
    case 403:
      return Code::kPermissionDenied;
    case 404:
      return Code::kUnimplemented;
    case 429:
    case 502:
    case 503:
    case 504:
      return Code::kUnavailable;
  }
  return Code::kUnknown;
}

Code code_from_http2_error(std::uint32_t http2_error) {
  return http2_error < std::size(kHttp2Errors) ? kHttp2Errors[http2_error].code : Code::kUnknown;
}

std::string_view http2_error_name(std::uint32_t http2_error) {
  return http2_error < std::size(kHttp2Errors) ? kHttp2Errors[http2_error].name
                                               : "unknown HTTP/2 error";
}

}  // namespace minim
