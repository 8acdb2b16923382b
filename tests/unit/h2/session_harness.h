// A session, its events as lines of text, and what it sent.
#ifndef MINIM_TESTS_UNIT_H2_SESSION_HARNESS_H_
#define MINIM_TESTS_UNIT_H2_SESSION_HARNESS_H_

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "h2/session.h"
#include "support/peer.h"

namespace minim::test {

inline constexpr Time kNow = Time(std::chrono::hours(1));

class Harness {
 public:
  explicit Harness(h2::SessionOptions options = {}) : session(options, kNow) {}

  h2::StreamSlot start(int mark, std::string_view body = "body") {
    return session.start(&marks[mark], head, "", "", body);
  }

  Harness& receive(const Peer& peer, std::size_t chunk_bytes = SIZE_MAX) {
    std::string_view rest = peer.bytes();
    while (!rest.empty()) {
      const std::string chunk(rest.substr(0, chunk_bytes));
      rest.remove_prefix(chunk.size());
      session.receive(kNow, chunk);
      take_events();
    }
    return *this;
  }

  void take_events() {
    while (const h2::Event* const event = session.next_event()) log.push_back(text_of(*event));
  }

  Harness& write() {
    while (!session.output().empty()) {
      EXPECT_TRUE(received.receive(session.output())) << received.problem();
      session.consume_output(session.output().size());
    }
    return *this;
  }

  std::string take_log() {
    std::string all;
    for (const std::string& line : log) all += line + "\n";
    log.clear();
    return all;
  }

  static std::string cause_name(h2::CloseCause cause) {
    switch (cause) {
      case h2::CloseCause::kFinished:
        return "finished";
      case h2::CloseCause::kReset:
        return "reset";
      case h2::CloseCause::kRefused:
        return "refused";
      case h2::CloseCause::kNotSent:
        return "not sent";
      case h2::CloseCause::kViolation:
        return "violation";
      case h2::CloseCause::kHeadersTooLarge:
        return "headers too large";
      case h2::CloseCause::kSessionLost:
        return "session lost";
    }
    return {};
  }

  std::string text_of(const h2::Event& event) const {
    const std::string mark =
        event.mark == nullptr ? ""
                              : " " + std::to_string(static_cast<const int*>(event.mark) - marks);
    const std::string end = event.end_stream ? " end" : "";
    switch (event.kind) {
      case h2::Event::Kind::kSettings:
        return "settings";
      case h2::Event::Kind::kHeaders: {
        std::string text = "headers" + mark;
        for (const HeaderField& field : event.headers) {
          text.append(" ").append(field.name).append("=").append(field.value);
        }
        return text + end;
      }
      case h2::Event::Kind::kData:
        return "data" + mark + " '" + std::string(event.text) + "'" + end;
      case h2::Event::Kind::kStreamClosed:
        return "closed" + mark + " " + cause_name(event.cause) + " " + std::to_string(event.error);
      case h2::Event::Kind::kPong:
        return "pong " + std::to_string(event.value);
      case h2::Event::Kind::kGoaway:
        return "goaway " + std::to_string(event.error) + " " + std::to_string(event.value) + " '" +
               std::string(event.text) + "'";
      case h2::Event::Kind::kClosed:
        return "session closed " + std::to_string(event.error);
    }
    return {};
  }

  h2::RequestHead head{
      {{":method", "POST"}, {":scheme", "http"}, {":path", "/x"}, {":authority", "server"}}};
  h2::Session session;
  Received received;
  std::vector<std::string> log;
  int marks[8] = {};
};

inline Peer hello() { return Peer().settings().settings_ack(); }

}  // namespace minim::test

#endif  // MINIM_TESTS_UNIT_H2_SESSION_HARNESS_H_
