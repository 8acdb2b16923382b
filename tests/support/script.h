// A Connection's life as a script: what we start, what the peer sends, what must come of it.
//
//   Script s;                                    // the peer has sent its SETTINGS
//   const auto a = s.start("/svc/A"), b = s.start("/svc/B");
//   s.peer().goaway(1).reply(1, "a");
//   s.expect(a, Code::kOk, "a").expect(b, Code::kUnavailable, "GOAWAY", Progress::kNotProcessed);
//   s.run_all_ways();
//
// run_all_ways() plays it with the peer's bytes whole, in chunks of 1, 2, 3 and 7 and (when they
// are few) cut in two at every offset; with output taken whole and in pieces; and with the
// transport failing after each step in turn, where every call must still end exactly once.
#ifndef MINIM_TESTS_SUPPORT_SCRIPT_H_
#define MINIM_TESTS_SUPPORT_SCRIPT_H_

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "minim/rpc/connection.h"
#include "support/peer.h"

namespace minim::test {

// Where every test's clock begins.
inline constexpr Time kEpoch = Time(std::chrono::hours(1));

class Script {
 public:
  // Names a call by the order of its start.
  enum class Call : std::size_t {};

  // What one run has brought.
  struct Run {
    Received received;  // what the peer got
    std::vector<rpc::Connection::Event> events;
    std::vector<std::optional<rpc::Reply>> replies;  // by Call
    std::vector<Time> ended;                         // by Call
    Time now = kEpoch;
    std::string problem;  // a broken invariant
    bool is_closed = false;
    std::size_t largest_output = 0;
    const rpc::Connection::Event* find(rpc::Connection::Event::Kind kind) const;
    std::size_t count(rpc::Connection::Event::Kind kind) const;
  };

  enum class Handshake { kDone, kNone };
  // kDone: the peer's SETTINGS and its acknowledgement of ours come first.
  explicit Script(Handshake handshake = Handshake::kDone);

  rpc::ConnectionOptions options;  // of every run; set them before

  // --- steps ---
  Call start(std::string path, Duration timeout = Duration());
  Call start(rpc::Request request, Duration timeout = Duration());
  // What the peer sends now; the calls that follow each other make one packet.
  Peer& peer();
  // The same in a packet of its own, after we have answered the one before.
  Peer& next_packet();
  // Time passes; every deadline on the way is kept.
  Script& wait(Duration duration);
  // Time passes without the loop being served: only then does on_time() come, once.
  Script& stall(Duration duration);
  Script& cancel(Call call);
  Script& shut_down();
  Script& lost(std::string why = "connection reset by peer");
  // From here on the socket takes no bytes; and takes them again.
  Script& block_output();
  Script& unblock_output();
  // The socket takes `count` bytes although it is blocked.
  Script& take_output(std::size_t count);

  // --- expectations, checked in every run but those with a failing transport ---
  // `text`: the message of an OK reply, or a part of the status text.
  Script& expect(Call call, Code code, std::string_view text = {},
                 std::optional<rpc::Progress> progress = std::nullopt);
  Script& expect_pending(Call call);
  Script& expect(std::function<void(const Run&)> check);

  void run_all_ways() const;
  Run run() const;  // once, whole; checked as well

 private:
  struct Step {
    enum class Kind {
      kStart,
      kPeer,
      kWait,
      kStall,
      kCancel,
      kShutDown,
      kLost,
      kBlock,
      kUnblock,
      kTake
    } kind;
    rpc::Request request{};
    Duration duration{};
    std::size_t number = 0;  // kCancel: the call; kTake: bytes
    Peer peer{};
    std::string text{};
  };
  struct Way {
    std::size_t chunk_bytes = SIZE_MAX;  // of the peer's bytes
    std::size_t cut_at = SIZE_MAX;       // and one cut at this offset of all of them
    std::size_t output_bytes = SIZE_MAX;
    std::size_t fail_after = SIZE_MAX;  // steps, then the transport is lost
    std::string name() const;
  };
  class Player;

  Run play(const Way& way) const;
  void check(const Run& run, const Way& way) const;
  Step& add(Step::Kind kind);
  std::size_t peer_bytes() const;

  std::vector<Step> steps_;
  std::size_t call_count_ = 0;
  std::vector<std::function<void(const Run&)>> checks_;
};

}  // namespace minim::test

#endif  // MINIM_TESTS_SUPPORT_SCRIPT_H_
