// Any text as a target: a good one must come out of its own text unchanged. Any bytes as a proxy's
// answer: whole and byte by byte they must be judged alike, and no tunnel byte may be lost. Any
// texts as HTTPS_PROXY and NO_PROXY.
#include <strings.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>

#include "minim/rpc/proxy_environment.h"
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
  // "unix:7233", in whatever case, reads as a path.
  if (strcasecmp(target->host.c_str(), "unix") == 0) return;
  const Result<rpc::Target> again = rpc::parse_target(target->to_string());
  require(again.has_value());
  require(again->kind == target->kind && again->host == target->host &&
          again->port == target->port);
  for (const char c : target->authority()) require(c > ' ' && c <= '~');
}

constexpr Time kNow = Time(std::chrono::hours(1));
constexpr std::string_view kPassword = "sEsAmE";

// Whole and byte by byte, then its end or its time: the same verdict, in the same words.
void try_proxy(std::string_view answer, bool ends) {
  using State = rpc::ProxyHandshake::State;
  const rpc::ProxyOptions options{
      .target = "proxy:1", .user = "u", .password = std::string(kPassword)};
  rpc::ProxyHandshake whole(options, "server:7233");
  rpc::ProxyHandshake cut(options, "server:7233");
  whole.consume_output(whole.output().size());
  cut.consume_output(cut.output().size());
  State first = whole.receive(kNow, answer);
  State second = State::kWaiting;
  std::size_t taken = 0;
  while (second == State::kWaiting && taken < answer.size()) {
    second = cut.receive(kNow, answer.substr(taken++, 1));
  }
  require(first == second);
  if (first == State::kOpen) {
    require(whole.tunnel_bytes() ==
            std::string(cut.tunnel_bytes()) + std::string(answer.substr(taken)));
    return;
  }
  if (first == State::kWaiting) {
    require(whole.next_deadline() == cut.next_deadline());
    if (ends || whole.next_deadline() == kNever) {
      whole.receive_end(Status());
      cut.receive_end(Status());
    } else {
      require(whole.on_time(whole.next_deadline()) == State::kFailed);
      require(cut.on_time(cut.next_deadline()) == State::kFailed);
    }
  }
  require(!whole.failed().ok());
  require(whole.failed().message() == cut.failed().message());
  require(whole.failed().message().find(kPassword) == std::string_view::npos);
  require(whole.failed().message().size() <= 8 * rpc::kMaxRefusalTextBytes);
}

// Two lines: HTTPS_PROXY and NO_PROXY. What they name is a proxy that a channel takes, but for its
// credentials; the error quotes nothing.
void try_environment(std::string_view text) {
  const std::size_t line = std::min(text.size(), text.find('\n'));
  const std::string named(text.substr(0, line));
  const std::string exempt(text.substr(std::min(text.size(), line + 1)));
  const auto lookup = [&](const char* name) -> std::optional<std::string> {
    if (std::string_view(name) == "https_proxy") return named;
    if (std::string_view(name) == "no_proxy") return exempt;
    return std::nullopt;
  };
  for (const char* const target : {"a.example.com:7233", "10.1.2.3:7233", "[fd00::1]:7233"}) {
    const auto found = rpc::proxy_from_environment(*rpc::parse_target(target), lookup);
    if (!found) {
      require(found.error().message().starts_with("https_proxy: "));
      require(found.error().message().size() < 100);
    } else if (*found) {
      require(rpc::parse_target((*found)->target).has_value());
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (text.empty()) return 0;
  switch (data[0] % 4) {
    case 0:
      try_target(text.substr(1));
      break;
    case 1:
      try_proxy(text.substr(1), true);
      break;
    case 2:
      try_environment(text.substr(1));
      break;
    case 3:
      try_proxy(text.substr(1), false);
      break;
  }
  return 0;
}
