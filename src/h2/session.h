// The client end of one HTTP/2 connection, behind verbs and events. nghttp2 does the protocol; its
// types do not show here. Does no I/O and reads no clock.
//
//   a good exchange   start() output() -> preface, SETTINGS, HEADERS, DATA
//                     receive() -> kSettings, kHeaders, kData, kHeaders(end_stream), kStreamClosed
//   a refused stream  receive() -> kStreamClosed{kRefused}
//   GOAWAY            receive() -> kGoaway; streams above its id: kStreamClosed{kRefused}
//   a cancel          cancel() output() -> RST_STREAM
//
// Streams are known by the mark that their owner gave at start(). Every started stream ends with
// exactly one kStreamClosed, also when the whole session fails; one that was cancelled here gives
// no further event at all.
#ifndef MINIM_H2_SESSION_H_
#define MINIM_H2_SESSION_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "grpcframe/header_field.h"
#include "h2/request_head.h"
#include "minim/status.h"
#include "minim/time.h"

namespace minim::h2 {

// RFC 9113, 7.
enum ErrorCode : std::uint32_t {
  kNoError = 0,
  kProtocolError = 1,
  kInternalError = 2,
  kSettingsTimeout = 4,
  kRefusedStream = 7,
  kCancel = 8,
  kCompressionError = 9,
  kEnhanceYourCalm = 11,
};

// 2^31 - 1: the last id of a graceful GOAWAY's first frame.
inline constexpr std::int32_t kMaxStreamId = 0x7fffffff;
// Streams are opened only below this id, so that a session is replaced long before its ids run out.
inline constexpr std::int32_t kLastUsableStreamId = 1 << 30;
// What a client may assume before the peer's SETTINGS (the value nghttp2 and the gRPC libraries
// use).
inline constexpr std::uint32_t kAssumedMaxStreams = 100;
// Requests that wait inside nghttp2 for the output, and resets as many: what is more waits outside.
// nghttp2 looks through them for each reset, and from 1.70 on ends a session in whose queue are
// more than 5,000 frames.
inline constexpr std::size_t kMaxQueuedFrames = 1000;

struct SessionOptions {
  std::uint32_t stream_window_bytes = 1u << 20;
  std::uint32_t connection_window_bytes = 4u << 20;
  std::size_t max_header_list_bytes = std::size_t{64} << 10;
  std::size_t max_output_bytes = std::size_t{64} << 10;
  Duration settings_timeout = std::chrono::seconds(20);
};

// The session's own name of a stream; valid until its kStreamClosed or cancel().
enum class StreamSlot : std::uint32_t { kNone = 0xffffffff };

// How far a request has left its session.
enum class SendState : std::uint8_t {
  kUnsent,   // cancel() takes it back: the peer sees nothing of it
  kSending,  // begun, or in the output
  kSent,
};

enum class CloseCause : std::uint8_t {
  kFinished,   // both ends have ended it
  kReset,      // RST_STREAM from the peer; `error` says which
  kRefused,    // proven unprocessed: RST_STREAM(REFUSED_STREAM), or above a GOAWAY's last id
  kNotSent,    // never left us: the session drained or ended before its HEADERS went out
  kViolation,  // reset here because the peer broke the protocol on this stream; `text` says how
  // Reset here: the response's header list passed max_header_list_bytes; or, with `error`
  // kCompressionError, one field of it nghttp2's 64 KiB, which ends the session.
  kHeadersTooLarge,
  kSessionLost,  // the session failed or was closed with the stream open
};

struct Event {
  enum class Kind : std::uint8_t {
    kSettings,      // the peer's SETTINGS (first ones: the connection works); see max_streams()
    kHeaders,       // a final header block: the response head, or trailers
    kData,          // body bytes
    kStreamClosed,  // last event of the stream
    kPong,          // a PING of ours was answered; `value` is its payload
    kGoaway,        // no new streams; `error`, `value` (last stream id), `text` (debug data)
    kClosed,        // the session can go on no longer: `error`, `text`
  };
  Kind kind = Kind::kClosed;
  CloseCause cause = CloseCause::kFinished;
  bool end_stream = false;  // kHeaders, kData
  std::uint32_t error = 0;  // HTTP/2 error code
  void* mark = nullptr;     // kHeaders, kData, kStreamClosed: as given to start()
  std::uint64_t value = 0;
  HeaderFields headers;   // kHeaders: all fields, ":status" first
  std::string_view text;  // kData: the bytes; else a text
};

class Session {
 public:
  class Impl;  // session_impl.h

  Session(const SessionOptions& options, Time now);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session();

  // Opens a stream: HEADERS, then DATA of `prefix` and `body` with END_STREAM. `varying`: the value
  // of the head's varying field. Nothing is copied: head, value and bodies must live until the
  // stream's kStreamClosed or cancel(). Only while can_start(). kNone: no memory or no stream id;
  // no event follows.
  StreamSlot start(void* mark, RequestHead& head, std::string_view varying, std::string_view prefix,
                   std::string_view body);
  // Streams that the peer's limit has left; none before SETTINGS and when draining.
  std::uint32_t free_streams() const;
  // A new stream could be opened now: one is free, has an id, and fewer than kMaxQueuedFrames wait
  // for the output, which may change as that is consumed.
  bool can_start() const;
  // No stream id is left that may be used; a new session is needed.
  bool stream_ids_used_up() const;
  // Gives a stream up: RST_STREAM with `error`, unless it was never sent or has ended. No further
  // event of it comes, and nothing of it is referenced any more.
  void cancel(StreamSlot stream, ErrorCode error);
  SendState send_state(StreamSlot stream) const;
  void ping(std::uint64_t payload);
  // GOAWAY(NO_ERROR): nothing more will be started here.
  void shut_down();
  // The transport is gone: closes every stream. No kClosed of its own.
  void lost();

  void receive(Time now, std::string_view bytes);
  // Bytes to write; the view lives until the next non-const call.
  std::string_view output();
  void consume_output(std::size_t count);

  // The next event, or null. It and its views live until the next receive(), output(), lost() or
  // next_event(), and the views of kData only as long as the bytes given to receive(): drain the
  // events before letting go of them.
  const Event* next_event();

  Time next_deadline() const;  // of the peer's SETTINGS and of the acknowledgement of ours
  void on_time(Time now);

  bool has_settings() const;           // the peer's have come
  bool is_closed() const;              // kClosed was queued
  std::uint32_t max_streams() const;   // the peer's MAX_CONCURRENT_STREAMS
  std::uint32_t open_streams() const;  // started here, not yet closed
  std::size_t queued_frames() const;   // inside nghttp2
  // The peer's MAX_HEADER_LIST_SIZE; the largest size_t when it gave none.
  std::size_t max_request_header_bytes() const;

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace minim::h2

#endif  // MINIM_H2_SESSION_H_
