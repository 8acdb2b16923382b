// A program of what a caller, a server and a clock do to one Connection. However it goes: each call
// ends once, with a status; what ended as never sent was never sent; nothing comes after kClosed;
// output stays bounded and well framed.
#include <optional>
#include <vector>

#include "fuzz/program.h"
#include "minim/rpc/connection.h"

namespace {

using namespace minim;
using fuzz::require;
using rpc::Connection;

constexpr Time kBegin = Time(std::chrono::hours(1));
constexpr std::size_t kMaxCalls = 64;

class Run {
 public:
  explicit Run(fuzz::Program& program) : program_(program), connection_(options(program), kBegin) {}

  void play() {
    while (!program_.done()) {
      step();
      take_events();
      // A small piece of what waits, or all of it: the socket decides.
      if (program_.below(4) != 3) write(SIZE_MAX);
    }
    connection_.lost(now_, Status(Code::kUnavailable, "end", Origin::kTransport));
    take_events();
    require(is_closed_);
    require(connection_.call_count() == 0 && connection_.queued_count() == 0);
    require(connection_.next_deadline() == kNever);
    write(SIZE_MAX);
    for (std::size_t i = 0; i < replies_.size(); ++i) {
      require(replies_[i].has_value());
      if (*replies_[i] == rpc::Progress::kNotSent) require(received_.stream_of(path(i)) == 0);
    }
  }

 private:
  static rpc::ConnectionOptions options(fuzz::Program& program) {
    rpc::ConnectionOptions made;
    made.authority = "server";
    const std::uint8_t bits = program.byte();
    if ((bits & 1) != 0) made.keepalive = rpc::KeepaliveOptions{};
    if ((bits & 2) != 0) made.gzip_above_bytes = 10;
    if ((bits & 4) != 0) made.limits.max_receive_message_bytes = 20;
    if ((bits & 8) != 0) made.limits.max_output_bytes = 100;
    made.limits.max_header_list_bytes = 1000;
    return made;
  }

  static std::string path(std::size_t index) { return "/svc/" + std::to_string(index); }

  void step() {
    switch (program_.below(12)) {
      case 0:
      case 1:
        return start();
      case 2:
        if (!ids_.empty()) connection_.cancel(now_, ids_[program_.below(kMaxCalls) % ids_.size()]);
        return;
      case 3:
      case 4:
      case 5: {
        test::Peer peer;
        for (std::uint32_t i = program_.below(4) + 1; i > 0; --i) add_peer_action(program_, peer);
        return receive(peer.bytes());
      }
      case 6:
        return receive(test::Peer().settings().settings_ack().bytes());
      case 7:
        now_ += std::chrono::milliseconds(program_.number());
        return connection_.on_time(now_);
      case 8:
        if (connection_.next_deadline() != kNever) {
          now_ = std::max(now_, connection_.next_deadline());
          connection_.on_time(now_);
          require(connection_.next_deadline() > now_ || !connection_.is_closed());
        }
        return;
      case 9:
        return write(program_.below(64));
      case 10:
        if (program_.below(8) == 7) connection_.shut_down(now_);
        return;
      case 11:
        if (program_.below(8) == 7) {
          connection_.lost(now_, Status(Code::kUnavailable, "lost", Origin::kTransport));
        }
        return;
    }
  }

  void start() {
    if (ids_.size() == kMaxCalls) return;
    rpc::Request request;
    request.path = path(ids_.size());
    request.message = std::string(program_.below(3) == 0 ? program_.number() : 5, 'm');
    if (program_.below(4) == 3) request.metadata.add("k-bin", program_.bytes(10));
    const Time deadline =
        program_.below(2) == 0 ? kNever : now_ + std::chrono::milliseconds(program_.number());
    replies_.emplace_back();
    const std::size_t index = ids_.size();
    ids_.push_back(
        connection_.start(now_, std::move(request), deadline, reinterpret_cast<void*>(index + 1)));
  }

  void receive(std::string_view bytes) {
    const std::string copy(bytes);
    const std::size_t piece = 1 + program_.below(3) * 50;
    const bool whole = program_.below(2) == 0;
    for (std::size_t at = 0; at < copy.size(); at += whole ? copy.size() : piece) {
      connection_.receive(now_, std::string_view(copy).substr(at, whole ? copy.size() : piece));
    }
  }

  void write(std::size_t most) {
    for (;;) {
      const std::string_view bytes = connection_.output().substr(0, most);
      require(connection_.output().size() <= (std::size_t{64} << 10) + 20'000);
      if (bytes.empty()) return;
      require(received_.receive(bytes));
      connection_.consume_output(bytes.size());
      if (most != SIZE_MAX) return;
    }
  }

  void take_events() {
    Connection::Event event;
    while (connection_.next_event(&event)) {
      if (event.kind == Connection::Event::Kind::kReply) {
        const std::size_t index = reinterpret_cast<std::size_t>(event.tag) - 1;
        require(index < replies_.size() && !replies_[index]);
        require(!is_closed_ || index >= calls_at_close_);
        require(event.request.path == path(index));
        require(static_cast<unsigned>(event.reply.status.code()) <= 16);
        require(event.reply.status.ok() || event.reply.message.empty());
        replies_[index] = event.reply.progress;
        continue;
      }
      require(!is_closed_);
      if (event.kind == Connection::Event::Kind::kClosed) {
        is_closed_ = true;
        calls_at_close_ = ids_.size();
      }
    }
  }

  fuzz::Program& program_;
  Connection connection_;
  Time now_ = kBegin;
  std::vector<rpc::CallId> ids_;
  std::vector<std::optional<rpc::Progress>> replies_;
  test::Received received_;
  bool is_closed_ = false;
  std::size_t calls_at_close_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Program program(data, size);
  Run(program).play();
  return 0;
}
