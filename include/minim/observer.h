// Observer: a host is told what goes on below its calls. Silent and free unless set.
#ifndef MINIM_OBSERVER_H_
#define MINIM_OBSERVER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "minim/metadata.h"
#include "minim/rpc/channel_state.h"
#include "minim/status.h"
#include "minim/time.h"

namespace minim {

// One thing that has happened, as a value. Each kind says which members it uses; the others are as
// constructed. The usual orders:
//
//   a first call          kState connecting, kConnectionOpened, kState ready, kAttemptEnded,
//                         kCallEnded
//   a server that drains  kGoaway, kState ... kConnectionClosed (drained) once its calls ended
//   a repeated call       kAttemptEnded UNAVAILABLE, kRetry, kAttemptEnded OK, kCallEnded OK
//   a dead peer           kPingSent, kPingTimedOut, kAttemptEnded and kRetry for each call,
//                         kConnectionClosed (lost)
struct Observation {
  enum class Kind : std::uint8_t {
    kState,             // the channel's `state` has changed; status: why, if it is for the worse
    kConnectFailed,     // no connection to `address`; status: why
    kConnectionOpened,  // `connection` to `address` speaks HTTP/2; took: since the round of
                        // connecting began, and beside a round since it was dialled
    kConnectionClosed,  // `connection` has ended: close_cause, and status if it was lost
    kGoaway,            // `connection`: the server wants no more calls there; status: in its words
    kReset,             // `connection`: the server reset the stream of a call to `path`; status
    kPingSent,          // `connection`
    kPingAnswered,      // `connection`; took: the round trip
    kPingTimedOut,      // `connection`; took: the patience that we had
    kAttemptEnded,      // one try of a call: path, common, attempt, status, took (all waits of it
                        // included), queued, request_bytes, response_bytes, long_poll
    kRetry,      // the call to `path` goes on after `attempt` with `status`, in `wait`; zero,
                 // and no attempt of the policy's, if the server has not acted on it
    kCallEnded,  // path, common, attempt (how many there were), status, took, long_poll
    kTraffic,    // received_bytes and sent_bytes since the last time, on all connections
  };
  enum class CloseCause : std::uint8_t {
    kLocal,    // by us: the client was closed, or had no use for it
    kDrained,  // in order, after GOAWAY
    kLost,     // by the peer, the network or a broken protocol
  };

  Kind kind = Kind::kState;
  rpc::ChannelState state = rpc::ChannelState::kIdle;
  CloseCause close_cause = CloseCause::kLocal;
  bool long_poll = false;        // the server was asked to wait for something
  std::uint32_t attempt = 0;     // counted from 1
  std::uint64_t connection = 0;  // its number in the channel; 0: none
  std::string address{};
  std::string path{};                        // "/package.Service/Method"
  std::shared_ptr<const Metadata> common{};  // what calls like it carry: "temporal-namespace" ...
  Status status{};
  Duration took{};
  Duration queued{};  // for a free stream of the connection
  Duration wait{};
  std::uint64_t request_bytes = 0;  // serialised messages, before compression
  std::uint64_t response_bytes = 0;
  std::uint64_t received_bytes = 0;  // of the network
  std::uint64_t sent_bytes = 0;
};

// One line: "connection 1: closed (lost): UNAVAILABLE (transport): ...". No secrets, no payloads.
std::string to_string(const Observation& what);

class Observer {
 public:
  virtual ~Observer() = default;
  // In the order in which things happened. Called on the loop's thread, never from inside a call
  // into minim; must not block or throw. May use the client.
  virtual void observe(const Observation& what) = 0;
};

}  // namespace minim

#endif  // MINIM_OBSERVER_H_
