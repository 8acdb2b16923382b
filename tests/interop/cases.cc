// interop_cases TARGET ROOTS CASE...: runs cases against a server and says "passed CASE" or "FAILED
// CASE: why" for each. ROOTS: a PEM file for TLS, or "-" for plaintext.
#include "cases.h"

#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>

namespace minim::interop {

namespace {

ConnectOptions options_of(const std::string& target, const std::string& root_certificates,
                          bool gzip) {
  ConnectOptions options;
  options.target = target;
  options.plain_grpc = true;
  options.retry = rpc::no_retry();
  options.tls = !root_certificates.empty();
  options.tls_options.root_certificates = root_certificates;
  options.gzip_above_bytes.reset();
  if (gzip) options.gzip_above_bytes = 0;
  return options;
}

}  // namespace

Peer::Peer(Runtime& runtime, std::string target, std::string root_certificates)
    : runtime_(runtime),
      target_(std::move(target)),
      root_certificates_(std::move(root_certificates)),
      client_(connect()) {}

Client Peer::connect(bool gzip) const {
  return Client::create(runtime_, options_of(target_, root_certificates_, gzip)).value();
}

void Peer::want_status(const rpc::Reply& reply, Code code, std::string_view message) {
  if (reply.status.code() == code && reply.status.message() == message) return;
  complain("wanted " + std::string(code_name(code)) + " '" + std::string(message) + "', got " +
           reply.status.to_string());
}

void Peer::want_ok(const rpc::Reply& reply, std::string_view what) {
  if (!reply.status.ok()) complain(std::string(what) + ": " + reply.status.to_string());
}

Call::Call(const Client& client, std::string_view method, std::string message,
           CallOptions options) {
  const auto promise = std::make_shared<std::promise<rpc::Reply>>();
  reply_ = promise->get_future();
  const std::string path = method.starts_with('/')
                               ? std::string(method)
                               : "/grpc.testing.TestService/" + std::string(method);
  auto operation = client.exchange(path, std::move(message)).with(std::move(options));
  ticket_ = std::move(operation).start([promise](Result<rpc::Reply> result) {
    rpc::Reply ended;
    if (!result) ended.status = result.error();
    promise->set_value(result ? std::move(*result) : std::move(ended));
  });
}

rpc::Reply Call::wait() { return reply_.get(); }

rpc::Reply call(const Client& client, std::string_view method, std::string message,
                CallOptions options) {
  return Call(client, method, std::move(message), std::move(options)).wait();
}

grpc::testing::SimpleRequest large_request() {
  grpc::testing::SimpleRequest request;
  request.set_response_size(kResponseBytes);
  request.mutable_payload()->set_body(std::string(kRequestBytes, '\0'));
  return request;
}

void want_large_answer(Peer& peer, const rpc::Reply& reply) {
  peer.want_ok(reply, "large unary");
  if (!reply.status.ok()) return;
  grpc::testing::SimpleResponse answer;
  peer.want(answer.ParseFromString(reply.message) &&
                answer.payload().body() == std::string(kResponseBytes, '\0'),
            "the payload is not 314,159 zeros");
}

void large_unary(Peer& peer, const Client& client) {
  want_large_answer(peer, call(client, "UnaryCall", large_request().SerializeAsString()));
}

}  // namespace minim::interop

int main(int argc, char** argv) {
  using namespace minim::interop;
  if (argc < 4) {
    std::fprintf(stderr, "usage: interop_cases TARGET ROOTS|- CASE...\n");
    return 2;
  }
  std::string roots;
  if (std::string_view(argv[2]) != "-") {
    std::ifstream file(argv[2], std::ios::binary);
    roots.assign(std::istreambuf_iterator<char>(file), {});
    if (roots.empty()) {
      std::fprintf(stderr, "interop_cases: cannot read %s\n", argv[2]);
      return 2;
    }
  }
  minim::Runtime runtime;
  Peer peer(runtime, argv[1], std::move(roots));
  bool all_passed = true;
  for (int i = 3; i < argc; ++i) {
    const Case* found = nullptr;
    for (const auto cases : {grpc_cases(), http2_cases()}) {
      for (const Case& one : cases) {
        if (one.name == argv[i]) found = &one;
      }
    }
    if (found == nullptr) {
      peer.complain("there is no such case");
    } else {
      found->run(peer);
    }
    const std::vector<std::string> complaints = peer.take_complaints();
    std::printf("%s %s", complaints.empty() ? "passed" : "FAILED", argv[i]);
    const char* separator = ": ";
    for (const std::string& complaint : complaints) {
      std::printf("%s%s", std::exchange(separator, "; "), complaint.c_str());
    }
    std::printf("\n");
    std::fflush(stdout);
    all_passed = all_passed && complaints.empty();
  }
  return all_passed ? 0 : 1;
}
