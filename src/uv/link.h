// One socket of a channel on the loop: dial, poll, read, write, close.
#ifndef MINIM_UV_LINK_H_
#define MINIM_UV_LINK_H_

#include <uv.h>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "minim/rpc/channel.h"
#include "minim/status.h"
#include "uv/answer.h"
#include "uv/socket.h"
#include "uv/stream_wake.h"
#include "uv/system.h"

namespace minim::uv {

class Driver;
class LoopCore;

// Made by new; deletes itself once its poll handle has closed.
//
//   dial() --> [dialling] --finish_dial() OK--> [open] --close()--> gone
//      |             |  fails                      |  receive(), send() fail
//      +-------------+--------> close() <----------+
class Link {
 public:
  enum class Dial : std::uint8_t { kPending, kOpen, kFailed };

  // `user_timeout`: for Socket::set_user_timeout() once connected; zero: none.
  Link(LoopCore& core, Driver& driver, rpc::LinkId id, rpc::Address address, Duration user_timeout);
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  // Begins to connect and to poll. kFailed: `why` says so, and close() is due.
  Dial dial(uv_loop_t* loop, Status* why);
  // Looks at what the connect has come to.
  Dial finish_dial(Status* why);
  // Takes the connection that the host's dialer has made. Not OK: close() is due.
  Status adopt(uv_loop_t* loop, Answer& answer);
  // As Socket's, with the system's error as a Status that names the address. Would block: -1 and
  // OK.
  std::ptrdiff_t receive(char* buffer, std::size_t size, Status* why);
  std::ptrdiff_t send(std::string_view bytes, Status* why);
  // Polls for what the link's state calls for. No system call if nothing changed.
  Status update_poll();
  // A stream of the host's, which nothing polls: it is read and written until it says wait.
  bool is_stream() const { return stream_ != nullptr; }
  // Reading stopped although there may be more.
  void note_more_to_read();
  void on_wake();
  // The poll callback was given an error: the handle has stopped.
  void note_poll_stopped() { polled_ = 0; }
  // The socket is closed at once; the link goes when libuv has let go of its handle.
  void close();

  rpc::LinkId id() const { return id_; }
  bool is_open() const { return is_open_; }

  bool wants_write = false;  // the socket was full: writing goes on when it can take more

 private:
  Status poll(uv_loop_t* loop);
  Dial opened();
  // `most`: what it was given, or room for.
  std::ptrdiff_t moved(const ByteStream::Moved& what, std::size_t most, Status* why);
  Status failure(int error) const;
  static void on_poll(uv_poll_t* handle, int status, int events);
  static void on_closed(uv_handle_t* handle);

  LoopCore& core_;  // lives until handle_closed()
  Driver& driver_;  // not after close()
  const rpc::LinkId id_;
  const rpc::Address address_;
  const Duration user_timeout_;
  Socket socket_;
  std::unique_ptr<ByteStream> stream_;  // instead of the socket and its handle
  std::shared_ptr<StreamWake> wake_;    // of stream_
  bool stream_waits_ = false;           // it took less than it was given, and will wake us
  uv_poll_t poll_{};
  bool has_poll_ = false;
  bool is_open_ = false;
  int polled_ = 0;  // the events that the handle waits for
};

}  // namespace minim::uv

#endif  // MINIM_UV_LINK_H_
