// Any server bytes into an HTTP/2 session with open streams. The same bytes at once and in pieces
// must give the same events; every stream ends once; what is sent must be well framed.
#include <map>
#include <set>

#include "fuzz/program.h"
#include "h2/session.h"

namespace {

using namespace minim;
using fuzz::require;

constexpr int kStreams = 4;
constexpr Time kNow = Time(std::chrono::hours(1));

// What came of a run, with DATA joined, so that it does not tell how the bytes were cut.
struct Outcome {
  std::map<int, std::string> streams;
  std::string session;
  bool goaway = false;
  bool closed = false;
};

std::string text_of(const h2::Event& event) {
  std::string text = std::to_string(static_cast<int>(event.kind));
  for (const HeaderField& field : event.headers) {
    text.append(" ").append(field.name).append("=").append(field.value);
  }
  return text + (event.end_stream ? " end;" : ";");
}

bool has_violation(const Outcome& outcome) {
  const auto closed = [](h2::CloseCause cause) {
    return "closed " + std::to_string(static_cast<int>(cause));
  };
  for (const auto& [index, text] : outcome.streams) {
    if (text.ends_with(closed(h2::CloseCause::kViolation)) ||
        text.ends_with(closed(h2::CloseCause::kHeadersTooLarge))) {
      return true;
    }
  }
  return false;
}

class Run {
 public:
  explicit Run(std::size_t settings) : session_({.max_header_list_bytes = 2000}, kNow) {
    test::Peer hello;
    if (settings != 0) hello.settings().settings_ack();
    receive(hello.bytes());
    for (int i = 0; i < kStreams && session_.can_start(); ++i) {
      if (session_.start(&marks_[i], head_, "", "12345", "body") != h2::StreamSlot::kNone) {
        open_.insert(i);
      }
      write();
    }
  }

  void receive(std::string_view bytes) {
    const std::string copy(bytes);  // of exactly this size: reading beyond it is found
    session_.receive(kNow, copy);
    take_events();
    write();
    take_events();
  }

  Outcome finish() {
    session_.lost();
    take_events();
    require(open_.empty());
    require(session_.open_streams() == 0);
    return std::move(outcome_);
  }

 private:
  void write() {
    while (!session_.output().empty()) {
      require(received_.receive(session_.output()));
      session_.consume_output(session_.output().size());
    }
  }

  void take_events() {
    while (const h2::Event* const next = session_.next_event()) {
      const h2::Event& event = *next;
      if (event.mark == nullptr) {
        if (event.kind == h2::Event::Kind::kGoaway) outcome_.goaway = true;
        if (event.kind == h2::Event::Kind::kClosed) outcome_.closed = true;
        outcome_.session += std::to_string(static_cast<int>(event.kind)) + ";";
        continue;
      }
      const int index = static_cast<int>(static_cast<char*>(event.mark) - marks_);
      require(open_.count(index) == 1);
      std::string& text = outcome_.streams[index];
      if (event.kind == h2::Event::Kind::kData && !event.end_stream) {
        text += event.text;
      } else if (event.kind == h2::Event::Kind::kStreamClosed) {
        open_.erase(index);
        text += "closed " + std::to_string(static_cast<int>(event.cause));
      } else {
        text += text_of(event);
      }
    }
  }

  h2::RequestHead head_{
      {{":method", "POST"}, {":scheme", "http"}, {":path", "/x"}, {":authority", "server"}}};
  h2::Session session_;
  test::Received received_;
  char marks_[kStreams] = {};
  std::set<int> open_;
  Outcome outcome_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  const std::size_t piece = 1 + data[1] % 16;
  Run whole(data[0] & 1);
  whole.receive(bytes);
  Run cut(data[0] & 1);
  for (std::size_t at = 0; at < bytes.size(); at += piece) cut.receive(bytes.substr(at, piece));
  const Outcome first = whole.finish();
  const Outcome second = cut.finish();
  // What follows a breach on a stream meets that stream still open until our reset is written, and
  // the cut run writes in between: from there on the two may part.
  if (has_violation(first) || has_violation(second)) return 0;
  if (!first.closed && !second.closed) require(first.streams == second.streams);
  // After GOAWAY nghttp2 stops reading with the last stream.
  if (!first.goaway && !second.goaway) require(first.session == second.session);
  return 0;
}
