// What is behind Connection: its calls and the HTTP/2 session under them.
#ifndef MINIM_RPC_CONNECTION_IMPL_H_
#define MINIM_RPC_CONNECTION_IMPL_H_

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "base/timer_heap.h"
#include "grpcframe/message_reader.h"
#include "grpcframe/response.h"
#include "grpcframe/timeout.h"
#include "h2/session.h"
#include "minim/observer.h"
#include "minim/rpc/connection.h"
#include "rpc/keepalive.h"
#include "rpc/request_heads.h"

namespace minim::rpc {

// Response readers kept for the next calls; more are freed.
inline constexpr std::size_t kMaxFreeReaders = 64;
// Of keepalive's PINGs: at most one is out, so that they need not differ.
inline constexpr std::uint64_t kPingPayload = 0;

class Connection::Impl {
 public:
  Impl(ConnectionOptions options, Time now);
  ~Impl();

  enum class State : std::uint8_t {
    kFree,    // in free_
    kQueued,  // in the queue: no stream yet
    kOpen,    // on a stream
  };

  struct Call {
    State state = State::kFree;
    bool gzip = false;  // the request is sent gzip-coded
    std::uint32_t slot = 0;
    std::uint32_t generation = 0;
    Call* previous = nullptr;  // kQueued: neighbours in the queue
    Call* next = nullptr;
    void* tag = nullptr;
    h2::StreamSlot stream = h2::StreamSlot::kNone;
    std::unique_ptr<ResponseReader> reader;  // from the first byte of a response on
    const Request* request = nullptr;
    std::unique_ptr<Request> own;  // what `request` points to, unless it is borrowed
    RequestHeads::Head* head = nullptr;
    std::unique_ptr<std::string> coded;  // the gzip-coded message, if gzip
    Time asked{};
    Time deadline = kNever;
    TimerHeap::Entry timer;
    char timeout_text[kMaxTimeoutChars] = {};
    char prefix[kMessagePrefixBytes] = {};
  };

  CallId start(Time now, const Request& request, std::unique_ptr<Request> own, Time deadline,
               void* tag, Time asked);
  Progress cancel(Time now, CallId id, Status why);
  void receive(Time now, std::string_view bytes);
  void lost(Time now, Status why);
  void shut_down(Time now);
  Time next_deadline() const;
  void on_time(Time now);
  Event* next_event();
  bool has_event() const { return next_event_ < events_.size(); }
  bool has_room() const;

  Status check(Time now, const Call& call) const;
  Call& take_free();
  Call* find(CallId id);
  static CallId id_of(const Call& call);
  void enqueue(Call& call);
  void unqueue(Call& call);
  void dispatch(Time now);
  void open_stream(Time now, Call& call);
  void release_head(Call& call);
  void take_session_events(Time now);
  void settle(Time now);
  void on_response_event(Time now, Call& call, const h2::Event& event);
  void on_stream_closed(Time now, Call& call, const h2::Event& event);
  void on_goaway(const h2::Event& event);
  void on_verdict(Call& call, Verdict verdict);
  void finish(Call& call, Status status, Progress progress);
  void finish(Call& call, Response&& response, Progress progress);
  void expire(Time now, Call& call);
  std::string phase_of(const Call& call) const;
  // Nothing of it has left, and nothing will if it ends now.
  bool is_unsent(const Call& call) const;
  void drain(Status why);
  void close_if_drained();
  void close(Status why);
  ResponseReader& reader_of(Call& call);
  Event& push(Event::Kind kind);
  // A new value for the observer to fill in; null: there is none.
  Observation* observe(Observation::Kind kind);
  void observe_reset(const Call& call, std::uint32_t error);
  bool has_calls() const { return call_count_ > 0; }

  ConnectionOptions options_;
  RequestHeads heads_;
  h2::Session session_;
  Keepalive keepalive_;
  TimerHeap timers_;
  std::deque<Call> calls_;  // addresses stay
  std::vector<Call*> free_;
  std::vector<std::unique_ptr<ResponseReader>> free_readers_;
  Call* queue_head_ = nullptr;
  Call* queue_tail_ = nullptr;
  std::size_t queued_count_ = 0;
  std::size_t call_count_ = 0;

  std::vector<Event> events_;
  std::size_t next_event_ = 0;
  std::string first_bytes_;  // of the peer, until its SETTINGS come
  Status drained_by_;        // why no further call may start; OK: they may
  Status lost_status_;       // what calls get whose stream the session took with it
  bool goaway_seen_ = false;
  bool draining_ = false;
  bool closed_ = false;
};

}  // namespace minim::rpc

#endif  // MINIM_RPC_CONNECTION_IMPL_H_
