// dns_balancing on real sockets.
#include <future>
#include <memory>
#include <optional>
#include <vector>

#include "minim/resolver.h"
#include "minim/runtime.h"
#include "uv/support/h2_server.h"
#include "uv/support/loop_fixture.h"

namespace minim::test {
namespace {

// Answers with servers, each at its own port.
struct ServerResolver final : Resolver {
  explicit ServerResolver(std::vector<std::uint16_t> server_ports)
      : ports(std::move(server_ports)) {}
  void resolve(const std::string&, std::uint16_t, ResolverAnswer answer) override {
    std::vector<rpc::Address> addresses;
    for (const std::uint16_t port : ports) {
      addresses.push_back({rpc::Address::Kind::kIp, "127.0.0.1", port});
    }
    answer.give(std::move(addresses));
  }
  const std::vector<std::uint16_t> ports;
};

Status call(const std::shared_ptr<internal::Port>& port) {
  std::promise<Status> ended;
  const auto run = make_call(port, "/test/Echo", "hello", [&](Status status, std::string) {
    ended.set_value(std::move(status));
  });
  run->options().retry.reset();  // the channel's
  Status refused = port->submit(run);
  return refused.ok() ? ended.get_future().get() : refused;
}

TEST(Balanced, CallsReachEachServerAndSurviveTheLossOfOne) {
  H2Server first;
  std::optional<H2Server> second(std::in_place);
  Runtime runtime;
  rpc::ChannelOptions options;
  options.target = "servers.test";
  options.resolver = std::make_shared<ServerResolver>(
      std::vector<std::uint16_t>{first.port(), second->port(), unused_port()});
  options.dns_balancing.emplace();
  const auto port = runtime.executor()->open(std::move(options));
  ASSERT_TRUE(port) << port.status().to_string();
  // In turn as soon as both are ready; the third address has nobody.
  while (first.requests() < 5 || second->requests() < 5) {
    ASSERT_EQ(call(*port).to_string(), "OK");
  }
  EXPECT_EQ(first.connections(), 1);
  EXPECT_EQ(second->connections(), 1);
  second.reset();
  const int before = first.requests();
  for (int i = 0; i < 20; ++i) EXPECT_EQ(call(*port).to_string(), "OK");
  EXPECT_EQ(first.requests(), before + 20);
}

}  // namespace
}  // namespace minim::test
