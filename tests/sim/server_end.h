// A server's end of one connection: an HTTP/2 and gRPC server of the tests' own, with moods. It
// keeps the protocol (but for what its moods say) and writes down what it took up.
#ifndef MINIM_TESTS_SIM_SERVER_END_H_
#define MINIM_TESTS_SIM_SERVER_END_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/dice.h"
#include "sim/ledger.h"
#include "support/peer.h"

namespace minim::sim {

// How a server behaves; chances in per cent.
struct Moods {
  std::uint32_t refuse = 0;       // RST_STREAM(REFUSED_STREAM) in place of taking a request up
  std::uint32_t fail = 0;         // a gRPC error
  std::uint32_t reset = 0;        // RST_STREAM after having taken it up, perhaps in mid-reply
  std::uint32_t hang = 0;         // no answer ever
  std::uint32_t early = 0;        // the answer before the request is whole
  std::uint32_t not_grpc = 0;     // 503 with a page of text
  std::uint32_t goaway = 0;       // after an answer: a graceful GOAWAY, in one step or two
  std::uint32_t gibberish = 0;    // a connection that is no HTTP/2 at all
  std::uint32_t mute = 0;         // a connection without SETTINGS
  std::uint32_t max_streams = 0;  // MAX_CONCURRENT_STREAMS; 0: not said
  bool may_shut_streams = false;  // sometimes 0 of them for a while
  std::uint32_t initial_window = 65'535;
  Duration answer_least{};
  Duration answer_most{};
};

struct Answer {
  std::string path;
  Verdict verdict;
};

class ServerEnd {
 public:
  ServerEnd(const Moods& moods, Dice& dice, Ledger& ledger);

  // `sent`: when the client wrote the bytes.
  void receive(Time now, std::string_view bytes, Moment sent);
  // Does what is due by now.
  void on_time(Time now);
  Time next_deadline() const;
  // What it sends; taken.
  std::string take_output() { return out_.take(); }
  // The answers that are in that output, with their calls; taken.
  std::vector<Answer> take_answers() { return std::exchange(answers_, {}); }
  // It wants the transport closed, after what it has sent.
  bool wants_close() const { return wants_close_; }
  // The client broke the protocol; empty: it did not.
  const std::string& complaint() const { return complaint_; }
  std::size_t open_streams() const { return streams_.size(); }

 private:
  enum class Kind : std::uint8_t {
    kAnswer,
    kFail,
    kReset,
    kResetMidReply,
    kNotGrpc,
    kGrantWindow,
    kOpenStreams,
    kSecondGoaway,
    kPing,
  };
  struct Due {
    Time when;
    std::uint64_t order;
    Kind kind;
    std::uint32_t stream;
  };
  struct Stream {
    std::string path;
    std::string body;
    bool ended = false;
    bool answered = false;
  };

  void on_frame(Time now, const test::Frame& frame);
  void on_request(Time now, const test::Frame& frame);
  void plan_answer(Time now, std::uint32_t id, bool early);
  void perform(Time now, const Due& due);
  void answer(Time now, std::uint32_t id, Stream& stream);
  void write_down(const Stream& stream, Verdict verdict) {
    answers_.push_back({stream.path, verdict});
  }
  void start_goaway(Time now);
  void finish_goaway();
  void schedule(Time when, Kind kind, std::uint32_t stream);
  void close_if_done();

  const Moods moods_;
  Dice& dice_;
  Ledger& ledger_;
  test::Peer out_;
  std::vector<Answer> answers_;
  Moment sent_;  // of what is being read
  test::Received received_;
  std::size_t frames_seen_ = 0;
  bool greeted_ = false;
  bool gibberish_ = false;
  bool mute_ = false;
  bool wants_close_ = false;
  bool draining_ = false;       // a GOAWAY has gone out
  bool last_is_final_ = false;  // and its last id stands
  std::uint32_t last_stream_ = 0;
  std::uint32_t accept_up_to_ = 0x7fffffff;
  std::map<std::uint32_t, Stream> streams_;
  std::vector<Due> due_;
  std::uint64_t next_order_ = 0;
  std::string complaint_;
};

}  // namespace minim::sim

#endif  // MINIM_TESTS_SIM_SERVER_END_H_
