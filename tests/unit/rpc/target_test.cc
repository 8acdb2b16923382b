#include "minim/rpc/target.h"

#include <gtest/gtest.h>

#include "rpc/texts.h"

namespace minim::test {

using namespace std::chrono_literals;
using rpc::parse_target;
using rpc::Target;

TEST(Target, Good) {
  const struct {
    std::string_view text;
    Target::Kind kind;
    std::string_view host;
    std::uint16_t port;
    std::string_view authority;
    std::optional<bool> tls{};
  } rows[] = {
      {"host", Target::Kind::kName, "host", 7233, "host:7233"},
      {"host:1", Target::Kind::kName, "host", 1, "host:1"},
      {"a.b-c_d.example:65535", Target::Kind::kName, "a.b-c_d.example", 65535,
       "a.b-c_d.example:65535"},
      {"host.", Target::Kind::kName, "host.", 7233, "host.:7233"},
      {"1.2.3.4", Target::Kind::kIp, "1.2.3.4", 7233, "1.2.3.4:7233"},
      {"1.2.3.4:80", Target::Kind::kIp, "1.2.3.4", 80, "1.2.3.4:80"},
      {"1.2.3.400", Target::Kind::kName, "1.2.3.400", 7233, "1.2.3.400:7233"},
      {"::1", Target::Kind::kIp, "::1", 7233, "[::1]:7233"},
      {"[::1]", Target::Kind::kIp, "::1", 7233, "[::1]:7233"},
      {"[2001:db8::1]:80", Target::Kind::kIp, "2001:db8::1", 80, "[2001:db8::1]:80"},
      {"[fe80::1%eth0]:80", Target::Kind::kIp, "fe80::1%eth0", 80, "[fe80::1]:80"},
      {"fe80::1%2", Target::Kind::kIp, "fe80::1%2", 7233, "[fe80::1]:7233"},
      {"unix:////run/x.sock", Target::Kind::kUnix, "/run/x.sock", 0, "localhost"},
      {"unix:/run/x.sock", Target::Kind::kUnix, "/run/x.sock", 0, "localhost"},
      {"unix:///run/x.sock", Target::Kind::kUnix, "/run/x.sock", 0, "localhost"},
      {"dns:///host:80", Target::Kind::kName, "host", 80, "host:80"},
      {"dns:80", Target::Kind::kName, "dns", 80, "dns:80"},
      {"http://host", Target::Kind::kName, "host", 80, "host:80", false},
      {"http://host:7/", Target::Kind::kName, "host", 7, "host:7", false},
      {"https://host", Target::Kind::kName, "host", 443, "host:443", true},
      {"https://[::1]:8", Target::Kind::kIp, "::1", 8, "[::1]:8", true},
      {"HTTPS://Host", Target::Kind::kName, "Host", 443, "Host:443", true},
      {"Http://1.2.3.4", Target::Kind::kIp, "1.2.3.4", 80, "1.2.3.4:80", false},
      {"DNS:///host", Target::Kind::kName, "host", 7233, "host:7233"},
      {"Unix:/run/X.sock", Target::Kind::kUnix, "/run/X.sock", 0, "localhost"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.text);
    const Result<Target> target = parse_target(row.text);
    ASSERT_TRUE(target) << target.error().to_string();
    EXPECT_EQ(target->kind, row.kind);
    EXPECT_EQ(target->host, row.host);
    EXPECT_EQ(target->port, row.port);
    EXPECT_EQ(target->authority(), row.authority);
    EXPECT_EQ(target->tls, row.tls);
  }
}

TEST(Target, TextsQuoteWhatWasGiven) {
  for (const std::string text : {"[::1]:", "host:"}) {
    EXPECT_EQ(parse_target(text).error().message(),
              "target '" + text + "': the port after ':' is missing");
  }
  const std::string path = "/" + std::string(107, 'x');
  EXPECT_TRUE(parse_target("unix:" + path)
                  .error()
                  .message()
                  .ends_with("': the path has 108 bytes, at most 107 fit a socket address"));
}

TEST(Target, Bad) {
  const struct {
    std::string_view text;
    std::string_view why;
  } rows[] = {
      {"", "the host is missing"},
      {":80", "the host is missing"},
      {"host:", "the port after ':' is missing"},
      {"host:0", "'0' is not a port (1 to 65535)"},
      {"host:65536", "not a port"},
      {"host:99999999999", "not a port"},
      {"host:8x", "'8x' is not a port"},
      {"host:-1", "not a port"},
      {"host: 1", "not a port"},
      {"[::1", "']' is missing"},
      {"[::1]80", "':port' must follow ']'"},
      {"[::1]:", "the port after ':' is missing"},
      {"[host]:80", "what stands in brackets is no IPv6 address"},
      {"ho st", "not a host name"},
      {"[fe80::1%a b]", "no IPv6 address"},
      {"[fe80::1%]", "no IPv6 address"},
      {"unix://host/path", "needs an absolute path"},
      {"b\ad://host", "scheme 'b d' is not known"},
      {"-host", "not a host name"},
      {".host", "not a host name"},
      {"ho\nst", "not a host name"},
      {"user@host", "'...@host': a user name cannot be part of it"},
      {"https://ann:secret@host:80", "'...@host:80': a user name cannot be part of it"},
      {"host/path", "neither path nor query"},
      {"host:80/", "neither path nor query"},
      {"http://host/path", "neither path nor query"},
      {"https://host:80?a=b", "neither path nor query"},
      {"https://", "the host is missing"},
      {"dns://8.8.8.8/host", "scheme 'dns' is not known"},
      {"ftp://host", "scheme 'ftp' is not known"},
      {"unix:relative", "needs an absolute path"},
      {"unix:", "needs an absolute path"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.text);
    const Result<Target> target = parse_target(row.text);
    ASSERT_FALSE(target);
    EXPECT_EQ(target.error().code(), Code::kInvalidArgument);
    EXPECT_NE(target.error().message().find(row.why), std::string_view::npos)
        << target.error().message();
    EXPECT_EQ(target.error().message().find('\n'), std::string_view::npos);
    EXPECT_EQ(target.error().message().find("secret"), std::string_view::npos);
  }
  EXPECT_FALSE(parse_target(std::string("unix:/a\0b", 9)));
}

TEST(Target, LengthsAreLimited) {
  EXPECT_TRUE(parse_target("unix:/" + std::string(106, 'x')));
  EXPECT_FALSE(parse_target("unix:/" + std::string(107, 'x')));
  EXPECT_TRUE(parse_target(std::string(253, 'x')));
  EXPECT_FALSE(parse_target(std::string(254, 'x')));
}

TEST(Texts, Durations) {
  EXPECT_EQ(rpc::duration_text(0ms), "0 ms");
  EXPECT_EQ(rpc::duration_text(250ms), "250 ms");
  EXPECT_EQ(rpc::duration_text(999600us), "1.0 s");
  EXPECT_EQ(rpc::duration_text(5s), "5.0 s");
  EXPECT_EQ(rpc::duration_text(119s), "119.0 s");
  EXPECT_EQ(rpc::duration_text(150s), "2.5 min");
}

TEST(Texts, PeerHints) {
  EXPECT_EQ(rpc::peer_hint(""), "");
  EXPECT_EQ(rpc::peer_hint(std::string_view("\0\0\0\4", 4)), "");
  EXPECT_EQ(rpc::peer_hint("HTTP/1.0 400 No\r\nmore"),
            "it speaks HTTP/1: it answered 'HTTP/1.0 400 No'");
  EXPECT_EQ(rpc::peer_hint("\x16\x03\x01"), "it speaks TLS: turn TLS on");
  EXPECT_EQ(rpc::peer_hint("\x16\x04"), "");
  EXPECT_EQ(rpc::server_hint("SSH-2.0-x\r\n"), "it answered 'SSH-2.0-x': is it a gRPC server?");
  EXPECT_EQ(rpc::server_hint("SSH"), "");
}

TEST(Texts, DeadlineExceeded) {
  const Status status = rpc::deadline_exceeded(5s, "resolving x");
  EXPECT_EQ(status.to_string(),
            "DEADLINE_EXCEEDED (local): deadline exceeded after 5.0 s while resolving x");
}

}  // namespace minim::test
