// Client keys that minim does not see: of OpenSSL's stores, and of a function of the host's.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "minim/tls_key_store.h"
#include "minim/tls_signing_key.h"
#include "tls/support/link.h"
#include "tls/support/scratch.h"

namespace minim::tls {
namespace {

using DigestContextPtr = std::unique_ptr<EVP_MD_CTX, Free<EVP_MD_CTX_free>>;

ServerSpec demanding(int version) {
  return {.min_version = version, .max_version = version, .wants_client = true};
}

TlsOptions with_key(const Issued& identity, std::shared_ptr<const TlsKey> key) {
  TlsOptions options = trusting();
  options.client_certificate = identity.certificate_pem;
  options.client_key = std::move(key);
  return options;
}

Issued issue_with(KeyPtr key) {
  return issue({.subject = "device", .extended_usage = "clientAuth", .key = key.get()},
               &family().root);
}

void expect_shown(Link& link, const char* subject) {
  link.run();
  EXPECT_TRUE(link.filter().is_open()) << link.failure();
  EXPECT_TRUE(link.server().is_open());
  EXPECT_EQ(link.server().client_subject(), subject);
}

void expect_failure(Link& link, const std::string& text) {
  link.run();
  EXPECT_FALSE(link.filter().is_open());
  EXPECT_EQ(link.filter().failed().code(), Code::kUnavailable);
  EXPECT_EQ(link.filter().failed().origin(), Origin::kTransport);
  EXPECT_EQ(link.failure(), text);
}

std::string refusal_of(const std::string& uri) {
  const Result<std::shared_ptr<const TlsKey>> key = tls_key_from_store(uri);
  EXPECT_EQ(ERR_peek_error(), 0u);
  if (key) return "opened";
  EXPECT_EQ(key.error().code(), Code::kFailedPrecondition);
  return std::string(key.error().message());
}

TEST(TlsKeyStore, OpensByUri) {
  const Scratch scratch;
  const std::string path = scratch.write("client.key", family().client.key_pem);
  for (const std::string& uri : {"file:" + path, path}) {
    const std::shared_ptr<const TlsKey> key = tls_key_from_store(uri).value();
    EXPECT_EQ(ERR_peek_error(), 0u);
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
      Link link(with_key(family().client, key), demanding(version));
      expect_shown(link, "CN=client");
    }
  }
}

TEST(TlsKeyStore, FindsTheKeyAmongOtherThings) {
  const Scratch scratch;
  const std::string path =
      scratch.write("all.pem", family().root.certificate_pem + family().client.certificate_pem +
                                   family().client.key_pem);
  Link link(with_key(family().client, tls_key_from_store("file:" + path).value()),
            demanding(TLS1_3_VERSION));
  expect_shown(link, "CN=client");
}

TEST(TlsKeyStore, SaysWhyThereIsNoKey) {
  const Scratch scratch;
  const std::string none = "key store file:" + scratch.path("none");
  EXPECT_EQ(refusal_of("file:" + scratch.path("none")),
            none + ": it cannot be opened (No such file or directory)");
  const std::string certificate = scratch.write("c.pem", family().client.certificate_pem);
  EXPECT_EQ(refusal_of("file:" + certificate),
            "key store file:" + certificate + ": there is no private key in it");
  const std::string locked =
      scratch.write("locked.key", pem_of(family().client.key.get(), "opensesame"));
  EXPECT_EQ(refusal_of("file:" + locked),
            "key store file:" + locked + ": a passphrase or PIN is wanted, and the URI has none");
  const std::string refused = refusal_of("pkcs12345:token=minim;object=key?pin-value=1234");
  EXPECT_TRUE(
      refused.starts_with("key store pkcs12345:token=minim;object=key: it cannot be "
                          "opened ("))
      << refused;
  EXPECT_TRUE(refused.ends_with("; does OpenSSL's configuration load the provider of its scheme"));
  EXPECT_EQ(refused.find("1234?"), std::string::npos);
  EXPECT_EQ(refused.find("pin"), std::string::npos);
}

TEST(TlsKeyStore, KeyMustBeOfTheCertificate) {
  const Scratch scratch;
  const std::string path = scratch.write("client.key", family().client.key_pem);
  TlsOptions options = with_key(family().stranger, tls_key_from_store("file:" + path).value());
  EXPECT_EQ(make_tls(options).error().message(),
            "TLS options: client_key does not belong to client_certificate");
  options.client_certificate.clear();
  EXPECT_EQ(make_tls(options).error().message(),
            "TLS options: client_key is given without client_certificate");
  options.client_private_key = family().stranger.key_pem;
  EXPECT_EQ(make_tls(options).error().message(),
            "TLS options: client_key and client_private_key: one of them is wanted");
}

TEST(TlsKeyStore, KeyGoesWithAFileOrAFunction) {
  const Scratch scratch;
  const std::shared_ptr<const TlsKey> key =
      tls_key_from_store(scratch.write("client.key", family().client.key_pem)).value();
  TlsOptions options = trusting();
  options.client_certificate_file = scratch.write("c.pem", family().client.certificate_pem);
  options.client_key = key;
  Link from_file(options, demanding(TLS1_3_VERSION));
  expect_shown(from_file, "CN=client");
  options = trusting();
  options.client_identity = [&key] {
    return TlsIdentity{.certificate = family().client.certificate_pem, .key = key};
  };
  Link from_function(options, demanding(TLS1_3_VERSION));
  expect_shown(from_function, "CN=client");
  options.client_identity = [&key] {
    return TlsIdentity{.certificate = family().client.certificate_pem,
                       .private_key = family().client.key_pem,
                       .key = key};
  };
  EXPECT_EQ(make_tls(options).value()->open("temporal.example").error().message(),
            "TLS: client_identity's key and private_key: one of them is wanted");
}

// The host's way of signing.
Result<std::string> sign_with(EVP_PKEY* key, const TlsSigning& what) {
  const DigestContextPtr context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* pkey = nullptr;
  const std::string hash(what.hash);
  if (EVP_DigestSignInit_ex(context.get(), &pkey, hash.empty() ? nullptr : hash.c_str(), nullptr,
                            nullptr, key, nullptr) != 1) {
    return Status(Code::kInternal, "cannot sign");
  }
  if (what.padding == TlsPadding::kPss) {
    EVP_PKEY_CTX_set_rsa_padding(pkey, RSA_PKCS1_PSS_PADDING);
    EVP_PKEY_CTX_set_rsa_pss_saltlen(pkey, RSA_PSS_SALTLEN_DIGEST);
  }
  const auto* const message = reinterpret_cast<const unsigned char*>(what.message.data());
  std::string signature(static_cast<std::size_t>(EVP_PKEY_get_size(key)), '\0');
  std::size_t size = signature.size();
  if (EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                     message, what.message.size()) != 1) {
    return Status(Code::kInternal, "cannot sign");
  }
  signature.resize(size);
  ERR_raise(ERR_LIB_USER, 7);  // hosts leave such things behind
  return signature;
}

