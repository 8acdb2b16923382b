// Options into a channel, clients over one wire.
#include "minim/client.h"

#include <gtest/gtest.h>

#include "minim/version.h"
#include "unit/client/support/fake_loop.h"

namespace minim {
namespace {

using testing::FakeHost;

TEST(Client, DefaultsReachTheChannel) {
  const FakeHost host;
  const Client client = host.client();
  const rpc::ChannelOptions& opened = *host.fake->opened;
  EXPECT_EQ(opened.target, "localhost:7233");
  EXPECT_EQ(opened.tls, nullptr);
  EXPECT_EQ(opened.user_agent, std::string("grpc-c++-minim/") + kVersion);
  EXPECT_TRUE(opened.keepalive.has_value());
  EXPECT_EQ(client.namespace_name(), "default");
  EXPECT_EQ(client.identity(), "1@test");
}

// What alters how traffic looks is for hosts to ask for; small requests go as they are.
TEST(Client, OneConnectionStraightToTheTargetByDefault) {
  const FakeHost host;
  host.fake->variables = {{"https_proxy", "http://proxy:3128"}};
  static_cast<void>(host.client());
  const rpc::ChannelOptions& opened = *host.fake->opened;
  EXPECT_FALSE(opened.dns_balancing);
  EXPECT_FALSE(opened.proxy);
  EXPECT_EQ(opened.max_connections, 1u);
  EXPECT_FALSE(opened.keep_connected);
  EXPECT_EQ(opened.idle_timeout, Duration());
  EXPECT_EQ(opened.gzip_above_bytes, 1024u);
}

TEST(Client, OptionsOfTheConnectionReachTheChannel) {
  using namespace std::chrono_literals;
  const FakeHost host;
  const Client client = host.client({.keepalive = rpc::KeepaliveOptions{.interval = 11s},
                                     .retry = {.max_attempts = 4},
                                     .retry_throttle = rpc::RetryThrottleOptions{.max_tokens = 7},
                                     .reconnect = {.connect_timeout = 2s},
                                     .keep_connected = true,
                                     .idle_timeout = 3s,
                                     .max_connections = 5,
                                     .dns_balancing = rpc::DnsBalancingOptions{.interval = 9s},
                                     .gzip_above_bytes = std::nullopt,
                                     .accept_gzip = false});
  const rpc::ChannelOptions& opened = *host.fake->opened;
  EXPECT_EQ(opened.keepalive->interval, 11s);
  EXPECT_EQ(opened.retry.max_attempts, 4u);
  EXPECT_EQ(opened.reconnect.connect_timeout, 2s);
  EXPECT_FALSE(opened.gzip_above_bytes);
  EXPECT_FALSE(opened.accept_gzip);
  EXPECT_EQ(opened.retry_throttle->max_tokens, 7u);
  EXPECT_TRUE(opened.keep_connected);
  EXPECT_EQ(opened.idle_timeout, 3s);
  EXPECT_EQ(opened.max_connections, 5u);
  EXPECT_EQ(opened.dns_balancing->interval, 9s);
  const Client silent = host.client({.keepalive = std::nullopt});
  EXPECT_FALSE(host.fake->opened->keepalive);
}

TEST(Client, AllThatIsWrongIsSaidTogether) {
  const FakeHost host;
  host.fake->refusal = Status(Code::kInvalidArgument, "target 'x': odd");
  const auto client = Client::create(
      host,
      {.namespace_ = "", .api_key = "secret\n", .rpc_metadata = {{"bad key", "x"}}, .tls = false});
  ASSERT_FALSE(client);
  const std::string text = client.error().to_string();
  EXPECT_EQ(client.error().code(), Code::kInvalidArgument);
  for (const char* part :
       {"namespace_ is empty", "target 'x': odd", "api_key holds", "rpc_metadata: "}) {
    EXPECT_NE(text.find(part), std::string::npos) << text;
  }
  EXPECT_EQ(text.find("secret"), std::string::npos);
}

// Neither wins in silence: one of the two would send the key in the clear.
TEST(Client, ASchemeAndOptionsOfTlsMustAgree) {
  const FakeHost host;
  const auto text = [&host](ConnectOptions options) {
    return Client::create(host, std::move(options)).status().to_string();
  };
  EXPECT_EQ(
      text({.target = "http://server:7233", .api_key = "secret"}),
      "INVALID_ARGUMENT (local): target 'http://server:7233' asks for plaintext, and there is "
      "an api_key: say https://, or tls = false if that is meant");
  EXPECT_EQ(text({.target = "http://server", .tls_options = {.server_name = "x"}}),
            "INVALID_ARGUMENT (local): target 'http://server' asks for plaintext, and tls_options "
            "are set: say https://, or tls = false if that is meant");
  EXPECT_EQ(text({.target = "http://server", .api_key = "secret", .tls = false}), "OK");
  EXPECT_EQ(host.fake->opened->tls, nullptr);
  EXPECT_EQ(text({.target = "http://server"}), "OK");
  EXPECT_EQ(text({.target = "server",
                  .proxy = rpc::ProxyOptions{.target = "proxy:3128"},
                  .proxy_tls_options = {.server_name = "x"}}),
            "INVALID_ARGUMENT (local): proxy_tls_options are set, and proxy.target does not begin "
            "with https://");
  host.fake->variables = {{"https_proxy", "http://proxy:3128"}};
  EXPECT_EQ(text({.target = "server",
                  .proxy_tls_options = {.server_name = "x"},
                  .proxy_from_environment = true}),
            "OK")
      << "what the environment names is not the program's to know";
}

TEST(Client, NamesOfTheClientAreHeaders) {
  const FakeHost host;
  const auto client = Client::create(host, {.client_name = "a\r\nb: c"});
  ASSERT_FALSE(client);
  EXPECT_TRUE(client.error().message().starts_with("value of metadata key 'client-name' has at "))
      << client.error().message();
  EXPECT_FALSE(Client::create(host, {.client_version = "1 "}));
}

TEST(Client, EnvironmentNamesAProxyOnlyWhenAsked) {
  const FakeHost host;
  host.fake->variables = {{"https_proxy", "http://u:p@proxy:3128"}, {"no_proxy", "exempt"}};
  const auto proxy_of = [&host](ConnectOptions options) {
    static_cast<void>(host.client(std::move(options)));
    return host.fake->opened->proxy;
  };
  EXPECT_FALSE(proxy_of({.target = "server"}));
  const auto found = proxy_of({.target = "server", .proxy_from_environment = true});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->target, "http://proxy:3128");
  EXPECT_EQ(found->user + ":" + found->password, "u:p");
  EXPECT_FALSE(proxy_of({.target = "exempt", .proxy_from_environment = true}));
  const auto own = proxy_of({.target = "server",
                             .proxy = rpc::ProxyOptions{.target = "own:1"},
                             .proxy_from_environment = true});
  EXPECT_EQ(own->target, "own:1") << "what the program says goes first";

