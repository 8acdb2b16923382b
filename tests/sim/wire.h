// One connection as the network sees it: bytes under way in both directions, each in order.
#ifndef MINIM_TESTS_SIM_WIRE_H_
#define MINIM_TESTS_SIM_WIRE_H_

#include <algorithm>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "minim/rpc/channel.h"
#include "sim/server_end.h"
#include "support/fake_filter.h"

namespace minim::sim {

struct Packet {
  Time arrives;
  std::string bytes;
  bool is_end = false;  // the other end closed, or the network says that it is gone
  bool is_reset = false;
  Moment sent{};                  // when it was written
  std::vector<Answer> answers{};  // that are in it
};

class Direction {
 public:
  // Never overtakes what was sent before.
  Time send(Time now, Duration delay, Packet packet) {
    last_ = std::max(last_, now + delay);
    packet.arrives = last_;
    under_way_.push_back(std::move(packet));
    return last_;
  }
  // Whatever is left to arrive by now.
  std::optional<Packet> take(Time now) {
    if (under_way_.empty() || under_way_.front().arrives > now) return std::nullopt;
    Packet first = std::move(under_way_.front());
    under_way_.pop_front();
    return first;
  }
  void drop() { under_way_.clear(); }

 private:
  std::deque<Packet> under_way_;
  Time last_{};
};

struct Wire {
  rpc::LinkId id = rpc::LinkId::kNone;
  std::uint32_t channel = 0;
  bool dialed = false;     // the dial has been answered
  bool is_open = false;    // for the client
  bool is_closed = false;  // kClose has come
  bool is_gone = false;    // the network has forgotten it: nothing arrives any more
  Time blocked_until{};    // the socket takes no bytes
  Direction to_server;
  Direction to_client;
  std::unique_ptr<ServerEnd> server;  // null once it has closed
  // With a filter: what the server reads through, and whether it has greeted.
  std::optional<test::FilterReader> filter;
  bool welcomed = false;
  Time server_turn = kNever;  // the event that is scheduled for it
};

}  // namespace minim::sim

#endif  // MINIM_TESTS_SIM_WIRE_H_
