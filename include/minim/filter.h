// A filter stands between a socket and HTTP/2: bytes in, bytes out, no I/O. TLS is one.
#ifndef MINIM_FILTER_H_
#define MINIM_FILTER_H_

#include <memory>
#include <string>
#include <string_view>

#include "minim/result.h"

namespace minim {

// One connection's filter. A good life:
//
//   output() -> ClientHello      receive(ServerHello ...)   output() -> Finished     is_open()
//   send("PRI * HTTP/2.0...")    output() -> record         receive(record)          plain() ->
//   SETTINGS close()                      output() -> close_notify
//
// After failed() is not OK nothing more comes out but what output() still holds (an alert).
// No member may throw.
class Filter {
 public:
  virtual ~Filter() = default;

  // Bytes from the network.
  virtual void receive(std::string_view bytes) = 0;
  // The network has ended. If that cuts the handshake or a message, failed() says so.
  virtual void receive_end() = 0;

  // Bytes for the network; the view lives until the next non-const call.
  virtual std::string_view output() = 0;
  virtual void consume_output(std::size_t count) = 0;

  // Plain bytes to protect. Only once is_open(). Everything is taken, or failed() says why not.
  virtual void send(std::string_view plain) = 0;
  // Plain bytes that have arrived; the view lives until the next non-const call.
  virtual std::string_view plain() = 0;
  virtual void consume_plain(std::size_t count) = 0;

  // Handshake done and the peer accepted; send() is allowed.
  virtual bool is_open() const = 0;
  // Why the filter can go on no longer: a failed handshake or a broken record (UNAVAILABLE, origin
  // transport, a text that says what to do); OK while it lives.
  virtual const Status& failed() const = 0;
  // The peer has said an orderly goodbye (close_notify).
  virtual bool peer_closed() const = 0;
  // Says goodbye in turn; only output() is of use afterwards.
  virtual void close() = 0;
};

class FilterFactory {
 public:
  virtual ~FilterFactory() = default;
  // A filter for one connection. `host` is the target's host name or numeric address, as the user
  // wrote it, without port. Called on the channel's thread; must not throw.
  virtual Result<std::unique_ptr<Filter>> open(const std::string& host) = 0;
  // Whether it protects what it carries: false for one that only looks on.
  virtual bool is_secure() const { return true; }
  // The name that replaces the target's host in :authority; empty: no replacement.
  virtual std::string authority() const { return {}; }
};

}  // namespace minim

#endif  // MINIM_FILTER_H_
