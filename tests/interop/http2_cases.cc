// The client's side of gRPC's HTTP/2 cases; peer_http2.py plays the server, one case a server, and
// knows what it saw (grpc doc/negative-http2-interop-test-descriptions).
#include <iterator>
#include <vector>

#include "cases.h"

namespace minim::interop {

namespace {

void one_call(Peer& peer) { large_unary(peer, peer.client()); }

// The second call has to find another connection.
void goaway(Peer& peer) {
  large_unary(peer, peer.client());
  large_unary(peer, peer.client());
}

// RST_STREAM(NO_ERROR) before the trailers: which code is not standardized (docs/wire.md).
void reset_call(Peer& peer) {
  const rpc::Reply reply = call(peer.client(), "UnaryCall", large_request().SerializeAsString());
  peer.want(reply.status.code() == Code::kInternal && reply.status.origin() == Origin::kTransport,
            "wanted INTERNAL (transport), got " + reply.status.to_string());
  peer.want(reply.message.empty(), "a failed call has a message");
}

// The limit of one stream is known once the first call has been answered.
void max_streams(Peer& peer) {
  large_unary(peer, peer.client());
  const std::string request = large_request().SerializeAsString();
  std::vector<Call> calls;
  for (int i = 0; i < 15; ++i) calls.emplace_back(peer.client(), "UnaryCall", request);
  for (Call& each : calls) want_large_answer(peer, each.wait());
}

constexpr Case kCases[] = {
    {"goaway", goaway},
    {"rst_after_header", reset_call},
    {"rst_during_data", reset_call},
    {"rst_after_data", reset_call},
    {"ping", one_call},
    {"max_streams", max_streams},
    {"data_frame_padding", one_call},
    {"no_df_padding_sanity_test", one_call},
};

}  // namespace

std::span<const Case> http2_cases() { return kCases; }

}  // namespace minim::interop
