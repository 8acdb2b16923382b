// Open connections: data, tickets, key updates, goodbyes and damage.
#include <gtest/gtest.h>
#include <malloc.h>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tls/support/link.h"

namespace minim::tls {
namespace {

std::string pattern(std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) {
    text[i] = static_cast<char>('a' + i * 7 % 23 + i / 1000 % 3);
  }
  return text;
}

void expect_lost(Link& link, std::string_view part) {
  EXPECT_EQ(link.filter().failed().code(), Code::kUnavailable);
  EXPECT_EQ(link.filter().failed().origin(), Origin::kTransport);
  EXPECT_FALSE(link.filter().is_open());
  EXPECT_NE(link.failure().find(part), std::string::npos) << link.failure();
}

TEST(TlsConnection, CarriesMuchBothWays) {
  const std::string up = pattern(300'000);
  const std::string down = pattern(300'001);
  for (const std::size_t chunk : {kWhole, std::size_t{1}, std::size_t{2}, std::size_t{3},
                                  std::size_t{7}, std::size_t{16'384}}) {
    Link link(trusting(), {}, "temporal.example", chunk);
    link.run();
    link.send(up);
    link.server().send(down);
    link.run();
    EXPECT_EQ(link.server().plain(), up);
    EXPECT_EQ(link.take_plain(), down);
    EXPECT_TRUE(link.filter().failed().ok()) << link.failure();
  }
}

TEST(TlsConnection, GivesPlainBytesInParts) {
  Link link(trusting(), {});
  link.run();
  link.server().send("abcdef");
  link.run();
  EXPECT_EQ(link.filter().plain(), "abcdef");
  link.filter().consume_plain(2);
  EXPECT_EQ(link.filter().plain(), "cdef");
  link.server().send("gh");
  link.run();
  EXPECT_EQ(link.filter().plain(), "cdefgh");
  link.filter().consume_plain(100);
  EXPECT_EQ(link.filter().plain(), "");
  link.send("");
  EXPECT_EQ(link.filter().output(), "");
}

TEST(TlsConnection, GivesOutputInParts) {
  Link link(trusting(), {});
  link.run();
  link.send(pattern(40'000));
  std::size_t rounds = 0;
  while (!link.filter().output().empty()) {
    const std::string part(link.filter().output().substr(0, 999));
    link.filter().consume_output(part.size());
    link.server().receive(part);
    if (++rounds == 3) link.send("tail");
  }
  EXPECT_EQ(link.server().plain(), pattern(40'000) + "tail");
}

TEST(TlsConnection, TicketsAndKeyUpdatesBetweenData) {
  for (const std::size_t chunk : {kWhole, std::size_t{1}, std::size_t{7}}) {
    Link link(trusting(), {}, "temporal.example", chunk);
    link.run();
    for (int round = 0; round < 5; ++round) {
      link.server().send("down");
      link.server().update_keys();
      link.server().send_ticket();
      link.server().send("more");
      link.run();
      EXPECT_EQ(link.take_plain(), "downmore");
      link.send("up");
      link.run();
    }
    EXPECT_EQ(link.server().plain(), "upupupupup");
    EXPECT_TRUE(link.filter().failed().ok()) << link.failure();
  }
}

// A client certificate makes the ticket long: it takes several records of this server.
class TlsHalfTicket : public testing::Test {
 protected:
  static TlsOptions options() {
    TlsOptions made = trusting();
    made.client_certificate = family().client.certificate_pem;
    made.client_private_key = family().client.key_pem;
    return made;
  }
  // Until the first record of a ticket has been read; the rest is in `rest_`.
  void begin() {
    link_.run();
    ASSERT_TRUE(link_.filter().is_open()) << link_.failure();
    link_.server().send_ticket();
    const std::string ticket = link_.server().take_output();
    const std::size_t first_record =
        5 + 256u * static_cast<unsigned char>(ticket[3]) + static_cast<unsigned char>(ticket[4]);
    ASSERT_LT(first_record, ticket.size());
    link_.receive(std::string_view(ticket).substr(0, first_record));
    rest_ = ticket.substr(first_record);
  }

  Link link_{options(), {.wants_client = true, .fragment_bytes = 512}};
  std::string rest_;
};

TEST_F(TlsHalfTicket, KeepsWhatIsSent) {
  begin();
  link_.send("one ");
  link_.send("two ");
  EXPECT_EQ(link_.filter().output(), "");
  EXPECT_TRUE(link_.filter().is_open()) << link_.failure();
  link_.receive(rest_);
  link_.send("three");
  link_.run();
  EXPECT_EQ(link_.server().plain(), "one two three");
}

TEST_F(TlsHalfTicket, BoundsWhatIsKept) {
  constexpr std::size_t kMaxUnsentBytes = std::size_t{4} << 20;
  begin();
  const std::string most = pattern(kMaxUnsentBytes - 1);
  link_.send(most);
  link_.send("x");
  EXPECT_TRUE(link_.filter().is_open()) << link_.failure();
  link_.receive(rest_);
  link_.run();
  EXPECT_EQ(link_.server().plain(), most + "x");

  begin();
  link_.send(most);
  link_.send("x");
  EXPECT_TRUE(link_.filter().is_open()) << link_.failure();
  link_.send("y");
  expect_lost(link_, "half a TLS message behind which nothing can be sent (limit 4194304 bytes)");
}

TEST(TlsConnection, RefusesToRenegotiateAndBoundsItsAnswers) {
  Link link(trusting(), {.max_version = TLS1_2_VERSION});
  link.run();
  ASSERT_TRUE(link.filter().is_open()) << link.failure();
  link.server().ask_to_renegotiate();
  link.server_to_client();
  EXPECT_FALSE(link.filter().output().empty());  // the no_renegotiation warning
  EXPECT_TRUE(link.filter().failed().ok()) << link.failure();

  std::size_t answered = 0;  // when all was well still; kMaxReplyBytes
  for (int round = 0; round < 5'000 && link.filter().failed().ok(); ++round) {
    answered = link.filter().output().size();
    link.server().ask_to_renegotiate();
    link.server_to_client();
  }
  expect_lost(link, "makes TLS answer without end and reads none of it (limit 65536 bytes)");
  EXPECT_LE(answered, 65'536u);
  EXPECT_GT(link.filter().output().size(), 65'536u);
  EXPECT_LT(link.filter().output().size(), 70'000u);
}

// The sanitizers' allocators do not count.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
std::unique_ptr<Filter> opened_by(FilterFactory& factory, int version) {
  std::unique_ptr<Filter> filter = factory.open("temporal.example").value();
  ServerEnd server({.max_version = version});
  for (int turn = 0; turn < 4; ++turn) {
    server.receive(filter->output());
    filter->consume_output(filter->output().size());
    filter->receive(server.take_output());
  }
  server.send(pattern(50'000));
  filter->receive(server.take_output());
  filter->consume_plain(50'000);
  filter->send(pattern(50'000));
  filter->consume_output(60'000);
  EXPECT_TRUE(filter->is_open());
  EXPECT_TRUE(filter->output().empty() && filter->plain().empty());
  return filter;
}

TEST(TlsConnection, IdleFilterIsSmall) {
  constexpr std::size_t kFilters = 20;
  constexpr std::size_t kBudgetBytes = 48 * 1024;
  const std::shared_ptr<FilterFactory> factory = make_tls(trusting()).value();
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    opened_by(*factory, version);  // pays for what OpenSSL sets up once
    std::vector<std::unique_ptr<Filter>> filters(kFilters);
    const std::size_t before = mallinfo2().uordblks;
    for (std::unique_ptr<Filter>& filter : filters) filter = opened_by(*factory, version);
    const std::size_t after = mallinfo2().uordblks;
    const std::size_t bytes = (after - before) / kFilters;
    RecordProperty(version == TLS1_2_VERSION ? "tls12_bytes" : "tls13_bytes",
                   static_cast<int>(bytes));
    EXPECT_LT(bytes, kBudgetBytes);
  }
}
#endif

TEST(TlsConnection, GoodbyeOfTheServerFirst) {
  Link link(trusting(), {});
  link.run();
  link.server().send("last words");
  link.server().close();
  link.run();
  EXPECT_EQ(link.filter().plain(), "last words");
  EXPECT_TRUE(link.filter().peer_closed());
  link.receive_end();
  EXPECT_TRUE(link.filter().failed().ok()) << link.failure();
  link.send("still allowed");
  link.close();
  link.run();
  EXPECT_TRUE(link.server().peer_closed());
  EXPECT_EQ(link.server().plain(), "still allowed");  // each way is closed by itself
}

TEST(TlsConnection, GoodbyeOfTheClientFirst) {
  Link link(trusting(), {});
  link.run();
  link.send("last words");
  link.close();
  EXPECT_FALSE(link.filter().is_open());
  link.send("too late");
  link.run();
  EXPECT_EQ(link.server().plain(), "last words");
  EXPECT_TRUE(link.server().peer_closed());
  link.server().close();
  link.run();
  link.receive_end();
  link.close();
  EXPECT_TRUE(link.filter().failed().ok()) << link.failure();
}

TEST(TlsConnection, CloseInMidHandshakeIsQuiet) {
  Link link(trusting(), {});
  link.client_to_server();
  link.close();
  link.server_to_client();
  link.receive_end();
  EXPECT_EQ(link.filter().output(), "");
  EXPECT_TRUE(link.filter().failed().ok()) << link.failure();
}

TEST(TlsConnection, EndWithoutGoodbyeIsALoss) {
  Link link(trusting(), {});
  link.run();
  link.server().send("half of a mess");
  std::string bytes = link.server().take_output();
  link.receive(std::string_view(bytes).substr(0, bytes.size() - 3));
  link.receive_end();
  expect_lost(link, "connection lost: it ended without TLS's close_notify");
  EXPECT_TRUE(link.filter().failed().may_have_reached_server());
  EXPECT_EQ(link.filter().plain(), "");
  link.receive_end();
  link.send("nothing happens");
  EXPECT_EQ(link.filter().output(), "");
}

TEST(TlsConnection, DamagedRecordIsALoss) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    Link link(trusting(), {.max_version = version});
    link.run();
    link.server().send("good");
    link.run();
    link.server().send("to be damaged");
    std::string bytes = link.server().take_output();
    bytes.back() = static_cast<char>(bytes.back() ^ 1);
    link.receive(bytes);
    expect_lost(link, "a record arrived damaged");
    EXPECT_EQ(link.filter().plain(), "good");      // what came before stays
    EXPECT_FALSE(link.filter().output().empty());  // the alert
  }
  Link plain(trusting(), {});
  plain.run();
  plain.receive("HTTP/1.1 502 Bad Gateway\r\n");
  expect_lost(plain, "TLS connection to temporal.example failed");
}

TEST(TlsConnection, HandshakeCutAtEveryByteFails) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    std::size_t size = 1;
    for (std::size_t cut = 0; cut < size; ++cut) {
      Link link(trusting(), {.max_version = version});
      link.client_to_server();
      const std::string flight = link.server().take_output();
      size = flight.size();  // varies by a byte or two, as ECDSA signatures do
      if (cut >= size) break;
      link.receive(std::string_view(flight).substr(0, cut));
      ASSERT_FALSE(link.filter().is_open());
      link.receive_end();
      expect_lost(link, cut == 0 ? "without an answer" : "in the middle of the handshake");
    }
  }
}

// TLS 1.2 has a second flight of the server's: its ticket and Finished.
TEST(TlsConnection, SecondFlightCutAtEveryByteFails) {
  std::size_t size = 1;
  for (std::size_t cut = 0; cut < size; ++cut) {
    Link link(trusting(), {.max_version = TLS1_2_VERSION});
    link.client_to_server();
    link.server_to_client();
    link.client_to_server();
    const std::string flight = link.server().take_output();
    size = flight.size();
    link.receive(std::string_view(flight).substr(0, cut));
    ASSERT_FALSE(link.filter().is_open()) << cut;
    link.receive_end();
    expect_lost(link, "in the middle of the handshake");
    EXPECT_FALSE(link.filter().failed().may_have_reached_server());
  }
  EXPECT_GT(size, 50u);
}

TEST(TlsConnection, DamagedHandshakeFails) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    std::size_t size = 1;
    for (std::size_t at = 0; at < size; at += 3) {
      Link link(trusting(), {.max_version = version});
      link.client_to_server();
      std::string flight = link.server().take_output();
      size = flight.size();
      if (at >= size) break;
      flight[at] = static_cast<char>(flight[at] ^ (1 << at % 8));
      link.receive(flight);
      link.run();
      link.receive_end();
      EXPECT_EQ(link.filter().failed().code(), Code::kUnavailable) << "byte " << at;
      EXPECT_EQ(link.filter().plain(), "");
    }
  }
}

}  // namespace
}  // namespace minim::tls
