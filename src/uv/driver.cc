#include "uv/driver.h"

#include <algorithm>
#include <string>
#include <utility>

#include "uv/loop_core.h"

namespace minim::uv {

namespace {

// What one link may read and write in one turn, in system calls of up to kReadBytes and
// max_output_bytes: a fast peer must not keep the host's other handles waiting.
constexpr int kReadsPerTurn = 4;
constexpr int kWritesPerTurn = 16;
// What one link may read before a deadline strikes or its end is told, 8 MiB: what had come by then
// is less (Linux keeps 6 MiB for a socket, a peer may send ahead connection_window_bytes), and a
// peer that never stops cannot hold the clock.
constexpr int kReadsToCatchUp = 128;
// Replies handed out before the loop's other drivers get their turn.
constexpr int kEventsPerDelivery = 256;

}  // namespace

Result<std::unique_ptr<Driver>> Driver::create(LoopCore& core, rpc::ChannelOptions options,
                                               std::uint64_t seed) {
  std::shared_ptr<Random> random = options.random;
  if (random == nullptr) random = std::make_shared<SeededRandom>(seed);
  std::unique_ptr<Driver> driver(new Driver(core, std::move(random)));
  Result<std::unique_ptr<rpc::Channel>> channel =
      rpc::Channel::create(std::move(options), driver->random());
  if (!channel) return channel.error();
  driver->channel_ = std::move(*channel);
  driver->is_observed_ = driver->channel_->options().observer != nullptr;
  return driver;
}

Driver::~Driver() {
  for (Link* const link : links_) link->close();
}

Link* Driver::find(rpc::LinkId id) {
  const auto found = std::find_if(links_.begin(), links_.end(),
                                  [id](const Link* link) { return link->id() == id; });
  return found == links_.end() ? nullptr : *found;
}

Duration Driver::user_timeout() const {
  const auto& keepalive = channel_->options().keepalive;
  return keepalive ? keepalive->timeout : Duration();
}

void Driver::on_io(Time now, Link& link, int status, int events) {
  core_.touch(*this);
  if (status < 0) link.note_poll_stopped();
  if (!link.is_open()) return finish_dial(now, link);
  if ((events & UV_WRITABLE) != 0) link.wants_write = false;
  // An error is read like bytes: whatever the peer said before it comes first.
  if (status < 0 || (events & UV_READABLE) != 0) receive(now, link);
}

void Driver::on_wake(Time now, Link& link) {
  core_.touch(*this);
  link.wants_write = false;
  receive(now, link);
}

void Driver::catch_up(Time now) {
  if (core_.is_forked()) return;  // in a callback of this turn: the bytes are the parent's
  core_.touch(*this);
  for (std::size_t i = links_.size(); i-- > 0;) {
    Link& link = *links_[i];
    link.is_open() ? receive(now, link, Look::kForAllThatHasCome) : finish_dial(now, link);
  }
}

void Driver::on_time(Time now) {
  if (next_deadline() > now) return;
  catch_up(now);
  channel_->on_time(now);
  if (now >= close_at_) close(now);
}

void Driver::receive(Time now, Link& link, Look look) {
  const int most = look == Look::kWhileReadsAreFull ? kReadsPerTurn : kReadsToCatchUp;
  for (int reads = 0; reads < most; ++reads) {
    Status why;
    const std::ptrdiff_t count = link.receive(core_.read_buffer(), kReadBytes, &why);
    if (count < 0 && why.ok()) return;
    if (count <= 0) return disconnected(now, link, std::move(why));
    const std::string_view bytes(core_.read_buffer(), static_cast<std::size_t>(count));
    received_bytes_ += bytes.size();
    channel_->receive(now, link.id(), bytes);
    // Less than asked for: the socket is empty, and polling says so for less than another call.
    const bool is_short = bytes.size() < kReadBytes && !link.is_stream();
    if (is_short && look == Look::kWhileReadsAreFull) return;
  }
  link.note_more_to_read();
}

void Driver::disconnected(Time now, Link& link, Status why) {
  const rpc::LinkId id = link.id();
  close_link(id);
  channel_->disconnected(now, id, std::move(why));
  core_.touch(*this);
}

void Driver::close_link(rpc::LinkId id) {
  Link* const link = find(id);
  if (link == nullptr) return;
  std::erase(links_, link);
  link->close();
}

bool Driver::service() {
  if (is_draining_ && runs_.empty()) close(core_.now());
  while (channel_->next_action(&action_)) perform(action_);
  // From the back: a link that fails takes itself off the list.
  for (std::size_t i = links_.size(); i-- > 0;) {
    flush(*links_[i]);
  }
  if (is_observed_) tell_observer();
  return channel_->has_event();
}

void Driver::deliver() {
  for (int events = 0; events < kEventsPerDelivery; ++events) {
    rpc::Channel::Event* const event = channel_->next_event();
    if (event == nullptr) return;
    switch (event->kind) {
      case rpc::Channel::Event::Kind::kReply:
        on_reply(*event);
        break;
      case rpc::Channel::Event::Kind::kClosed:
        is_closed_ = true;
        break;
      case rpc::Channel::Event::Kind::kState:
      case rpc::Channel::Event::Kind::kNotice:
        if (channel_->options().log != nullptr) write_log(*event);
        break;
    }
  }
}

void Driver::perform(rpc::Channel::Action& action) {
  switch (action.kind) {
    case rpc::Channel::Action::Kind::kResolve:
      return resolve(action);
    case rpc::Channel::Action::Kind::kDial:
      return dial(action);
    case rpc::Channel::Action::Kind::kClose:
      break;
  }
  if (Link* const link = find(action.link); link != nullptr && link->is_open()) {
    const std::string_view last_words = channel_->output(action.link);
    Status ignored;
    if (!last_words.empty() && !link->wants_write) {
      static_cast<void>(link->send(last_words, &ignored));
    }
  }
  close_link(action.link);
}

void Driver::flush(Link& link) {
  Status why;
  if (link.is_open() && !link.wants_write) {
    int writes = 0;
    for (std::string_view bytes; !(bytes = channel_->output(link.id())).empty();) {
      const std::ptrdiff_t count = link.send(bytes, &why);
      if (count >= 0) {
        sent_bytes_ += static_cast<std::size_t>(count);
        channel_->consume_output(link.id(), static_cast<std::size_t>(count));
      }
      // A short write means a full socket; asking once more would only cost a call.
      link.wants_write =
          count < static_cast<std::ptrdiff_t>(bytes.size()) || ++writes == kWritesPerTurn;
      if (link.wants_write) break;
    }
  }
  if (why.ok()) why = link.update_poll();
  if (why.ok()) return;
  // The peer may have said why before it closed (GOAWAY, the last replies): that counts first.
  const rpc::LinkId id = link.id();
  const Time now = core_.now();
  if (!link.is_open()) return dial_failed(now, id, std::move(why));
  core_.touch(*this);
  receive(now, link, Look::kForAllThatHasCome);
  if (find(id) != nullptr) disconnected(now, link, std::move(why));
}

}  // namespace minim::uv
