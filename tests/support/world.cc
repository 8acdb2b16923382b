#include "support/world.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

namespace minim::test {

using rpc::Channel;

namespace {

// A channel that asks for more turns than this within one wait spins.
constexpr int kMaxTurnsPerWait = 20'000;

}  // namespace

rpc::ChannelOptions plain_options(std::string target) {
  rpc::ChannelOptions options;
  options.target = std::move(target);
  options.user_agent = "test";
  options.keepalive.reset();
  options.retry.jitter = 0;
  options.reconnect.jitter = 0;
  return options;
}

rpc::Address ip(std::string host, std::uint16_t port) {
  return {rpc::Address::Kind::kIp, std::move(host), port};
}

World::World(rpc::ChannelOptions options, std::uint64_t seed) : random_(seed) {
  Result<std::unique_ptr<Channel>> made = Channel::create(std::move(options), random_);
  if (!made) {
    ADD_FAILURE() << made.error().to_string();
    std::abort();
  }
  channel_ = std::move(*made);
}

World::~World() {
  close();
  for (const auto& [id, reply] : replies_) {
    if (!reply) note("a call has had no reply at the end");
  }
  for (const Wire& wire : wires) {
    if (!wire.is_closed) note("a link was not closed at the end");
  }
  if (!is_closed) note("close() and no kClosed");
  if (channel_->call_count() != 0) note("calls are left at the end");
  EXPECT_EQ(problem_, "");
}

void World::note(std::string problem) {
  if (problem_.empty()) problem_ = std::move(problem);
}

rpc::CallId World::start(std::string path, rpc::CallOptions options) {
  rpc::Request request;
  request.path = std::move(path);
  request.message = "request";
  return start(std::move(request), std::move(options));
}

rpc::CallId World::start(rpc::Request request, rpc::CallOptions options) {
  const rpc::CallId id = channel_->start(now_, std::move(request), std::move(options));
  if (!replies_.emplace(id, std::nullopt).second) note("a call id was used twice");
  turn();
  return id;
}

World& World::cancel(rpc::CallId call) {
  const bool was_open = reply(call) == nullptr;
  const rpc::Progress said = channel_->cancel(now_, call);
  turn();
  const rpc::Progress known = was_open ? reply(call)->progress : rpc::Progress::kSent;
  if (said != known) note("cancel() and the call's reply differ on what the server has seen");
  return *this;
}

World& World::connect() {
  channel_->connect(now_);
  turn();
  return *this;
}

World& World::close(Duration drain) {
  channel_->close(now_, drain);
  turn();
  return *this;
}

World& World::resolve(const std::vector<std::string>& hosts) {
  std::vector<rpc::Address> addresses;
  for (const std::string& host : hosts) addresses.push_back(ip(host, lookups.back().port));
  channel_->resolved(now_, lookups.back().id, std::move(addresses));
  turn();
  return *this;
}

World& World::fail_lookup(std::string text) {
  channel_->resolved(now_, lookups.back().id,
                     Status(Code::kUnavailable, std::move(text), Origin::kTransport));
  turn();
  return *this;
}

World& World::accept(std::size_t link) {
  wires.at(link).is_open = true;
  channel_->dialed(now_, wires[link].id, Status());
  turn();
  return *this;
}

World& World::refuse(std::size_t link, std::string text) {
  channel_->dialed(now_, wires.at(link).id,
                   Status(Code::kUnavailable, std::move(text), Origin::kTransport));
  turn();
  return *this;
}

World& World::send(std::size_t link, std::string_view bytes) {
  while (!bytes.empty()) {
    const std::string chunk(bytes.substr(0, chunk_bytes));
    bytes.remove_prefix(chunk.size());
    channel_->receive(now_, wires.at(link).id, chunk);
    turn();
  }
  return *this;
}

World& World::open(std::size_t link) {
  return accept(link).send(link, Peer().settings().settings_ack());
}

World& World::hang_up(std::size_t link, std::string why) {
  Status status;
  if (!why.empty()) status = Status(Code::kUnavailable, std::move(why), Origin::kTransport);
  wires.at(link).is_open = false;
  channel_->disconnected(now_, wires[link].id, std::move(status));
  turn();
  return *this;
}

World& World::unblock(std::size_t link) {
  wires.at(link).is_blocked = false;
  turn();
  return *this;
}

World& World::wait(Duration duration) {
  const Time end = now_ + duration;
  for (int turns = 0; channel_->next_deadline() <= end; ++turns) {
    if (turns == kMaxTurnsPerWait) {
      note("the channel spins");
      break;
    }
    now_ = std::max(now_, channel_->next_deadline());
    channel_->on_time(now_);
    turn();
  }
  now_ = end;
  return *this;
}

void World::turn() {
  take_events();
  take_actions();
  for (Wire& wire : wires) write(wire);
  for (int again = 0; channel_->next_deadline() <= now_; ++again) {
    if (again == kMaxTurnsPerWait) return note("a deadline in the past does not go away");
    channel_->on_time(now_);
    take_events();
    take_actions();
    for (Wire& wire : wires) write(wire);
  }
}

void World::take_events() {
  Channel::Event event;
  while (channel_->next_event(&event)) {
    switch (event.kind) {
      case Channel::Event::Kind::kReply: {
        const auto found = replies_.find(event.call);
        if (found == replies_.end()) {
          note("a reply of an unknown call");
        } else if (found->second) {
          note("a second reply");
        } else {
          found->second = std::move(event.reply);
        }
        break;
      }
      case Channel::Event::Kind::kState:
        if (!states.empty() && states.back() == event.state) note("a state that is no change");
        states.push_back(event.state);
        break;
      case Channel::Event::Kind::kNotice:
        notice_list.push_back(event.status);
        break;
      case Channel::Event::Kind::kClosed:
        if (is_closed) note("kClosed twice");
        is_closed = true;
        break;
    }
  }
}

void World::take_actions() {
  Channel::Action action;
  while (channel_->next_action(&action)) {
    switch (action.kind) {
      case Channel::Action::Kind::kResolve:
        lookups.push_back({action.link, action.host, action.port, now_});
        break;
      case Channel::Action::Kind::kDial:
        wires.push_back(Wire{.id = action.link, .address = action.address, .dialed_at = now_});
        break;
      case Channel::Action::Kind::kClose: {
        const auto wire = std::find_if(wires.begin(), wires.end(),
                                       [&](const Wire& one) { return one.id == action.link; });
        if (wire == wires.end()) {
          note("kClose of a link that was never dialled");
          break;
        }
        if (wire->is_closed) note("kClose twice");
        if (wire->is_open) write(*wire);
        wire->is_closed = true;
        wire->is_open = false;
        break;
      }
    }
  }
}

void World::write(Wire& wire) {
  while (wire.is_open && !wire.is_blocked) {
    const std::string_view bytes = channel_->output(wire.id);
    if (bytes.empty()) return;
    wire.raw += bytes;
    const std::string plain = wire.read ? wire.read(bytes) : std::string(bytes);
    if (!plain.empty() && !wire.received.receive(plain)) {
      note("bad output: " + wire.received.problem());
    }
    channel_->consume_output(wire.id, bytes.size());
  }
}

const rpc::Reply* World::reply(rpc::CallId call) const {
  const auto found = replies_.find(call);
  return found == replies_.end() || !found->second ? nullptr : &*found->second;
}

World& World::expect(rpc::CallId call, Code code, std::string_view text) {
  const rpc::Reply* const got = reply(call);
  if (got == nullptr) {
    ADD_FAILURE() << "the call has not ended";
    return *this;
  }
  EXPECT_EQ(code_name(got->status.code()), code_name(code)) << got->status.to_string();
  if (code == Code::kOk) {
    EXPECT_EQ(got->message, text);
  } else {
    EXPECT_NE(got->status.message().find(text), std::string_view::npos)
        << got->status.to_string() << "\nhas no part '" << text << "'";
  }
  return *this;
}

World& World::expect_pending(rpc::CallId call) {
  const rpc::Reply* const got = reply(call);
  EXPECT_EQ(got, nullptr) << (got == nullptr ? "" : got->status.to_string());
  return *this;
}

int World::link_of(std::string_view path) const {
  for (std::size_t i = wires.size(); i-- > 0;) {
    if (wires[i].received.stream_of(path) != 0) return static_cast<int>(i);
  }
  return -1;
}

std::uint32_t World::stream_of(std::size_t link, std::string_view path, std::size_t skip) const {
  return wires.at(link).received.stream_of(path, skip);
}

std::size_t World::sent_count(std::string_view path) const {
  std::size_t count = 0;
  for (const Wire& wire : wires) {
    for (const Frame& frame : wire.received.frames()) {
      if (frame.type == kHeaders && frame.field(":path") == path) ++count;
    }
  }
  return count;
}

std::string World::notices() const {
  std::string all;
  for (const Status& notice : notice_list) all.append(notice.message()).append("\n");
  return all;
}

}  // namespace minim::test