void expect_sane(const TlsSigning& what, EVP_PKEY* key) {
  const bool is_rsa = EVP_PKEY_is_a(key, "RSA") == 1;
  EXPECT_EQ(what.padding != TlsPadding::kNone, is_rsa);
  EXPECT_EQ(what.hash.empty(), EVP_PKEY_is_a(key, "ED25519") == 1);
  unsigned char digest[EVP_MAX_MD_SIZE];
  std::size_t size = 0;
  if (!what.hash.empty()) {
    ASSERT_EQ(EVP_Q_digest(nullptr, std::string(what.hash).c_str(), nullptr, what.message.data(),
                           what.message.size(), digest, &size),
              1)
        << what.hash;
  }
  EXPECT_EQ(what.digest, std::string_view(reinterpret_cast<const char*>(digest), size));
}

TEST(TlsSigningKey, SignsWithKeysOfEachKind) {
  const struct {
    const char* name;
    EVP_PKEY* key;
  } kKinds[] = {{"RSA", EVP_RSA_gen(2048)},
                {"P-256", EVP_EC_gen("P-256")},
                {"P-384", EVP_EC_gen("P-384")},
                {"Ed25519", EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")}};
  for (const auto& kind : kKinds) {
    KeyPtr key(kind.key);
    EVP_PKEY_up_ref(kind.key);
    const Issued device = issue_with(std::move(key));
    const KeyPtr secret(kind.key);
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
      SCOPED_TRACE(std::string(kind.name) + " " + std::to_string(version));
      int asked = 0;
      const auto made = tls_signing_key(device.certificate_pem, [&](const TlsSigning& what) {
        ++asked;
        expect_sane(what, secret.get());
        return sign_with(secret.get(), what);
      });
      ASSERT_TRUE(made) << made.error().message();
      EXPECT_EQ(ERR_peek_error(), 0u);
      Link link(with_key(device, *made), demanding(version));
      expect_shown(link, "CN=device");
      EXPECT_EQ(asked, 1);
    }
  }
}

TEST(TlsSigningKey, OutlivesItsOwner) {
  TlsOptions options;
  {
    EVP_PKEY* const key = family().client.key.get();
    options = with_key(family().client,
                       tls_signing_key(family().client.certificate_pem, [key](const auto& what) {
                         return sign_with(key, what);
                       }).value());
  }
  const std::shared_ptr<FilterFactory> factory = make_tls(options).value();
  options = {};
  Link link(factory, demanding(TLS1_3_VERSION));
  expect_shown(link, "CN=client");
}

std::shared_ptr<const TlsKey> answering(Result<std::string> answer) {
  return tls_signing_key(family().client.certificate_pem,
                         [answer](const TlsSigning&) { return answer; })
      .value();
}

TEST(TlsSigningKey, ErrorOfTheHostIsTold) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    const std::string start =
        "TLS handshake with temporal.example failed: the client's key does "
        "not sign: ";
    const auto key = answering(Status(Code::kUnavailable, "the token was\npulled out"));
    Link link(with_key(family().client, key), demanding(version));
    expect_failure(link, start + "the token was?pulled out");
    EXPECT_FALSE(link.filter().failed().may_have_reached_server());
    Link empty(with_key(family().client, answering(std::string())), demanding(version));
    expect_failure(empty, start + "it returned 0 bytes, between 1 and 72 are possible");
    Link much(with_key(family().client, answering(std::string(73, 'x'))), demanding(version));
    expect_failure(much, start + "it returned 73 bytes, between 1 and 72 are possible");
  }
}

