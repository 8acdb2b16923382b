// OpenSSL's error queue belongs to the thread: what the host has left there is not ours, and what
// we leave is nothing. Link checks the queue after each call of a filter; here the host litters it
// before each.
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "minim/tls_key_store.h"
#include "minim/tls_signing_key.h"
#include "tls/support/link.h"

namespace minim::tls {
namespace {

// Entries that would be mistaken for an alert, a broken record, a lost file and a refused key.
void litter() {
  ERR_raise(ERR_LIB_SSL, SSL_AD_REASON_OFFSET + SSL_AD_UNKNOWN_CA);
  ERR_raise(ERR_LIB_SSL, SSL_R_DECRYPTION_FAILED_OR_BAD_RECORD_MAC);
  ERR_raise(ERR_LIB_PEM, 108);
  ERR_raise_data(ERR_LIB_USER, 4242, "%s", "of the host");
}

void expect_clean(const char* after) {
  EXPECT_EQ(ERR_peek_error(), 0u) << after;
  ERR_clear_error();
}

// Passes bytes both ways, with litter before each call of the filter.
void exchange(Filter& filter, ServerEnd& server) {
  for (int turn = 0; turn < 5; ++turn) {
    server.receive(filter.output());
    litter();
    filter.consume_output(filter.output().size());
    ERR_clear_error();
    const std::string bytes = server.take_output();
    litter();
    filter.receive(bytes);
    expect_clean("receive");
  }
}

std::unique_ptr<Filter> open(const TlsOptions& options) {
  litter();
  const std::shared_ptr<FilterFactory> factory = make_tls(options).value();
  expect_clean("make_tls");
  litter();
  std::unique_ptr<Filter> filter = factory->open("temporal.example").value();
  expect_clean("open");
  return filter;
}

TEST(TlsErrorQueue, LitterOfTheHostChangesNothing) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    ServerEnd server({.max_version = version});
    std::unique_ptr<Filter> filter = open(trusting());
    exchange(*filter, server);
    ASSERT_TRUE(filter->is_open()) << filter->failed().message();
    litter();
    filter->send("up");
    expect_clean("send");
    server.send("down");
    exchange(*filter, server);
    EXPECT_EQ(filter->plain(), "down");
    EXPECT_EQ(server.plain(), "up");
    litter();
    filter->close();
    expect_clean("close");
    litter();
    filter.reset();
    expect_clean("the filter's end");
  }
}

TEST(TlsErrorQueue, LitterOfTheHostIsNoReason) {
  struct Case {
    TlsOptions options;
    ServerSpec server;
    const char* text;
  };
  TlsOptions pinned = trusting();
  pinned.pinned_keys = {"sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="};
  const std::vector<Case> cases = {
      {trusting(), {.alpn = ""}, "chose no protocol"},
      {trusting(), {.refuses_alpn = true}, "does not offer HTTP/2"},
      {trusting(), {.identity = &family().below}, "is issued by CN=Between"},
      {trusting(), {.min_version = TLS1_VERSION, .max_version = TLS1_1_VERSION}, "too old"},
      {trusting(), {.wants_client = true}, "wants a client certificate"},
      {pinned, {}, "none of those in pinned_keys"}};
  for (const Case& one : cases) {
    ServerEnd server(one.server);
    const std::unique_ptr<Filter> filter = open(one.options);
    exchange(*filter, server);
    EXPECT_NE(filter->failed().message().find(one.text), std::string_view::npos)
        << filter->failed().message();
  }
  const std::unique_ptr<Filter> ended = open(trusting());
  litter();
  ended->receive_end();
  expect_clean("receive_end");
  EXPECT_NE(ended->failed().message().find("without an answer"), std::string_view::npos);
  const std::unique_ptr<Filter> plaintext = open(trusting());
  litter();
  plaintext->receive("HTTP/1.1 400\r\n");
  expect_clean("receive");
  EXPECT_NE(plaintext->failed().message().find("plain HTTP/1"), std::string_view::npos);
}

TEST(TlsErrorQueue, IsEmptyAfterEveryRefusal) {
  std::vector<TlsOptions> wrong(8, trusting());
  wrong[0].root_certificates = "x";
  wrong[1].root_certificates = family().root.key_pem;
  wrong[2].client_certificate = family().client.certificate_pem;
  wrong[3].client_certificate = family().client.certificate_pem;
  wrong[3].client_private_key = family().stranger.key_pem;
  wrong[4].revocation_lists = family().root.certificate_pem;
  wrong[5].ciphers = "x";
  wrong[6].pinned_keys = {"x"};
  wrong[7].key_log_file = "/nonexistent/x";
  for (const TlsOptions& options : wrong) {
    litter();
    EXPECT_EQ(make_tls(options).error().code(), Code::kInvalidArgument);
    expect_clean("make_tls");
  }
  litter();
  EXPECT_FALSE(tls_key_from_store("file:/nonexistent"));
  expect_clean("tls_key_from_store");
  litter();
  EXPECT_FALSE(tls_signing_key("x", [](const TlsSigning&) { return std::string(); }));
  expect_clean("tls_signing_key");
  litter();
  EXPECT_TRUE(tls_signing_key(family().client.certificate_pem,
                              [](const TlsSigning&) { return std::string(); }));
  expect_clean("tls_signing_key");
}

}  // namespace
}  // namespace minim::tls
