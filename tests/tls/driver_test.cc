// TLS over real sockets whose system calls fail, one after the other.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "tls/support/link.h"
#include "tls/support/tls_front.h"
#include "uv/support/failing_steps.h"

namespace minim::test {
namespace {

class Faults : public FailingSteps {
 protected:
  rpc::ChannelOptions options_ = [] {
    rpc::ChannelOptions options;
    TlsOptions tls = tls::trusting();
    tls.server_name = "temporal.example";
    options.tls = make_tls(tls).value();
    return options;
  }();
};

TEST_F(Faults, R156EachStepUnderTls) {
  H2Server server;
  const TlsFront front(server);
  fail_each_step(15, [&](const std::string& step) {
    try_call(open_with(options_, front.target()), server, step);
  });
}

TEST_F(Faults, R156EachStepOfAReconnectUnderTls) {
  H2Server server;
  const TlsFront front(server);
  std::shared_ptr<internal::Port> port;
  const auto lose_connection = [&] {
    port = open_with(options_, front.target());
    ASSERT_EQ(call(port, "/test/Echo").to_string(), "OK");
    ASSERT_EQ(call(port, "/test/Close").code(), Code::kUnavailable);
  };
  fail_each_step(
      15, [&](const std::string& step) { try_call(port, server, step); }, lose_connection);
}

TEST_F(Faults, R156EachStepOfCallsThatFillTheSocketUnderTls) {
  H2Server server;
  const TlsFront front(server);
  fail_each_step(20, [&](const std::string& step) {
    try_large_calls(open_with(options_, front.target()), server, step);
  });
}

}  // namespace
}  // namespace minim::test
