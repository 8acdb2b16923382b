// Peers that are no Temporal server, and messages above a limit: each error says what to do.
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "temporal/support/fixture.h"

namespace minim::testing {
namespace {

// Accepts one connection, reads once, writes `answer` and closes; or, without an answer, holds its
// peace until the peer has gone.
class CannedServer {
 public:
  explicit CannedServer(std::string answer) : listener_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address);
    listen(listener_, 8);
    socklen_t size = sizeof address;
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    target_ = "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
    thread_ = std::thread([this, text = std::move(answer)] { serve(text); });
  }
  CannedServer(const CannedServer&) = delete;
  CannedServer& operator=(const CannedServer&) = delete;
  ~CannedServer() {
    shutdown(listener_, SHUT_RDWR);
    shutdown(open_, SHUT_RDWR);  // a borrowed loop that nobody runs does not close its end
    thread_.join();
    close(listener_);
  }
  const std::string& target() const { return target_; }

 private:
  void serve(const std::string& answer) {
    for (int fd = 0; (fd = accept(listener_, nullptr, nullptr)) >= 0; close(fd)) {
      open_ = fd;
      char buffer[4096];
      if (recv(fd, buffer, sizeof buffer, 0) > 0) {
        send(fd, answer.data(), answer.size(), MSG_NOSIGNAL);
        while (answer.empty() && recv(fd, buffer, sizeof buffer, 0) > 0) {
        }
      }
      open_ = -1;
    }
  }

  const int listener_;
  std::atomic<int> open_ = -1;  // the accepted socket
  std::string target_;
  std::thread thread_;
};

class Peers : public TemporalTest {
 protected:
  Status refused(ConnectOptions how) {
    how.retry = rpc::no_retry();
    const Result<Client> client = face_.connect(std::move(how));
    EXPECT_FALSE(client);
    return client.status();
  }
};
MINIM_IN_EVERY_FACE(Peers);

TEST_P(Peers, AServerThatSpeaksHttp1) {
  const CannedServer server("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n");
  ConnectOptions how{};
  how.target = server.target();
  const Status why = refused(how);
  EXPECT_EQ(why.code(), Code::kUnavailable);
  EXPECT_EQ(why.origin(), Origin::kTransport);
  EXPECT_NE(why.message().find("HTTP/1.1 400 Bad Request"), std::string::npos) << why.message();
}

TEST_P(Peers, AServerThatIsNoGrpcServer) {
  const CannedServer server("SSH-2.0-x\r\n");
  ConnectOptions how{};
  how.target = server.target();
  const Status why = refused(how);
  EXPECT_EQ(why.code(), Code::kUnavailable);
  EXPECT_NE(why.message().find("it answered 'SSH-2.0-x': is it a gRPC server?"), std::string::npos)
      << why.message();
}

TEST_P(Peers, AProxyThatWantsCredentials) {
  const CannedServer proxy("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
  ConnectOptions how{};
  how.target = "temporal.invalid:7233";
  how.proxy.emplace().target = proxy.target();
  how.proxy->user = "somebody";
  how.proxy->password = "pass-word";
  const Status why = refused(how);
  EXPECT_EQ(why.code(), Code::kUnavailable);
  EXPECT_NE(why.message().find("407"), std::string::npos) << why.message();
  EXPECT_NE(why.message().find(proxy.target()), std::string::npos) << why.message();
  EXPECT_EQ(why.message().find("pass-word"), std::string::npos);
}

TEST_P(Peers, AServerThatNeverAnswersEndsWithTheCallsClock) {
  const CannedServer server("");
  ConnectOptions how{};
  how.target = server.target();
  const Client lazy = must(face_.create(how));
  CallOptions clock;
  clock.rpc_timeout = std::chrono::milliseconds(50);
  clock.retry = rpc::no_retry();
  const auto count = run(lazy.count_workflows(), clock);
  ASSERT_FALSE(count);
  EXPECT_EQ(count.error().code(), Code::kDeadlineExceeded);
  EXPECT_EQ(count.error().origin(), Origin::kLocal);
  EXPECT_FALSE(count.error().may_have_reached_server());
  EXPECT_NE(count.error().message().find(" while "), std::string::npos) << count.error().message();
}

TEST_P(Peers, ARequestAboveTheLimitIsNotSent) {
  ConnectOptions how = options();
  how.limits.max_send_message_bytes = 1000;
  const Client client = must(face_.create(how));
  const auto sent = run(client.signal_workflow("id", "name", std::string(2000, 'x')));
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().code(), Code::kResourceExhausted);
  EXPECT_EQ(sent.error().origin(), Origin::kLocal);
  EXPECT_FALSE(sent.error().retryable());
  EXPECT_NE(sent.error().message().find("1000"), std::string::npos) << sent.error().message();
  EXPECT_TRUE(bed().calls("SignalWorkflowExecution").empty());
}

TEST_P(Peers, AReplyAboveTheLimitIsNotTaken) {
  const WorkflowHandle large = start("Large", 100'000);
  must(run(large.result()));
  ConnectOptions how = options();
  how.limits.max_receive_message_bytes = 10'000;
  const Client client = must(face_.create(how));
  const auto got = run(client.get_workflow_handle(large.workflow_id()).result());
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code(), Code::kResourceExhausted);
  EXPECT_FALSE(got.error().retryable());
  EXPECT_NE(got.error().message().find("10000"), std::string::npos) << got.error().message();
  // The connection goes on.
  EXPECT_TRUE(run(client.count_workflows()));
}

TEST_P(Peers, ResourceExhaustedByTheServerIsRepeated) {
  bed().fail({{"method", "CountWorkflowExecutions"}, {"code", "RESOURCE_EXHAUSTED"}});
  EXPECT_TRUE(run(client().count_workflows()));
  EXPECT_EQ(bed().calls("CountWorkflowExecutions").size(), 2u);
  bed().reset();
  bed().fail({{"method", "CountWorkflowExecutions"},
              {"code", "RESOURCE_EXHAUSTED"},
              {"message", "grpc: received message larger than max (2 vs. 1)"}});
  EXPECT_EQ(run(client().count_workflows()).status().code(), Code::kResourceExhausted);
  EXPECT_EQ(bed().calls("CountWorkflowExecutions").size(), 1u);
}

}  // namespace
}  // namespace minim::testing
