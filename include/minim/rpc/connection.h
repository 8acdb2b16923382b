// One HTTP/2 connection that carries unary gRPC calls. Does no I/O, reads no clock, runs no user
// code: bytes and time go in, bytes and events come out.
//
//   a good call    start() output() -> preface, SETTINGS, HEADERS+DATA
//                  receive(SETTINGS, HEADERS, DATA, trailers) next_event() -> kReady, kReply
//   refused        receive(RST_STREAM REFUSED) -> kReply UNAVAILABLE, Progress::kNotProcessed
//   GOAWAY         receive(GOAWAY last=1) -> kDraining; calls above 1: kReply kNotProcessed; calls
//   up
//                  to 1 finish; then kClosed
//   cancel         cancel(id) -> kReply CANCELLED; output() -> RST_STREAM(CANCEL) if it was sent
//   lost           lost(status) -> kReply UNAVAILABLE for each call, kClosed
//
// Each started call gives exactly one kReply. Calls wait in the connection until the peer's
// SETTINGS have come and while its MAX_CONCURRENT_STREAMS are in use; their deadlines run
// meanwhile.
#ifndef MINIM_RPC_CONNECTION_H_
#define MINIM_RPC_CONNECTION_H_

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "minim/rpc/call.h"
#include "minim/rpc/options.h"

namespace minim {
struct Observation;
}  // namespace minim

namespace minim::rpc {

struct ConnectionOptions {
  std::string authority{};
  std::string user_agent = "minim";
  bool tls = false;  // :scheme https
  std::optional<KeepaliveOptions> keepalive{};
  std::optional<std::size_t> gzip_above_bytes{};
  bool accept_gzip = true;
  Limits limits{};
  // How long the peer may take for its SETTINGS and for the acknowledgement of ours.
  Duration settings_timeout = std::chrono::seconds(20);
  // Where what an observer is to be told is appended, under this number; null: nowhere.
  std::vector<Observation>* observations = nullptr;
  std::uint64_t number = 0;
};

class Connection {
 public:
  struct Event {
    enum class Kind : std::uint8_t {
      kReady,     // the peer's SETTINGS have come: it speaks HTTP/2
      kReply,     // a call has ended
      kDraining,  // no further calls should be started here (GOAWAY, stream ids used up)
      kClosed,    // nothing more will happen; every call has had its kReply
      kNotice,    // worth a line in a log: `status` says what
    };
    Kind kind = Kind::kNotice;
    CallId call = CallId::kNone;  // kReply
    void* tag = nullptr;          // kReply: as given to start()
    Reply reply;                  // kReply
    Request request;              // kReply: as given to start(), for another attempt
    Status status;                // kClosed: why (OK: orderly); kDraining, kNotice: what happened
    bool too_many_pings = false;  // kDraining: the peer complained of our keepalive (gRFC A8)
    bool gzip_refused = false;    // kReply: the server cannot read gzip requests
  };

  Connection(ConnectionOptions options, Time now);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection();

  // Queues a call that must end by `deadline`. Never fails: what is wrong with it (a message above
  // the limit, a deadline in the past, a connection that drains) comes as its kReply. `tag` is the
  // caller's own mark, given back with the reply. `asked`: since when its clock runs, if the call
  // has waited elsewhere; the text of DEADLINE_EXCEEDED counts from there.
  CallId start(Time now, Request request, Time deadline = kNever, void* tag = nullptr,
               Time asked = kNever);
  // The same with a request that stays where it is, unchanged, until its kReply has been taken;
  // that does not hand it back.
  CallId start_borrowed(Time now, const Request& request, Time deadline, void* tag, Time asked);
  // Ends a call with CANCELLED, or with `why`. No-op once it has ended. Gives what its kReply says
  // of its progress; kSent if that has been handed out already.
  Progress cancel(Time now, CallId call);
  Progress cancel(Time now, CallId call, Status why);

  void receive(Time now, std::string_view bytes);
  // Bytes to write; the view lives until the next non-const call. Empty: nothing to write now.
  std::string_view output();
  void consume_output(std::size_t count);
  // The transport has ended or failed: `why` is what each open call gets (UNAVAILABLE).
  void lost(Time now, Status why);
  // No new calls; open ones finish; then GOAWAY and kClosed.
  void shut_down(Time now);
  // Later requests are sent as they are.
  void stop_gzip();

  // When on_time() should be called at the latest; kNever: no need.
  Time next_deadline() const;
  // Early calls are harmless, late ones too.
  void on_time(Time now);

  // The next event, or null. The caller may move from it; it goes with the next call of any member.
  Event* next_event();
  // The same, moved to `event`; false: none.
  bool next_event(Event* event);
  bool has_event() const;

  bool is_ready() const;
  // A call started now would not have to wait for the peer's stream limit.
  bool has_room() const;
  std::uint32_t max_streams() const;  // the peer's MAX_CONCURRENT_STREAMS
  bool is_draining() const;           // or closed
  bool is_closed() const;
  std::size_t call_count() const;    // open and queued
  std::size_t queued_count() const;  // not yet on a stream

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace minim::rpc

#endif  // MINIM_RPC_CONNECTION_H_
