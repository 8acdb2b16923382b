// Any text as a target: a good one must come out of its own text unchanged. Any bytes as a proxy's
// answer: whole and byte by byte they must be judged alike, and no tunnel byte may be lost.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "minim/rpc/target.h"
#include "rpc/proxy_handshake.h"

namespace {

using namespace minim;

void require(bool truth) {
  if (!truth) std::abort();
}

void try_target(std::string_view text) {
  const Result<rpc::Target> target = rpc::parse_target(text);
  if (!target) {
    require(target.error().code() == Code::kInvalidArgument);
    for (const char c : target.error().message())
      require(c == '\t' || (c >= ' ' && c != 0x7f) || c < 0);
    return;
  }
  if (target->host == "unix") return;  // "unix:7233" reads as a path
  const Result<rpc::Target> again = rpc::parse_target(target->to_string());
  require(again.has_value());
  require(again->kind == target->kind && again->host == target->host &&
          again->port == target->port);
  for (const char c : target->authority()) require(c > ' ' && c <= '~');
}

void try_proxy(std::string_view answer) {
  using State = rpc::ProxyHandshake::State;
  const rpc::ProxyOptions options{.target = "proxy:1", .user = "u", .password = "p"};
  rpc::ProxyHandshake whole(options, "server:7233");
  rpc::ProxyHandshake cut(options, "server:7233");
  const State first = whole.receive(answer);
  State second = State::kWaiting;
  std::size_t taken = 0;
  while (second == State::kWaiting && taken < answer.size()) {
    second = cut.receive(answer.substr(taken++, 1));
  }
  require(first == second);
  if (first == State::kOpen) {
    require(whole.tunnel_bytes() ==
            std::string(cut.tunnel_bytes()) + std::string(answer.substr(taken)));
  }
  if (first == State::kFailed) require(!whole.failed().ok() && !cut.failed().ok());
  if (first == State::kWaiting) {
    whole.receive_end();
    require(!whole.failed().ok());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (text.empty()) return 0;
  if (data[0] % 2 == 0) {
    try_target(text.substr(1));
  } else {
    try_proxy(text.substr(1));
  }
  return 0;
}
