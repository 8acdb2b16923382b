#include "support/script.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace minim::test {

using rpc::Connection;

namespace {

// Scripts whose peer sends more are not cut at each offset, but at this many of them.
constexpr std::size_t kMaxCuts = 400;
// A connection that asks for more turns than this within one wait spins.
constexpr int kMaxTurnsPerWait = 10'000;

}  // namespace

const Connection::Event* Script::Run::find(Connection::Event::Kind kind) const {
  for (const Connection::Event& event : events) {
    if (event.kind == kind) return &event;
  }
  return nullptr;
}

std::size_t Script::Run::count(Connection::Event::Kind kind) const {
  return static_cast<std::size_t>(std::count_if(
      events.begin(), events.end(), [&](const auto& event) { return event.kind == kind; }));
}

Script::Script(Handshake handshake) {
  options.authority = "server:7233";
  if (handshake == Handshake::kDone) peer().settings().settings_ack();
}

Script::Step& Script::add(Step::Kind kind) { return steps_.emplace_back(Step{.kind = kind}); }

Script::Call Script::start(std::string path, Duration timeout) {
  rpc::Request request;
  request.path = std::move(path);
  request.message = "request";
  return start(std::move(request), timeout);
}

Script::Call Script::start(rpc::Request request, Duration timeout) {
  Step& step = add(Step::Kind::kStart);
  step.request = std::move(request);
  step.duration = timeout;
  return static_cast<Call>(call_count_++);
}

Peer& Script::peer() {
  if (steps_.empty() || steps_.back().kind != Step::Kind::kPeer) add(Step::Kind::kPeer);
  return steps_.back().peer;
}

Peer& Script::next_packet() { return add(Step::Kind::kPeer).peer; }

Script& Script::wait(Duration duration) {
  add(Step::Kind::kWait).duration = duration;
  return *this;
}

Script& Script::stall(Duration duration) {
  add(Step::Kind::kStall).duration = duration;
  return *this;
}

Script& Script::cancel(Call call) {
  add(Step::Kind::kCancel).number = static_cast<std::size_t>(call);
  return *this;
}

Script& Script::shut_down() {
  add(Step::Kind::kShutDown);
  return *this;
}

Script& Script::lost(std::string why) {
  add(Step::Kind::kLost).text = std::move(why);
  return *this;
}

Script& Script::block_output() {
  add(Step::Kind::kBlock);
  return *this;
}

Script& Script::unblock_output() {
  add(Step::Kind::kUnblock);
  return *this;
}

Script& Script::take_output(std::size_t count) {
  add(Step::Kind::kTake).number = count;
  return *this;
}

Script& Script::expect(std::function<void(const Run&)> check) {
  checks_.push_back(std::move(check));
  return *this;
}

Script& Script::expect(Call call, Code code, std::string_view text,
                       std::optional<rpc::Progress> progress) {
  return expect([=, wanted = std::string(text)](const Run& run) {
    const auto index = static_cast<std::size_t>(call);
    SCOPED_TRACE("call " + std::to_string(index));
    const std::optional<rpc::Reply>& reply = run.replies[index];
    ASSERT_TRUE(reply.has_value()) << "it has not ended";
    EXPECT_EQ(code_name(reply->status.code()), code_name(code)) << reply->status.to_string();
    if (code == Code::kOk) {
      EXPECT_EQ(reply->message, wanted);
    } else {
      EXPECT_NE(reply->status.message().find(wanted), std::string_view::npos)
          << reply->status.to_string() << "\nhas no part '" << wanted << "'";
    }
    if (progress) {
      EXPECT_EQ(reply->progress, *progress);
    }
  });
}

Script& Script::expect_pending(Call call) {
  return expect([=](const Run& run) {
    EXPECT_FALSE(run.replies[static_cast<std::size_t>(call)].has_value());
  });
}

std::string Script::Way::name() const {
  std::string text = "chunks of ";
  text += chunk_bytes == SIZE_MAX ? "all" : std::to_string(chunk_bytes);
  if (cut_at != SIZE_MAX) text += ", cut at " + std::to_string(cut_at);
  if (output_bytes != SIZE_MAX) text += ", output by " + std::to_string(output_bytes);
  if (fail_after != SIZE_MAX) text += ", transport lost after step " + std::to_string(fail_after);
  return text;
}

