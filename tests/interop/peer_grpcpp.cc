// The interop test service on grpc++, for unary clients. Listens on loopback, prints its port, and
// ends when its standard input does.
//
//   interop_peer_grpcpp [CERTIFICATE KEY]    PEM files: TLS
#include <grpcpp/grpcpp.h>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>
#include <mutex>
#include <string>

#include "testing.grpc.pb.h"

// Of libgrpc, and in no header that Debian installs: what the last message read was flagged with.
std::uint32_t grpc_call_test_only_get_message_flags(grpc_call* call);

namespace grpc::testing {

// The name is a friend of ServerContext, made for this very test service.
class InteropServerContextInspector {
 public:
  explicit InteropServerContextInspector(ServerContext& context) : context_(context) {}
  bool was_compressed() const {
    constexpr std::uint32_t kWasCompressed = 0x40000000;
    return (grpc_call_test_only_get_message_flags(context_.c_call()) & kWasCompressed) != 0;
  }

 private:
  ServerContext& context_;
};

}  // namespace grpc::testing

namespace {

using grpc::ServerContext;
using grpc::Status;
using grpc::StatusCode;
namespace testing = grpc::testing;

void echo_metadata(ServerContext& context) {
  const auto& got = context.client_metadata();
  const auto text = [](grpc::string_ref bytes) { return std::string(bytes.data(), bytes.size()); };
  if (const auto found = got.find("x-grpc-test-echo-initial"); found != got.end()) {
    context.AddInitialMetadata("x-grpc-test-echo-initial", text(found->second));
  }
  if (const auto found = got.find("x-grpc-test-echo-trailing-bin"); found != got.end()) {
    context.AddTrailingMetadata("x-grpc-test-echo-trailing-bin", text(found->second));
  }
}

class Service final : public testing::TestService::Service {
  Status EmptyCall(ServerContext*, const testing::Empty*, testing::Empty*) override {
    return Status::OK;
  }

  Status UnaryCall(ServerContext* context, const testing::SimpleRequest* request,
                   testing::SimpleResponse* response) override {
    echo_metadata(*context);
    if (request->has_expect_compressed()) {
      const testing::InteropServerContextInspector inspector(*context);
      if (inspector.was_compressed() != request->expect_compressed().value()) {
        return Status(StatusCode::INVALID_ARGUMENT, "the request is compressed, or is not");
      }
    }
    if (request->response_compressed().value()) {
      context->set_compression_level(GRPC_COMPRESS_LEVEL_HIGH);
    }
    const testing::EchoStatus& wanted = request->response_status();
    if (wanted.code() != 0) return Status(StatusCode(wanted.code()), wanted.message());
    response->mutable_payload()->set_body(std::string(request->response_size(), '\0'));
    // This server is one; which of its connections it was says more.
    if (request->fill_server_id()) response->set_server_id(context->peer());
    return Status::OK;
  }

  // A client that leaves meanwhile is not noticed: the wait ends with the server.
  Status StreamingOutputCall(
      ServerContext*, const testing::StreamingOutputCallRequest* request,
      grpc::ServerWriter<testing::StreamingOutputCallResponse>* writer) override {
    for (const testing::ResponseParameters& each : request->response_parameters()) {
      std::unique_lock lock(mutex_);
      const std::chrono::microseconds interval(each.interval_us());
      if (stop_asked_.wait_for(lock, interval, [this] { return stopping_; })) {
        return Status::CANCELLED;
      }
      testing::StreamingOutputCallResponse response;
      response.mutable_payload()->set_body(std::string(each.size(), '\0'));
      writer->Write(response);
    }
    return Status::OK;
  }

 public:
  void stop() {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    stop_asked_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable stop_asked_;
  bool stopping_ = false;
};

std::string contents(const char* path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

int main(int argc, char** argv) {
  std::shared_ptr<grpc::ServerCredentials> credentials = grpc::InsecureServerCredentials();
  if (argc == 3) {
    grpc::SslServerCredentialsOptions options;
    options.pem_key_cert_pairs.push_back({contents(argv[2]), contents(argv[1])});
    credentials = grpc::SslServerCredentials(options);
  }
  Service service;
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", credentials, &port);
  builder.RegisterService(&service);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr || port == 0) return 1;
  std::printf("%d\n", port);
  std::fflush(stdout);
  while (std::getchar() != EOF) {
  }
  service.stop();
  server->Shutdown(std::chrono::system_clock::now());
}