TEST(TlsSigningKey, ThatSignsWithAnotherKeyIsRefusedByTheServer) {
  EVP_PKEY* const wrong = family().stranger.key.get();
  const auto key = tls_signing_key(family().client.certificate_pem, [wrong](const auto& what) {
                     return sign_with(wrong, what);
                   }).value();
  Link early(with_key(family().client, key), demanding(TLS1_2_VERSION));
  expect_failure(early,
                 "TLS handshake with temporal.example failed: the server refuses the client "
                 "certificate: its signature does not verify; is the key the right one");
  Link late(with_key(family().client, key), demanding(TLS1_3_VERSION));
  expect_failure(late,
                 "TLS connection to temporal.example failed: the server refuses the client "
                 "certificate: its signature does not verify; is the key the right one");
}

TEST(TlsSigningKey, IsMadeOfACertificateAndAFunction) {
  const auto refusal = [](const std::string& certificate, TlsSigner signer) {
    const auto made = tls_signing_key(certificate, std::move(signer));
    EXPECT_EQ(ERR_peek_error(), 0u);
    EXPECT_EQ(made.error().code(), Code::kInvalidArgument);
    return std::string(made.error().message());
  };
  const TlsSigner signer = [](const TlsSigning&) { return std::string("x"); };
  EXPECT_EQ(refusal(family().client.certificate_pem, nullptr),
            "signing key: there is no function that signs");
  EXPECT_EQ(refusal("x\n", signer),
            "signing key: its certificate: there is no PEM certificate in it");
  TlsOptions options =
      with_key(family().stranger, tls_signing_key(family().client.certificate_pem, signer).value());
  EXPECT_EQ(make_tls(options).error().message(),
            "TLS options: client_key does not belong to client_certificate");
}

}  // namespace
}  // namespace minim::tls
