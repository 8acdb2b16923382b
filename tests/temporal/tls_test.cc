// TLS to a real server by the options of a client: what the server saw of each handshake is what it
// says of it. The handshake itself, row by row, is in tests/tls.
#ifdef MINIM_HAVE_TLS
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "minim/resolver.h"
#include "minim/tls_key_store.h"
#include "minim/tls_signing_key.h"
#include "temporal/support/fixture.h"

namespace minim::testing {
namespace {

class Tls : public TemporalTest {
 protected:
  ConnectOptions trusting(const std::string& via) {
    ConnectOptions how = options(via);
    how.tls_options.root_certificates = bed().file("ca.pem");
    return how;
  }
  static std::string path(const std::string& name) { return bed()["certDir"] + "/" + name; }
  // The newest handshake on a front, as the server saw it.
  static Json seen(const std::string& via) {
    const Json links = bed().get("/connections?via=" + via)["connections"];
    return links.empty() ? Json() : links.back().value("tls", Json());
  }
  // A client with these options; its handshake.
  Json handshake(const std::string& via, const ConnectOptions& how) {
    must(face_.connect(how));
    return seen(via);
  }
  Status refused(ConnectOptions how) {
    how.retry = rpc::no_retry();
    const Result<Client> client = face_.connect(std::move(how));
    EXPECT_FALSE(client);
    EXPECT_EQ(client.status().code(), Code::kUnavailable);
    EXPECT_EQ(client.status().origin(), Origin::kTransport);
    return client.status();
  }
  void expect_refused(const ConnectOptions& how, const std::string& text) {
    const Status why = refused(how);
    EXPECT_NE(why.message().find(text), std::string::npos) << why.message();
  }
};

// As a host would whose key is in a device.
Result<std::string> sign(const std::string& key_pem, const TlsSigning& what) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio(
      BIO_new_mem_buf(key_pem.data(), static_cast<int>(key_pem.size())), &BIO_free);
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
      PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr), &EVP_PKEY_free);
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        &EVP_MD_CTX_free);
  std::string signature(256, '\0');
  std::size_t size = signature.size();
  if (EVP_DigestSignInit_ex(context.get(), nullptr, std::string(what.hash).c_str(), nullptr,
                            nullptr, key.get(), nullptr) != 1 ||
      EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                     reinterpret_cast<const unsigned char*>(what.message.data()),
                     what.message.size()) != 1) {
    return Status(Code::kInternal, "the device is away");
  }
  signature.resize(size);
  return signature;
}

}  // namespace

TEST_P(Tls, RootsAsATextAndAsAFile) {
  EXPECT_EQ(handshake("tls", trusting("tls"))["alpn"], "h2");
  ConnectOptions file = options("tls");
  file.tls_options.root_certificates_file = path("ca.pem");
  EXPECT_EQ(handshake("tls", file)["alpn"], "h2");
  file.tls_options.root_certificates_file = path("other-ca.pem");
  expect_refused(file, "not among the trusted roots");

  ConnectOptions anybody = options("tlsOtherCa");
  anybody.tls_options.root_certificates = bed().file("ca.pem");
  expect_refused(anybody, "not among the trusted roots");
  anybody.tls_options = {.dangerously_skip_verification = true};
  EXPECT_EQ(handshake("tlsOtherCa", anybody)["alpn"], "h2");
}

TEST_P(Tls, AnApiKeyAloneTurnsItOn) {
  ConnectOptions key = options("apiKey");
  key.api_key = bed()["key"];
  setenv("SSL_CERT_FILE", path("ca.pem").c_str(), 1);  // the system's roots are the testbed's
  EXPECT_EQ(handshake("apiKey", key)["alpn"], "h2");
  key.api_key = "wrong";
  EXPECT_EQ(face_.connect(key).status().code(), Code::kPermissionDenied);
  unsetenv("SSL_CERT_FILE");
}

