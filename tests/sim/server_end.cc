#include "sim/server_end.h"

#include <algorithm>

namespace minim::sim {

namespace {

constexpr std::uint32_t kRefusedStream = 7;
constexpr std::uint32_t kGraceful = 0x7fffffff;  // the last id of the first of two GOAWAYs
constexpr std::size_t kPrefixBytes = 5;

}  // namespace

ServerEnd::ServerEnd(const Moods& moods, Dice& dice, Ledger& ledger)
    : moods_(moods), dice_(dice), ledger_(ledger) {
  gibberish_ = dice_.percent(moods_.gibberish);
  mute_ = !gibberish_ && dice_.percent(moods_.mute);
}

void ServerEnd::schedule(Time when, Kind kind, std::uint32_t stream) {
  due_.push_back({when, next_order_++, kind, stream});
}

void ServerEnd::receive(Time now, std::string_view bytes, Moment sent) {
  if (wants_close_ || mute_ || !complaint_.empty()) return;
  sent_ = sent;
  if (gibberish_) {
    out_.raw("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
    wants_close_ = true;
    return;
  }
  if (!received_.receive(bytes)) {
    complaint_ = received_.problem();
    return;
  }
  if (!greeted_ && received_.has_preface()) {
    greeted_ = true;
    std::vector<std::pair<std::uint16_t, std::uint32_t>> settings;
    if (moods_.max_streams != 0) {
      settings.emplace_back(test::kMaxConcurrentStreams, moods_.max_streams);
    }
    if (moods_.may_shut_streams && dice_.percent(30)) {
      settings.emplace_back(test::kMaxConcurrentStreams, 0);
      schedule(now + dice_.millis(1, 400), Kind::kOpenStreams, 0);
    }
    if (moods_.initial_window != 65'535) {
      settings.emplace_back(test::kInitialWindowSize, moods_.initial_window);
    }
    out_.settings(settings);
    if (dice_.percent(20)) schedule(now + dice_.millis(0, 200), Kind::kPing, 0);
  }
  while (frames_seen_ < received_.frames().size()) {
    on_frame(now, received_.frames()[frames_seen_++]);
  }
}

void ServerEnd::on_frame(Time now, const test::Frame& frame) {
  switch (frame.type) {
    case test::kSettings:
      if (!frame.is_ack()) out_.settings_ack();
      return;
    case test::kPing:
      if (!frame.is_ack()) out_.pong(frame.payload);
      return;
    case test::kHeaders:
      return on_request(now, frame);
    case test::kData: {
      if (!frame.payload.empty()) {
        out_.window_update(0, static_cast<std::uint32_t>(frame.payload.size()));
      }
      const auto found = streams_.find(frame.stream);
      if (found == streams_.end()) return;  // refused, reset or answered
      Stream& stream = found->second;
      stream.body += frame.payload;
      if (frame.end_stream()) {
        stream.ended = true;
        plan_answer(now, frame.stream, false);
      } else if (!frame.payload.empty()) {
        out_.window_update(frame.stream, static_cast<std::uint32_t>(frame.payload.size()));
      }
      return;
    }
    case test::kRstStream:
      streams_.erase(frame.stream);
      return close_if_done();
    case test::kGoaway:
      return;
    default:
      return;
  }
}

void ServerEnd::on_request(Time now, const test::Frame& frame) {
  if (frame.stream <= last_stream_ || frame.stream % 2 == 0) {
    complaint_ = "a request on stream " + std::to_string(frame.stream) + " after stream " +
                 std::to_string(last_stream_);
    return;
  }
  last_stream_ = frame.stream;
  const std::string path = frame.field(":path");
  if (frame.stream > accept_up_to_) return;  // the GOAWAY has left it out
  if (moods_.max_streams != 0 && streams_.size() >= moods_.max_streams) {
    complaint_ = "more streams than MAX_CONCURRENT_STREAMS " + std::to_string(moods_.max_streams);
    return;
  }
  if (dice_.percent(moods_.refuse)) {
    complaint_ = ledger_.refused(path);
    out_.rst(frame.stream, kRefusedStream);
    return;
  }
  complaint_ = ledger_.accepted(path, sent_);
  streams_[frame.stream].path = path;
  if (moods_.initial_window < 1000) {
    schedule(now + dice_.millis(0, 20), Kind::kGrantWindow, frame.stream);
  }
  if (dice_.percent(moods_.early)) plan_answer(now, frame.stream, true);
}

void ServerEnd::plan_answer(Time now, std::uint32_t id, bool early) {
  Stream& stream = streams_[id];
  if (stream.answered) return;
  stream.answered = true;
  const Time when =
      now + moods_.answer_least +
      dice_.micros(0, static_cast<std::uint32_t>((moods_.answer_most - moods_.answer_least) /
                                                 std::chrono::microseconds(1)));
  Kind kind = early ? Kind::kFail : Kind::kAnswer;
  if (dice_.percent(moods_.hang)) return;
  if (dice_.percent(moods_.fail)) kind = Kind::kFail;
  if (dice_.percent(moods_.reset)) kind = dice_.percent(50) ? Kind::kReset : Kind::kResetMidReply;
  if (dice_.percent(moods_.not_grpc)) kind = Kind::kNotGrpc;
  schedule(when, kind, id);
}

Time ServerEnd::next_deadline() const {
  Time next = kNever;
  for (const Due& one : due_) next = std::min(next, one.when);
  return next;
}

void ServerEnd::on_time(Time now) {
  while (!wants_close_) {
    const auto next = std::min_element(due_.begin(), due_.end(), [](const Due& a, const Due& b) {
      return a.when != b.when ? a.when < b.when : a.order < b.order;
    });
    if (next == due_.end() || next->when > now) return;
    const Due due = *next;
    due_.erase(next);
    perform(now, due);
  }
}

void ServerEnd::perform(Time now, const Due& due) {
  switch (due.kind) {
    case Kind::kSecondGoaway:
      return finish_goaway();
    case Kind::kOpenStreams:
      out_.settings(
          {{test::kMaxConcurrentStreams, moods_.max_streams == 0 ? 100 : moods_.max_streams}});
      return;
    case Kind::kPing:
      out_.ping("\1\2\3\4\5\6\7\10");
      return;
    case Kind::kGrantWindow:
    case Kind::kAnswer:
    case Kind::kFail:
    case Kind::kReset:
    case Kind::kResetMidReply:
    case Kind::kNotGrpc:
      break;
  }
  const auto found = streams_.find(due.stream);
  if (found == streams_.end()) return;
  Stream& stream = found->second;
  constexpr std::uint32_t kResets[] = {0, 1, 2, 3, 8, 11, 12, 13};
  const std::uint32_t reset = kResets[dice_.below(std::size(kResets))];
  switch (due.kind) {
    case Kind::kGrantWindow:
      out_.window_update(due.stream, 100'000);
      return;
    case Kind::kAnswer:
      answer(now, due.stream, stream);
      break;
    case Kind::kFail: {
      // Not UNIMPLEMENTED: that is also how a server without gzip answers.
      constexpr int kCodes[] = {1, 2, 3, 4, 5, 8, 10, 11, 13, 14, 15, 16};
      constexpr const char* kPushbacks[] = {"-1", "20", "700", "soon"};
      const int code = kCodes[dice_.below(std::size(kCodes))];
      const char* pushback = nullptr;
      test::Fields more;
      if (dice_.percent(30)) {
        pushback = kPushbacks[dice_.below(std::size(kPushbacks))];
        more.emplace_back("grpc-retry-pushback-ms", pushback);
      }
      out_.fail(due.stream, code, "no%20luck", more);
      write_down(stream, Verdict::of_status(code, pushback));
      break;
    }
    case Kind::kReset:
      out_.rst(due.stream, reset);
      write_down(stream, Verdict::of_reset(reset));
      break;
    case Kind::kResetMidReply:
      out_.headers(due.stream, test::grpc_headers());
      out_.data(due.stream, test::grpc_message("half of an answer").substr(0, dice_.below(20)));
      out_.rst(due.stream, reset);
      write_down(stream, Verdict::of_reset(reset));
      break;
    case Kind::kNotGrpc: {
      constexpr int kStatuses[] = {401, 403, 429, 503};
      const int status = kStatuses[dice_.below(std::size(kStatuses))];
      out_.headers(due.stream,
                   {{":status", std::to_string(status)}, {"content-type", "text/html"}});
      out_.data(due.stream, "<h1>down for repairs</h1>", true);
      write_down(stream, Verdict::of_http(status));
      break;
    }
    case Kind::kSecondGoaway:
    case Kind::kOpenStreams:
    case Kind::kPing:
      break;
  }
  streams_.erase(found);
  if (!draining_ && dice_.percent(moods_.goaway)) start_goaway(now);
  close_if_done();
}

void ServerEnd::answer(Time, std::uint32_t id, Stream& stream) {
  const bool coded = !stream.body.empty() && stream.body[0] == 1;
  const std::size_t bytes = stream.body.size() - std::min(stream.body.size(), kPrefixBytes);
  const std::string message = test::grpc_message(Ledger::answer_to(stream.path, bytes, coded));
  out_.headers(id, test::grpc_headers());
  // In one frame or in several, now and then with padding.
  std::string_view rest = message;
  while (!rest.empty()) {
    const std::size_t piece = dice_.percent(60) ? rest.size() : 1 + dice_.below(20);
    if (dice_.percent(10)) {
      out_.padded_data(id, rest.substr(0, piece), static_cast<std::uint8_t>(dice_.below(200)));
    } else {
      out_.data(id, rest.substr(0, piece));
    }
    rest.remove_prefix(std::min(piece, rest.size()));
  }
  out_.trailers(id, {{"grpc-status", "0"}});
  write_down(stream, Verdict::of_status(0));
}

void ServerEnd::start_goaway(Time now) {
  draining_ = true;
  if (dice_.percent(60)) {
    out_.goaway(kGraceful);
    schedule(now + dice_.millis(0, 100), Kind::kSecondGoaway, 0);
  } else {
    finish_goaway();
  }
}

// The last id that was seen; now and then an earlier one, whose streams it has not taken up: none.
void ServerEnd::finish_goaway() {
  last_is_final_ = true;
  accept_up_to_ = last_stream_;
  out_.goaway(last_stream_, 0, dice_.percent(20) ? "max_age" : "");
  close_if_done();
}

void ServerEnd::close_if_done() {
  if (draining_ && last_is_final_ && streams_.empty() && dice_.percent(70)) wants_close_ = true;
}

}  // namespace minim::sim
