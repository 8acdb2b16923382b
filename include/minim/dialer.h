// Dialer: a host's own way to the server: a descriptor that it has connected, or a stream of bytes.
#ifndef MINIM_DIALER_H_
#define MINIM_DIALER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "minim/rpc/target.h"
#include "minim/status.h"

namespace minim {

namespace uv {
class HostAnswer;
struct StreamWake;
}  // namespace uv

// Tells the loop that a stream can go on. Any thread, any number of times, also when the connection
// is gone; cheap if the loop knows already.
class StreamWaker {
 public:
  explicit StreamWaker(std::shared_ptr<uv::StreamWake> wake);
  ~StreamWaker();
  StreamWaker(const StreamWaker&);
  StreamWaker& operator=(const StreamWaker&);
  void wake() const;

 private:
  std::shared_ptr<uv::StreamWake> wake_;
};

// A connection that is no descriptor: a tunnel, a serial line, memory. All members are called on
// the loop's thread and must not block or throw.
//
//   open(waker)   write(preface) -> kBytes   read() -> kWait     waker.wake(), from anywhere
//   read() -> kBytes ... read() -> kWait     read() -> kEnd      destroyed: closed
//
// Any other count ends the connection (UNAVAILABLE, a text that says so), as kEnd and kFailed do.
class ByteStream {
 public:
  struct Moved {
    enum class Kind : std::uint8_t {
      kBytes,   // `count` of them, from one to as many as the call was given (or room for)
      kWait,    // none now: wake() follows as soon as there may be
      kEnd,     // the stream has ended, by read() once all that the peer has sent is read
      kFailed,  // `status`: why
    };
    Kind kind = Kind::kWait;
    std::size_t count = 0;
    Status status{};
  };

  virtual ~ByteStream() = default;
  // First of all, once. The stream is connected.
  virtual void open(StreamWaker waker) = 0;
  // Up to `size` bytes into `buffer`.
  virtual Moved read(char* buffer, std::size_t size) = 0;
  // As many of `bytes` as it takes; they are not referenced later.
  virtual Moved write(std::string_view bytes) = 0;
};

// Where a dialer puts its connection: once, at once or later, on any thread, also when the client
// is gone. Destroyed without an answer it says that there is none (UNAVAILABLE).
class DialAnswer {
 public:
  explicit DialAnswer(std::unique_ptr<uv::HostAnswer> slot);
  DialAnswer(DialAnswer&&) noexcept;
  DialAnswer& operator=(DialAnswer&&) = delete;
  ~DialAnswer();

  // A connected stream socket (TCP, unix, a socketpair). minim owns it from here on, makes it
  // non-blocking and closes it, also if nobody wants it any more.
  void give(int descriptor);
  // Destroyed on the loop's thread; on this one if nobody wants it any more.
  void give(std::unique_ptr<ByteStream> stream);
  // Why there is none, in words for the error of the calls that wait.
  void fail(const Status& why);

 private:
  std::unique_ptr<uv::HostAnswer> slot_;
};

class Dialer {
 public:
  virtual ~Dialer() = default;
  // Asked for each connection (to the proxy if there is one). Without a Resolver beside it a name
  // comes as it is, in address.host, and nothing is looked up. Called on the loop's thread, where
  // nobody may block or throw. Nobody waits for the answer longer than a connection may take.
  virtual void dial(const rpc::Address& address, DialAnswer answer) = 0;
};

}  // namespace minim

#endif  // MINIM_DIALER_H_