TEST_P(Tls, AClientCertificateInEachOfItsForms) {
  const std::string certificate = bed().file("client.pem");
  const std::string key = bed().file("client.key");
  std::vector<TlsOptions> forms(5);
  forms[0].client_certificate = certificate;
  forms[0].client_private_key = key;
  forms[1].client_certificate_file = path("client.pem");
  forms[1].client_private_key_file = path("client.key");
  forms[2].client_certificate = certificate;
  forms[2].client_key = must(tls_key_from_store("file:" + path("client.key")));
  int signatures = 0;
  forms[3].client_certificate_file = path("client.pem");
  forms[3].client_key = must(tls_signing_key(certificate, [&](const TlsSigning& what) {
    ++signatures;
    return sign(key, what);
  }));
  forms[4].client_identity = [&]() -> Result<TlsIdentity> {
    return TlsIdentity{.certificate = certificate, .private_key = key};
  };
  for (const TlsOptions& form : forms) {
    ConnectOptions how = options("mtls");
    how.tls_options = form;
    how.tls_options.root_certificates = bed().file("ca.pem");
    EXPECT_EQ(handshake("mtls", how)["clientCert"], "testbed client") << &form - forms.data();
  }
  EXPECT_EQ(signatures, 1);

  ConnectOptions stranger = trusting("mtls");
  expect_refused(stranger, "client certificate");
  stranger.tls_options.client_certificate_file = path("other-client.pem");
  stranger.tls_options.client_private_key_file = path("other-client.key");
  expect_refused(stranger, "client certificate");
}

// No restart, and the client goes on: the next connection shows what is there by then.
TEST_P(Tls, AClientCertificateIsReplacedWhileTheClientRuns) {
  std::string name = "client";
  int asked = 0;
  ConnectOptions how = trusting("mtls");
  how.tls_options.client_identity = [&]() -> Result<TlsIdentity> {
    ++asked;
    return TlsIdentity{.certificate = bed().file(name + ".pem"),
                       .private_key = bed().file(name + ".key")};
  };
  const Client client = must(face_.connect(how));
  EXPECT_EQ(asked, 1);
  name = "other-client";
  must(run(client.count_workflows()));
  EXPECT_EQ(asked, 1) << "an open connection stays as it is";
  bed().post("/kill-connections", {{"via", "mtls"}, {"how", "close"}});
  // The first attempt may be on its way before a thread of its own has seen the end.
  const auto refusal =
      run(client.count_workflows(), {.retry = rpc::RetryOptions{.max_attempts = 2}});
  EXPECT_NE(refusal.status().message().find("client certificate"), std::string::npos)
      << refusal.status().to_string();
  name = "client";
  must(run(client.count_workflows()));
  EXPECT_GE(asked, 3);
  EXPECT_EQ(seen("mtls")["clientCert"], "testbed client");
}

TEST_P(Tls, AServerByAnotherName) {
  ConnectOptions how = trusting("tlsWrongName");
  expect_refused(how, "it is for DNS:elsewhere.internal");
  how.tls_options.server_name = "elsewhere.internal";
  EXPECT_EQ(handshake("tlsWrongName", how)["serverName"], "elsewhere.internal");
  EXPECT_EQ(bed().last_call("GetSystemInfo")["metadata"][":authority"],
            Json({"elsewhere.internal"}));
  // The name of the check alone: the server sees the target, and an address is not sent in SNI.
  how.tls_options.server_name = "";
  how.tls_options.verification_server_name = "elsewhere.internal";
  EXPECT_EQ(handshake("tlsWrongName", how)["serverName"], "");
  EXPECT_EQ(bed().last_call("GetSystemInfo")["metadata"][":authority"], Json({how.target}));
}

