#include "faces/support/states.h"

#include <chrono>

#ifdef MINIM_HAVE_TLS
#include "tls/support/certificates.h"
#endif

namespace minim::test {

namespace {

using Kind = Observation::Kind;
using rpc::ChannelState;

constexpr auto kForever = std::chrono::hours(1);
// What may have reached the server.
constexpr bool kNo = false;
constexpr bool kYes = true;

void unused(Stage& stage) { stage.open({.target = "127.0.0.1:1"}); }

// On a thread of minim's own it may have got as far as its resolver: nobody can tell.
void before_connect(Stage& stage) {
  stage.open({.target = "name.test:1", .resolver = stage.resolver});
  stage.begin("/test/Echo", kNo);
  stage.begin("/test/Echo", kNo);
}

void resolving(Stage& stage) {
  before_connect(stage);
  stage.until([&] { return !stage.resolver->empty(); });
}

void dialling(Stage& stage) {
  stage.open({.target = "127.0.0.1:1", .dialer = stage.dialer});
  stage.begin("/test/Echo", kNo);
  stage.begin("/test/Echo", kNo);
  stage.until([&] { return !stage.dialer->empty(); });
}

void connecting(Stage& stage) {
  stage.open({.target = stage.black_hole()});
  stage.begin("/test/Echo", kNo);
  stage.begin("/test/Echo", kNo);
  // Told once the socket has been made.
  stage.until([&] { return stage.watcher().state == ChannelState::kConnecting; });
}

// Two operations and a peer that listens and says nothing.
void meet_silence(Stage& stage, ConnectOptions options) {
  stage.open(std::move(options));
  stage.begin("/test/Echo", kNo);
  stage.begin("/test/Echo", kNo);
  stage.until([&] { return stage.server().heard() > 0; });
}

void proxy_handshake(Stage& stage) {
  ConnectOptions options{.target = "temporal.test:7233"};
  options.proxy.emplace().target = stage.serve({.is_silent = true}).target();
  meet_silence(stage, std::move(options));
}

#ifdef MINIM_HAVE_TLS
void tls_handshake(Stage& stage) {
  ConnectOptions options{.target = stage.serve({.is_silent = true}).target(), .tls = true};
  options.tls_options.root_certificates = tls::family().root.certificate_pem;
  meet_silence(stage, std::move(options));
}
#endif

void settings_wait(Stage& stage) {
  meet_silence(stage, {.target = stage.serve({.is_silent = true}).target()});
}

void ready(Stage& stage) {
  stage.open({.target = stage.serve().target()});
  stage.be_ready();
}

void queued(Stage& stage) {
  stage.open({.target = stage.serve({.max_streams = 1}).target()});
  stage.be_ready();
  stage.begin("/test/Hold", kYes);
  stage.until([&] { return stage.server().requests() == 2; });
  stage.begin("/test/Hold", kNo);
  stage.begin("/test/Hold", kNo);
  stage.pass_mail();
}

void sent(Stage& stage) {
  stage.open({.target = stage.serve().target()});
  stage.begin("/test/Hold", kYes);
  stage.begin("/test/Hold", kYes);
  stage.until([&] { return stage.server().requests() == 2; });
}

// A server that does not read takes no more than its windows.
void half_sent(Stage& stage) {
  stage.open({.target = stage.serve().target()});
  stage.be_ready();
  stage.server().pause();
  const std::uint64_t before = stage.watcher().sent_bytes;
  stage.begin("/test/Hold", kYes, std::size_t{1} << 20);
  stage.until([&] { return stage.watcher().sent_bytes > before + 50'000; });
}

void half_read(Stage& stage) {
  stage.open({.target = stage.serve().target()});
  stage.be_ready();
  const std::uint64_t before = stage.watcher().received_bytes;
  stage.begin("/test/Half", kYes, 40'000);
  stage.until([&] { return stage.watcher().received_bytes > before + 20'000; });
}

void connect_backoff(Stage& stage) {
  stage.open({.target = "127.0.0.1:" + std::to_string(unused_port()),
              .reconnect = {.initial_backoff = kForever, .max_backoff = kForever}});
  stage.begin("/test/Echo", kNo, 100, {.wait_for_ready = true});
  stage.begin("/test/Echo", kNo, 100, {.wait_for_ready = true});
  stage.until([&] { return stage.watcher().state == ChannelState::kBackoff; });
}

void retry_backoff(Stage& stage) {
  const rpc::RetryOptions retry{
      .initial_interval = kForever, .max_interval = kForever, .max_elapsed = {}};
  stage.open({.target = stage.serve().target(), .retry = retry});
  stage.begin("/test/Unavailable", kYes);
  stage.begin("/test/Unavailable", kYes);
  stage.until([&] { return stage.watcher().count(Kind::kRetry) == 2; });
}

// One call on the connection that drains, one on its successor.
void draining(Stage& stage) {
  stage.open({.target = stage.serve().target()});
  stage.begin("/test/Goaway", kYes);
  stage.until([&] { return stage.watcher().count(Kind::kGoaway) == 1; });
  stage.begin("/test/Hold", kYes);
  stage.until([&] { return stage.server().requests() == 2; });
  EXPECT_EQ(stage.server().connections(), 2);
}

void closing(Stage& stage) {
  sent(stage);
  stage.client().close({.drain = kForever});
  stage.is_closing = true;
  stage.pass_mail();
}

}  // namespace

const std::vector<ClientState>& client_states() {
  static const std::vector<ClientState> kStates = {
      {"Unused", unused},
      {"BeforeConnect", before_connect},
      {"Resolving", resolving},
      {"Dialling", dialling},
      {"Connecting", connecting},
      {"ProxyHandshake", proxy_handshake},
#ifdef MINIM_HAVE_TLS
      {"TlsHandshake", tls_handshake},
#endif
      {"SettingsWait", settings_wait},
      {"Ready", ready},
      {"Queued", queued},
      {"Sent", sent},
      {"HalfSent", half_sent},
      {"HalfRead", half_read},
      {"ConnectBackoff", connect_backoff},
      {"RetryBackoff", retry_backoff},
      {"Draining", draining},
      {"Closing", closing},
  };
  return kStates;
}

}  // namespace minim::test
