// A client that is brought into one of the states of its life and stays there.
#ifndef MINIM_TESTS_FACES_SUPPORT_STAGE_H_
#define MINIM_TESTS_FACES_SUPPORT_STAGE_H_

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "faces/support/host.h"
#include "faces/support/pending.h"
#include "minim/dialer.h"
#include "minim/observer.h"
#include "minim/resolver.h"
#include "uv/support/h2_server.h"

namespace minim::test {

// What the client has said of itself, for who waits on another thread.
struct Watcher final : Observer {
  explicit Watcher(std::atomic<int>& gone) : gone_(gone) {}
  ~Watcher() override { ++gone_; }
  void observe(const Observation& what) override {
    ++counts[static_cast<std::size_t>(what.kind)];
    if (what.kind == Observation::Kind::kState) state = what.state;
    received_bytes += what.received_bytes;
    sent_bytes += what.sent_bytes;
  }
  int count(Observation::Kind kind) const { return counts[static_cast<std::size_t>(kind)]; }

  std::atomic<int> counts[static_cast<std::size_t>(Observation::Kind::kTraffic) + 1] = {};
  std::atomic<rpc::ChannelState> state = rpc::ChannelState::kIdle;
  std::atomic<std::uint64_t> received_bytes = 0;
  std::atomic<std::uint64_t> sent_bytes = 0;

 private:
  std::atomic<int>& gone_;
};

// Keeps the questions that it is asked, and does not answer them.
template <class Answer>
class Kept {
 public:
  void keep(Answer answer) {
    const std::lock_guard lock(mutex_);
    kept_.push_back(std::move(answer));
  }
  bool empty() const {
    const std::lock_guard lock(mutex_);
    return kept_.empty();
  }
  std::vector<Answer> take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(kept_, {});
  }

 private:
  mutable std::mutex mutex_;
  std::vector<Answer> kept_;
};

struct SilentResolver final : Resolver, Kept<ResolverAnswer> {
  void resolve(const std::string&, std::uint16_t, ResolverAnswer answer) override {
    keep(std::move(answer));
  }
};
struct SilentDialer final : Dialer, Kept<DialAnswer> {
  void dial(const rpc::Address&, DialAnswer answer) override { keep(std::move(answer)); }
};

// A port of the loopback interface that answers nobody: its queue of connections is full.
class BlackHole {
 public:
  BlackHole();
  BlackHole(const BlackHole&) = delete;
  BlackHole& operator=(const BlackHole&) = delete;
  ~BlackHole();
  std::string target() const { return target_; }

 private:
  int listener_;
  int filler_;
  std::string target_;
};

class Stage {
 public:
  explicit Stage(FaceKind face) : face_(face) {}
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;
  ~Stage();

  // --- For those who describe a state. ---

  H2Server& serve(H2Server::Spec spec = {}) { return server_.emplace(spec); }
  std::string black_hole() { return black_hole_.emplace().target(); }
  void open(ConnectOptions options);
  // An operation that stays; whether its call may have reached the server while it does.
  void begin(const std::string& path, bool may_have_reached, std::size_t bytes = 100,
             CallOptions options = {});
  // A call that ends well, and the connection that it leaves.
  void be_ready();
  // Whatever has been begun before has been taken up by the loop.
  void pass_mail();
  template <class Condition>
  void until(Condition holds) {
    host().until(std::move(holds));
  }
  H2Server& server() { return *server_; }
  Watcher& watcher() { return *watcher_; }
  Client& client() { return *client_; }

  // --- For tests. ---

  Host& host() { return *host_; }
  FaceKind face() const { return face_; }
  // Lets go of the client and of what it was given, which then belongs to its channel alone.
  void drop_client();
  // Runs `act` on the loop's thread, in an operation of this client that ends there or, if it takes
  // none any more, of another one.
  void on_loop(std::function<void()> act);
  int ends() const;
  bool have_ended() const;
  void cancel_all();
  // Each operation ended once, or where its coroutine is gone not at all, and said the truth.
  void expect_ends(const std::string& status, bool was_told = true) const;
  // The channel is gone: its sockets are closed, and nothing that it was given is kept. Late
  // answers find nobody. Then the host goes as well.
  void expect_nothing_left();

  std::shared_ptr<SilentResolver> resolver = std::make_shared<SilentResolver>();
  std::shared_ptr<SilentDialer> dialer = std::make_shared<SilentDialer>();
  bool is_closing = false;

 private:
  struct Expected {
    std::unique_ptr<Pending> pending;
    bool may_have_reached;
  };

  const FaceKind face_;
  std::atomic<int> watchers_gone_ = 0;
  std::optional<H2Server> server_;
  std::optional<BlackHole> black_hole_;
  std::unique_ptr<Host> host_ = std::make_unique<Host>(is_borrowed(face_));
  std::optional<Client> client_;
  std::shared_ptr<Watcher> watcher_;
  std::vector<Expected> operations_;
};

}  // namespace minim::test

#endif  // MINIM_TESTS_FACES_SUPPORT_STAGE_H_
