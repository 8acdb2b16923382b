// What every test of a real proxy starts from: the testbed with a clean record, a Runtime, one
// proxy.
#ifndef MINIM_TESTS_PROXIES_SUPPORT_FIXTURE_H_
#define MINIM_TESTS_PROXIES_SUPPORT_FIXTURE_H_

#include <gtest/gtest.h>

#include <string>

#include "proxies/support/ways.h"
#include "temporal/support/testbed.h"

namespace minim::testing {

class ProxyTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(bed().problem(), "");
    bed().reset();
  }

  static Testbed& bed() { return Testbed::shared(); }
  // An id that no other test uses.
  static std::string unique_id(const std::string& what) {
    static int count = 0;
    return "proxies-" + what + "-" + std::to_string(++count);
  }

  // A running proxy. One for each test: they share the scratch directory.
  const Way& open_way(WayKind kind, const WayOptions& options = {}) {
    way_ = make_way(kind, scratch_, options);
    EXPECT_EQ(way_.daemon->start(), "");
    return way_;
  }

  // A client that repeats nothing.
  Result<Client> connect(ConnectOptions options) {
    options.retry = rpc::no_retry();
    return wait(minim::connect(runtime_, std::move(options)));
  }
  // There is none, for this reason, and the server has not heard of it.
  void expect_refused(ConnectOptions options, const std::string& text) {
    bed().reset();
    const Result<Client> client = connect(std::move(options));
    EXPECT_FALSE(client) << "it was to be refused";
    const Status why = client.status();
    EXPECT_EQ(code_name(why.code()), code_name(Code::kUnavailable));
    EXPECT_EQ(why.origin(), Origin::kTransport);
    EXPECT_EQ(why.message(), text);
    EXPECT_FALSE(why.may_have_reached_server());
    expect_server_saw_nothing();
  }
  // ... since the last reset().
  static void expect_server_saw_nothing() {
    EXPECT_EQ(bed().get("/counts")["counts"], Json::object()) << "the server has seen a call";
  }
  // A workflow there and back.
  void expect_works(ConnectOptions options) {
    const Result<Client> client = connect(std::move(options));
    ASSERT_TRUE(client) << client.status().to_string() << "\n" << way_.daemon->log();
    StartWorkflowOptions how;
    how.id = unique_id("works");
    how.task_queue = bed()["taskQueue"];
    const auto text =
        wait(client->execute_workflow<std::string>("Echo", std::move(how), std::string("there")));
    ASSERT_TRUE(text) << text.status().to_string();
    EXPECT_EQ(*text, "there");
  }

  Scratch scratch_;
  Runtime runtime_;
  Way way_;
};

}  // namespace minim::testing

#endif  // MINIM_TESTS_PROXIES_SUPPORT_FIXTURE_H_
