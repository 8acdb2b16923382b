#include "client/health.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

namespace minim {

std::string_view to_string(HealthStatus status) {
  switch (status) {
    case HealthStatus::kUnknown:
      return "UNKNOWN";
    case HealthStatus::kServing:
      return "SERVING";
    case HealthStatus::kNotServing:
      return "NOT_SERVING";
    case HealthStatus::kServiceUnknown:
      return "SERVICE_UNKNOWN";
    case HealthStatus::kUnimplemented:
      return "UNIMPLEMENTED";
  }
  return "UNKNOWN";
}

namespace internal {

namespace {

using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedInputStream;

constexpr std::uint32_t kServiceTag = 1 << 3 | WireFormatLite::WIRETYPE_LENGTH_DELIMITED;
constexpr std::uint32_t kStatusTag = 1 << 3 | WireFormatLite::WIRETYPE_VARINT;

// HealthCheckRequest { string service = 1; }: one field does not need a generated class.
std::string request_of(const std::string& service) {
  if (service.empty()) return {};
  std::string bytes(1, static_cast<char>(kServiceTag));
  for (std::size_t left = service.size();; left >>= 7) {
    const bool is_last = left < 0x80;
    bytes += static_cast<char>(is_last ? left : (left & 0x7f) | 0x80);
    if (is_last) break;
  }
  return bytes + service;
}

// HealthCheckResponse { ServingStatus status = 1; }
bool read_response(const std::string& bytes, std::uint64_t* status) {
  CodedInputStream in(reinterpret_cast<const std::uint8_t*>(bytes.data()),
                      static_cast<int>(bytes.size()));
  while (const std::uint32_t tag = in.ReadTag()) {
    const bool good =
        tag == kStatusTag ? in.ReadVarint64(status) : WireFormatLite::SkipField(&in, tag);
    if (!good) return false;
  }
  return in.ConsumedEntireMessage();
}

}  // namespace

Step HealthProgram::resume(Random&, rpc::Reply* reply) {
  if (reply == nullptr) return Step::call("/grpc.health.v1.Health/Check", request_of(service_));
  const Code code = reply->status.code();
  const bool says_server = reply->status.origin() == Origin::kServer;  // not a web server's 404
  if (says_server && code == Code::kNotFound) health = HealthStatus::kServiceUnknown;
  if (says_server && code == Code::kUnimplemented) health = HealthStatus::kUnimplemented;
  if (health != HealthStatus::kUnknown) return Step::done();
  if (code != Code::kOk) return Step::done(std::move(reply->status));
  std::uint64_t number = 0;
  if (!read_response(reply->message, &number)) {
    return Step::done(unreadable_reply("Health/Check"));
  }
  if (number == 1) health = HealthStatus::kServing;
  if (number == 2) health = HealthStatus::kNotServing;
  if (number == 3) health = HealthStatus::kServiceUnknown;
  return Step::done();
}

}  // namespace internal

}  // namespace minim
