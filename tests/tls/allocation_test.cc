// The k-th allocation inside OpenSSL fails, or all from the k-th on, for every k of making a
// factory, of a handshake with an exchange, and of the same with a resumed session: a status or
// success, nothing lost, and the next connection works.
//
// All k of the connections are tried in every run, but of making a factory, whose allocations are
// three times as many, one in eight; with MINIM_ALL_ALLOCATIONS set all of them. The k of a
// scenario are dealt out to tests, which run side by side.
//
// A program of its own: the hooks of OpenSSL's allocator can be set only before its first use.
#include <gtest/gtest.h>
#include <openssl/crypto.h>

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <initializer_list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "minim/tls.h"
#include "tls/support/server_end.h"

namespace minim::tls {
namespace {

// Of OpenSSL's allocator.
long live_blocks = 0;
long allocations = 0;   // made while armed
long failing = 0;       // which of them fails; 0: none
bool fails_on = false;  // and all after it
bool is_armed = false;  // off while the server runs and certificates are made

bool fails() {
  if (!is_armed) return false;
  ++allocations;
  return failing != 0 && (fails_on ? allocations >= failing : allocations == failing);
}

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

// What is counted, and fails.
enum class Phase { kFactory, kConnection };

struct Scenario {
  const char* name;
  int version;
  Phase phase;
  bool resumes;     // it is the second connection that is counted
  long thinned_by;  // see thinned_by()
};

constexpr Scenario kScenarios[] = {{"Factory", TLS1_3_VERSION, Phase::kFactory, false, 8},
                                   {"Tls12", TLS1_2_VERSION, Phase::kConnection, false, 1},
                                   {"Tls13", TLS1_3_VERSION, Phase::kConnection, false, 1},
                                   {"Resumed", TLS1_3_VERSION, Phase::kConnection, true, 1}};

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

bool is_one_of(Code code, std::initializer_list<Code> codes) {
  return std::find(codes.begin(), codes.end(), code) != codes.end();
}

void expect_status(const Status& status, std::initializer_list<Code> codes, Origin origin) {
  EXPECT_EQ(ERR_peek_error(), 0u);
  EXPECT_FALSE(status.message().empty());
  EXPECT_TRUE(is_one_of(status.code(), codes)) << status.to_string();
  EXPECT_EQ(origin_name(status.origin()), origin_name(origin)) << status.to_string();
}

// A text that OpenSSL has no memory to read looks like one that it cannot read.
constexpr std::initializer_list<Code> kNotMade = {Code::kInternal, Code::kInvalidArgument};

// A connection of `factory` and the server end: a handshake, a word each way, a goodbye. True when
// all went well; false after a status.
class Connection {
 public:
  Connection(const Scenario& scenario, const ServerEnd& same_server, bool is_counted)
      : server_(spec_of(scenario), &same_server), is_counted_(is_counted) {}

  bool run(FilterFactory& factory) {
    is_armed = is_counted_;
    Result<std::unique_ptr<Filter>> opened = factory.open("temporal.example");
    is_armed = false;
    if (!opened) {
      expect_status(opened.error(), kNotMade, Origin::kLocal);
      return false;
    }
    filter_ = std::move(*opened);
    for (int turn = 0; turn < 6 && filter_->failed().ok(); ++turn) {
      receive();
      if (filter_->is_open() && !is_sent_) send();
    }
    const bool is_done = filter_->plain() == "down" && server_.plain() == "up";
    const bool is_well = is_done && filter_->failed().ok();
    if (!filter_->failed().ok()) {
      expect_status(filter_->failed(), {Code::kUnavailable}, Origin::kTransport);
    } else {
      // Neither an answer nor a status would be a call that hangs.
      EXPECT_TRUE(is_done);
    }
    is_armed = is_counted_;
    filter_->close();
    is_armed = false;
    EXPECT_EQ(ERR_peek_error(), 0u);
    return is_well;
  }

  bool is_resumed() const { return server_.is_resumed(); }

 private:
  void to_server() {
    server_.receive(filter_->output());
    filter_->consume_output(filter_->output().size());
  }
  void receive() {
    to_server();
    const std::string bytes = server_.take_output();
    is_armed = is_counted_;
    filter_->receive(bytes);
    is_armed = false;
  }
  void send() {
    is_sent_ = true;
    is_armed = is_counted_;
    filter_->send("up");
    is_armed = false;
    to_server();
    server_.send("down");
  }

