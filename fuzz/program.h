// An input read as a program: its bytes choose what is done and with which values. When they run
// out, every choice is 0.
#ifndef MINIM_FUZZ_PROGRAM_H_
#define MINIM_FUZZ_PROGRAM_H_

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "support/peer.h"

namespace minim::fuzz {

inline void require(bool truth, int line = __builtin_LINE()) {
  if (truth) return;
  std::fprintf(stderr, "line %d does not hold\n", line);
  std::abort();
}

class Program {
 public:
  Program(const std::uint8_t* data, std::size_t size)
      : rest_(reinterpret_cast<const char*>(data), size) {}

  bool done() const { return rest_.empty(); }
  std::uint8_t byte() {
    if (rest_.empty()) return 0;
    const char first = rest_.front();
    rest_.remove_prefix(1);
    return static_cast<std::uint8_t>(first);
  }
  std::uint32_t below(std::uint32_t bound) { return byte() % bound; }
  std::uint32_t number() {
    const std::uint32_t high = byte();
    return high << 8 | byte();
  }
  std::string bytes(std::size_t most) {
    const std::string taken(rest_.substr(0, below(static_cast<std::uint32_t>(most) + 1)));
    rest_.remove_prefix(taken.size());
    return taken;
  }

 private:
  std::string_view rest_;
};

// Adds one thing that a server may send, or a breach of it. Streams are the first eight or so.
void add_peer_action(Program& program, test::Peer& peer);

}  // namespace minim::fuzz

#endif  // MINIM_FUZZ_PROGRAM_H_
