// The world around a Channel: a resolver, sockets, servers and a clock that do what a test says and
// nothing else. A driver without an event loop.
//
//   World w;                                  // target "server:7233"
//   const auto a = w.start("/svc/A");
//   w.resolve({"10.0.0.1"}).open(0);          // lookup, dial, the server's SETTINGS
//   w.send(0, Peer().reply(1, "hello"));
//   w.expect(a, Code::kOk, "hello");
#ifndef MINIM_TESTS_SUPPORT_WORLD_H_
#define MINIM_TESTS_SUPPORT_WORLD_H_

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "minim/random.h"
#include "minim/rpc/channel.h"
#include "support/peer.h"
#include "support/script.h"

namespace minim::test {

// Target "server:7233", plaintext, no keepalive, jitter-free: tests add what they are about.
rpc::ChannelOptions plain_options(std::string target = "server:7233");
rpc::Address ip(std::string host, std::uint16_t port = 7233);

class World {
 public:
  struct Lookup {
    rpc::LinkId id;
    std::string host;
    std::uint16_t port;
    Time asked;
  };
  // A socket as the far end sees it.
  struct Wire {
    rpc::LinkId id;
    rpc::Address address;
    Time dialed_at;
    bool is_open = false;     // connected, and not closed by us
    bool is_closed = false;   // kClose has come
    bool is_blocked = false;  // takes no bytes
    // How the far end reads: none: HTTP/2. A proxy or a filter is read by its test.
    std::function<std::string(std::string_view)> read{};
    std::string raw{};  // all bytes that were written
    Received received{};
  };

  explicit World(rpc::ChannelOptions options = plain_options(), std::uint64_t seed = 1);
  ~World();

  // What the far end sends reaches the channel in pieces of this size.
  std::size_t chunk_bytes = SIZE_MAX;

  // --- what we do ---
  rpc::CallId start(std::string path, rpc::CallOptions options = {});
  rpc::CallId start(rpc::Request request, rpc::CallOptions options = {});
  World& cancel(rpc::CallId call);
  World& connect();
  World& close(Duration drain = Duration());

  // --- what the world does; links are numbered in the order of their dials ---
  // Answers the last lookup.
  World& resolve(const std::vector<std::string>& hosts);
  World& fail_lookup(std::string text);
  World& accept(std::size_t link);
  World& refuse(std::size_t link, std::string text = "connection refused");
  World& send(std::size_t link, std::string_view bytes);
  World& send(std::size_t link, const Peer& peer) { return send(link, peer.bytes()); }
  // accept(), then SETTINGS and the acknowledgement of ours.
  World& open(std::size_t link);
  // The far end closes (why empty) or the socket fails.
  World& hang_up(std::size_t link, std::string why = {});
  World& wait(Duration duration);
  World& unblock(std::size_t link);

  // --- what came of it ---
  const rpc::Reply* reply(rpc::CallId call) const;
  World& expect(rpc::CallId call, Code code, std::string_view text = {});
  World& expect_pending(rpc::CallId call);
  // The number of the link on which a request with this path went out last; -1: on none.
  int link_of(std::string_view path) const;
  std::uint32_t stream_of(std::size_t link, std::string_view path, std::size_t skip = 0) const;
  // How often a request with this path went out, on all links.
  std::size_t sent_count(std::string_view path) const;
  std::string notices() const;

  rpc::Channel& channel() { return *channel_; }
  Time now() const { return now_; }
  Duration elapsed() const { return now_ - kEpoch; }

  std::vector<Lookup> lookups;
  std::vector<Wire> wires;
  std::vector<rpc::ChannelState> states;  // in order
  std::vector<Status> notice_list;
  bool is_closed = false;

 private:
  void turn();
  void take_events();
  void take_actions();
  void write(Wire& wire);
  void note(std::string problem);

  SeededRandom random_;
  std::unique_ptr<rpc::Channel> channel_;
  Time now_ = kEpoch;
  std::map<rpc::CallId, std::optional<rpc::Reply>> replies_;
  std::string problem_;
};

}  // namespace minim::test

#endif  // MINIM_TESTS_SUPPORT_WORLD_H_
