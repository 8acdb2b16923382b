// A filter (TLS) to a proxy, one through its tunnel, and both.
#include <gtest/gtest.h>

#include "support/fake_filter.h"
#include "unit/rpc/behind_proxy.h"

namespace minim::test {

using namespace std::chrono_literals;

namespace {

// A filter to the proxy, and perhaps one to the server inside the tunnel.
struct Doubled {
  std::shared_ptr<FakeFilterFactory> outer = std::make_shared<FakeFilterFactory>();
  std::shared_ptr<FakeFilterFactory> inner = std::make_shared<FakeFilterFactory>();
  rpc::ChannelOptions options = [this] {
    rpc::ChannelOptions made = with_proxy();
    made.proxy->target = "https://10.9.9.9:3129";
    made.proxy->tls = outer;
    return made;
  }();
};

// The far end of a filter whose inside is read by `next`.
std::function<std::string(std::string_view)> inside_filter(
    std::function<std::string(std::string_view)> next) {
  return [reader = FilterReader(), next](std::string_view bytes) mutable {
    return next(reader(bytes));
  };
}

}  // namespace

TEST(Proxy, ATunnelThatNobodyAskedForYet) {
  Doubled d;
  World w(d.options);
  const auto a = w.start("/svc/A", once());
  w.wires.at(0).read = inside_filter(after_head());
  w.accept(0).send(0, std::string(kFilterWelcome) + filter_seal(kEstablished));
  w.expect(a, Code::kUnavailable, "it opens a tunnel before it has been asked for one");
}

TEST(Proxy, FilterInsideTheTunnel) {
  for (const std::size_t chunk : kChunks) {
    rpc::ChannelOptions options = with_proxy();
    const auto factory = std::make_shared<FakeFilterFactory>();
    options.tls = factory;
    World w(std::move(options));
    w.chunk_bytes = chunk;
    const auto a = w.start("/svc/A");
    w.wires.at(0).read = after_head(FilterReader());
    w.accept(0).send(0, kEstablished).send(0, kFilterWelcome);
    EXPECT_EQ(factory->last_host, "server") << "not the proxy";
    w.send(0, filter_seal(Peer().settings().settings_ack().bytes()));
    w.send(0, filter_seal(Peer().reply(1, "a").bytes())).expect(a, Code::kOk, "a");
  }
}

TEST(Proxy, FailureThatCameWithItsAnswerIsNotTheProxys) {
  rpc::ChannelOptions options = with_proxy();
  options.tls = std::make_shared<FakeFilterFactory>();
  World w(std::move(options));
  const auto a = w.start("/svc/A", once());
  w.wires.at(0).read = after_head(FilterReader());
  w.accept(0).send(0, std::string(kEstablished) + "go away");
  w.expect(a, Code::kUnavailable, "cannot connect to server:7233: the handshake failed");
}

TEST(Proxy, FilterToTheProxy) {
  for (const std::size_t chunk : kChunks) {
    Doubled d;
    World w(d.options);
    w.chunk_bytes = chunk;
    std::string head;
    const auto a = w.start("/svc/A");
    w.wires.at(0).read = inside_filter(after_head({}, &head));
    w.accept(0);
    EXPECT_EQ(w.wires[0].raw, kFilterHello) << "no CONNECT before the handshake is done";
    EXPECT_EQ(d.outer->last_host, "10.9.9.9");
    w.send(0, kFilterWelcome);
    EXPECT_EQ(head, "CONNECT server:7233 HTTP/1.1\r\nHost: server:7233\r\n\r\n");
    EXPECT_EQ(w.wires[0].raw.find("CONNECT"), std::string::npos) << "nothing in the clear";
    w.send(0, filter_seal(std::string(kEstablished) + Peer().settings().settings_ack().bytes()));
    w.send(0, filter_seal(Peer().reply(1, "a").bytes())).expect(a, Code::kOk, "a");
    EXPECT_EQ(w.wires[0].received.find(kHeaders)->field(":scheme"), "http");
    w.close();
    EXPECT_EQ(w.wires[0].raw.back(), '\0') << "the goodbye";
  }
}

TEST(Proxy, FilterThatIsOpenAtOnce) {
  Doubled d;
  d.outer->is_open_at_once = true;
  World w(d.options);
  const auto a = w.start("/svc/A");
  w.wires.at(0).read = [next = after_head(), reader = FilterReader(),
                        greeted = false](std::string_view bytes) mutable {
    if (!std::exchange(greeted, true)) reader(kFilterHello);
    return next(reader(bytes));
  };
  w.accept(0).send(0, filter_seal(kEstablished));
  w.send(0, filter_seal(Peer().settings().settings_ack().bytes()));
  w.send(0, filter_seal(Peer().reply(1, "a").bytes())).expect(a, Code::kOk, "a");
}

TEST(Proxy, FilterInsideFilter) {
  for (const std::size_t chunk : kChunks) {
    Doubled d;
    d.options.tls = d.inner;
    World w(d.options);
    w.chunk_bytes = chunk;
    std::string inside;
    const auto a = w.start("/svc/A");
    w.wires.at(0).read = inside_filter(
        after_head([&inside, reader = FilterReader()](std::string_view bytes) mutable {
          inside += bytes;
          return reader(bytes);
        }));
    w.accept(0).send(0, kFilterWelcome);
    EXPECT_EQ(d.inner->last_host, "") << "no filter to the server before there is a tunnel";
    w.send(0, filter_seal(std::string(kEstablished) + std::string(kFilterWelcome)));
    EXPECT_EQ(d.inner->last_host, "server");
    EXPECT_TRUE(w.wires[0].received.has_preface());
    w.send(0, filter_seal(filter_seal(Peer().settings().settings_ack().bytes())));
    w.send(0, filter_seal(filter_seal(Peer().reply(1, "a").bytes()))).expect(a, Code::kOk, "a");
    EXPECT_EQ(w.wires[0].received.find(kHeaders)->field(":scheme"), "https");
    w.close();
    EXPECT_EQ(inside.back(), '\0') << "the inner goodbye comes before the outer";
    EXPECT_EQ(w.wires[0].raw.back(), '\0');
  }
}

TEST(Proxy, FilterThatFailsToSendEndsTheLinkAtOnce) {
  {
    Doubled d;
    World w(d.options);
    const auto a = w.start("/svc/A", once());
    w.wires.at(0).read = inside_filter(after_head());
    d.outer->fails_to_send = true;
    w.accept(0).send(0, kFilterWelcome).wait(0s);
    w.expect(a, Code::kUnavailable, "CONNECT server:7233 (proxy: no seal was left)");
  }
  for (const bool is_inner : {false, true}) {
    Doubled d;
    d.options.tls = d.inner;
    World w(d.options);
    w.connect().wires.at(0).read = inside_filter(after_head(FilterReader()));
    w.accept(0).send(0, kFilterWelcome);
    w.send(0, filter_seal(std::string(kEstablished) + std::string(kFilterWelcome)));
    w.send(0, filter_seal(filter_seal(Peer().settings().settings_ack().bytes())));
    (is_inner ? d.inner : d.outer)->fails_to_send = true;
    const auto a = w.start("/svc/A", once());
    w.wait(0s).expect(a, Code::kUnavailable, "no seal was left");
    EXPECT_EQ(w.reply(a)->status.message().starts_with("proxy: "), !is_inner);
    EXPECT_TRUE(w.wires[0].is_closed);
  }
}

TEST(Proxy, FilterToTheProxyFails) {
  const std::string start = "cannot connect to server:7233: proxy: ";
  {
    Doubled d;
    d.outer->refuse_to_open = "no roots";
    World w(d.options);
    const auto a = w.start("/svc/A", once());
    w.wires.at(0).read = FilterReader();
    w.accept(0).expect(a, Code::kUnavailable, start + "no roots");
  }
  for (const std::size_t chunk : kChunks) {
    Doubled d;
    World w(d.options);
    w.chunk_bytes = chunk;
    const auto a = w.start("/svc/A", once());
    w.wires.at(0).read = FilterReader();
    w.accept(0).send(0, "go away");
    w.expect(a, Code::kUnavailable, start + "the handshake failed: not welcome");
    EXPECT_EQ(w.wires[0].raw, std::string(kFilterHello) + "alert\n");
  }
  {
    Doubled d;
    World w(d.options);
    const auto a = w.start("/svc/A", once());
    w.wires.at(0).read = FilterReader();
    w.accept(0).hang_up(0);
    w.expect(a, Code::kUnavailable, start + "the peer hung up in the handshake");
  }
  {
    Doubled d;
    World w(d.options);
    const auto a = w.start("/svc/A", {.rpc_timeout = 3s});
    w.wires.at(0).read = FilterReader();
    w.accept(0).wait(3s);
    w.expect(a, Code::kDeadlineExceeded, "while shaking hands (TLS) with the proxy 10.9.9.9:3129");
  }
}

TEST(Proxy, FilterToTheProxyEndsInEachStage) {
  const std::string goodbye(1, '\0');
  const std::string refused = filter_seal("HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n");
  const struct {
    std::string answer;
    std::string_view text;
  } rows[] = {
      {refused, "refused with '407 No': proxy authentication required"},
      {refused + goodbye, "refused with '407 No': proxy authentication required"},
      {goodbye, "proxy https://10.9.9.9:3129: it hung up without an answer to CONNECT"},
      {filter_seal("HTTP/1.1 502 B\r\n\r\nno") + goodbye, "'502 B'; it says: 'no'"},
      {filter_seal(kEstablished) + goodbye,
       "server:7233 (through the proxy 10.9.9.9:3129) closed the connection before its HTTP/2"}};
  for (const auto& row : rows) {
    for (const std::size_t chunk : kChunks) {
      Doubled d;
      World w(d.options);
      w.chunk_bytes = chunk;
      const auto a = w.start("/svc/A", once());
      w.wires.at(0).read = inside_filter(after_head());
      w.accept(0)
          .send(0, kFilterWelcome)
          .send(0, row.answer)
          .expect(a, Code::kUnavailable, row.text);
      EXPECT_TRUE(w.wires[0].is_closed);
    }
  }
  // Cut without a goodbye while a call runs: the call was sent and may not be repeated for free.
  Doubled d;
  World w(d.options);
  const auto a = w.start("/svc/A", once());
  w.wires.at(0).read = inside_filter(after_head());
  w.accept(0).send(0, kFilterWelcome);
  w.send(0, filter_seal(std::string(kEstablished) + Peer().settings().settings_ack().bytes()));
  w.send(0, "\x30 half a record").hang_up(0);
  w.expect(a, Code::kUnavailable, "proxy: the peer hung up inside a record");
  EXPECT_TRUE(w.reply(a)->status.may_have_reached_server());
}

TEST(Proxy, SlowSocketBoundsWhatIsSealedTwice) {
  Doubled d;
  d.options.tls = d.inner;
  d.options.gzip_above_bytes.reset();
  World w(d.options);
  rpc::Request request;
  request.path = "/svc/A";
  request.message = std::string(500'000, 'x');
  for (int i = 0; i < 10; ++i) w.start(request);
  w.wires.at(0).read = inside_filter(after_head(FilterReader()));
  w.accept(0).send(0, kFilterWelcome);
  w.send(0, filter_seal(std::string(kEstablished) + std::string(kFilterWelcome)));
  w.wires[0].is_blocked = true;
  w.send(0, filter_seal(filter_seal(Peer()
                                        .settings({{kInitialWindowSize, 1 << 30}})
                                        .settings_ack()
                                        .window_update(0, 1 << 30)
                                        .bytes())));
  EXPECT_LT(w.channel().output(w.wires[0].id).size(), 200'000u);
  w.unblock(0);
  EXPECT_EQ(w.wires[0].received.body(19).size(), 500'005u);
}

}  // namespace minim::test
