// A program of what callers, a resolver, sockets, servers and a clock do to one Channel. However it
// goes: each call ends once, with a status; each dialled link is closed once; nothing is dialled in
// a tight loop; after close() all is over.
#include <map>
#include <optional>
#include <vector>

#include "fuzz/program.h"
#include "minim/random.h"
#include "minim/rpc/channel.h"

namespace {

using namespace minim;
using fuzz::require;
using rpc::Channel;
using rpc::LinkId;

constexpr Time kBegin = Time(std::chrono::hours(1));
constexpr std::size_t kMaxCalls = 64;
// A round may dial sixteen addresses at once; rounds without a wait between them are a fault,
// unless a call was answered, started or ended in between.
constexpr int kMaxDialsPerInput = 40;

class Run {
 public:
  explicit Run(fuzz::Program& program) : program_(program) {
    Result<std::unique_ptr<Channel>> made = Channel::create(options(program), random_);
    require(made.has_value());
    channel_ = std::move(*made);
  }

  void play() {
    while (!program_.done()) {
      dials_ = 0;
      step();
      turn();
    }
    channel_->close(now_);
    turn();
    require(is_closed_);
    require(channel_->call_count() == 0);
    require(channel_->next_deadline() == kNever);
    for (const auto& reply : replies_) require(reply.second);
    for (const auto& link : links_) require(link.second.closed);
  }

 private:
  struct Wire {
    bool dialed = false;
    bool closed = false;
    bool proxy_answered = false;
    test::Received received{};
  };

  static rpc::ChannelOptions options(fuzz::Program& program) {
    rpc::ChannelOptions made;
    const std::uint8_t bits = program.byte();
    made.target = (bits & 1) != 0 ? "10.0.0.1" : "server";
    if ((bits & 2) != 0) made.proxy = rpc::ProxyOptions{.target = "10.9.9.9:3128"};
    if ((bits & 4) != 0) made.keepalive.reset();
    if ((bits & 8) != 0) made.gzip_above_bytes = 10;
    if ((bits & 16) != 0) made.retry.max_attempts = 0;
    if ((bits & 32) != 0) made.limits.max_calls = 3;
    if ((bits & 64) != 0) made.idle_timeout = std::chrono::seconds(5);
    if ((bits & 128) != 0) {
      if (made.proxy) {
        made.max_connections = 3;
      } else {
        made.dns_balancing.emplace();
      }
    }
    return made;
  }

  void step() {
    switch (program_.below(12)) {
      case 0:
      case 1:
        return start();
      case 2:
        if (!ids_.empty()) channel_->cancel(now_, ids_[program_.below(kMaxCalls) % ids_.size()]);
        return;
      case 3: {
        if (lookups_.empty()) return channel_->connect(now_);
        Result<std::vector<rpc::Address>> answer = Status(Code::kUnavailable, "no such host");
        if (const std::uint32_t count = program_.below(5); count > 0) {
          std::vector<rpc::Address> addresses;
          for (std::uint32_t i = 0; i < count; ++i) {
            const bool v6 = program_.below(2) == 1;
            addresses.push_back({rpc::Address::Kind::kIp, v6 ? "::1" : "10.0.0.1", 7233});
          }
          answer = std::move(addresses);
        }
        return channel_->resolved(now_, lookups_[program_.byte() % lookups_.size()],
                                  std::move(answer));
      }
      case 4: {
        const auto link = pick();
        if (link == links_.end() || link->second.closed) return;
        const bool good = program_.below(4) != 3;
        link->second.dialed = link->second.dialed || good;
        return channel_->dialed(
            now_, link->first,
            good ? Status() : Status(Code::kUnavailable, "refused", Origin::kTransport));
      }
      case 5:
      case 6:
      case 7: {
        const auto link = pick();
        if (link == links_.end()) return;
        test::Peer peer;
        if (program_.below(4) == 3) peer.raw("HTTP/1.1 200 OK\r\n\r\n");
        if (program_.below(3) == 2) peer.settings().settings_ack();
        for (std::uint32_t i = program_.below(4); i > 0; --i) add_peer_action(program_, peer);
        const std::string bytes = peer.take();
        return channel_->receive(now_, link->first, bytes);
      }
      case 8: {
        const auto link = pick();
        if (link == links_.end()) return;
        Status why;
        if (program_.below(2) == 1) why = Status(Code::kUnavailable, "reset", Origin::kTransport);
        return channel_->disconnected(now_, link->first, std::move(why));
      }
      case 9:
        now_ += std::chrono::milliseconds(program_.number());
        return channel_->on_time(now_);
      case 10:
        if (channel_->next_deadline() != kNever) {
          now_ = std::max(now_, channel_->next_deadline());
          channel_->on_time(now_);
        }
        return;
      case 11:
        if (program_.below(16) == 15) channel_->close(now_);
        return;
    }
  }

