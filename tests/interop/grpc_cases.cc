// gRPC's interop cases, those that a unary client can do (grpc doc/interop-test-descriptions).
#include <poll.h>

#include <chrono>
#include <iterator>

#include "cases.h"

namespace minim::interop {

namespace {

using grpc::testing::SimpleRequest;
using grpc::testing::SimpleResponse;
using namespace std::chrono_literals;

void empty_unary(Peer& peer) {
  const rpc::Reply reply = call(peer.client(), "EmptyCall", "");
  peer.want_ok(reply, "EmptyCall");
  peer.want(reply.message.empty() && reply.wire_bytes == 0, "the answer is not empty");
}

void large_unary_case(Peer& peer) { large_unary(peer, peer.client()); }

// What the server is told to end with must come back to the letter.
void echoed_status(Peer& peer, const std::string& message) {
  SimpleRequest request;
  request.mutable_response_status()->set_code(static_cast<int>(Code::kUnknown));
  request.mutable_response_status()->set_message(message);
  const rpc::Reply reply = call(peer.client(), "UnaryCall", request.SerializeAsString());
  peer.want_status(reply, Code::kUnknown, message);
  peer.want(reply.status.origin() == Origin::kServer, "the status is not the server's");
}

void status_code_and_message(Peer& peer) { echoed_status(peer, "test status message"); }

void special_status_message(Peer& peer) {
  echoed_status(peer,
                "\t\ntest with whitespace\r\nand Unicode BMP \xe2\x98\xba and non-BMP "
                "\xf0\x9f\x98\x88\t\n");
}

void want_unimplemented(Peer& peer, std::string_view path) {
  const rpc::Reply reply = call(peer.client(), path, "");
  peer.want(reply.status.code() == Code::kUnimplemented, reply.status.to_string());
}
void unimplemented_method(Peer& peer) { want_unimplemented(peer, "UnimplementedCall"); }
void unimplemented_service(Peer& peer) {
  want_unimplemented(peer, "/grpc.testing.UnimplementedService/UnimplementedCall");
}

bool has(const Metadata& metadata, std::string_view key, std::string_view value) {
  const std::string* const found = metadata.find(key);
  return found != nullptr && *found == value;
}

void custom_metadata(Peer& peer) {
  constexpr std::string_view kInitial = "x-grpc-test-echo-initial";
  constexpr std::string_view kTrailing = "x-grpc-test-echo-trailing-bin";
  CallOptions options;
  options.metadata.add(kInitial, "test_initial_metadata_value");
  options.metadata.add(kTrailing, "\xab\xab\xab");
  const rpc::Reply reply =
      call(peer.client(), "UnaryCall", large_request().SerializeAsString(), std::move(options));
  want_large_answer(peer, reply);
  peer.want(has(reply.headers, kInitial, "test_initial_metadata_value"),
            "the initial metadata did not come back in the headers");
  peer.want(has(reply.trailers, kTrailing, "\xab\xab\xab"),
            "the trailing metadata did not come back in the trailers");
  peer.want(reply.headers.find(kTrailing) == nullptr && reply.trailers.find(kInitial) == nullptr,
            "metadata came back in the wrong block");
}

// Has the server wait for longer than any case takes.
std::string stalled() {
  grpc::testing::StreamingOutputCallRequest request;
  auto* const parameters = request.add_response_parameters();
  parameters->set_size(1);
  parameters->set_interval_us(60'000'000);
  return request.SerializeAsString();
}

void timeout_on_sleeping_server(Peer& peer) {
  // The connection stands, so that the deadline strikes while the server sleeps.
  peer.want_ok(call(peer.client(), "EmptyCall", ""), "EmptyCall before");
  for (const Duration timeout : {Duration(1ms), Duration(100ms)}) {
    CallOptions options;
    options.rpc_timeout = timeout;
    const rpc::Reply reply = call(peer.client(), "StreamingOutputCall", stalled(), options);
    peer.want(reply.status.code() == Code::kDeadlineExceeded, reply.status.to_string());
  }
  peer.want_ok(call(peer.client(), "EmptyCall", ""), "EmptyCall after");
}

void cancel_after_begin(Peer& peer) {
  Call begun(peer.client(), "StreamingOutputCall", stalled());
  // One connection, in order: when this is answered, the server has the other.
  peer.want_ok(call(peer.client(), "EmptyCall", ""), "EmptyCall meanwhile");
  begun.cancel();
  const rpc::Reply reply = begun.wait();
  peer.want(reply.status.code() == Code::kCancelled, reply.status.to_string());
  peer.want_ok(call(peer.client(), "EmptyCall", ""), "EmptyCall after");
}

void client_compressed_unary(Peer& peer) {
  SimpleRequest request = large_request();
  request.mutable_expect_compressed()->set_value(true);
  const rpc::Reply probe = call(peer.client(), "UnaryCall", request.SerializeAsString());
  peer.want(
      probe.status.code() == Code::kInvalidArgument,
      "the server did not mind a request that is not compressed: " + probe.status.to_string());
  const Client compressing = peer.connect(/*gzip=*/true);
  want_large_answer(peer, call(compressing, "UnaryCall", request.SerializeAsString()));
  request.mutable_expect_compressed()->set_value(false);
  want_large_answer(peer, call(peer.client(), "UnaryCall", request.SerializeAsString()));
}

void server_compressed_unary(Peer& peer) {
  for (const bool compressed : {true, false}) {
    SimpleRequest request = large_request();
    request.mutable_response_compressed()->set_value(compressed);
    const rpc::Reply reply = call(peer.client(), "UnaryCall", request.SerializeAsString());
    want_large_answer(peer, reply);
    peer.want((reply.wire_bytes < reply.message.size()) == compressed,
              "of " + std::to_string(reply.message.size()) + " bytes came " +
                  std::to_string(reply.wire_bytes));
  }
}

// The connection that a good answer to `request` came by, as the server names it; "" if none.
std::string connection_of(Peer& peer, const Client& client, SimpleRequest request) {
  request.set_fill_server_id(true);
  const rpc::Reply reply = call(client, "UnaryCall", request.SerializeAsString());
  peer.want_ok(reply, "a call that asks for the server's id");
  SimpleResponse answer;
  if (reply.status.ok() && answer.ParseFromString(reply.message) && answer.server_id().empty()) {
    peer.complain("the server has no id");
  }
  return answer.server_id();
}

void pick_first_unary(Peer& peer) {
  const Client client = peer.connect();
  SimpleRequest request;
  request.set_response_size(1);
  request.mutable_payload()->set_body(std::string(1, '\0'));
  const std::string first = connection_of(peer, client, request);
  for (int i = 1; i < 100; ++i) {
    peer.want(connection_of(peer, client, request) == first,
              "call " + std::to_string(i) + " took another connection");
  }
  const Client other = peer.connect();
  peer.want(connection_of(peer, other, request) != first, "the id does not tell connections apart");
}

// Upstream pauses for seconds, a thousand times; here the pauses are short, and the connection must
// be the same after each.
void long_lived_channel(Peer& peer) {
  constexpr int kCalls = 20, kPauseMs = 100;
  const Client client = peer.connect();
  const std::string first = connection_of(peer, client, large_request());
  for (int i = 1; i < kCalls; ++i) {
    poll(nullptr, 0, kPauseMs);
    large_unary(peer, client);
    peer.want(connection_of(peer, client, large_request()) == first,
              "after pause " + std::to_string(i) + " it is another connection");
  }
}

void rpc_soak(Peer& peer) {
  const Client client = peer.connect();
  const std::string request = large_request().SerializeAsString();
  for (int i = 0; i < 1000; ++i) want_large_answer(peer, call(client, "UnaryCall", request));
}

void channel_soak(Peer& peer) {
  for (int i = 0; i < 100; ++i) {
    Client client = peer.connect();
    large_unary(peer, client);
    client.close();
  }
}

constexpr Case kCases[] = {
    {"empty_unary", empty_unary},
    {"large_unary", large_unary_case},
    {"special_status_message", special_status_message},
    {"status_code_and_message", status_code_and_message},
    {"unimplemented_method", unimplemented_method},
    {"unimplemented_service", unimplemented_service},
    {"custom_metadata", custom_metadata},
    {"timeout_on_sleeping_server", timeout_on_sleeping_server},
    {"cancel_after_begin", cancel_after_begin},
    {"pick_first_unary", pick_first_unary},
    {"long_lived_channel", long_lived_channel},
    {"client_compressed_unary", client_compressed_unary},
    {"server_compressed_unary", server_compressed_unary},
    {"rpc_soak", rpc_soak},
    {"channel_soak", channel_soak},
};

}  // namespace

std::span<const Case> grpc_cases() { return kCases; }

}  // namespace minim::interop
