// What is wrong with a request before anything of it is sent.
#ifndef MINIM_RPC_REQUEST_CHECK_H_
#define MINIM_RPC_REQUEST_CHECK_H_

#include <algorithm>
#include <cstdint>

#include "minim/rpc/call.h"
#include "minim/rpc/options.h"
#include "minim/status.h"

namespace minim::rpc {

// INVALID_ARGUMENT: its path is none, or its own metadata holds what a header cannot.
Status check_headers(const Request& request);

// A message's length is sent in 32 bits.
inline std::size_t max_message_bytes(const Limits& limits) {
  return std::min<std::size_t>(limits.max_send_message_bytes, UINT32_MAX);
}
// RESOURCE_EXHAUSTED, which a repeat cannot help: it is above limits.max_send_message_bytes.
inline bool is_too_large(const Request& request, const Limits& limits) {
  return request.message.size() > max_message_bytes(limits);
}
Status too_large(const Request& request, const Limits& limits);

// All of it.
Status check_request(const Request& request, const Limits& limits);

}  // namespace minim::rpc

#endif  // MINIM_RPC_REQUEST_CHECK_H_
