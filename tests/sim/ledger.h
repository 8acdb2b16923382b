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

class Ledger {
 public:
  // A server took this request up: from now on it may have acted on it.
  void accepted(std::string_view path) { ++find(path).accepted; }
  // Refused unprocessed: RST_STREAM(REFUSED_STREAM), or left out by a GOAWAY.
  void refused(std::string_view path) { ++find(path).refused; }

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
  };
  Entry& find(std::string_view path);

  std::map<std::string, Entry, std::less<>> entries_;
};

}  // namespace minim::sim

#endif  // MINIM_TESTS_SIM_LEDGER_H_
