// What a user of a channel must never notice.
#include <gtest/gtest.h>

#include <map>

#include "support/world.h"

namespace minim::test {

using namespace std::chrono_literals;

namespace {

rpc::CallOptions once() { return {.retry = rpc::no_retry()}; }

// A server that wants each connection to end: first after `max_idle` without a call, then after
// `max_age` in any case, gracefully (two GOAWAYs), as a Temporal frontend does. It answers a call
// after the seconds that its path ends in.
class RestlessServer {
 public:
  RestlessServer(World& world, Duration max_idle, Duration max_age)
      : world_(world), max_idle_(max_idle), max_age_(max_age) {}

  void tick() {
    for (std::size_t i = 0; i < world_.wires.size(); ++i) {
      if (!world_.wires[i].is_closed) tend(i);
    }
  }
  std::size_t lives() const { return lives_.size(); }
  std::size_t answered() const { return answered_; }

 private:
  struct Life {
    Time born;
    Time busy_until;
    Time last_goaway_at = kNever;  // the second one
    std::size_t frames = 0;        // looked at
    std::uint32_t last_stream = 0;
    std::multimap<Time, std::uint32_t> due{};
    bool is_leaving = false;
  };

  void tend(std::size_t index) {
    const Time now = world_.now();
    if (!lives_.contains(index)) {
      world_.open(index);
      lives_[index] = {.born = now, .busy_until = now};
    }
    Life& life = lives_[index];
    Peer peer;
    const auto& frames = world_.wires[index].received.frames();
    for (; life.frames < frames.size(); ++life.frames) {
      const Frame& frame = frames[life.frames];
      if (frame.type != kHeaders) continue;
      const std::string path = frame.field(":path");
      life.due.emplace(now + std::chrono::milliseconds(std::stoi(path.substr(path.rfind('/') + 1))),
                       frame.stream);
      life.last_stream = frame.stream;
      EXPECT_LT(now, life.last_goaway_at) << "a call on a connection that has been left";
    }
    while (!life.due.empty() && life.due.begin()->first <= now) {
      peer.reply(life.due.begin()->second, "ok");
      life.due.erase(life.due.begin());
      life.busy_until = now;
      ++answered_;
    }
    const bool is_idle = life.due.empty() && now - life.busy_until >= max_idle_;
    if (!life.is_leaving && (is_idle || now - life.born >= max_age_)) {
      life.is_leaving = true;
      life.last_goaway_at = now + 200ms;
      peer.goaway(0x7fffffff);
    } else if (life.is_leaving && now >= life.last_goaway_at) {
      life.last_goaway_at = kNever;
      peer.goaway(life.last_stream);
    }
    if (!peer.empty()) world_.send(index, peer);
  }