// One run of a script in one way.
class Script::Player {
 public:
  Player(const Script& script, const Way& way)
      : script_(script), way_(way), connection_(script.options, kEpoch) {
    run_.replies.resize(script.call_count_);
    run_.ended.resize(script.call_count_);
    write();
  }

  Run play() {
    std::size_t done = 0;
    for (const Step& step : script_.steps_) {
      if (done++ == way_.fail_after) break;
      perform(step);
    }
    if (way_.fail_after != SIZE_MAX) fail();
    return std::move(run_);
  }

 private:
  void perform(const Step& step) {
    switch (step.kind) {
      case Step::Kind::kStart: {
        const Time deadline =
            step.duration == Duration() ? kNever : add_clamped(run_.now, step.duration);
        const std::size_t index = ids_.size();
        ids_.push_back(connection_.start(run_.now, step.request, deadline, mark(index)));
        break;
      }
      case Step::Kind::kPeer:
        return receive(step.peer.bytes());
      case Step::Kind::kWait:
        return wait(step.duration);
      case Step::Kind::kStall:
        run_.now += step.duration;
        connection_.on_time(run_.now);
        break;
      case Step::Kind::kCancel: {
        const auto& reply = run_.replies[step.number];
        const bool was_open = !reply;
        const rpc::Progress said = connection_.cancel(run_.now, ids_[step.number]);
        take_events();
        if (said != (was_open && reply ? reply->progress : rpc::Progress::kSent)) {
          note("cancel() and the call's reply differ on what the server has seen");
        }
        break;
      }
      case Step::Kind::kShutDown:
        connection_.shut_down(run_.now);
        break;
      case Step::Kind::kLost:
        connection_.lost(run_.now, Status(Code::kUnavailable, step.text, Origin::kTransport));
        break;
      case Step::Kind::kBlock:
        blocked_ = true;
        break;
      case Step::Kind::kUnblock:
        blocked_ = false;
        break;
      case Step::Kind::kTake: {
        const std::string_view bytes = connection_.output().substr(0, step.number);
        take(bytes);
        break;
      }
    }
    turn();
  }

  void receive(std::string_view bytes) {
    while (!bytes.empty()) {
      std::size_t count = std::min(way_.chunk_bytes, bytes.size());
      if (received_bytes_ < way_.cut_at) count = std::min(count, way_.cut_at - received_bytes_);
      received_bytes_ += count;
      // A copy of exactly these bytes, gone right afterwards: views that outlive it are found.
      const std::string chunk(bytes.substr(0, count));
      bytes.remove_prefix(count);
      connection_.receive(run_.now, chunk);
      turn();
    }
  }

  void wait(Duration duration) {
    const Time end = run_.now + duration;
    for (int turns = 0; connection_.next_deadline() <= end; ++turns) {
      if (turns == kMaxTurnsPerWait) return note("on_time() leaves the deadline as it was");
      run_.now = std::max(run_.now, connection_.next_deadline());
      connection_.on_time(run_.now);
      turn();
    }
    run_.now = end;
  }

  // What a driver does after each input: events, then output; and time where it is due at once.
  void turn() {
    take_events();
    write();
    for (int again = 0; connection_.next_deadline() <= run_.now; ++again) {
      if (again == kMaxTurnsPerWait) return note("a deadline in the past does not go away");
      connection_.on_time(run_.now);
      take_events();
      write();
    }
  }

  void write() {
    for (;;) {
      const std::string_view bytes = connection_.output();
      run_.largest_output = std::max(run_.largest_output, bytes.size());
      if (blocked_ || bytes.empty()) return;
      take(bytes.substr(0, way_.output_bytes));
    }
  }

  void take(std::string_view bytes) {
    if (!run_.received.receive(bytes)) note("bad output: " + run_.received.problem());
    connection_.consume_output(bytes.size());
  }

