// Ways to a server, and ways not to reach one: each failure has its own text.
#include "temporal/support/fixture.h"

namespace minim::testing {
namespace {

class Connect : public TemporalTest {
 protected:
  Result<Client> connect(ConnectOptions how) { return face_.connect(std::move(how)); }
  // The error of connecting so; a connection that works fails the test.
  Status refused(ConnectOptions how) {
    how.retry = rpc::no_retry();
    const Result<Client> client = connect(std::move(how));
    EXPECT_FALSE(client);
    return client.status();
  }
  // The number of the newest connection that the testbed has seen, at any of its fronts.
  static long newest_connection() {
    const Json all = bed().get("/connections")["connections"];
    return all.empty() ? 0 : all.back()["id"].get<long>();
  }
  // The values of one header of the newest call of a method, as the server saw them.
  Json header(const std::string& method, const std::string& name) {
    return bed().last_call(method)["metadata"].value(name, Json::array());
  }
};

TEST_P(Connect, AsksTheServerOnceWhoItIs) {
  const Client client = must(connect(options()));
  const Json calls = bed().calls("GetSystemInfo");
  ASSERT_EQ(calls.size(), 1u);
  EXPECT_EQ(header("GetSystemInfo", "client-name"), Json({"minim"}));
  EXPECT_EQ(header("GetSystemInfo", "client-version"), Json({kVersion}));
  EXPECT_EQ(header("GetSystemInfo", "temporal-namespace"), Json::array());
  EXPECT_GT(calls[0]["deadlineMs"].get<int>(), 25'000);
  EXPECT_LE(calls[0]["deadlineMs"].get<int>(), 30'000);
  ASSERT_TRUE(client.server_info());
  EXPECT_EQ(client.server_info()->server_version,
            must(run(client.get_system_info())).server_version);
  EXPECT_NE(client.server_info()->server_version, "");
  EXPECT_TRUE(client.server_info()->supports_schedules);
}

TEST_P(Connect, AServerWithoutSystemInfoIsFine) {
  bed().fail(
      {{"method", "GetSystemInfo"}, {"code", "UNIMPLEMENTED"}, {"message", "unknown method"}});
  const Client old = must(connect(options()));
  ASSERT_TRUE(old.server_info());
  EXPECT_EQ(old.server_info()->capabilities, "");
  bed().fail({{"method", "GetSystemInfo"}, {"code", "UNAVAILABLE"}, {"message", "not yet"}});
  const Status why = refused(options());
  EXPECT_EQ(why.code(), Code::kUnavailable);
  EXPECT_EQ(why.message(), "not yet");
  EXPECT_EQ(bed().calls("GetSystemInfo").size(), 2u);  // asked once each time
}

TEST_P(Connect, LazyDialsWithTheFirstCall) {
  const long before = newest_connection();
  const Client lazy = must(face_.create(options()));
  // Another one on its loop, which has dialled and been answered: that connection is the only one.
  const Client other = must(connect(options()));
  EXPECT_EQ(newest_connection(), before + 1) << "the lazy client has dialled";
  bed().reset();
  must(run(lazy.count_workflows()));
  EXPECT_EQ(newest_connection(), before + 2);
  EXPECT_TRUE(bed().calls("GetSystemInfo").empty());
  EXPECT_FALSE(lazy.server_info());
}

TEST_P(Connect, ClientsShareOneConnectionAndItsCredentials) {
  Client first = must(face_.create(options()));
  const Client second = first.with({.namespace_ = "other"});
  must(run(first.count_workflows()));
  must(run(second.count_workflows()));
  const Json calls = bed().calls("CountWorkflowExecutions");
  ASSERT_EQ(calls.size(), 2u);
  EXPECT_EQ(calls[0]["connection"], calls[1]["connection"]);
  EXPECT_EQ(calls[0]["metadata"]["temporal-namespace"], Json({"default"}));
  EXPECT_EQ(calls[1]["metadata"]["temporal-namespace"], Json({"other"}));

  EXPECT_TRUE(first.set_api_key("k-1"));
  EXPECT_TRUE(first.set_rpc_metadata({{"x-trace", "a"}, {"x-raw-bin", std::string("\0\xff", 2)}}));
  must(run(second.count_workflows()));
  EXPECT_EQ(header("CountWorkflowExecutions", "authorization"), Json({"Bearer k-1"}));
  EXPECT_EQ(header("CountWorkflowExecutions", "x-trace"), Json({"a"}));
  EXPECT_EQ(header("CountWorkflowExecutions", "x-raw-bin"), Json({"AP8="}));

  // A refused change leaves everything as it was, and never shows the key.
  const auto bad = first.set_api_key("secret\n");
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().code(), Code::kInvalidArgument);
  EXPECT_EQ(bad.error().to_string().find("secret"), std::string::npos);
  EXPECT_FALSE(first.set_rpc_metadata({{"x-trace", "b"}, {"bad key", "c"}}));
  // What the call brings along wins over what the connection has.
  must(run(second.count_workflows(), {.metadata = {{"authorization", "mine"}}}));
  EXPECT_EQ(header("CountWorkflowExecutions", "authorization"), Json({"mine"}));
  EXPECT_EQ(header("CountWorkflowExecutions", "x-trace"), Json({"a"}));
}

TEST_P(Connect, ABadOptionIsNamedBeforeAnythingIsDialled) {
  ConnectOptions bad = options();
  bad.target = "http://host:99999";
  bad.rpc_metadata = {{"te", "x"}};
  const Status why = refused(bad);
  EXPECT_EQ(why.code(), Code::kInvalidArgument);
  EXPECT_NE(why.message().find("99999"), std::string::npos) << why.message();
  EXPECT_NE(why.message().find("rpc_metadata"), std::string::npos) << why.message();
}

TEST_P(Connect, NobodyListens) {
  ConnectOptions how = options();
  how.target = "127.0.0.1:1";
  const Status why = refused(how);
  EXPECT_EQ(why.code(), Code::kUnavailable);
  EXPECT_EQ(why.origin(), Origin::kTransport);
  EXPECT_FALSE(why.may_have_reached_server());
  EXPECT_EQ(
      why.message(),
      "cannot connect to 127.0.0.1:1: 127.0.0.1:1: connection refused; is the server running?");
}

TEST_P(Connect, ANameThatDoesNotResolve) {
  ConnectOptions how = options();
  how.target = "no-such-host.invalid:7233";
  const Status why = refused(how);
  EXPECT_EQ(why.code(), Code::kUnavailable);
  EXPECT_NE(why.message().find("no-such-host.invalid"), std::string::npos) << why.message();
}

TEST_P(Connect, ClosedMeansCancelled) {
  Client client = must(face_.create(options()));
  must(run(client.count_workflows()));
  client.close();
  client.close();
  const auto late = run(client.count_workflows());
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code(), Code::kCancelled);
}

MINIM_IN_EVERY_FACE(Connect);

}  // namespace
}  // namespace minim::testing
