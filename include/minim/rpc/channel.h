// A channel: resolves, dials, keeps a connection ready, replaces it when it drains, repeats what
// may be repeated. Does no I/O: what it wants from outside is a value (next_action), what happened
// outside is an input.
//
//   idle --start()--> resolving --resolved--> dialling --dialled--> [proxy] --> [TLS] --> SETTINGS
//   --> ready
//     ^                   |                       |                                           |
//     |                   +------- failed --------+--> backoff (fail-fast calls end) ---------+--
//     lost, GOAWAY
//     +----------------------------- no calls ------------------------------------------------+
//
// With dns_balancing or max_connections several links may be ready at once: then the state is that
// of the best of them.
//
// A driver's turn: feed what was read, on_time(now), hand out next_event(), perform next_action(),
// write output() of each link, arm one timer at next_deadline().
#ifndef MINIM_RPC_CHANNEL_H_
#define MINIM_RPC_CHANNEL_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "minim/random.h"
#include "minim/rpc/call.h"
#include "minim/rpc/channel_state.h"
#include "minim/rpc/options.h"
#include "minim/rpc/target.h"

namespace minim {
struct Observation;
}  // namespace minim

namespace minim::rpc {

// Names a lookup or a connection that the channel asked for; never used again for another.
enum class LinkId : std::uint64_t { kNone = 0 };

class Channel {
 public:
  class Impl;  // channel_impl.h

  struct Action {
    enum class Kind : std::uint8_t {
      kResolve,  // look `host` up; answer with resolved(link)
      kDial,     // connect to `address`; answer with dialed(link)
      kClose,    // close the socket of `link`, if it has one; no answer. output() still holds last
                 // words: write what the socket takes at once. Each dialled link ends with this
    };
    Kind kind = Kind::kClose;
    LinkId link = LinkId::kNone;
    std::string host;        // kResolve
    std::uint16_t port = 0;  // kResolve
    Address address;         // kDial
  };

  struct Event {
    enum class Kind : std::uint8_t {
      kReply,   // a call has ended
      kState,   // the channel's state has changed
      kNotice,  // worth a line in a log
      kClosed,  // close() is complete
    };
    Kind kind = Kind::kNotice;
    CallId call = CallId::kNone;
    void* tag = nullptr;  // kReply: CallOptions::tag
    Reply reply;
    ChannelState state = ChannelState::kIdle;
    Status status;  // kState, kNotice: why
  };

  // INVALID_ARGUMENT for options that contradict each other or cannot be read, all problems in one
  // text. `random` must outlive the channel.
  static Result<std::unique_ptr<Channel>> create(ChannelOptions options, Random& random);
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;
  ~Channel();

  // Starts a call. Never fails: whatever is wrong comes as its kReply event, exactly one per call.
  CallId start(Time now, Request&& request, CallOptions&& options);
  // Ends a call with CANCELLED. No-op once it has ended. kNotSent: the server has not seen it, in
  // this attempt or another.
  Progress cancel(Time now, CallId call);
  // Makes a connection although no call needs one.
  void connect(Time now);
  // Ends everything: each call with CANCELLED "client closed"; connections say goodbye. `drain`:
  // first gives the calls there are this long to end by themselves; new ones are refused from now
  // on. A later close() can only shorten that.
  void close(Time now, Duration drain = Duration());

  bool next_action(Action* action);
  void resolved(Time now, LinkId link, Result<std::vector<Address>> addresses);
  // OK: the socket is connected.
  void dialed(Time now, LinkId link, Status status);
  void receive(Time now, LinkId link, std::string_view bytes);
  // The peer ended the connection (OK) or it failed (why). kClose of the link follows.
  void disconnected(Time now, LinkId link, Status why);
  // Bytes to write on a link; the view lives until the next non-const call.
  std::string_view output(LinkId link);
  void consume_output(LinkId link, std::size_t count);

  Time next_deadline() const;
  void on_time(Time now);

  // The next event, or null. The caller may move from it; it goes with the next call of any member.
  Event* next_event();
  bool has_event() const;
  // The same, moved to `event`; false: none.
  bool next_event(Event* event);
  // What an observer is to be told, in order; nothing unless ChannelOptions::observer is set.
  bool next_observation(Observation* observation);

  ChannelState state() const;
  std::size_t call_count() const;
  const ChannelOptions& options() const;

 private:
  explicit Channel(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace minim::rpc

#endif  // MINIM_RPC_CHANNEL_H_
