#include "fuzz/program.h"

namespace minim::fuzz {

namespace {

using test::Fields;
using test::Peer;

// Values that sit at the edges of settings and windows.
constexpr std::uint32_t kNumbers[] = {0,      1,      2,          5,          100,       16'384,
                                      65'535, 65'536, 0x7fffffff, 0x80000000, 0xffffffff};

std::uint32_t edge(Program& program) { return kNumbers[program.below(std::size(kNumbers))]; }

Fields trailers(Program& program) {
  static constexpr std::string_view kStatuses[] = {"0", "0", "14", "12", "8", "5", "99", "x"};
  Fields fields{{"grpc-status", std::string(kStatuses[program.below(std::size(kStatuses))])}};
  switch (program.below(5)) {
    case 0:
      fields.emplace_back("grpc-message", program.bytes(20));
      break;
    case 1:
      fields.emplace_back("grpc-retry-pushback-ms", std::to_string(program.number()));
      break;
    case 2:
      fields.emplace_back("x-bin", program.bytes(20));
      break;
  }
  return fields;
}

Fields headers(Program& program) {
  switch (program.below(6)) {
    case 0:
      return {{":status", std::to_string(100 + program.number() % 500)}, {"server", "x"}};
    case 1:
      return {{":status", "200"}, {"content-type", "text/html"}};
    case 2:
      return test::grpc_headers({{"grpc-encoding", "gzip"}});
    case 3:
      return test::grpc_headers({{"x", program.bytes(60)}});
  }
  return test::grpc_headers();
}

}  // namespace

void add_peer_action(Program& program, Peer& peer) {
  const std::uint32_t stream = 2 * program.below(8) + 1;
  switch (program.below(18)) {
    case 0:
      peer.settings();
      return;
    case 1:
      peer.settings({{static_cast<std::uint16_t>(program.below(8)), edge(program)}});
      return;
    case 2:
      peer.settings_ack();
      return;
    case 3:
      peer.reply(stream, program.bytes(50));
      return;
    case 4:
      peer.headers(stream, headers(program), program.below(4) == 1);
      return;
    case 5:
      peer.data(stream, test::grpc_message(program.bytes(50), program.below(8) == 1),
                program.below(4) == 1);
      return;
    case 6:
      peer.data(stream, program.bytes(50), program.below(4) == 1);
      return;
    case 7:
      peer.trailers(stream, trailers(program));
      return;
    case 8:
      peer.rst(stream, program.below(16));
      return;
    case 9:
      peer.goaway(program.below(2) == 0 ? 0x7fffffff : stream, program.below(13),
                  program.below(3) == 1 ? "too_many_pings" : program.bytes(10));
      return;
    case 10:
      program.below(2) == 0 ? peer.ping() : peer.pong(std::string(8, '\0'));
      return;
    case 11:
      peer.window_update(program.below(2) == 0 ? 0 : stream, edge(program));
      return;
    case 12:
      peer.raw(program.bytes(40));
      return;
    case 13: {
      const auto type = static_cast<std::uint8_t>(program.below(13));
      const std::uint8_t flags = program.byte();
      peer.frame(type, flags, program.below(3) == 0 ? 0 : stream, program.bytes(40));
      return;
    }
    case 14:
      peer.split_headers(stream, headers(program), 1 + program.below(20), program.below(2) == 1);
      return;
    case 15:
      peer.fail(stream, static_cast<int>(program.below(18)), "text");
      return;
    case 16:
      peer.padded_data(stream, program.bytes(20), program.byte());
      return;
    case 17:
      peer.data(stream, std::string(program.number() % 16'385, 'x'));
      return;
  }
}

}  // namespace minim::fuzz
