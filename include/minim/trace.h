// Trace: the HTTP/2 frames of a client's connections as lines of text, for people who look for a
// fault. Costs nothing, neither time nor program size, where it is not used.
#ifndef MINIM_TRACE_H_
#define MINIM_TRACE_H_

#include <functional>
#include <memory>
#include <string_view>

#include "minim/filter.h"

namespace minim {

class Trace {
 public:
  virtual ~Trace() = default;
  // A factory whose connections are those of `inner` (null: plaintext), looked at in passing.
  virtual std::shared_ptr<FilterFactory> around(std::shared_ptr<FilterFactory> inner) = 0;
};

// Each frame goes to `write`, which must not throw, as one line, without its end, on the loop's
// thread: which way, type, stream, flags, size, and what it says. ">" is what we send:
//
//   2> HEADERS stream 1 END_HEADERS, 86 bytes: :method=POST, :path=/p.S/M, key=(18 bytes)
//   2> DATA stream 1 END_STREAM, 12 bytes
//   2< RST_STREAM stream 1, 4 bytes: CANCEL
//
// The first number is the connection's, counted by the trace. Payloads are never shown, and values
// only of header fields that are known to hold no secret.
std::shared_ptr<Trace> make_trace(std::function<void(std::string_view line)> write);

}  // namespace minim

#endif  // MINIM_TRACE_H_
