// One factory, several threads: sessions that all of them put and take, and files that change.
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "minim/tls.h"
#include "minim/tls_signing_key.h"
#include "tls/support/scratch.h"
#include "tls/support/server_end.h"

namespace minim::tls {
namespace {

constexpr int kThreads = 4;
constexpr int kRounds = 12;

// A connection and a word each way; the server's end is kept, so that its sessions are.
std::unique_ptr<ServerEnd> connect(FilterFactory& factory, int version, const ServerEnd* other) {
  Result<std::unique_ptr<Filter>> opened = factory.open("temporal.example");
  if (!opened) return nullptr;
  auto server =
      std::make_unique<ServerEnd>(ServerSpec{.max_version = version, .wants_client = true}, other);
  for (int turn = 0; turn < 4; ++turn) {
    server->receive((*opened)->output());
    (*opened)->consume_output((*opened)->output().size());
    (*opened)->receive(server->take_output());
  }
  if (!(*opened)->is_open()) return nullptr;
  (*opened)->send("up");
  server->receive((*opened)->output());
  server->send("down");
  (*opened)->receive(server->take_output());
  return (*opened)->plain() == "down" && server->plain() == "up" ? std::move(server) : nullptr;
}

TEST(TlsThreads, ShareSessionsAndFilesThatChange) {
  const Scratch scratch;
  const std::string one = family().root.certificate_pem;
  const std::string two = one + family().other_root.certificate_pem;
  TlsOptions options;
  options.root_certificates_file = scratch.write("ca.pem", one);
  options.client_certificate = family().client.certificate_pem;
  options.client_private_key = family().client.key_pem;
  const std::shared_ptr<FilterFactory> factory = make_tls(options).value();
  std::atomic<int> opened = 0;
  std::atomic<int> resumed = 0;
  std::atomic<int> running = kThreads;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    const int version = i % 2 == 0 ? TLS1_3_VERSION : TLS1_2_VERSION;
    threads.emplace_back([&, version] {
      std::unique_ptr<ServerEnd> last;
      for (int round = 0; round < kRounds; ++round) {
        std::unique_ptr<ServerEnd> next = connect(*factory, version, last.get());
        if (next == nullptr) continue;
        ++opened;
        if (next->is_resumed()) ++resumed;
        last = std::move(next);
      }
      --running;
    });
  }
  for (int round = 0; round < 1000 && running > 0; ++round) {
    scratch.replace("ca.pem", round % 2 == 0 ? two : one);
    std::this_thread::yield();
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(opened, kThreads * kRounds);
  EXPECT_LE(resumed, opened);
}

TEST(TlsThreads, ShareAKeyThatAFunctionSignsFor) {
  std::atomic<int> signatures = 0;
  EVP_PKEY* const secret = family().client.key.get();
  TlsOptions options;
  options.root_certificates = family().root.certificate_pem;
  options.client_certificate = family().client.certificate_pem;
  options.session_resumption = false;
  options.client_key =
      tls_signing_key(family().client.certificate_pem, [&](const auto& what) {
        ++signatures;
        std::string signature(128, '\0');
        std::size_t size = signature.size();
        EVP_MD_CTX* const context = EVP_MD_CTX_new();
        const std::string hash(what.hash);
        EVP_DigestSignInit_ex(context, nullptr, hash.c_str(), nullptr, nullptr, secret, nullptr);
        EVP_DigestSign(context, reinterpret_cast<unsigned char*>(signature.data()), &size,
                       reinterpret_cast<const unsigned char*>(what.message.data()),
                       what.message.size());
        EVP_MD_CTX_free(context);
        signature.resize(size);
        return Result<std::string>(std::move(signature));
      }).value();
  const std::shared_ptr<FilterFactory> factory = make_tls(options).value();
  options = {};
  std::atomic<int> opened = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < kRounds; ++round) {
        if (connect(*factory, TLS1_3_VERSION, nullptr) != nullptr) ++opened;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(opened, kThreads * kRounds);
  EXPECT_EQ(signatures, opened);
}

TEST(TlsThreads, ResumeEachOthersSessions) {
  TlsOptions options;
  options.root_certificates = family().root.certificate_pem;
  options.client_certificate = family().client.certificate_pem;
  options.client_private_key = family().client.key_pem;
  const std::shared_ptr<FilterFactory> factory = make_tls(options).value();
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    const std::unique_ptr<ServerEnd> first = connect(*factory, version, nullptr);
    ASSERT_NE(first, nullptr);
    std::atomic<int> opened = 0;
    std::atomic<int> resumed = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&] {
        for (int round = 0; round < kRounds; ++round) {
          const std::unique_ptr<ServerEnd> next = connect(*factory, version, first.get());
          if (next == nullptr) continue;
          ++opened;
          if (next->is_resumed()) ++resumed;
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(opened, kThreads * kRounds);
    // Each connection leaves as many tickets as it took, if not more.
    EXPECT_GE(resumed, kRounds);
  }
}

}  // namespace
}  // namespace minim::tls
