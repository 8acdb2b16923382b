// Section A of the fault list, TLS (rows 11 to 23): a channel with the real filter, in the world of
// tests/support, against OpenSSL as a server.
#include <gtest/gtest.h>

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "minim/tls.h"
#include "support/rows.h"
#include "tls/support/link.h"

namespace minim::tls {
namespace {

using namespace std::chrono_literals;
using rpc::Progress;
using test::expect_ending;
using test::once;
using test::patient;
using test::Peer;
using test::World;

rpc::ChannelOptions tls_options(const TlsOptions& tls = trusting()) {
  rpc::ChannelOptions options = test::plain_options("temporal.example");
  options.tls = make_tls(tls).value();
  return options;
}

// A server of the world's first link and, once repaired, of the next one.
class Server {
 public:
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  Server(World& world, std::size_t link, const ServerSpec& spec)
      : world_(world), link_(link), end_(std::make_unique<ServerEnd>(spec)) {
    world_.wires.at(link).read = [this](std::string_view bytes) { return read(bytes); };
  }

  ~Server() {
    world_.wires[link_].read = [](std::string_view) { return std::string(); };
  }

  ServerEnd& end() { return *end_; }
  // What it has to say goes out, until nothing is left; records one by one.
  void run() {
    for (std::string bytes; !(bytes = end_->take_output()).empty();) deliver(bytes);
  }
  void send(const Peer& peer) {
    end_->send(peer.bytes());
    run();
  }
  void open() {
    world_.accept(link_);
    run();
    send(Peer().settings().settings_ack());
  }
  bool is_gone() const { return world_.wires[link_].is_closed; }

 private:
  // The plain bytes, which the world takes apart.
  std::string read(std::string_view bytes) {
    end_->receive(bytes);
    std::string fresh = end_->plain().substr(seen_);
    seen_ = end_->plain().size();
    return fresh;
  }
  void deliver(const std::string& bytes) {
    if (world_.wires[link_].is_open) world_.send(link_, bytes);
  }