TEST_P(Tls, VersionsAndCiphers) {
  ConnectOptions how = trusting("tls");
  EXPECT_EQ(handshake("tls", how)["version"], "TLS 1.3");
  how.tls_options.max_version = TlsVersion::k12;
  EXPECT_EQ(handshake("tls", how)["version"], "TLS 1.2");
  // The server's key is of an elliptic curve, so the two find nothing in common.
  how.tls_options.ciphers = "ECDHE-RSA-AES128-GCM-SHA256";
  expect_refused(how, "finds no common ground");
  how.tls_options.ciphers = "ECDHE-ECDSA-CHACHA20-POLY1305";
  EXPECT_EQ(handshake("tls", how)["version"], "TLS 1.2");
  how.tls_options = {.root_certificates = bed().file("ca.pem"), .min_version = TlsVersion::k13};
  EXPECT_EQ(handshake("tls", how)["version"], "TLS 1.3");
}

TEST_P(Tls, APinnedKey) {
  ConnectOptions how = trusting("tls");
  how.tls_options.pinned_keys = {"sha256/" + std::string(43, 'A') + "="};
  const std::string why(refused(how).message());
  const std::size_t pin = why.find("it is sha256/");
  ASSERT_NE(pin, std::string::npos) << why;
  how.tls_options.pinned_keys.push_back(why.substr(pin + 6, 51));
  must(face_.connect(how));
  // A pin comes on top of the certificate's check.
  how.tls_options.root_certificates = bed().file("other-ca.pem");
  expect_refused(how, "not among the trusted roots");
}

TEST_P(Tls, ALostConnectionIsResumed) {
  for (const bool is_wanted : {true, false}) {
    ConnectOptions how = trusting("tls");
    how.tls_options.session_resumption = is_wanted;
    const Client client = must(face_.connect(how));
    EXPECT_EQ(seen("tls")["resumed"], false);
    bed().post("/kill-connections", {{"via", "tls"}, {"how", "close"}});
    must(run(client.count_workflows()));
    EXPECT_EQ(seen("tls")["resumed"], is_wanted);
  }
}

// Several addresses of one name, each with a handshake of its own, and one of them dead.
TEST_P(Tls, AFunctionForTheCertificateGoesWithBalancing) {
  class Addresses final : public Resolver {
   public:
    void resolve(const std::string&, std::uint16_t port, ResolverAnswer answer) override {
      answer.give(std::vector<rpc::Address>{{.host = "127.0.0.1", .port = port},
                                            {.host = "127.0.0.1", .port = 1}});
    }
  };
  const std::string address = bed()["mtls"];
  int asked = 0;
  ConnectOptions how = trusting("mtls");
  how.target = "testbed.internal" + address.substr(address.rfind(':'));
  how.resolver = std::make_shared<Addresses>();
  how.dns_balancing.emplace();
  how.tls_options.client_identity = [&]() -> Result<TlsIdentity> {
    ++asked;
    return TlsIdentity{.certificate = bed().file("client.pem"),
                       .private_key = bed().file("client.key")};
  };
  const Client client = must(face_.connect(how));
  for (int i = 0; i < 4; ++i) must(run(client.count_workflows()));
  EXPECT_EQ(seen("mtls")["serverName"], "testbed.internal");
  EXPECT_EQ(seen("mtls")["clientCert"], "testbed client");
  EXPECT_EQ(asked, 1) << "one address was reached";
}

TEST_P(Tls, FailuresSayWhatToDo) {
  const struct {
    const char* via;
    const char* roots;
    const char* text;
  } kRows[] = {
      {"tls", "other-ca.pem", "not among the trusted roots"},
      {"tlsExpired", "ca.pem", "expired"},
      {"tlsWrongName", "ca.pem", "127.0.0.1"},
      {"tlsOtherCa", "ca.pem", "not among the trusted roots"},
      {"tlsNoAlpn", "ca.pem", "h2"},
      {"mtls", "ca.pem", "client certificate"},
      {"address", "ca.pem", "plaintext"},
  };
  for (const auto& row : kRows) {
    ConnectOptions how = options(row.via);
    how.tls_options.root_certificates = bed().file(row.roots);
    const Status why = refused(how);
    EXPECT_NE(why.message().find(row.text), std::string::npos) << row.via << ": " << why.message();
  }
  expect_refused(options("tls"), "TLS");
}

MINIM_IN_EVERY_FACE(Tls);

}  // namespace minim::testing
#endif