  std::map<LinkId, Wire>::iterator pick() {
    if (links_.empty()) return links_.end();
    // Mostly one of the newest.
    auto link = links_.end();
    for (std::size_t back = 1 + program_.below(4); back > 0 && link != links_.begin(); --back)
      --link;
    return link;
  }

  void start() {
    if (ids_.size() == kMaxCalls) return;
    rpc::Request request;
    request.path = "/svc/" + std::to_string(ids_.size());
    request.message = std::string(program_.below(16), 'm');
    rpc::CallOptions options;
    const std::uint8_t bits = program_.byte();
    if ((bits & 1) != 0) options.rpc_timeout = std::chrono::milliseconds(program_.number());
    if ((bits & 2) != 0) options.deadline = now_ + std::chrono::milliseconds(program_.number());
    options.wait_for_ready = (bits & 4) != 0;
    if ((bits & 8) != 0) options.retry = rpc::no_retry();
    const rpc::CallId id = channel_->start(now_, std::move(request), std::move(options));
    ids_.push_back(id);
    require(replies_.emplace(id, false).second);
  }

  void turn() {
    take_events();
    take_actions();
    for (auto& [id, wire] : links_) write(id, wire);
    take_events();
    require(dials_ <= kMaxDialsPerInput);
  }

  void take_events() {
    Channel::Event event;
    while (channel_->next_event(&event)) {
      if (event.kind == Channel::Event::Kind::kReply) {
        const auto found = replies_.find(event.call);
        require(found != replies_.end() && !found->second);
        found->second = true;
        require(static_cast<unsigned>(event.reply.status.code()) <= 16);
        require(event.reply.attempts >= 1);
        require(event.reply.status.ok() || event.reply.message.empty());
      }
      if (event.kind == Channel::Event::Kind::kClosed) {
        require(!is_closed_);
        is_closed_ = true;
      }
    }
  }

  void take_actions() {
    Channel::Action action;
    while (channel_->next_action(&action)) {
      switch (action.kind) {
        case Channel::Action::Kind::kResolve:
          lookups_.push_back(action.link);
          break;
        case Channel::Action::Kind::kDial:
          ++dials_;
          require(links_.emplace(action.link, Wire{}).second);
          break;
        case Channel::Action::Kind::kClose: {
          const auto found = links_.find(action.link);
          require(found != links_.end() && !found->second.closed);
          write(action.link, found->second);
          found->second.closed = true;
          break;
        }
      }
    }
  }

  void write(LinkId id, Wire& wire) {
    while (wire.dialed && !wire.closed) {
      const std::string_view bytes = channel_->output(id);
      if (bytes.empty()) return;
      const bool to_proxy = channel_->options().proxy && bytes.starts_with("CONNECT ");
      if (!to_proxy) require(wire.received.receive(bytes));
      channel_->consume_output(id, bytes.size());
    }
  }

  fuzz::Program& program_;
  SeededRandom random_{1};
  std::unique_ptr<Channel> channel_;
  Time now_ = kBegin;
  std::vector<rpc::CallId> ids_;
  std::map<rpc::CallId, bool> replies_;
  std::vector<LinkId> lookups_;
  std::map<LinkId, Wire> links_;
  int dials_ = 0;
  bool is_closed_ = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Program program(data, size);
  Run(program).play();
  return 0;
}
