// The server's end of an HTTP/2 connection, by hand: what it sends, as bytes of our choosing, and
// what it has received, as records. Knows frames and HPACK, and keeps no rule of the protocol, so
// that every breach can be written down.
#ifndef MINIM_TESTS_SUPPORT_PEER_H_
#define MINIM_TESTS_SUPPORT_PEER_H_

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/hpack.h"

namespace minim::test {

enum FrameType : std::uint8_t {
  kData = 0,
  kHeaders = 1,
  kPriority = 2,
  kRstStream = 3,
  kSettings = 4,
  kPushPromise = 5,
  kPing = 6,
  kGoaway = 7,
  kWindowUpdate = 8,
  kContinuation = 9,
};

enum FrameFlag : std::uint8_t { kEndStream = 1, kAck = 1, kEndHeaders = 4, kPadded = 8 };

enum Setting : std::uint16_t {
  kHeaderTableSize = 1,
  kEnablePush = 2,
  kMaxConcurrentStreams = 3,
  kInitialWindowSize = 4,
  kMaxFrameSize = 5,
  kMaxHeaderListSize = 6,
};

// The five bytes and the message (gRPC PROTOCOL-HTTP2, "Length-Prefixed-Message").
std::string grpc_message(std::string_view message, char flag = 0);
// ":status 200", the content type, and what `more` says.
Fields grpc_headers(Fields more = {});

// Writes frames one after another: peer.settings().headers(1, ...).data(1, ...).rst(1, 8).
class Peer {
 public:
  Peer& raw(std::string_view bytes);
  Peer& frame(std::uint8_t type, std::uint8_t flags, std::uint32_t stream,
              std::string_view payload);
  Peer& settings(const std::vector<std::pair<std::uint16_t, std::uint32_t>>& values = {});
  Peer& settings_ack();
  Peer& headers(std::uint32_t stream, const Fields& fields, bool end_stream = false);
  // Cut into a HEADERS and CONTINUATION frames of `piece_bytes` at most.
  Peer& split_headers(std::uint32_t stream, const Fields& fields, std::size_t piece_bytes,
                      bool end_stream = false);
  Peer& data(std::uint32_t stream, std::string_view bytes, bool end_stream = false);
  Peer& padded_data(std::uint32_t stream, std::string_view bytes, std::uint8_t padding);
  Peer& trailers(std::uint32_t stream, const Fields& fields) {
    return headers(stream, fields, true);
  }
  Peer& rst(std::uint32_t stream, std::uint32_t error);
  Peer& goaway(std::uint32_t last_stream, std::uint32_t error = 0, std::string_view debug = {});
  Peer& ping(std::string_view payload = "8 bytes!");
  Peer& pong(std::string_view payload);
  Peer& window_update(std::uint32_t stream, std::uint32_t increment);

  // A whole good response; and one that has only trailers.
  Peer& reply(std::uint32_t stream, std::string_view message);
  Peer& fail(std::uint32_t stream, int grpc_status, std::string_view text = {}, Fields more = {});

  const std::string& bytes() const { return bytes_; }
  std::string take() { return std::exchange(bytes_, {}); }
  bool empty() const { return bytes_.empty(); }

 private:
  std::string bytes_;
};

struct Frame {
  std::uint8_t type = 0;
  std::uint8_t flags = 0;
  std::uint32_t stream = 0;
  std::string payload;
  std::vector<DecodedField> fields;  // HEADERS: of the whole block, CONTINUATIONs included

  bool end_stream() const { return (flags & kEndStream) != 0; }
  bool is_ack() const { return (flags & kAck) != 0; }
  // The 32 bits at `offset` of the payload: error codes, increments, stream ids.
  std::uint32_t number(std::size_t offset = 0) const;
  std::string field(std::string_view name) const;  // the first one's value; "" if there is none
};

// Takes the client's bytes apart.
class Received {
 public:
  // False once the bytes have broken the framing: see `problem`.
  bool receive(std::string_view bytes);

  const std::vector<Frame>& frames() const { return frames_; }
  const std::string& problem() const { return problem_; }
  bool has_preface() const { return has_preface_; }
  bool at_boundary() const { return pending_.empty() && block_.empty(); }

  std::size_t count(FrameType type) const;
  std::size_t count(FrameType type, std::uint32_t stream) const;
  // The first frame of that kind, or null.
  const Frame* find(FrameType type) const;
  const Frame* find(FrameType type, std::uint32_t stream) const;
  // All DATA of a stream.
  std::string body(std::uint32_t stream) const;
  // The stream whose request has this path, after `skip` others; 0: none.
  std::uint32_t stream_of(std::string_view path, std::size_t skip = 0) const;

 private:
  bool take_frame();
  bool fail(std::string text);

  std::string pending_;  // not yet a whole frame
  bool has_preface_ = false;
  std::string problem_;
  HpackDecoder hpack_;
  Frame open_block_;   // HEADERS whose CONTINUATIONs are still to come
  std::string block_;  // its bytes so far
  bool in_block_ = false;
  std::vector<Frame> frames_;
};

}  // namespace minim::test

#endif  // MINIM_TESTS_SUPPORT_PEER_H_
