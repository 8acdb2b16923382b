// Where the system's roots are found.
#include "tls/roots.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "tls/support/link.h"

namespace minim::tls {
namespace {

namespace fs = std::filesystem;

// A directory of its own and an environment that is put back.
class TlsRoots : public testing::Test {
 protected:
  TlsRoots() {
    char name[] = "/tmp/minim_roots_XXXXXX";
    directory_ = mkdtemp(name);
    unsetenv("SSL_CERT_FILE");
    unsetenv("SSL_CERT_DIR");
  }
  ~TlsRoots() override {
    unsetenv("SSL_CERT_FILE");
    unsetenv("SSL_CERT_DIR");
    fs::remove_all(directory_);
  }

  std::string write(const std::string& name, const std::string& text) {
    const fs::path path = directory_ / name;
    fs::create_directories(path.parent_path());
    std::ofstream(path) << text;
    return path.string();
  }
  // A directory of the kind that c_rehash makes, holding family().root.
  std::string hashed(const std::string& name) {
    char file[32];
    std::snprintf(file, sizeof file, "%08lx.0",
                  X509_NAME_hash_ex(X509_get_subject_name(family().root.certificate.get()), nullptr,
                                    nullptr, nullptr));
    write(name + "/" + file, family().root.certificate_pem);
    return (directory_ / name).string();
  }

  fs::path directory_;
};

void expect_open(const TlsOptions& options) {
  Link link(options, {});
  link.run();
  EXPECT_TRUE(link.filter().is_open()) << link.failure();
}

using StorePtr = std::unique_ptr<X509_STORE, Free<X509_STORE_free>>;

TEST_F(TlsRoots, ComeFromTheNamedFile) {
  const std::string bundle = write("ca.pem", "junk\n" + family().other_root.certificate_pem +
                                                 "-----BEGIN CERTIFICATE-----\nAAAA\n"
                                                 "-----END CERTIFICATE-----\n" +
                                                 family().root.certificate_pem);
  setenv("SSL_CERT_FILE", bundle.c_str(), 1);
  expect_open({});
  Link link(TlsOptions(), {}, "other.example");
  link.run();
  EXPECT_NE(link.failure().find("not for the name"), std::string::npos) << link.failure();
}

TEST_F(TlsRoots, ComeFromTheNamedDirectories) {
  const std::string list = "/nonexistent:" + hashed("a b") + ":";
  setenv("SSL_CERT_DIR", list.c_str(), 1);
  expect_open({});
}

TEST_F(TlsRoots, ComeFromBothWhenBothAreNamed) {
  setenv("SSL_CERT_DIR", hashed("d").c_str(), 1);
  setenv("SSL_CERT_FILE", write("o.pem", family().other_root.certificate_pem).c_str(), 1);
  expect_open({});
  const StorePtr store(X509_STORE_new());
  const std::string used = use_system_roots(store.get()).value();
  EXPECT_NE(used.find("/d, "), std::string::npos) << used;
  EXPECT_NE(used.find("/o.pem"), std::string::npos) << used;
}

TEST_F(TlsRoots, AreNamedInTheTextOfAnUnknownIssuer) {
  const std::string bundle = write("ca.pem", family().other_root.certificate_pem);
  setenv("SSL_CERT_FILE", bundle.c_str(), 1);
  Link link(TlsOptions(), {});
  link.run();
  EXPECT_NE(link.failure().find("the trusted roots (the system's, " + bundle + ")"),
            std::string::npos)
      << link.failure();
  EXPECT_EQ(link.filter().failed().code(), Code::kUnavailable);
}

TEST_F(TlsRoots, MissingAreAnErrorThatSaysWhereTheyWereSought) {
  setenv("SSL_CERT_FILE", "/nonexistent/ca.pem", 1);
  setenv("SSL_CERT_DIR", directory_.c_str(), 1);
  const Result<std::shared_ptr<FilterFactory>> made = make_tls({});
  EXPECT_EQ(ERR_peek_error(), 0u);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code(), Code::kFailedPrecondition);
  EXPECT_EQ(made.error().origin(), Origin::kLocal);
  const std::string text(made.error().message());
  for (const std::string& part :
       {std::string("/nonexistent/ca.pem"), directory_.string(), std::string("ca-certificates"),
        std::string("SSL_CERT_FILE"), std::string("root_certificates")}) {
    EXPECT_NE(text.find(part), std::string::npos) << text;
  }
}

TEST_F(TlsRoots, AreNotLookedForWhenNotNeeded) {
  setenv("SSL_CERT_FILE", "/nonexistent/ca.pem", 1);
  expect_open(trusting());
  TlsOptions options;
  options.dangerously_skip_verification = true;
  expect_open(options);
}

TEST_F(TlsRoots, OfTheSystemAreNotAddedToGivenOnes) {
  setenv("SSL_CERT_FILE", write("ca.pem", family().root.certificate_pem).c_str(), 1);
  TlsOptions options;
  options.root_certificates = family().other_root.certificate_pem;
  Link link(options, {});
  link.run();
  EXPECT_NE(link.failure().find("1 given in root_certificates"), std::string::npos)
      << link.failure();
}

TEST_F(TlsRoots, PreferAHashedDirectoryWhichCostsNoMemory) {
  const StorePtr store(X509_STORE_new());
  const RootPlaces places{.directories = {directory_.string(), hashed("d")},
                          .bundles = {write("ca.pem", family().other_root.certificate_pem)}};
  EXPECT_EQ(use_roots(store.get(), places, false).value(), places.directories[1]);
  EXPECT_EQ(sk_X509_OBJECT_num(X509_STORE_get0_objects(store.get())), 0);
  const StorePtr second(X509_STORE_new());
  const RootPlaces bundles{.directories = {directory_.string()}, .bundles = places.bundles};
  EXPECT_EQ(use_roots(second.get(), bundles, false).value(), places.bundles[0]);
}

TEST_F(TlsRoots, AreSoughtInTheUsualPlaces) {
  const RootPlaces places = system_root_places();
  const auto has = [](const std::vector<std::string>& list, const char* place) {
    return std::find(list.begin(), list.end(), place) != list.end();
  };
  EXPECT_TRUE(has(places.directories, "/etc/ssl/certs"));
  EXPECT_TRUE(has(places.bundles, "/etc/ssl/certs/ca-certificates.crt"));
  EXPECT_TRUE(has(places.bundles, "/etc/pki/tls/certs/ca-bundle.crt"));
  EXPECT_TRUE(has(places.bundles, "/etc/ssl/cert.pem"));
}

}  // namespace
}  // namespace minim::tls
