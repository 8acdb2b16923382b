// The k-th allocation inside OpenSSL fails, for every k of making a factory, of a handshake and of
// an exchange: a status or success, nothing lost, and the next connection works.
//
// A program of its own: the hooks of OpenSSL's allocator can be set only before its first use.
#include <gtest/gtest.h>
#include <openssl/crypto.h>

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <string>

#include "minim/tls.h"
#include "tls/support/server_end.h"

namespace minim::tls {
namespace {

// Of OpenSSL's allocator.
long live_blocks = 0;
long allocations = 0;   // made while armed
long failing = 0;       // which of them fails; 0: none
bool is_armed = false;  // off while the server runs and certificates are made

bool fails() { return is_armed && ++allocations == failing; }

void* allocate(std::size_t size, const char*, int) {
  if (size == 0 || fails()) return nullptr;
  ++live_blocks;
  return std::malloc(size);
}

void release(void* block, const char*, int) {
  if (block != nullptr) --live_blocks;
  std::free(block);
}

void* reallocate(void* block, std::size_t size, const char* file, int line) {
  if (block == nullptr) return allocate(size, file, line);
  if (size == 0) {
    release(block, file, line);
    return nullptr;
  }
  return fails() ? nullptr : std::realloc(block, size);
}

class Armed {
 public:
  Armed() { is_armed = true; }
  ~Armed() { is_armed = false; }
  Armed(const Armed&) = delete;
  Armed& operator=(const Armed&) = delete;
};

struct Scenario {
  const char* name;
  int version;
  bool makes_factory;  // within what is counted
  bool resumes;
  long each;    // the first so many allocations fail one by one,
  long stride;  // later ones at this distance
};

TlsOptions options_of(const Scenario& scenario) {
  TlsOptions options;
  options.root_certificates = family().root.certificate_pem;
  options.client_certificate = family().client.certificate_pem;
  options.client_private_key = family().client.key_pem;
  options.session_resumption = scenario.resumes;
  return options;
}

ServerSpec spec_of(const Scenario& scenario) {
  return {.max_version = scenario.version, .wants_client = true};
}

void expect_status(const Status& status) {
  EXPECT_EQ(ERR_peek_error(), 0u);
  EXPECT_FALSE(status.message().empty());
  EXPECT_TRUE(status.code() == Code::kUnavailable || status.code() == Code::kInternal ||
              status.code() == Code::kInvalidArgument || status.code() == Code::kFailedPrecondition)
      << status.to_string();
}

// A handshake, a word each way, a goodbye. True when all went well; false after a status.
bool connect(FilterFactory& factory, const Scenario& scenario, const ServerEnd& same_server) {
  Result<std::unique_ptr<Filter>> opened = [&] {
    const Armed armed;
    return factory.open("temporal.example");
  }();
  if (!opened) {
    expect_status(opened.error());
    return false;
  }
  std::unique_ptr<Filter> filter = std::move(*opened);
  ServerEnd server(spec_of(scenario), &same_server);
  bool is_sent = false;
  for (int turn = 0; turn < 6 && filter->failed().ok(); ++turn) {
    server.receive(filter->output());
    const std::string bytes = server.take_output();
    const Armed armed;
    filter->consume_output(filter->output().size());
    filter->receive(bytes);
    if (!filter->is_open() || is_sent) continue;
    is_sent = true;
    filter->send("up");
    is_armed = false;
    server.receive(filter->output());
    filter->consume_output(filter->output().size());
    server.send("down");
  }
  const bool is_done = filter->plain() == "down" && server.plain() == "up";
  if (!filter->failed().ok()) {
    expect_status(filter->failed());
  } else {
    // Neither an answer nor a status would be a call that hangs.
    EXPECT_TRUE(is_done);
  }
  const bool is_well = is_done && filter->failed().ok();
  const Armed armed;
  filter->close();
  filter.reset();
  EXPECT_EQ(ERR_peek_error(), 0u);
  return is_well;
}

// All of it, as often as it takes to have resumed a session.
bool run(const Scenario& scenario, FilterFactory* factory, const ServerEnd& server) {
  std::shared_ptr<FilterFactory> made;
  if (scenario.makes_factory) {
    Result<std::shared_ptr<FilterFactory>> result = [&] {
      const Armed armed;
      return make_tls(options_of(scenario));
    }();
    if (!result) {
      expect_status(result.error());
      return false;
    }
    made = *result;
    factory = made.get();
  }
  bool is_well = true;
  for (int i = 0; i < (scenario.resumes ? 2 : 1); ++i) {
    if (!connect(*factory, scenario, server)) is_well = false;
  }
  return is_well;
}

// Without what OpenSSL keeps for each thread.
long settled_blocks() {
  OPENSSL_thread_stop();
  return live_blocks;
}

class TlsAllocation : public testing::TestWithParam<Scenario> {};

TEST_P(TlsAllocation, ThatFailsIsAStatus) {
  const Scenario& scenario = GetParam();
  const ServerEnd server(spec_of(scenario));
  std::shared_ptr<FilterFactory> factory;
  if (!scenario.makes_factory) factory = make_tls(options_of(scenario)).value();
  // OpenSSL fetches algorithms when they are needed first, and keeps them.
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(run(scenario, factory.get(), server));
  const long before = settled_blocks();
  failing = 0;
  allocations = 0;
  ASSERT_TRUE(run(scenario, factory.get(), server));
  ASSERT_EQ(settled_blocks(), before);
  const long total = allocations;
  RecordProperty("allocations", static_cast<int>(total));

  long statuses = 0;
  for (long k = 1; k <= total; k += k < scenario.each ? 1 : scenario.stride) {
    failing = k;
    allocations = 0;
    const bool is_well = run(scenario, factory.get(), server);
    if (!is_well) ++statuses;
    failing = 0;
    ASSERT_TRUE(run(scenario, factory.get(), server)) << "after allocation " << k << " failed";
    ASSERT_EQ(settled_blocks(), before) << "allocation " << k << " of " << total;
    ASSERT_FALSE(testing::Test::HasFailure()) << "allocation " << k << " of " << total;
  }
  // Some are for what OpenSSL can do without.
  EXPECT_GT(statuses, 0);
}

INSTANTIATE_TEST_SUITE_P(All, TlsAllocation,
                         testing::Values(Scenario{"Tls12", TLS1_2_VERSION, false, false, 300, 7},
                                         Scenario{"Tls13", TLS1_3_VERSION, false, false, 2000, 7},
                                         Scenario{"Resumed", TLS1_3_VERSION, true, true, 100, 61}),
                         [](const auto& row) { return std::string(row.param.name); });

}  // namespace
}  // namespace minim::tls

int main(int count, char** arguments) {
  if (CRYPTO_set_mem_functions(minim::tls::allocate, minim::tls::reallocate, minim::tls::release) !=
      1) {
    std::fputs("OpenSSL is in use already\n", stderr);
    return 1;
  }
  testing::InitGoogleTest(&count, arguments);
  return RUN_ALL_TESTS();
}