  ServerEnd server_;
  std::unique_ptr<Filter> filter_;
  const bool is_counted_;
  bool is_sent_ = false;
};

// Without what OpenSSL keeps for each thread.
long settled_blocks() {
  OPENSSL_thread_stop();
  return live_blocks;
}

// How many tests share the k of a scenario.
constexpr long kShares = 4;

// One k in so many is tried.
long thinned_by(const Scenario& scenario) {
  if (std::getenv("MINIM_ALL_ALLOCATIONS") != nullptr) return 1;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return 8 * scenario.thinned_by;  // all of them take many times as long there
#else
  return scenario.thinned_by;
#endif
}

struct Row {
  Scenario scenario;
  bool fails_on;
  long share;
};

class TlsAllocation : public testing::TestWithParam<Row> {
 protected:
  std::shared_ptr<FilterFactory> make() {
    is_armed = scenario_.phase == Phase::kFactory;
    Result<std::shared_ptr<FilterFactory>> made = make_tls(options_of(scenario_));
    is_armed = false;
    if (made) return *made;
    expect_status(made.error(), kNotMade, Origin::kLocal);
    return nullptr;
  }
  bool connect(FilterFactory& factory) {
    Connection connection(scenario_, server_, scenario_.phase == Phase::kConnection);
    const bool is_well = connection.run(factory);
    if (is_well && failing == 0) {
      EXPECT_EQ(connection.is_resumed(), scenario_.resumes);
    }
    return is_well;
  }
  // With a session of an earlier connection, if one is to be resumed.
  std::shared_ptr<FilterFactory> prepare() {
    std::shared_ptr<FilterFactory> factory = make();
    if (factory != nullptr && scenario_.resumes) {
      EXPECT_TRUE(Connection(scenario_, server_, false).run(*factory));
    }
    return factory;
  }
  // The scenario with allocation `k` failing, and then the next connection, of the same factory if
  // there is one. False when `k` was noticed.
  bool run(long k) {
    const bool makes = scenario_.phase == Phase::kFactory;
    std::shared_ptr<FilterFactory> factory = shared_ != nullptr || makes ? shared_ : prepare();
    failing = k;
    allocations = 0;
    if (makes) factory = make();
    const bool is_well = factory != nullptr && connect(*factory);
    if (makes && factory != nullptr && !is_well) ++refused_;
    failing = 0;
    count_ = allocations;
    if (makes) factory = make();
    if (scenario_.resumes) {
      EXPECT_TRUE(Connection(scenario_, server_, false).run(*factory));
    }
    EXPECT_TRUE(connect(*factory));
    return is_well;
  }

  long refused_ = 0;  // factories that were made and refuse a good server
  long count_ = 0;    // allocations of the last run() until its failure was over
  const Scenario scenario_ = GetParam().scenario;
  const ServerEnd server_{spec_of(scenario_)};
  // For the scenarios that leave nothing in it.
  std::shared_ptr<FilterFactory> shared_;
};

TEST_P(TlsAllocation, ThatFailsIsAStatus) {
  fails_on = GetParam().fails_on;
  if (scenario_.phase == Phase::kConnection && !scenario_.resumes) shared_ = make();
  // OpenSSL fetches algorithms when they are needed first, and keeps them.
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(run(0));
  const long before = settled_blocks();
  ASSERT_TRUE(run(0));
  ASSERT_EQ(settled_blocks(), before);
  const long total = count_;
  RecordProperty("allocations", static_cast<int>(total));

  long tried = 0, statuses = 0;
  const long step = kShares * thinned_by(scenario_);
  for (long k = 1 + GetParam().share; k <= total; k += step) {
    ++tried;
    if (!run(k)) ++statuses;
    ASSERT_EQ(settled_blocks(), before) << "allocation " << k << " of " << total;
    ASSERT_FALSE(testing::Test::HasFailure()) << "allocation " << k << " of " << total;
  }
  RecordProperty("tried", static_cast<int>(tried));
  RecordProperty("statuses", static_cast<int>(statuses));
  // Three of all: OpenSSL takes a key for read, or a context for made, that lacks what it had no
  // memory for, and shows it in nothing.
  EXPECT_LE(refused_, 2);
  // Some are for what OpenSSL can do without.
  EXPECT_GT(statuses, 0);
}

std::vector<Row> rows() {
  std::vector<Row> all;
  for (const Scenario& scenario : kScenarios) {
    for (const bool on : {false, true}) {
      for (long share = 0; share < kShares; ++share) all.push_back({scenario, on, share});
    }
  }
  return all;
}

std::string name_of(const testing::TestParamInfo<Row>& row) {
  return std::string(row.param.scenario.name) + (row.param.fails_on ? "AllAfter" : "One") +
         std::to_string(row.param.share);
}

INSTANTIATE_TEST_SUITE_P(All, TlsAllocation, testing::ValuesIn(rows()), name_of);

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