  World& world_;
  std::size_t link_;
  std::unique_ptr<ServerEnd> end_;
  std::size_t seen_ = 0;
};

// The number of the link that is dialled next.
std::size_t next_link(World& w) {
  for (int i = 0; i < 200; ++i) {
    if (!w.wires.empty() && !w.wires.back().is_open && !w.wires.back().is_closed) break;
    if (w.channel().state() == rpc::ChannelState::kConnecting) {
      w.resolve({"10.0.0.1"});
    } else {
      w.wait(100ms);
    }
  }
  return w.wires.size() - 1;
}

// `call`, which nobody has seen yet, on a connection to a server without a fault.
void expect_good_call(World& w, std::string_view path, rpc::CallId call) {
  EXPECT_EQ(w.sent_count(path), 0u);
  Server good(w, next_link(w), {});
  good.open();
  good.send(Peer().reply(1, "good"));
  expect_ending(w, call, path, {.text = "good"});
}

// The handshake fails: a hasty call ends, unsent; a patient one goes out on the repaired server.
void expect_handshake_fails(rpc::ChannelOptions options, const std::function<void(World&)>& spoil,
                            std::string_view text) {
  World w(std::move(options));
  const auto hasty = w.start("/svc/Hasty", once()), waiting = w.start("/svc/Waiting", patient());
  next_link(w);
  w.wires[0].read = [](std::string_view) { return std::string(); };
  spoil(w);
  expect_ending(
      w, hasty, "/svc/Hasty",
      {.code = Code::kUnavailable, .text = text, .progress = Progress::kNotSent, .sent = 0});
  EXPECT_TRUE(w.wires[0].is_closed);
  EXPECT_EQ(w.wires[0].received.frames().size(), 0u) << "plain bytes were sent";
  EXPECT_EQ(w.wires[0].raw.find("PRI * HTTP/2.0"), std::string::npos);
  w.expect_pending(waiting);
  expect_good_call(w, "/svc/Waiting", waiting);
}

void expect_refused(const ServerSpec& spec, std::string_view text,
                    const TlsOptions& tls = trusting()) {
  expect_handshake_fails(
      tls_options(tls),
      [&](World& w) {
        Server server(w, 0, spec);
        w.accept(0);
        server.run();
        EXPECT_EQ(server.end().plain(), "");
      },
      text);
}

// A connection with /svc/A on its way.
struct OpenTls {
  explicit OpenTls(const ServerSpec& spec = {}) : w(tls_options()), a(w.start("/svc/A", once())) {
    next_link(w);
    server = std::make_unique<Server>(w, 0, spec);
    server->open();
  }
  void expect_lost(std::string_view text) {
    expect_ending(w, a, "/svc/A", {.code = Code::kUnavailable, .text = text});
    EXPECT_TRUE(server->is_gone());
    expect_good_call(w, "/svc/Next", w.start("/svc/Next", patient()));
  }
  World w;
  rpc::CallId a;
  std::unique_ptr<Server> server;
};

// Where a flight is cut: before each of its records, behind its head, and before its last byte.
std::vector<std::size_t> cuts_of(std::string_view flight) {
  std::vector<std::size_t> places;
  for (std::size_t at = 0; at + 5 <= flight.size();) {
    const std::size_t size = 256u * static_cast<unsigned char>(flight[at + 3]) +
                             static_cast<unsigned char>(flight[at + 4]);
    places.insert(places.end(), {at, at + 5, at + 4 + size});
    at += 5 + size;
  }
  return places;
}

// A handshake up to the server's flight of this number, which is handed out.
std::string play_handshake(World& w, int version, int flight) {
  ServerEnd server({.max_version = version});
  w.wires[0].read = [&](std::string_view bytes) {
    server.receive(bytes);
    return std::string();
  };
  w.accept(0);
  for (int i = 0; i < flight; ++i) w.send(0, server.take_output());
  w.wires[0].read = [](std::string_view) { return std::string(); };
  return server.take_output();
}

}  // namespace

TEST(Faults, R011PlaintextClientToATlsPort) {
  // OpenSSL hangs up without a word; others send an alert first.
  test::expect_no_connection(
      [](World& w) {
        w.accept(0);
        ServerEnd server({});
        server.receive(w.wires[0].raw);
        EXPECT_TRUE(server.has_failed());
        w.send(0, server.take_output()).hang_up(0);
      },
      "does it want TLS?");
  const std::string_view alert("\x15\x03\x01\x00\x02\x02\x46", 7);
  test::expect_no_connection([&](World& w) { w.accept(0).send(0, alert).hang_up(0); },
                             "it speaks TLS: turn TLS on");
}

TEST(Faults, R012TlsClientToAPlaintextPort) {
  const std::pair<std::string, std::string_view> rows[] = {
      {"HTTP/1.1 400 Bad Request\r\n\r\n", "plain HTTP/1"},
      {Peer().settings().bytes(), "speaks plaintext"}};
  for (const auto& [bytes, text] : rows) {
    expect_handshake_fails(tls_options(), [&](World& w) { w.accept(0).send(0, bytes); }, text);
  }
}

TEST(Faults, R013UntrustedCa) {
  const Issued leaf = issue({.names = {"DNS:temporal.example"}}, &family().other_root);
  expect_refused({.identity = &leaf}, "is issued by CN=Another root");
  const Issued own = issue({.names = {"DNS:temporal.example"}}, nullptr);
  expect_refused({.identity = &own}, "is self-signed");
}

TEST(Faults, R014WrongName) {
  const Issued other = issue({.names = {"DNS:other.example", "IP:10.0.0.7"}}, &family().root);
  expect_refused({.identity = &other}, "not for the name temporal.example");
  TlsOptions by_address = trusting();
  by_address.verification_server_name = "10.0.0.1";  // which the repaired server has
  expect_refused({.identity = &other}, "not for the address 10.0.0.1", by_address);
}

TEST(Faults, R015ExpiredOrNotYetValid) {
  const Issued expired =
      issue({.names = {"DNS:temporal.example"}, .starts_in_days = -9, .ends_in_days = -2},
            &family().root);
  const Issued future =
      issue({.names = {"DNS:temporal.example"}, .starts_in_days = 2}, &family().root);
  expect_refused({.identity = &expired}, "the server's certificate expired on 20");
  expect_refused({.identity = &future}, "is not valid before 20");
}

TEST(Faults, R016ServerPicksNoneOrHttp1) {
  expect_refused({.alpn = ""}, "chose no protocol");
  expect_refused({.alpn = "http/1.1"}, "another protocol than HTTP/2");
  expect_refused({.refuses_alpn = true}, "does not offer HTTP/2");
}

TEST(Faults, R017ServerWithoutTls12) {
  expect_refused({.min_version = TLS1_VERSION, .max_version = TLS1_1_VERSION}, "TLS is too old");
}

TEST(Faults, R018HandshakeCutAtEveryRecord) {
  // Of TLS 1.2 the server's second flight as well: ChangeCipherSpec and Finished.
  const std::pair<int, int> flights[] = {
      {TLS1_2_VERSION, 0}, {TLS1_2_VERSION, 1}, {TLS1_3_VERSION, 0}};
  for (const auto& [version, flight] : flights) {
    SCOPED_TRACE(testing::Message() << std::hex << version << ", flight " << flight);
    std::size_t cuts = 1;
    for (std::size_t i = 0; i < cuts; ++i) {
      SCOPED_TRACE(i);
      expect_handshake_fails(
          tls_options(),
          [&](World& w) {
            const std::string bytes = play_handshake(w, version, flight);
            const std::vector<std::size_t> places = cuts_of(bytes);
            cuts = places.size();
            w.send(0, bytes.substr(0, places[i])).hang_up(0);
          },
          flight == 0 && i == 0 ? "without an answer" : "in the middle of the handshake");
    }
    EXPECT_GE(cuts, 6u);
  }
}

TEST(Faults, R019NoClientCertificateTls12) {
  expect_refused({.max_version = TLS1_2_VERSION, .wants_client = true},
                 "wants a client certificate");
}

TEST(Faults, R020NoClientCertificateTls13) {
  // We believe the handshake is done, and no call is sent before the server's SETTINGS: that is why
  // it is provably unsent.
  World w(tls_options());
  const auto hasty = w.start("/svc/Hasty", once()), waiting = w.start("/svc/Waiting", patient());
  next_link(w);
  Server server(w, 0, {.min_version = TLS1_3_VERSION, .wants_client = true});
  w.accept(0);
  server.run();
  expect_ending(w, hasty, "/svc/Hasty",
                {.code = Code::kUnavailable,
                 .text = "wants a client certificate",
                 .progress = Progress::kNotSent,
                 .sent = 0});
  w.expect_pending(waiting);
  EXPECT_EQ(server.end().plain(), "");
  expect_good_call(w, "/svc/Waiting", waiting);
}

TEST(Faults, R021DamagedRecord) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    OpenTls open({.max_version = version});
    open.server->end().send(Peer().reply(1, "never read").bytes());
    std::string bytes = open.server->end().take_output();
    bytes.back() = static_cast<char>(bytes.back() ^ 1);
    open.w.send(0, bytes);
    open.expect_lost("a record arrived damaged");
  }
}

TEST(Faults, R022EndWithoutCloseNotify) {
  OpenTls open;
  open.w.hang_up(0);
  open.expect_lost("it ended without TLS's close_notify");
}

TEST(Faults, R023TicketsAndKeyUpdatesBetweenFrames) {
  OpenTls open;
  const std::string reply = Peer().reply(1, "whole").bytes();
  for (std::size_t at = 0; at < reply.size(); at += 10) {
    open.server->end().send(reply.substr(at, 10));
    open.server->end().update_keys();
    open.server->end().send_ticket();
    open.server->run();
  }
  expect_ending(open.w, open.a, "/svc/A", {.text = "whole"});
  const auto next = open.w.start("/svc/Next", once());
  open.server->send(Peer().reply(3, "next"));
  expect_ending(open.w, next, "/svc/Next", {.text = "next"});
}

}  // namespace minim::tls
