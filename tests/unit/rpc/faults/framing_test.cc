// Section G of the fault list: messages, their prefixes and their compression (rows 134 to 145; row
// 143, a bomb, is in floods_test.cc; row 144, what is no protobuf, in tests/unit/client).
#include <gtest/gtest.h>

#include "grpcframe/gzip.h"
#include "support/rows.h"

namespace minim::test {

using namespace std::chrono_literals;
using rpc::Progress;

namespace {

constexpr std::uint32_t kCancelError = 8;
const Fields kOkTrailers{{"grpc-status", "0"}};

// A response whose DATA is `body`, ended by trailers with that status.
std::function<void(Peer&)> response(std::string body, std::string status = "0",
                                    const Fields& more = {}) {
  return [=](Peer& p) {
    p.headers(1, grpc_headers(more)).data(1, body).trailers(1, {{"grpc-status", status}});
  };
}

std::function<void(Peer&)> gzip_response(const std::string& coded) {
  return response(grpc_message(coded, 1), "0", {{"grpc-encoding", "gzip"}});
}

std::string gzip(std::string_view text) {
  Result<std::string> coded = gzip_compress(text);
  EXPECT_TRUE(coded);
  return coded ? *coded : std::string();
}

}  // namespace

TEST(Faults, R134BadFlag) {
  for (const int flag : {2, 3, 0x80, 0xff}) {
    const std::string message = grpc_message("m", static_cast<char>(flag));
    expect_answer({.send = [&](Peer& p) { p.headers(1, grpc_headers()).data(1, message); },
                   .ending = {Code::kInternal, "flag"},
                   .reset = kCancelError});
  }
}

TEST(Faults, R135TruncatedMessage) {
  const std::string whole = grpc_message("message");
  for (std::size_t cut = 1; cut < whole.size(); ++cut) {
    expect_answer(
        {"", response(whole.substr(0, cut)), {Code::kInternal, "response ends inside a message"}});
  }
}

TEST(Faults, R136TruncatedMessageWithAStatus) {
  const std::string whole = grpc_message("message");
  for (const std::size_t cut : {1u, 5u, 9u}) {
    expect_answer({"",
                   response(whole.substr(0, cut), "5"),
                   {.code = Code::kNotFound, .origin = Origin::kServer}});
  }
}

TEST(Faults, R137HugeLength) {
  for (const char flag : {'\0', '\1'}) {
    const std::string prefix = flag + std::string("\xff\xff\xff\xff", 4);
    expect_answer(
        {.send =
             [&](Peer& p) {
               p.headers(1, grpc_headers({{"grpc-encoding", "gzip"}})).data(1, prefix);
             },
         .ending = {.code = Code::kResourceExhausted,
                    .text = "grpc: received message larger than max (4294967295 vs. 134217728)",
                    .origin = Origin::kLocal,
                    .is_final = true},
         .reset = kCancelError});
  }
}

TEST(Faults, R138LengthAtTheLimit) {
  const auto limit = [](rpc::Limits& limits) { limits.max_receive_message_bytes = 1000; };
  const std::string most(1000, 'm');
  expect_answer({.name = "limit",
                 .send = [&](Peer& p) { p.reply(1, most); },
                 .ending = {.text = most},
                 .limits = limit});
  expect_answer({.name = "one more",
                 .send = [&](Peer& p) { p.reply(1, most + "m"); },
                 .ending = {.code = Code::kResourceExhausted,
                            .text = "grpc: received message larger than max (1001 vs. 1000)",
                            .origin = Origin::kLocal,
                            .is_final = true},
                 .limits = limit});
}

TEST(Faults, R139TooManyOrNoMessages) {
  expect_answer({"two",
                 response(grpc_message("1") + grpc_message("2")),
                 {Code::kUnimplemented, "server sent 2 messages with status OK"}});
  expect_answer({"none",
                 [](Peer& p) { p.headers(1, grpc_headers()).trailers(1, kOkTrailers); },
                 {Code::kUnimplemented, "server sent 0 messages with status OK"}});
}

TEST(Faults, R140MessageWithAnError) {
  expect_answer({"",
                 response(grpc_message("m"), "7"),
                 {.code = Code::kPermissionDenied, .origin = Origin::kServer}});
}

TEST(Faults, R141CompressedFlagWithoutACoding) {
  for (const std::string_view message : {"m", ""}) {
    for (const std::string_view coding : {"", "identity", "brotli"}) {
      Fields more;
      if (!coding.empty()) more.emplace_back("grpc-encoding", coding);
      expect_answer({coding, response(grpc_message(message, 1), "0", more), {Code::kInternal}});
    }
  }
}

TEST(Faults, R142DamagedGzip) {
  const std::string text(3000, 'z'), good = gzip(text);
  expect_answer({"good", gzip_response(good), {.text = text}});
  std::string bad_crc = good, bad_body = good;
  bad_crc[good.size() - 8] = static_cast<char>(bad_crc[good.size() - 8] ^ 1);
  bad_body[12] = static_cast<char>(bad_body[12] ^ 0x55);
  const std::pair<std::string_view, std::string> rows[] = {
      {"cut", good.substr(0, good.size() - 3)},
      {"header only", good.substr(0, 10)},
      {"CRC", bad_crc},
      {"body", bad_body},
      {"trailing bytes", good + "x"},
      {"no gzip at all", "not gzip at all"},
      {"nothing", ""},
  };
  for (const auto& [name, coded] : rows) {
    expect_answer({name, gzip_response(coded), {Code::kInternal}});
  }
}

TEST(Faults, R145PrefixInPieces) {
  const std::string whole = grpc_message("abc");
  for (std::size_t cut = 1; cut <= 5; ++cut) {
    expect_answer({"",
                   [&](Peer& p) {
                     p.headers(1, grpc_headers()).data(1, whole.substr(0, cut)).data(1, "");
                     p.data(1, whole.substr(cut)).trailers(1, kOkTrailers);
                   },
                   {.text = "abc"}});
  }
  expect_answer({"byte by byte",
                 [&](Peer& p) {
                   p.headers(1, grpc_headers());
                   for (const char byte : whole) p.data(1, std::string_view(&byte, 1));
                   p.trailers(1, kOkTrailers);
                 },
                 {.text = "abc"}});
}

}  // namespace minim::test
