// Sessions that are resumed, and those that must not be.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "tls/session_cache.h"
#include "tls/support/link.h"
#include "tls/support/scratch.h"
#include "tls/tls_context.h"
#include "tls/tls_filter.h"

namespace minim::tls {
namespace {

struct Way {
  int version;
  bool has_tickets;
};
// RFC 8446 knows tickets alone.
constexpr Way kWays[] = {{TLS1_2_VERSION, true}, {TLS1_2_VERSION, false}, {TLS1_3_VERSION, true}};

ServerSpec spec_of(const Way& way) {
  return {.max_version = way.version, .has_tickets = way.has_tickets};
}

// Runs one connection and lets the server's tickets arrive.
void use(Link& link) {
  link.run();
  ASSERT_TRUE(link.filter().is_open()) << link.failure();
  link.send("up");
  link.server().send("down");
  link.run();
  EXPECT_EQ(link.take_plain(), "down") << link.failure();
  EXPECT_EQ(link.server().plain(), "up");
}

void expect_resumed(Link& link, bool is_resumed) {
  use(link);
  EXPECT_EQ(link.server().is_resumed(), is_resumed);
}

TEST(TlsSession, IsResumed) {
  for (const Way& way : kWays) {
    const std::shared_ptr<FilterFactory> factory = make_tls(trusting()).value();
    Link first(factory, spec_of(way));
    expect_resumed(first, false);
    int resumed = 0;
    for (int i = 0; i < 5; ++i) {
      Link next(factory, spec_of(way), &first.server());
      use(next);
      if (next.server().is_resumed()) ++resumed;
      next.close();
      next.run();
      next.server().close();  // a server forgets the session of a connection that was cut
    }
    EXPECT_EQ(resumed, 5) << way.version << way.has_tickets;
  }
}

TEST(TlsSession, OfOneConnectionServesSeveralThatComeTogether) {
  for (const Way& way : kWays) {
    const std::shared_ptr<FilterFactory> factory = make_tls(trusting()).value();
    Link first(factory, spec_of(way));
    use(first);
    // TLS 1.3 servers send two tickets, each of which is used once; the third connection has none.
    const bool once = way.version == TLS1_3_VERSION;
    Link a(factory, spec_of(way), &first.server());
    Link b(factory, spec_of(way), &first.server());
    Link c(factory, spec_of(way), &first.server());
    expect_resumed(a, true);
    expect_resumed(b, true);
    expect_resumed(c, !once);
  }
}

TEST(TlsSession, OutlivesALostConnection) {
  for (const Way& way : kWays) {
    const std::shared_ptr<FilterFactory> factory = make_tls(trusting()).value();
    Link first(factory, spec_of(way));
    use(first);
    first.receive_end();
    EXPECT_FALSE(first.filter().failed().ok());
    Link next(factory, spec_of(way), &first.server());
    expect_resumed(next, true);
  }
}

TEST(TlsSession, IsForgottenWhenARecordWasDamaged) {
  for (const Way& way : kWays) {
    const std::shared_ptr<FilterFactory> factory = make_tls(trusting()).value();
    Link first(factory, spec_of(way));
    use(first);
    first.server().send("x");
    std::string bytes = first.server().take_output();
    bytes.back() = static_cast<char>(bytes.back() ^ 1);
    first.receive(bytes);
    EXPECT_FALSE(first.filter().failed().ok());
    Link next(factory, spec_of(way), &first.server());
    expect_resumed(next, false);
  }
}

TEST(TlsSession, UnknownToTheServerCostsNothing) {
  for (const Way& way : kWays) {
    const std::shared_ptr<FilterFactory> factory = make_tls(trusting()).value();
    Link first(factory, spec_of(way));
    use(first);
    Link other_server(factory, spec_of(way));
    expect_resumed(other_server, false);
  }
}

TEST(TlsSession, IsOfOneHost) {
  for (const Way& way : kWays) {
    const std::shared_ptr<FilterFactory> factory = make_tls(trusting()).value();
    Link first(factory, spec_of(way));
    use(first);
    Link other(factory, spec_of(way), &first.server(), "a.wild.example");
    expect_resumed(other, false);
    // The name that the certificate does not have stays refused.
    Link wrong(factory, spec_of(way), &first.server(), "wrong.example");
    wrong.run();
    EXPECT_NE(wrong.failure().find("not for the name wrong.example"), std::string::npos);
    Link same(factory, spec_of(way), &first.server());
    expect_resumed(same, true);
  }
}

// Each factory verifies in its own way; none takes up what another has begun.
TEST(TlsSession, IsOfOneFactory) {
  TlsOptions lax = trusting();
  lax.dangerously_skip_verification = true;
  TlsOptions renamed = trusting();
  renamed.verification_server_name = "a.wild.example";
  for (const Way& way : kWays) {
    const std::shared_ptr<FilterFactory> first_factory = make_tls(lax).value();
    Link first(first_factory, spec_of(way));
    use(first);
    for (const TlsOptions& options : {trusting(), renamed, lax}) {
      Link next(make_tls(options).value(), spec_of(way), &first.server());
      expect_resumed(next, false);
    }
  }
}

TEST(TlsSession, EndsWhenTrustOrIdentityChanges) {
  const Scratch scratch;
  TlsOptions options;
  options.root_certificates_file = scratch.write("ca.pem", family().root.certificate_pem);
  options.client_certificate_file = scratch.write("c.pem", family().client.certificate_pem);
  options.client_private_key_file = scratch.write("c.key", family().client.key_pem);
  const Issued second = issue({.subject = "second"}, &family().root);
  const ServerSpec spec{.wants_client = true};
  const std::shared_ptr<FilterFactory> factory = make_tls(options).value();
  Link first(factory, spec);
  use(first);
  {
    Link unchanged(factory, spec, &first.server());
    expect_resumed(unchanged, true);
  }
  scratch.write("ca.pem", family().root.certificate_pem + family().other_root.certificate_pem);
  {
    Link trusting_more(factory, spec, &first.server());
    expect_resumed(trusting_more, false);
    Link again(factory, spec, &first.server());
    expect_resumed(again, true);
  }
  scratch.write("c.pem", second.certificate_pem);
  scratch.write("c.key", second.key_pem);
  Link as_another(factory, spec, &first.server());
  expect_resumed(as_another, false);
  EXPECT_EQ(as_another.server().client_subject(), "CN=second");
}

TEST(TlsSession, IsNotKeptWhenSwitchedOff) {
  TlsOptions options = trusting();
  options.session_resumption = false;
  for (const Way& way : kWays) {
    const std::shared_ptr<FilterFactory> factory = make_tls(options).value();
    Link first(factory, spec_of(way));
    use(first);
    Link next(factory, spec_of(way), &first.server());
    expect_resumed(next, false);
  }
}

TEST(TlsSession, EndsWithTheCertificate) {
  const Issued expired =
      issue({.names = {"DNS:temporal.example"}, .starts_in_days = -9, .ends_in_days = -1},
            &family().root);
  TlsOptions lax;
  lax.dangerously_skip_verification = true;  // else there would be no session to begin with
  for (const Way& way : kWays) {
    ServerSpec spec = spec_of(way);
    spec.identity = &expired;
    const std::shared_ptr<FilterFactory> factory = make_tls(lax).value();
    Link first(factory, spec);
    use(first);
    Link next(factory, spec, &first.server());
    expect_resumed(next, false);
  }
}

// A genuine one, with a certificate in it.
SessionPtr some_session(int version) {
  std::vector<std::string> problems;
  const auto settings = std::make_shared<Settings>();
  read_settings(trusting(), settings.get(), &problems);
  Sources sources;
  Sources::Parts parts;
  std::shared_ptr<const TlsContext> context;
  EXPECT_TRUE(sources.start(trusting(), &parts, &problems).ok());
  EXPECT_TRUE(make_context(settings, parts, &context, &problems).ok());
  const PeerName name = peer_name("temporal.example", "", "");
  TlsFilter filter(context, name);
  EXPECT_TRUE(filter.start().ok());
  ServerEnd server({.max_version = version});
  for (int turn = 0; turn < 4; ++turn) {
    server.receive(filter.output());
    filter.consume_output(filter.output().size());
    filter.receive(server.take_output());
  }
  return context->sessions->take(session_key(name));
}

TEST(TlsSessionCache, KeepsTheNewestOfEachPeer) {
  SessionCache cache;
  const SessionPtr session = some_session(TLS1_3_VERSION);
  ASSERT_NE(session, nullptr);
  for (std::size_t i = 0; i < SessionCache::kMaxSessionsOfPeer + 3; ++i) {
    SSL_SESSION_set_timeout(session.get(), static_cast<long>(i));
    cache.put("a", session.get());
  }
  for (std::size_t i = 0; i < SessionCache::kMaxSessionsOfPeer; ++i) {
    const SessionPtr taken = cache.take("a");
    ASSERT_NE(taken, nullptr);
    EXPECT_EQ(SSL_SESSION_get_timeout(taken.get()),
              static_cast<long>(SessionCache::kMaxSessionsOfPeer + 2 - i));
  }
  EXPECT_EQ(cache.take("a"), nullptr);
}

TEST(TlsSessionCache, DropsTheOldestOfAll) {
  SessionCache cache;
  const SessionPtr session = some_session(TLS1_3_VERSION);
  ASSERT_NE(session, nullptr);
  for (std::size_t i = 0; i <= SessionCache::kMaxSessions; ++i) {
    cache.put("peer " + std::to_string(i), session.get());
  }
  EXPECT_EQ(cache.take("peer 0"), nullptr);
  for (std::size_t i = 1; i <= SessionCache::kMaxSessions; ++i) {
    EXPECT_NE(cache.take("peer " + std::to_string(i)), nullptr) << i;
  }
}

TEST(TlsSessionCache, GivesASessionOfTls12ManyTimes) {
  SessionCache cache;
  const SessionPtr session = some_session(TLS1_2_VERSION);
  ASSERT_NE(session, nullptr);
  cache.put("a", session.get());
  EXPECT_NE(cache.take("a"), nullptr);
  EXPECT_NE(cache.take("a"), nullptr);
  EXPECT_EQ(cache.take("b"), nullptr);
  cache.forget("b");
  EXPECT_NE(cache.take("a"), nullptr);
  cache.forget("a");
  EXPECT_EQ(cache.take("a"), nullptr);
}

TEST(TlsSessionCache, PassesOverWhatIsADayOld) {
  constexpr long kDay = SessionCache::kMaxSessionDays * 24 * 60 * 60;
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    SessionCache cache;
    const SessionPtr session = some_session(version);
    ASSERT_NE(session, nullptr);
    const long now = SSL_SESSION_get_time(session.get());
    SSL_SESSION_set_time(session.get(), now - kDay + 600);
    cache.put("a", session.get());
    SSL_SESSION_set_time(session.get(), now - kDay - 1);
    cache.put("a", session.get());
    EXPECT_NE(cache.take("a"), nullptr);
    cache.forget("a");
    cache.put("a", session.get());
    EXPECT_EQ(cache.take("a"), nullptr);
  }
}

}  // namespace
}  // namespace minim::tls