  host.fake->variables["https_proxy"] = "socks5://u:p@proxy";
  const auto refused = Client::create(host, {.target = "server", .proxy_from_environment = true});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message(),
            "https_proxy: its scheme is not known: use http:// or https://");
}

#ifdef MINIM_HAVE_TLS
TEST(Client, HttpsProxyIsReachedByTls) {
  const FakeHost host;
  rpc::ProxyOptions proxy{.target = "https://proxy"};
  static_cast<void>(host.client({.target = "server",
                                 .proxy = proxy,
                                 .proxy_tls_options = {.dangerously_skip_verification = true}}));
  EXPECT_NE(host.fake->opened->proxy->tls, nullptr);
  EXPECT_EQ(host.fake->opened->tls, nullptr) << "the proxy's TLS is not the server's";
  static_cast<void>(host.client({.target = "server", .proxy = rpc::ProxyOptions{"HTTPS://proxy"}}));
  EXPECT_NE(host.fake->opened->proxy->tls, nullptr) << "schemes have no case";
  const auto refused =
      Client::create(host, {.proxy = proxy, .proxy_tls_options = {.root_certificates = "not PEM"}});
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().message().starts_with("proxy: TLS options: root_certificates: "))
      << refused.error().message();
}
#endif

TEST(Client, ConnectReportsWrongOptionsAsItsResult) {
  const FakeHost host;
  host.fake->refusal = Status(Code::kInvalidArgument, "odd");
  int count = 0;
  connect(host, {}).start([&count](Result<Client> client) {
    ++count;
    EXPECT_EQ(client.status().message(), "odd");
  });
  EXPECT_EQ(count, 1);
}