  World& world_;
  const Duration max_idle_;
  const Duration max_age_;
  std::map<std::size_t, Life> lives_;
  std::size_t answered_ = 0;
};

}  // namespace

TEST(Acceptance, ServerWithShortLivedConnectionsIsNotNoticed) {
  for (const std::size_t chunk : {SIZE_MAX, std::size_t{7}}) {
    World w;
    w.chunk_bytes = chunk;
    RestlessServer server(w, 2s, 5s);
    std::vector<rpc::CallId> calls;
    int polls = 0;
    w.connect().resolve({"10.0.0.1"});
    for (int tick = 0; w.elapsed() < 5min; ++tick) {
      server.tick();
      w.wait(20ms);
      if (w.lookups.size() > w.wires.size()) w.resolve({"10.0.0.1"});
      if (tick % 400 == 0 && polls++ % 5 != 4) calls.push_back(w.start("/svc/Poll/7000", once()));
      if (tick % 150 == 0 && tick % 3000 < 1500) {
        for (int i = 0; i < 10; ++i) calls.push_back(w.start("/svc/Burst/60", once()));
      }
      if (w.lookups.size() > w.wires.size()) w.resolve({"10.0.0.1"});
    }
    for (int i = 0; i < 500; ++i) {
      server.tick();
      w.wait(20ms);
      if (w.lookups.size() > w.wires.size()) w.resolve({"10.0.0.1"});
    }
    for (const rpc::CallId call : calls) w.expect(call, Code::kOk, "ok");
    EXPECT_EQ(server.answered(), calls.size()) << "and none was made twice";
    EXPECT_GT(server.lives(), 30u);
    EXPECT_GT(calls.size(), 400u);
  }
}

TEST(Acceptance, BlackHoledFirstAddressCostsAQuarterOfASecond) {
  World w;
  const auto a = w.start("/svc/A", {.rpc_timeout = 1s, .retry = rpc::no_retry()});
  w.resolve({"10.0.0.1", "10.0.0.2"}).wait(250ms);
  ASSERT_EQ(w.wires.size(), 2u);
  w.open(1).send(1, Peer().reply(1, "a")).expect(a, Code::kOk, "a");
  EXPECT_EQ(w.elapsed(), 250ms);
}

TEST(Acceptance, AbruptCloseFailsOnlyWhatIsInFlight) {
  World w(plain_options("10.0.0.1"));
  const auto done = w.start("/svc/Done", once());
  w.open(0).send(0, Peer().reply(1, "done")).expect(done, Code::kOk, "done");
  const auto gone = w.start("/svc/Gone", once()), repeated = w.start("/svc/Repeated");
  w.hang_up(0, "connection reset by peer");
  w.expect(gone, Code::kUnavailable, "connection reset by peer").expect_pending(repeated);
  const auto next = w.start("/svc/Next", once());
  w.open(1).wait(100ms);
  w.send(1, Peer().reply(w.stream_of(1, "/svc/Next"), "next"));
  w.send(1, Peer().reply(w.stream_of(1, "/svc/Repeated"), "again"));
  w.expect(next, Code::kOk, "next").expect(repeated, Code::kOk, "again");
}

TEST(Acceptance, SixThousandCallsOnOneConnection) {
  World w(plain_options("10.0.0.1"));
  std::vector<rpc::CallId> calls;
  for (int i = 0; i < 6000; ++i) calls.push_back(w.start("/svc/A", once()));
  w.accept(0);
  w.wires[0].is_blocked = true;  // so that all of them are to be written at once
  w.send(0, Peer().settings({{kInitialWindowSize, 1 << 20}}).settings_ack());
  w.send(0, Peer().window_update(0, 1 << 24)).unblock(0);
  ASSERT_EQ(w.wires[0].received.count(kHeaders), 6000u);
  Peer peer;
  for (std::uint32_t i = 0; i < 6000; ++i) peer.reply(2 * i + 1, "ok");
  w.send(0, peer);
  for (const rpc::CallId call : calls) w.expect(call, Code::kOk, "ok");
}

// Only who cancels or closes sees a CANCELLED of ours; one of the server's says that it is its own.
TEST(Acceptance, NobodyElseSeesCancelled) {
  const auto check = [](World& w, rpc::CallId call, Code code, Origin origin) {
    ASSERT_NE(w.reply(call), nullptr);
    EXPECT_EQ(code_name(w.reply(call)->status.code()), code_name(code));
    EXPECT_EQ(origin_name(w.reply(call)->status.origin()), origin_name(origin));
  };
  {
    World w(plain_options("10.0.0.1"));
    const auto a = w.start("/svc/A", once()), b = w.start("/svc/B", once());
    const auto c = w.start("/svc/C", once()), d = w.start("/svc/D", once());
    w.open(0).cancel(a).send(0, Peer().rst(3, 8).fail(5, 1, "the server's")).close();
    check(w, a, Code::kCancelled, Origin::kLocal);
    check(w, b, Code::kCancelled, Origin::kTransport);
    check(w, c, Code::kCancelled, Origin::kServer);
    check(w, d, Code::kCancelled, Origin::kLocal);
  }
  const std::function<void(World&)> ends[] = {
      [](World& w) { w.hang_up(0); },
      [](World& w) { w.hang_up(0, "connection reset by peer"); },
      [](World& w) { w.send(0, Peer().goaway(1)).hang_up(0); },
      [](World& w) { w.send(0, Peer().goaway(1, 2, "internal error")).hang_up(0); },
      [](World& w) { w.send(0, Peer().rst(1, 7)).send(0, Peer().rst(3, 7)); },
      [](World& w) { w.send(0, Peer().frame(kData, 0, 0, "x")); },
      [](World& w) { w.wait(1min); },  // keepalive
  };
  for (const auto& end : ends) {
    rpc::ChannelOptions options = plain_options("10.0.0.1");
    options.keepalive = rpc::KeepaliveOptions{};
    World w(std::move(options));
    const auto a = w.start("/svc/A", once());
    w.open(0);
    end(w);
    check(w, a, Code::kUnavailable, Origin::kTransport);
  }
}

}  // namespace minim::test
