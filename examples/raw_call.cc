// Any unary method of any gRPC server, by its path: bytes in, bytes out.
//
//   raw_call localhost:7233 temporal.api.workflowservice.v1.WorkflowService
#include <minim/minim.h>

int main(int argc, char** argv) {
  const std::string target = argc > 1 ? argv[1] : "localhost:7233";
  const std::string service = argc > 2 ? argv[2] : "";
  if (service.size() > 127) return 2;

  minim::Runtime runtime;
  // The server need not be Temporal's: none of its headers are sent.
  auto client = minim::Client::create(runtime, {.target = target, .plain_grpc = true});
  if (!client) return minim::complain(client.error());

  // HealthCheckRequest { service = 1 }: here by hand, else by any protobuf library.
  std::string request;
  if (!service.empty())
    request = "\x0a" + std::string(1, static_cast<char>(service.size())) + service;
  auto call = client->call("/grpc.health.v1.Health/Check", request);
  auto reply = minim::wait(std::move(call).with({.rpc_timeout = std::chrono::seconds(5)}));
  if (!reply) return minim::complain(reply.error());

  // HealthCheckResponse { status = 1 }, 1: SERVING
  std::puts(*reply == "\x08\x01" ? "serving" : "not serving");
}
