// Published examples as bytes: the header blocks of RFC 7541, appendix C, and one frame for each
// rule of RFC 9113, section 6, that a frame can break by itself.
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "h2/session.h"
#include "support/peer.h"

namespace minim::test {

using namespace std::chrono_literals;
using h2::CloseCause;
using h2::Event;

namespace {

constexpr Time kNow = Time(1h);

std::string unhex(std::string_view hex) {
  std::string bytes, digits;
  for (const char c : hex) {
    if (c != ' ') digits += c;
    if (digits.size() < 2) continue;
    bytes += static_cast<char>(std::stoi(digits, nullptr, 16));
    digits.clear();
  }
  return bytes;
}

// A session whose peer answers each request with a header block of the test's own.
class Answers {
 public:
  Answers() { receive(Peer().settings().settings_ack().bytes()); }

  // What came of a block: the fields as lines, "refused", or how the session ended.
  std::string read(std::string_view hex) {
    open();
    return receive(Peer().frame(kHeaders, kEndHeaders, stream_, unhex(hex)).bytes());
  }
  void open() {
    (void)session_.start(this, head_, "", "", "");
    write();
    stream_ += 2;
  }
  std::string receive(std::string_view bytes) {
    session_.receive(kNow, bytes);
    std::string said;
    while (const Event* const next = session_.next_event()) {
      const Event& event = *next;
      switch (event.kind) {
        case Event::Kind::kHeaders:
          for (const HeaderField& field : event.headers) {
            said.append(field.name).append(": ").append(field.value).append("\n");
          }
          break;
        case Event::Kind::kData:
          said.append(event.text);
          break;
        case Event::Kind::kStreamClosed:
          if (event.cause == CloseCause::kViolation) said += "refused";
          break;
        case Event::Kind::kClosed:
          said = "closed " + std::to_string(event.error);
          break;
        case Event::Kind::kSettings:
        case Event::Kind::kPong:
        case Event::Kind::kGoaway:
          break;
      }
    }
    write();
    return said;
  }

 private:
  void write() {
    while (!session_.output().empty()) session_.consume_output(session_.output().size());
  }