  void take_events() {
    Connection::Event event;
    while (connection_.next_event(&event)) {
      const bool new_call =
          event.kind == Connection::Event::Kind::kReply && index_of(event.tag) >= calls_at_close_;
      if (run_.is_closed && !new_call) note("an event after kClosed");
      if (event.kind == Connection::Event::Kind::kClosed) {
        run_.is_closed = true;
        calls_at_close_ = ids_.size();
        for (std::size_t i = 0; i < ids_.size(); ++i) {
          if (!run_.replies[i]) note("kClosed before the reply of call " + std::to_string(i));
        }
      }
      if (event.kind == Connection::Event::Kind::kReply) {
        const std::size_t index = index_of(event.tag);
        if (index >= run_.replies.size()) {
          note("a reply with a foreign tag");
        } else if (run_.replies[index]) {
          note("a second reply of call " + std::to_string(index));
        } else {
          run_.replies[index] = event.reply;
          run_.ended[index] = run_.now;
        }
      }
      run_.events.push_back(std::move(event));
    }
  }

  void fail() {
    connection_.lost(run_.now, Status(Code::kUnavailable, "connection lost", Origin::kTransport));
    take_events();
    if (!run_.is_closed || !connection_.is_closed()) note("lost() and not closed");
    for (std::size_t i = 0; i < ids_.size(); ++i) {
      if (!run_.replies[i]) note("lost() and no reply of call " + std::to_string(i));
    }
    if (connection_.call_count() != 0) note("calls are left after lost()");
    if (connection_.next_deadline() != kNever) note("a deadline after lost()");
    // Nothing that still comes in may matter.
    connection_.receive(run_.now, Peer().settings().reply(1, "late").bytes());
    connection_.on_time(run_.now + std::chrono::hours(1));
    connection_.lost(run_.now, Status(Code::kUnavailable, "again", Origin::kTransport));
    for (const rpc::CallId id : ids_) connection_.cancel(run_.now, id);
    take_events();
    write();
  }

  void note(std::string problem) {
    if (run_.problem.empty()) run_.problem = std::move(problem);
  }

  // A tag that is no pointer to anything: nobody may look behind it.
  static void* mark(std::size_t index) { return reinterpret_cast<void*>(16 * (index + 1)); }
  static std::size_t index_of(void* tag) { return reinterpret_cast<std::size_t>(tag) / 16 - 1; }

  const Script& script_;
  const Way way_;
  Connection connection_;
  Run run_;
  std::vector<rpc::CallId> ids_;
  std::size_t calls_at_close_ = SIZE_MAX;
  std::size_t received_bytes_ = 0;
  bool blocked_ = false;
};

Script::Run Script::play(const Way& way) const { return Player(*this, way).play(); }

Script::Run Script::run() const {
  Run run = play({});
  check(run, {});
  return run;
}

void Script::check(const Run& run, const Way& way) const {
  SCOPED_TRACE(way.name());
  EXPECT_EQ(run.problem, "");
  if (way.fail_after != SIZE_MAX) return;
  for (const auto& one : checks_) one(run);
}

std::size_t Script::peer_bytes() const {
  std::size_t total = 0;
  for (const Step& step : steps_) total += step.peer.bytes().size();
  return total;
}

void Script::run_all_ways() const {
  std::vector<Way> ways(1);
  for (const std::size_t chunk : {1, 2, 3, 7}) ways.push_back({.chunk_bytes = chunk});
  for (const std::size_t output : {1, 7}) ways.push_back({.output_bytes = output});
  ways.push_back({.chunk_bytes = 1, .output_bytes = 1});
  const std::size_t total = peer_bytes();
  const std::size_t stride = total / kMaxCuts + 1;
  for (std::size_t cut = 1; cut < total; cut += stride) ways.push_back({.cut_at = cut});
  for (std::size_t step = 0; step <= steps_.size(); ++step) ways.push_back({.fail_after = step});
  for (const Way& way : ways) {
    check(play(way), way);
    if (testing::Test::HasFailure()) return;  // one way is enough to read
  }
}

}  // namespace minim::test