TEST(Client, WithSharesTheWire) {
  const FakeHost host;
  const Client client = host.client({.identity = "me"});
  const Client other = client.with(
      {.namespace_ = "other", .default_query_reject_condition = QueryRejectCondition::kNotOpen});
  EXPECT_EQ(other.namespace_name(), "other");
  EXPECT_EQ(other.identity(), "me");
  EXPECT_EQ(client.namespace_name(), "default");
  EXPECT_EQ(client.with({.identity = "another"}).identity(), "another");
  client.count_workflows().start([](Result<WorkflowCount>) {});
  other.count_workflows().start([](Result<WorkflowCount>) {});
  host.port().begin();
  ASSERT_EQ(host.port().calls.size(), 2u);
  EXPECT_EQ(*host.port().calls[0].request.common->find("temporal-namespace"), "default");
  EXPECT_EQ(*host.port().calls[1].request.common->find("temporal-namespace"), "other");
}

TEST(Client, CredentialsMayChangeWhileItRuns) {
  const FakeHost host;
  Client client = host.client({.api_key = "first", .tls = false});
  const auto sent = [&] {
    client.count_workflows().start([](Result<WorkflowCount>) {});
    host.port().begin();
    return *host.port().calls.back().request.common->find("authorization");
  };
  EXPECT_EQ(sent(), "Bearer first");
  EXPECT_TRUE(client.set_api_key("second"));
  EXPECT_EQ(sent(), "Bearer second");
  EXPECT_FALSE(client.set_api_key("bad\r\n"));
  EXPECT_FALSE(client.set_rpc_metadata({{"", "x"}}));
  EXPECT_EQ(sent(), "Bearer second");
}

TEST(Client, SaysWhatItSends) {
  const FakeHost host;
  Client client = host.client({.api_key = "first", .rpc_metadata = {{"x-a", "1"}}, .tls = false});
  const Client other = client.with({.namespace_ = "other"});
  EXPECT_EQ(client.api_key(), "first");
  EXPECT_EQ(*client.rpc_metadata().find("x-a"), "1");
  EXPECT_TRUE(client.set_api_key("second"));
  EXPECT_FALSE(client.set_rpc_metadata({{"bad key", "x"}}));
  EXPECT_EQ(other.api_key(), "second");
  EXPECT_EQ(*other.rpc_metadata().find("x-a"), "1");
}

TEST(Client, HandlesOutliveIt) {
  const FakeHost host;
  std::optional<Client> client = host.client();
  const WorkflowHandle handle = client->get_workflow_handle("id", "run", "first");
  EXPECT_EQ(handle.workflow_id(), "id");
  EXPECT_EQ(handle.run_id(), "run");
  EXPECT_EQ(handle.result_run_id(), "run");
  EXPECT_EQ(handle.first_execution_run_id(), "first");
  client.reset();
  int count = 0;
  handle.signal("wave").start([&count](Result<void> result) {
    EXPECT_TRUE(result);
    ++count;
  });
  host.port().begin();
  host.port().answer_ok();
  EXPECT_EQ(count, 1);
}

}  // namespace
}  // namespace minim
