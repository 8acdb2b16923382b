#include "rpc/request_check.h"

#include <cstring>
#include <string>
#include <string_view>

#include "grpcframe/percent.h"

namespace minim::rpc {

namespace {

constexpr std::size_t kQuotedPathBytes = 128;

// Whether each byte lies in '!' to '~'. Eight at a time: it looks at each path of each call.
bool is_visible_ascii(std::string_view text) {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  constexpr std::uint64_t kHighBits = 0x80 * kOnes;
  std::uint64_t wrong = 0;
  for (; text.size() >= 8; text.remove_prefix(8)) {
    std::uint64_t bytes = 0;
    std::memcpy(&bytes, text.data(), 8);
    // The high bit of a byte: set in it, or by the sum ('~' < byte), or by the difference
    // (byte < '!'). A carry or borrow into a byte only follows a byte that is wrong itself.
    wrong |= bytes | (bytes + kOnes) | (bytes - '!' * kOnes);
  }
  bool good = (wrong & kHighBits) == 0;
  for (const char c : text) good = good && c > ' ' && c <= '~';
  return good;
}

bool is_path(std::string_view path) {
  return path.size() >= 2 && path.front() == '/' && is_visible_ascii(path);
}

}  // namespace

Status check_headers(const Request& request) {
  if (!is_path(request.path)) {
    return Status(Code::kInvalidArgument,
                  "'" + printable(request.path, kQuotedPathBytes) +
                      "' is not a method path like /package.Service/Method");
  }
  return request.metadata.validate();
}

Status too_large(const Request& request, const Limits& limits) {
  return Status(Code::kResourceExhausted, "grpc: trying to send message larger than max (" +
                                              std::to_string(request.message.size()) + " vs. " +
                                              std::to_string(max_message_bytes(limits)) + ")")
      .with_retryable(false);
}

Status check_request(const Request& request, const Limits& limits) {
  return is_too_large(request, limits) ? too_large(request, limits) : check_headers(request);
}

}  // namespace minim::rpc
