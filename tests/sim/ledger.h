// What the servers did, call by call, over all connections: the other side of the story, against
// which each reply is held.
#ifndef MINIM_TESTS_SIM_LEDGER_H_
#define MINIM_TESTS_SIM_LEDGER_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "minim/rpc/call.h"

namespace minim::sim {

// A point in the order of all that happens: of one instant, the later has the greater number.
struct Moment {
  Time when{};
  std::uint64_t order = 0;
};

// What a server's answer says about a further attempt of its call.
struct Verdict {
  bool may_repeat = false;
  Duration least_wait{};  // before that attempt

  // By docs/wire.md, "Retry", written down here once more: what is under test has no say.
  // `pushback`: the value of grpc-retry-pushback-ms; null: none.
  static Verdict of_status(int grpc_status, const char* pushback = nullptr);
  static Verdict of_reset(std::uint32_t error);
  static Verdict of_http(int status);
};

class Ledger {
 public:
  // `max_attempts`: how often the call's policy lets it be tried; 0: no bound.
  void started(std::string_view path, std::uint32_t max_attempts) {
    find(path).max_attempts = max_attempts;
  }
  // A server took this request up: from now on it may have acted on it. `sent`: when the last byte
  // of its head was written. Says what is wrong with that; empty: nothing.
  std::string accepted(std::string_view path, Moment sent);
  // RST_STREAM(REFUSED_STREAM): unprocessed. The same.
  std::string refused(std::string_view path);
  // The client has read the answer to an attempt.
  void answered(std::string_view path, Verdict verdict, Moment read);

  std::uint32_t accepted_count(std::string_view path) const;

  // What is wrong with this reply, now; empty: nothing.
  std::string contradiction(std::string_view path, const rpc::Reply& reply) const;
  // The same at the end, when no byte is in flight any more.
  std::string contradiction_at_end(std::string_view path, const rpc::Reply& reply) const;

  // The reply that a server makes of a request. It does not decode: `coded` ones have no size.
  static std::string answer_to(std::string_view path, std::size_t message_bytes, bool coded);

 private:
  struct Entry {
    std::uint32_t accepted = 0;
    std::uint32_t refused = 0;
    std::uint32_t max_attempts = 0;
    std::uint64_t answered_at = 0;  // the order of the last answer that was read; 0: none
    Time not_before{};              // what is sent after it; kNever: nothing may be
  };
  Entry& find(std::string_view path);

  std::map<std::string, Entry, std::less<>> entries_;
};

}  // namespace minim::sim

#endif  // MINIM_TESTS_SIM_LEDGER_H_
