// Which requests a connection takes, and what they ask the server for.
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "support/script.h"

namespace minim::test {

// Paths are looked at eight bytes at a time, and what is left one by one.
TEST(Connection, PathsAreVisibleAscii) {
  Script s;
  std::vector<bool> good;
  const auto start = [&](std::string path, bool is_good) {
    s.start(std::move(path));
    good.push_back(is_good);
  };
  start("", false), start("/", false), start("x/", false);
  for (std::size_t length = 2; length < 20; ++length) {
    for (std::size_t at = 1; at < length; ++at) {
      for (const char c : {'!', '~', ' ', '\x7f', '\n', '\xc3'}) {
        std::string path = "/" + std::string(length - 1, 'x');
        path[at] = c;
        start(std::move(path), c == '!' || c == '~');
      }
    }
  }
  const Script::Run run = s.run();
  for (std::size_t i = 0; i < good.size(); ++i) {
    EXPECT_EQ(run.replies[i].has_value(), !good[i]) << i;
    if (!run.replies[i]) continue;
    EXPECT_EQ(run.replies[i]->status.code(), Code::kInvalidArgument) << i;
  }
}

TEST(Connection, GzipThatWasNotAskedForIsNotRead) {
  Script s;
  s.options.accept_gzip = false;
  const auto a = s.start("/svc/A");
  Peer& peer = s.peer().headers(1, grpc_headers({{"grpc-encoding", "gzip"}}));
  peer.data(1, grpc_message("packed", 1)).trailers(1, {{"grpc-status", "0"}});
  s.expect(a, Code::kInternal, "no coding that was asked for; grpc-encoding is 'gzip'");
  s.expect([](const Script::Run& run) {
    EXPECT_EQ(run.received.find(kHeaders)->field("grpc-accept-encoding"), "");
  });
  s.run_all_ways();
}

}  // namespace minim::test
