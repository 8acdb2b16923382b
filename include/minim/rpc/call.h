// What goes into a unary call and what comes out of it, as bytes.
#ifndef MINIM_RPC_CALL_H_
#define MINIM_RPC_CALL_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "minim/metadata.h"
#include "minim/rpc/options.h"
#include "minim/status.h"
#include "minim/time.h"

namespace minim::rpc {

// Names a call of one connection or channel; never used again for another.
enum class CallId : std::uint64_t { kNone = 0 };

struct Request {
  std::string path{};     // "/package.Service/Method"
  std::string message{};  // serialised; no length prefix
  // Entries of this call. A key that occurs here hides the same key in `common`.
  Metadata metadata{};
  // Entries that many calls share (client name, credentials); null: none.
  std::shared_ptr<const Metadata> common{};
};

// How far an attempt got; decides who may repeat it (gRFC A6, "transparent retries").
enum class Progress : std::uint8_t {
  kNotSent,       // never left us: may be repeated at will
  kNotProcessed,  // left, but the server says it did not act (REFUSED_STREAM, GOAWAY): once, at
                  // once
  kSent,          // may have been processed: only the retry policy may repeat it
};

struct Reply {
  Status status{};             // OK: `message` is the reply
  std::string message{};       // serialised; empty unless OK
  std::size_t wire_bytes = 0;  // of the message as it came: other than its size if it was coded
  Metadata headers{};          // custom entries only, "-bin" values decoded
  Metadata trailers{};
  Progress progress = Progress::kSent;
  std::uint32_t attempts = 1;
  // grpc-retry-pushback-ms: unset: not given; negative: do not repeat.
  std::optional<std::chrono::milliseconds> pushback{};
};

// Per-call settings of a channel.
struct CallOptions {
  // For each attempt, from the moment it is asked for: queueing, resolving, connecting, TLS,
  // headers and body. Sent as grpc-timeout. Zero: none.
  Duration rpc_timeout{};
  // For the call with all its attempts and waits; kNever: none.
  Time deadline = kNever;
  // Keep waiting for a connection through failed attempts to make one, until a clock ends it.
  bool wait_for_ready = false;
  // Unset: the channel's. INVALID_ARGUMENT for the call if it could not be the channel's.
  std::optional<RetryOptions> retry{};
  // The server is asked to wait for something: observers count such calls apart, and a server's own
  // DEADLINE_EXCEEDED may be repeated.
  bool long_poll = false;
  // The caller's own mark, given back with the reply; minim does not look at it.
  void* tag = nullptr;
};

}  // namespace minim::rpc

#endif  // MINIM_RPC_CALL_H_
