// A Temporal action as a resumable function without I/O: it says what it wants next, and is resumed
// with what came of it. The long-poll loops, run-following rules and error mapping are therefore
// tables to a test, without a network.
#ifndef MINIM_INTERNAL_PROGRAM_H_
#define MINIM_INTERNAL_PROGRAM_H_

#include <cstdint>
#include <memory>
#include <string>

#include "minim/call_options.h"
#include "minim/random.h"
#include "minim/rpc/call.h"
#include "minim/status.h"

namespace minim::internal {

class Wire;

// What a program wants next.
struct Step {
  enum class Kind : std::uint8_t {
    kCall,   // make this RPC and resume with its reply
    kSleep,  // resume without a reply after `delay`
    kDone,   // over: `status`; OK: the program holds the result
  };
  Kind kind = Kind::kDone;
  rpc::Request request;          // kCall; its `common` and the operation's metadata are added later
  bool long_poll = false;        // kCall: the larger default timeout
  bool default_options = false;  // kCall: the operation's rpc_timeout and metadata do not apply
  bool single_attempt = false;   // kCall: never repeated, whatever the retry policy
  Duration delay{};              // kSleep
  Status status;                 // kDone

  static Step call(std::string path, std::string message) {
    Step step;
    step.kind = Kind::kCall;
    step.request.path = std::move(path);
    step.request.message = std::move(message);
    return step;
  }
  static Step done(Status status = Status()) {
    Step step;
    step.status = std::move(status);
    return step;
  }
};

class Program {
 public:
  virtual ~Program() = default;
  // First with null, then with the reply of each call (null after a sleep). Never again after
  // kDone. `random` makes request ids.
  virtual Step resume(Random& random, rpc::Reply* reply) = 0;
  // The namespace that the temporal-namespace header names; empty: the header is left out.
  virtual std::string_view header_namespace() const { return {}; }
  // The workflow that its calls are about, for temporal-resource-id; empty: none.
  virtual std::string_view header_workflow_id() const { return {}; }
  // Why this cannot run at all, for a program whose wire has no port.
  virtual Status unusable() const { return Status(); }
  // The wire that the calls go over.
  const std::shared_ptr<Wire>& wire() const { return wire_; }

 protected:
  explicit Program(std::shared_ptr<Wire> wire) : wire_(std::move(wire)) {}

 private:
  std::shared_ptr<Wire> wire_;
};

}  // namespace minim::internal

#endif  // MINIM_INTERNAL_PROGRAM_H_
