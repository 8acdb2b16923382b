// When to send a PING and when to give a silent connection up (gRFC A8). Decides; sends nothing.
#ifndef MINIM_RPC_KEEPALIVE_H_
#define MINIM_RPC_KEEPALIVE_H_

#include <algorithm>
#include <optional>

#include "minim/rpc/options.h"
#include "minim/time.h"

namespace minim::rpc {

class Keepalive {
 public:
  enum class Action { kNone, kPing, kGiveUp };

  Keepalive(const std::optional<KeepaliveOptions>& options, Time now)
      : options_(options), last_read_(now) {}

  // Anything read shows that the peer lives; writing shows nothing.
  void on_read(Time now) { last_read_ = now; }
  void on_pong() { waiting_ = false; }
  bool is_waiting() const { return waiting_; }   // a PING is out
  Time ping_sent() const { return ping_sent_; }  // the last one

  Time next_deadline(bool has_calls) const {
    if (!options_) return kNever;
    if (waiting_) return add_clamped(std::max(ping_sent_, last_read_), options_->timeout);
    // A dead connection found late, after an idle time without PINGs, is asked about at once.
    if (!has_calls && !options_->without_calls) return kNever;
    return add_clamped(last_read_, options_->interval);
  }

  Action on_time(Time now, bool has_calls) {
    if (now < next_deadline(has_calls)) return Action::kNone;
    if (waiting_) return Action::kGiveUp;
    waiting_ = true;
    ping_sent_ = now;
    return Action::kPing;
  }

 private:
  std::optional<KeepaliveOptions> options_;
  Time last_read_;
  Time ping_sent_{};
  bool waiting_ = false;  // a PING is out and unanswered
};

}  // namespace minim::rpc

#endif  // MINIM_RPC_KEEPALIVE_H_
