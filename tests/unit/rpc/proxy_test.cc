// A link's way through a proxy: where it is dialled, the tunnel, and how it fails.
#include <gtest/gtest.h>

#include "unit/rpc/behind_proxy.h"

namespace minim::test {

using namespace std::chrono_literals;

TEST(Proxy, GoodTunnel) {
  for (const std::size_t chunk : kChunks) {
    World w(with_proxy());
    w.chunk_bytes = chunk;
    const auto a = w.start("/svc/A");
    EXPECT_TRUE(w.lookups.empty()) << "the proxy resolves the target";
    w.wires.at(0).read = after_head();
    w.accept(0);
    EXPECT_EQ(w.wires[0].raw, "CONNECT server:7233 HTTP/1.1\r\nHost: server:7233\r\n\r\n");
    w.send(0, "HTTP/1.1 200 Connection established\r\nVia: x\r\n\r\n");
    w.send(0, Peer().settings().settings_ack());
    w.send(0, Peer().reply(1, "a")).expect(a, Code::kOk, "a");
    EXPECT_EQ(w.wires[0].received.find(kHeaders)->field(":authority"), "server:7233");
  }
}

TEST(Proxy, TunnelBytesInTheSamePacketAndIgnoredBodyHeaders) {
  for (const std::string_view head :
       {"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", "HTTP/1.0 200 OK\r\n\r\n",
        "HTTP/1.1 299 Fine\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\nx: y\r\n\r\nHTTP/1.1 "
        "200\r\n\r\n"}) {
    for (const std::size_t chunk : kChunks) {
      World w(with_proxy());
      w.chunk_bytes = chunk;
      const auto a = w.start("/svc/A");
      w.wires.at(0).read = after_head();
      w.accept(0);
      w.send(0, std::string(head) + Peer().settings().settings_ack().bytes());
      w.send(0, Peer().reply(1, "a")).expect(a, Code::kOk, "a");
    }
  }
}

TEST(Proxy, HangsUp) {
  const std::string start = "cannot connect to server:7233: proxy 10.9.9.9:3128: it hung up ";
  for (const std::size_t cut : {0, 1, 4, 5, 12, 30}) {
    World w(with_proxy());
    const auto a = w.start("/svc/A", once());
    w.wires.at(0).read = after_head();
    w.accept(0).send(0, kEstablished.substr(0, cut)).hang_up(0);
    w.expect(
        a, Code::kUnavailable,
        start + (cut == 0 ? "without an answer" : "in mid-answer") + " to CONNECT server:7233");
  }
  World w(with_proxy());
  const auto a = w.start("/svc/A", once());
  w.wires.at(0).read = after_head();
  w.accept(0).hang_up(0, "connection reset by peer");
  w.expect(a, Code::kUnavailable,
           start + "without an answer to CONNECT server:7233 (connection reset by peer)");
}

TEST(Proxy, ServerBehindItHangsUp) {
  World w(with_proxy());
  const auto a = w.start("/svc/A", once());
  w.wires.at(0).read = after_head();
  w.accept(0).send(0, kEstablished).hang_up(0);
  w.expect(a, Code::kUnavailable,
           "server:7233 (through the proxy 10.9.9.9:3128) closed the connection before its HTTP/2 "
           "SETTINGS; does it want TLS?");
}

TEST(Proxy, CannotBeDialled) {
  World w(with_proxy());
  const auto a = w.start("/svc/A", once());
  w.refuse(0, "10.9.9.9:3128: connection refused");
  w.expect(a, Code::kUnavailable,
           "cannot connect to server:7233: proxy: 10.9.9.9:3128: connection refused; is the proxy "
           "running?");
}

TEST(Proxy, SilenceTimesOutByNameOfThePhase) {
  const struct {
    std::string_view answer;
    std::string_view phase;
    std::string_view failure;
  } rows[] = {{"", "waiting for the proxy 10.9.9.9:3128", "waiting for the proxy 10.9.9.9:3128"},
              {kEstablished,
               "waiting for the HTTP/2 SETTINGS of server:7233 (through the proxy 10.9.9.9:3128)",
               "the peer sent no SETTINGS in time"}};
  for (const auto& row : rows) {
    World w(with_proxy());
    const auto a = w.start("/svc/A", once()), b = w.start("/svc/B", {.rpc_timeout = 3s});
    w.wires.at(0).read = after_head();
    w.accept(0).send(0, row.answer).wait(20s);
    w.expect(b, Code::kDeadlineExceeded, "while " + std::string(row.phase));
    w.expect(a, Code::kUnavailable, row.failure);
  }
  World w(with_proxy());
  const auto a = w.start("/svc/A", {.rpc_timeout = 3s});
  w.wait(3s).expect(a, Code::kDeadlineExceeded, "while connecting to the proxy 10.9.9.9:3128");
}

TEST(Proxy, WhereItIsDialled) {
  const struct {
    std::string_view target;
    std::string_view address;
  } rows[] = {{"unix:/run/proxy.sock", "unix:/run/proxy.sock"},
              {"http://10.9.9.9", "10.9.9.9:80"},
              {"http://10.9.9.9:3128/", "10.9.9.9:3128"},
              {"[::1]:3128", "[::1]:3128"}};
  for (const auto& row : rows) {
    rpc::ChannelOptions options = plain_options();
    options.proxy = rpc::ProxyOptions{.target = std::string(row.target)};
    World w(std::move(options));
    w.connect();
    EXPECT_EQ(w.wires.at(0).address.to_string(), row.address);
  }
  rpc::ChannelOptions named = plain_options();
  named.proxy = rpc::ProxyOptions{.target = "proxy.example:8080"};
  World v(std::move(named));
  v.connect();
  EXPECT_EQ(v.lookups.at(0).host, "proxy.example");
  EXPECT_EQ(v.lookups.at(0).port, 8080);
}

TEST(Proxy, UnixSocketCarriesATunnel) {
  rpc::ChannelOptions options = plain_options();
  options.proxy = rpc::ProxyOptions{.target = "unix:/run/proxy.sock"};
  World w(std::move(options));
  const auto a = w.start("/svc/A");
  w.wires.at(0).read = after_head();
  w.accept(0).send(0, kEstablished).send(0, Peer().settings().settings_ack());
  w.send(0, Peer().reply(1, "a")).expect(a, Code::kOk, "a");
}

}  // namespace minim::test
