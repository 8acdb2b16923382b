// Rows of the fault list that docs/wire.md names. A row says how a call ends that meets a fault,
// whether it may be repeated, how often the peer saw it, and that the next call works.
//
//   expect_answer({"", [](Peer& p) { p.rst(1, 2); }, {Code::kInternal, "INTERNAL_ERROR (2)"}});
#ifndef MINIM_TESTS_SUPPORT_ROWS_H_
#define MINIM_TESTS_SUPPORT_ROWS_H_

#include <functional>
#include <optional>
#include <string_view>

#include "support/world.h"

namespace minim::test {

struct Ending {
  Code code = Code::kOk;
  std::string_view text{};  // a part of the status's text; the message of an OK reply
  Origin origin = Origin::kTransport;
  rpc::Progress progress = rpc::Progress::kSent;
  bool is_final = false;  // a repeat cannot help, whatever the code
  std::size_t sent = 1;   // how often the peer has seen the request; 2: repeated for free
};

// The code is one that the retry policy repeats, and this very error is not final.
bool is_repeated(const Ending& ending);

// Where the call after the fault goes.
enum class Next { kSameLink, kNewLink };

// What a server does to /svc/A, which it sees as stream 1; /svc/B is stream 3 beside it.
struct Answer {
  std::string_view name{};  // of the case within its row
  std::function<void(Peer&)> send{};
  Ending ending{};
  std::optional<std::uint32_t> reset{};  // the RST_STREAM of ours that must follow
  // Of HTTP/2 as a whole: GOAWAY, and /svc/B falls too; a call that waits for a stream moves.
  bool is_breach = false;
  std::function<void(rpc::Limits&)> limits{};
};

// On a connection in every chunking and with the transport lost after each step; on a channel once
// without a retry policy, where /svc/A must end as said and the next call work, and once with one.
void expect_answer(const Answer& answer);

// No connection comes about: `spoil` happens to link 0, already dialled. A call that does not wait
// ends UNAVAILABLE and unsent; one that waits goes out once on the next connection.
void expect_no_connection(const std::function<void(World&)>& spoil, std::string_view text,
                          rpc::ChannelOptions options = plain_options("10.0.0.1"));

void expect_ending(const World& world, rpc::CallId call, std::string_view path,
                   const Ending& ending);
void expect_next_call_works(World& world, Next next);
// The last link is gone; `call` had not been sent, and goes out once on the next one.
void expect_moves(World& world, rpc::CallId call, std::string_view path);

// Lets time pass, answers lookups and accepts what is dialled, until a link is open; its number.
std::size_t reopen(World& world);
// A good reply to the last request with this path.
void answer(World& world, std::string_view path, std::string_view message);

rpc::CallOptions once();     // no retry policy
rpc::CallOptions patient();  // waits for a connection

}  // namespace minim::test

#endif  // MINIM_TESTS_SUPPORT_ROWS_H_
