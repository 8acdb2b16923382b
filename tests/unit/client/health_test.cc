// gRPC's health protocol, without a network.
#include "minim/health.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "support/fake_loop.h"

namespace minim::testing {
namespace {

// What check_health() makes of a reply; `sent` gets the request.
Result<HealthStatus> check(rpc::Reply reply, std::string service = "svc",
                           rpc::Request* sent = nullptr) {
  FakeHost host;
  const auto client = Client::create(host, {.target = "server"});
  EXPECT_TRUE(client);
  std::optional<Result<HealthStatus>> result;
  client->check_health(std::move(service)).start([&](Result<HealthStatus> r) {
    result.emplace(std::move(r));
  });
  host.port().begin();
  EXPECT_EQ(host.port().calls.size(), 1u);
  if (sent != nullptr) *sent = host.port().calls[0].request;
  host.port().answer(std::move(reply));
  return *result;
}

rpc::Reply good(std::string message) {
  rpc::Reply reply;
  reply.message = std::move(message);
  return reply;
}

rpc::Reply bad(Code code, Origin origin = Origin::kServer) {
  rpc::Reply reply;
  reply.status = Status(code, "text", origin);
  return reply;
}

TEST(Health, AnswersAsValues) {
  using namespace std::string_literals;
  EXPECT_EQ(*check(good("\x08\x01"s)), HealthStatus::kServing);
  EXPECT_EQ(*check(good("\x08\x02"s)), HealthStatus::kNotServing);
  EXPECT_EQ(*check(good("\x08\x03"s)), HealthStatus::kServiceUnknown);
  EXPECT_EQ(*check(good(""s)), HealthStatus::kUnknown);
  EXPECT_EQ(*check(good("\x08\x63"s)), HealthStatus::kUnknown) << "a value of a later protocol";
  EXPECT_EQ(*check(good("\x12\x02hi\x08\x01"s)), HealthStatus::kServing) << "a field more";
  EXPECT_EQ(*check(bad(Code::kNotFound)), HealthStatus::kServiceUnknown);
  EXPECT_EQ(*check(bad(Code::kUnimplemented)), HealthStatus::kUnimplemented);
}

TEST(Health, OtherFailuresAreErrors) {
  EXPECT_EQ(check(bad(Code::kUnavailable)).status().code(), Code::kUnavailable);
  EXPECT_EQ(check(bad(Code::kPermissionDenied)).status().code(), Code::kPermissionDenied);
  EXPECT_EQ(check(bad(Code::kUnimplemented, Origin::kTransport)).status().code(),
            Code::kUnimplemented);
  const auto rubbish = check(good("\x08"));
  EXPECT_EQ(rubbish.status().message(),
            "the server's reply to Health/Check does not parse as its message");
}

TEST(Health, AsksForTheService) {
  rpc::Request sent;
  EXPECT_TRUE(check(good("\x08\x01"), std::string(300, 'x'), &sent));
  EXPECT_EQ(sent.path, "/grpc.health.v1.Health/Check");
  EXPECT_EQ(sent.message, "\x0a\xac\x02" + std::string(300, 'x'));
  EXPECT_TRUE(check(good("\x08\x01"), "", &sent));
  EXPECT_EQ(sent.message, "") << "the server as a whole";
}

TEST(Health, Names) {
  EXPECT_EQ(to_string(HealthStatus::kUnknown), "UNKNOWN");
  EXPECT_EQ(to_string(HealthStatus::kServing), "SERVING");
  EXPECT_EQ(to_string(HealthStatus::kNotServing), "NOT_SERVING");
  EXPECT_EQ(to_string(HealthStatus::kServiceUnknown), "SERVICE_UNKNOWN");
  EXPECT_EQ(to_string(HealthStatus::kUnimplemented), "UNIMPLEMENTED");
}

}  // namespace
}  // namespace minim::testing
