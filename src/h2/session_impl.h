// What is behind Session: the nghttp2 session, our streams, the events that wait to be taken.
#ifndef MINIM_H2_SESSION_IMPL_H_
#define MINIM_H2_SESSION_IMPL_H_

#include <nghttp2/nghttp2.h>

#include <cstddef>
#include <deque>
#include <string>
#include <vector>

#include "h2/arena.h"
#include "h2/header_encoder.h"
#include "h2/pool.h"
#include "h2/session.h"

namespace minim::h2 {

// Informational (1xx) blocks that one response may have. They carry nothing for gRPC; a peer that
// sends more only burns our time.
inline constexpr unsigned kMaxInformationalBlocks = 16;

class Session::Impl {
 public:
  Impl(const SessionOptions& options, Time now);
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl();

  static constexpr auto kNoSlot = static_cast<std::uint32_t>(StreamSlot::kNone);

  struct Stream {
    void* mark = nullptr;
    std::int32_t id = 0;
    std::uint32_t slot = 0;
    std::uint32_t next_free = kNoSlot;  // while it is not in use
    bool in_use = false;
    bool cancelled = false;        // given up by cancel(): events are swallowed
    bool closed = false;           // its kStreamClosed is queued
    bool reset_by_peer = false;    // RST_STREAM was received; nghttp2's close callback cannot tell
    bool cause_known = false;      // `cause` was set by us before nghttp2 closes the stream
    bool has_large_field = false;  // kHeadersTooLarge by one field alone
    CloseCause cause = CloseCause::kFinished;
    unsigned informational_blocks = 0;
    std::size_t header_list_bytes = 0;  // of the current block
    std::uint32_t first_field = 0;      // of the current block, in fields_
    // Where in the output its HEADERS begin; past the end until they are written.
    std::uint64_t headers_offset = UINT64_MAX;
    bool is_unsent() const { return headers_offset == UINT64_MAX; }
    RequestHead* head = nullptr;  // until its HEADERS are written
    std::string_view varying;
    std::string_view prefix;  // what is left to send
    std::string_view body;
    std::string_view violation;  // what the peer did wrong; a constant or in arena_
  };

  struct Queued {
    Event event;
    Stream* stream = nullptr;
    // Of event.headers: fields_ may still move while the event waits.
    std::uint32_t first_field = 0;
    std::uint32_t field_count = 0;
  };

  StreamSlot start(void* mark, RequestHead& head, std::string_view varying, std::string_view prefix,
                   std::string_view body);
  void cancel(Stream& stream, ErrorCode error);
  void lost();
  // Of the events from `from` on: those that follow one another, by their streams' ids.
  void order_closed_streams(std::size_t from);
  void receive(std::string_view bytes);
  void pump();
  const Event* next_event();
  void fail(std::uint32_t error, std::string_view text);

  // From nghttp2 (callbacks.cc); the return values are nghttp2's.
  void on_frame_received(const nghttp2_frame& frame);
  int on_header(std::string_view name, std::string_view value);
  int on_invalid_header(const nghttp2_frame& frame);
  void on_data(std::int32_t stream_id, std::string_view bytes);
  int on_before_send(const nghttp2_frame& frame);
  void on_sent(const nghttp2_frame& frame);
  void on_invalid_frame(const nghttp2_frame& frame, std::string_view reason);
  void on_stream_closed(std::int32_t stream_id, std::uint32_t error);
  ssize_t read_body(Stream& stream, char* buffer, std::size_t space, std::uint32_t* flags);

  Stream* find(std::int32_t stream_id);
  // For callbacks about header blocks, DATA and the end: nghttp2 makes them for streams that we
  // have opened and no other. Pushes it refuses by itself, even before our SETTINGS are
  // acknowledged; of a stream that is being reset it reads nothing on. Should a version of it do
  // otherwise, a peer that makes it so gets `nobody_`, whose events are swallowed.
  Stream& open_stream(std::int32_t stream_id) {
    Stream* const stream = find(stream_id);
    return stream != nullptr ? *stream : nobody_;
  }
  Queued& push(Event::Kind kind);
  Queued& push(Event::Kind kind, Stream& stream);
  void violation(Stream& stream, std::string_view what);
  void release(Stream& stream);
  void submit_reset(Stream& stream, ErrorCode error);
  void submit_resets();
  void take_back_unsent();
  void write_request(Stream& stream, std::string_view frame);
  void drop_unsent_requests();
  std::uint32_t free_streams() const {
    return has_settings_ && !draining_ && open_streams_ < max_streams_
               ? max_streams_ - open_streams_
               : 0;
  }
  bool has_events() const { return next_event_ < events_.size(); }

  SessionOptions options_;
  Pool pool_;  // before the session, which lives in it
  nghttp2_session* session_ = nullptr;
  std::deque<Stream> streams_;  // addresses stay: nghttp2 holds pointers to them
  std::uint32_t first_free_ = kNoSlot;
  Stream nobody_;  // cancelled
  std::uint32_t open_streams_ = 0;
  // What find() found last, null once it is closed. nghttp2 looks a stream up in a hash table, and
  // tells us about each field and each piece of DATA by the stream's number.
  Stream* found_ = nullptr;

  std::vector<Queued> events_;
  std::size_t next_event_ = 0;
  std::vector<HeaderField> fields_;  // of queued events, and of the block that comes in
  Arena arena_;                      // their names and values, and texts of queued events
  // Whose header block is coming in and wanted, and the flags of its HEADERS. A block may span
  // several inputs: until it ends, what has come of it stays in fields_ and arena_.
  Stream* collecting_ = nullptr;
  std::uint8_t collecting_flags_ = 0;
  HeaderEncoder encoder_;
  // Cancelled streams whose RST_STREAM waits for room in nghttp2's queue.
  struct Reset {
    Stream* stream;
    std::int32_t id;
    ErrorCode error;
  };
  std::vector<Reset> resets_;
  Stream* sending_ = nullptr;  // nghttp2 is about to hand its HEADERS over

  bool may_have_output_ = true;  // nghttp2 was given something since it last had nothing to write
  std::string output_;
  std::size_t output_taken_ = 0;
  std::uint64_t output_end_ = 0;       // bytes ever put into output_
  std::uint64_t output_consumed_ = 0;  // bytes ever consumed from it

  Time settings_deadline_;
  bool has_settings_ = false;
  // The peer's last word: these are asked for several times with each call.
  std::uint32_t max_streams_ = kAssumedMaxStreams;
  std::size_t max_request_header_bytes_ = UINT32_MAX;
  bool settings_acknowledged_ = false;
  bool draining_ = false;     // GOAWAY sent or received
  bool goaway_came_ = false;  // in the input that is being read
  bool closed_ = false;
  bool lost_ = false;  // no further byte leaves: streams no longer reference what they send
};

struct CallbacksDeleter {
  void operator()(nghttp2_session_callbacks* callbacks) const {
    nghttp2_session_callbacks_del(callbacks);
  }
};
std::unique_ptr<nghttp2_session_callbacks, CallbacksDeleter> make_callbacks();

}  // namespace minim::h2

#endif  // MINIM_H2_SESSION_IMPL_H_
