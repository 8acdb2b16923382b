// The way from a host's byte stream, on any thread, to its link.
#ifndef MINIM_UV_STREAM_WAKE_H_
#define MINIM_UV_STREAM_WAKE_H_

#include <memory>

#include "uv/list.h"

namespace minim::uv {

class Link;
class Mailbox;

// Shared by the link and every copy of the host's StreamWaker.
struct StreamWake {
  StreamWake(std::shared_ptr<Mailbox> way, Link& owner) : mailbox(std::move(way)), link(owner) {}

  const std::shared_ptr<Mailbox> mailbox;
  Link& link;  // the loop's thread's only, and not once is_gone

  // Under the mailbox's mutex.
  Hook<StreamWake> hook;
  bool is_gone = false;
};

}  // namespace minim::uv

#endif  // MINIM_UV_STREAM_WAKE_H_