  h2::RequestHead head_{
      {{":method", "POST"}, {":scheme", "http"}, {":path", "/x"}, {":authority", "server"}}};
  h2::Session session_{{}, kNow};
  std::uint32_t stream_ = static_cast<std::uint32_t>(-1);
};

constexpr std::string_view kFirst =
    ":status: 302\ncache-control: private\ndate: Mon, 21 Oct 2013 20:13:21 GMT\n"
    "location: https://www.example.com\n";
constexpr std::string_view kSecond =
    ":status: 307\ncache-control: private\ndate: Mon, 21 Oct 2013 20:13:21 GMT\n"
    "location: https://www.example.com\n";
constexpr std::string_view kThird =
    ":status: 200\ncache-control: private\ndate: Mon, 21 Oct 2013 20:13:22 GMT\n"
    "location: https://www.example.com\ncontent-encoding: gzip\n"
    "set-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1\n";

// The examples have a table of 256 bytes, from which entries fall out.
constexpr std::string_view kTableOf256 = "3fe101";

}  // namespace

TEST(Rfc7541, C2LiteralFields) {
  Answers a;
  EXPECT_EQ(a.read("88 400a 6375 7374 6f6d 2d6b 6579 0d63 7573 746f 6d2d 6865 6164 6572"),
            ":status: 200\ncustom-key: custom-header\n");
  EXPECT_EQ(a.read("88 1008 7061 7373 776f 7264 0673 6563 7265 74 be"),
            ":status: 200\npassword: secret\ncustom-key: custom-header\n");
  EXPECT_EQ(a.read("040c 2f73 616d 706c 652f 7061 7468"), "refused");
}

// Blocks of requests are refused as responses, and their fields are in the table all the same.
TEST(Rfc7541, C3AndC4RequestsAreReadAndRefused) {
  const std::vector<std::vector<std::string_view>> sequences = {
      {"8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d", "8286 84be 5808 6e6f 2d63 6163 6865",
       "8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65"},
      {"8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff", "8286 84be 5886 a8eb 1064 9cbf",
       "8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf"},
  };
  for (const auto& blocks : sequences) {
    Answers a;
    for (const std::string_view block : blocks) EXPECT_EQ(a.read(block), "refused") << block;
    EXPECT_EQ(a.read("88 bebf"),
              ":status: 200\ncustom-key: custom-value\ncache-control: no-cache\n");
  }
}

TEST(Rfc7541, C5ResponsesWithoutHuffmanCoding) {
  Answers a;
  EXPECT_EQ(a.read(std::string(kTableOf256) +
                   "4803 3330 3258 0770 7269 7661 7465 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133"
                   "2032 303a 3133 3a32 3120 474d 546e 1768 7474 7073 3a2f 2f77 7777 2e65 7861 6d70"
                   "6c65 2e63 6f6d"),
            kFirst);
  EXPECT_EQ(a.read("4803 3330 37c1 c0bf"), kSecond);
  EXPECT_EQ(a.read("88c1 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3220 474d"
                   "54c0 5a04 677a 6970 7738 666f 6f3d 4153 444a 4b48 514b 425a 584f 5157 454f 5049"
                   "5541 5851 5745 4f49 553b 206d 6178 2d61 6765 3d33 3630 303b 2076 6572 7369 6f6e"
                   "3d31"),
            kThird);
}

TEST(Rfc7541, C6ResponsesWithHuffmanCoding) {
  Answers a;
  EXPECT_EQ(a.read(std::string(kTableOf256) +
                   "4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6"
                   "2d1b ff6e 919d 29ad 1718 63c7 8f0b 97c8 e9ae 82ae 43d3"),
            kFirst);
  EXPECT_EQ(a.read("4883 640e ffc1 c0bf"), kSecond);
  EXPECT_EQ(a.read("88c1 6196 d07a be94 1054 d444 a820 0595 040b 8166 e084 a62d 1bff c05a 839b d9ab"
                   "77ad 94e7 821d d7f2 e6c7 b335 dfdf cd5b 3960 d5af 2708 7f36 72c1 ab27 0fb5 291f"
                   "9587 3160 65c0 03ed 4ee5 b106 3d50 07"),
            kThird);
}

// Stream 1 is open, and its response has begun where `head` says so.
TEST(Rfc9113, FramesByTheirBytes) {
  const struct {
    std::string_view what;
    std::string_view wire;
    std::string_view said;
    bool head = true;
  } rows[] = {
      {"DATA", "000005 00 00 00000001 48656c6c6f", "Hello"},
      {"DATA, padded", "000008 00 08 00000001 02 48656c6c6f 0000", "Hello"},
      {"DATA, nothing but padding", "000003 00 08 00000001 02 0000", ""},
      {"DATA on stream 0", "000005 00 00 00000000 48656c6c6f", "closed 1"},
      {"DATA, padding as long as the rest", "000003 00 08 00000001 03 0000", "closed 1"},
      {"DATA, padded and empty", "000000 00 08 00000001", "closed 1"},
      {"HEADERS", "000001 01 04 00000001 88", ":status: 200\n", false},
      {"HEADERS, padded", "000004 01 0c 00000001 02 88 0000", ":status: 200\n", false},
      {"HEADERS with priority", "000006 01 24 00000001 80000014 09 88", ":status: 200\n", false},
      {"HEADERS, padded, with priority", "000009 01 2c 00000001 02 00000014 09 88 0000",
       ":status: 200\n", false},
      {"HEADERS on stream 0", "000001 01 04 00000000 88", "closed 1", false},
      {"HEADERS, padding as long as the rest", "000003 01 0c 00000001 03 88 00", "closed 1", false},
      {"HEADERS, too short for its priority", "000004 01 24 00000001 80000014", "closed 6", false},
      {"PRIORITY", "000005 02 00 00000001 0000000b 07", ""},
      {"PRIORITY on stream 0", "000005 02 00 00000000 0000000b 07", "closed 1"},
      {"PRIORITY of 4 bytes", "000004 02 00 00000001 0000000b", "closed 6"},
      {"RST_STREAM", "000004 03 00 00000001 00000008", ""},
      {"RST_STREAM on stream 0", "000004 03 00 00000000 00000008", "closed 1"},
      {"RST_STREAM on an idle stream", "000004 03 00 00000005 00000008", "closed 1"},
      {"RST_STREAM of 3 bytes", "000003 03 00 00000001 000008", "closed 6"},
      {"SETTINGS", "00000c 04 00 00000000 0001 00002000 0003 00001388", ""},
      {"SETTINGS, unknown", "000006 04 00 00000000 00ff 00000001", ""},
      {"SETTINGS on stream 1", "000006 04 00 00000001 0003 00001388", "closed 1"},
      {"SETTINGS of 5 bytes", "000005 04 00 00000000 0003 000013", "closed 6"},
      {"SETTINGS, acknowledgement with contents", "000006 04 01 00000000 0003 00001388",
       "closed 6"},
      {"PUSH_PROMISE", "000005 05 04 00000001 00000002 82", "closed 1"},
      {"PUSH_PROMISE on stream 0", "000005 05 04 00000000 00000002 82", "closed 1"},
      {"PING", "000008 06 00 00000000 6465616462656566", ""},
      {"PING on stream 1", "000008 06 00 00000001 6465616462656566", "closed 1"},
      {"PING of 7 bytes", "000007 06 00 00000000 64656164626565", "closed 6"},
      {"GOAWAY", "00000b 07 00 00000000 00000001 00000000 627965", ""},
      {"GOAWAY on stream 1", "000008 07 00 00000001 00000001 00000000", "closed 1"},
      {"GOAWAY of 7 bytes", "000007 07 00 00000000 00000001 000000", "closed 6"},
      {"WINDOW_UPDATE", "000004 08 00 00000001 000003e8", ""},
      {"WINDOW_UPDATE of 0", "000004 08 00 00000000 00000000", "closed 1"},
      {"WINDOW_UPDATE of 3 bytes", "000003 08 00 00000001 0003e8", "closed 6"},
      {"WINDOW_UPDATE above 2^31 - 1", "000004 08 00 00000000 7fffffff", "closed 3"},
      {"CONTINUATION that ends within a field",
       "000001 01 00 00000001 88 000002 09 04 00000001 0f2f", "closed 9", false},
      {"CONTINUATION of nothing", "000001 09 04 00000001 88", "closed 1"},
      {"CONTINUATION of another stream", "000001 01 00 00000001 88 000000 09 04 00000003",
       "closed 1", false},
      {"a frame within a header block", "000001 01 00 00000001 88 000000 00 00 00000001",
       "closed 1", false},
      {"a frame of a type that nobody knows", "000008 fa 00 00000001 6465616462656566", ""},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.what);
    Answers a;
    if (row.head) {
      ASSERT_EQ(a.read("88"), ":status: 200\n");
    } else {
      a.open();
    }
    EXPECT_EQ(a.receive(unhex(row.wire)), row.said);
  }
}

}  // namespace minim::test
