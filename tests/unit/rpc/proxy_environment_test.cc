// HTTPS_PROXY and NO_PROXY as tables.
#include "minim/rpc/proxy_environment.h"

#include <gtest/gtest.h>

#include <map>

#include "rpc/ip_address.h"

namespace minim::rpc {
namespace {

using Variables = std::map<std::string, std::string>;

Result<std::optional<ProxyOptions>> look_up(std::string_view target, const Variables& variables) {
  return proxy_from_environment(*parse_target(target),
                                [&variables](const char* name) -> std::optional<std::string> {
                                  const auto found = variables.find(name);
                                  if (found == variables.end()) return std::nullopt;
                                  return found->second;
                                });
}

TEST(ProxyEnvironment, WhichVariableCounts) {
  const struct {
    Variables variables;
    std::string_view target;  // of the proxy; empty: none
  } rows[] = {{{}, ""},
              {{{"HTTPS_PROXY", ""}}, ""},
              {{{"HTTPS_PROXY", "upper:1"}}, "http://upper:1"},
              {{{"https_proxy", "lower:1"}}, "http://lower:1"},
              {{{"https_proxy", "lower:1"}, {"HTTPS_PROXY", "upper:1"}}, "http://lower:1"},
              {{{"https_proxy", ""}, {"HTTPS_PROXY", "upper:1"}}, "http://upper:1"},
              {{{"HTTP_PROXY", "other:1"}, {"ALL_PROXY", "other:1"}}, ""},
              {{{"HTTPS_PROXY", "p:1"}, {"NO_PROXY", "server"}}, ""},
              {{{"HTTPS_PROXY", "p:1"}, {"no_proxy", "server"}}, ""},
              {{{"HTTPS_PROXY", "p:1"}, {"no_proxy", "x"}, {"NO_PROXY", "server"}}, "http://p:1"}};
  for (const auto& row : rows) {
    const auto proxy = look_up("server:7233", row.variables);
    ASSERT_TRUE(proxy);
    EXPECT_EQ(*proxy ? (*proxy)->target : "", row.target);
  }
  EXPECT_FALSE(*look_up("unix:/run/x", {{"HTTPS_PROXY", "p:1"}}));
}

TEST(ProxyEnvironment, WhatAProxyIs) {
  const struct {
    std::string_view value;
    std::string_view target, user, password;
  } rows[] = {{"proxy", "http://proxy", "", ""},
              {"proxy:3128", "http://proxy:3128", "", ""},
              {"http://proxy:3128/", "http://proxy:3128", "", ""},
              {"HTTP://proxy", "http://proxy", "", ""},
              {"https://proxy:3129/some/path", "https://proxy:3129", "", ""},
              {"http://[::1]:3128", "http://[::1]:3128", "", ""},
              {"http://user:pass@proxy:1", "http://proxy:1", "user", "pass"},
              {"user@proxy:1", "http://proxy:1", "user", ""},
              {"http://us%65r:p%40%3a%2F@proxy:1", "http://proxy:1", "user", "p@:/"},
              {"http://user:a:b@c/12@proxy:1", "http://proxy:1", "user", "a:b@c/12"}};
  for (const auto& row : rows) {
    const auto proxy = look_up("server", {{"HTTPS_PROXY", std::string(row.value)}});
    ASSERT_TRUE(proxy && *proxy) << row.value;
    EXPECT_EQ((*proxy)->target, row.target);
    EXPECT_EQ((*proxy)->user, row.user);
    EXPECT_EQ((*proxy)->password, row.password);
    EXPECT_EQ((*proxy)->tls, nullptr);
  }
}

TEST(ProxyEnvironment, WhatIsNoProxyIsAnErrorThatQuotesNothing) {
  for (const std::string_view value :
       {"socks5://hunter2:hunter2@proxy:1", "http://hunter2:hunter2@", "http://hunter2:%4@proxy:1",
        "http://hunter2:%zz@proxy:1", "http://%4g:hunter2@proxy:1",
        "http://hunter2:hunter2@proxy:0", "http://", "hunter2 hunter2", "http://proxy:hunter2",
        "://"}) {
    const auto proxy = look_up("server", {{"HTTPS_PROXY", std::string(value)}});
    ASSERT_FALSE(proxy) << value;
    EXPECT_EQ(proxy.error().code(), Code::kInvalidArgument);
    EXPECT_TRUE(proxy.error().message().starts_with("HTTPS_PROXY: ")) << proxy.error().message();
    EXPECT_EQ(proxy.error().message().find("hunter2"), std::string_view::npos);
  }
  // What is exempt needs no proxy, so a bad one does no harm.
  EXPECT_TRUE(look_up("server", {{"HTTPS_PROXY", "socks5://p"}, {"NO_PROXY", "*"}}));
}

TEST(ProxyEnvironment, WhatIsExempt) {
  const struct {
    std::string_view list, target;
    bool exempt;
  } rows[] = {{"", "server", false},
              {"*", "server", true},
              {"*", "10.0.0.1", true},
              {"a, *", "server", true},
              {"example.com", "example.com", true},
              {"example.com", "www.example.com", true},
              {"example.com", "badexample.com", false},
              {"Example.COM", "WWW.example.com", true},
              {"example.com.", "example.com", true},
              {"example.com", "example.com.", true},
              {".example.com", "www.example.com", true},
              {".example.com", "a.b.example.com:99", true},
              {".example.com", "example.com", false},
              {".example.com", "www.example.org", false},
              {"*.example.com", "www.example.com", true},
              {"*.example.com", "example.com", false},
              {"a*.example.com", "ab.example.com", false},
              {"one,two , three", "two", true},
              {"one two\tthree", "three", true},
              {",, ,", "server", false},
              {".", "server.", false},
              {"com", "example.com", true},
              {"server:7233", "server", true},
              {"server:7233", "server:99", false},
              {".example.com:99", "www.example.com:99", true},
              {".example.com:99", "www.example.com:98", false},
              {"server:", "server", false},
              {":7233", "server", false},
              {"server:99x", "server:99", false},
              {"10.0.0.1", "10.0.0.1", true},
              {"10.0.0.1", "10.0.0.10", false},
              {"10.0.0.1:99", "10.0.0.1:99", true},
              {"10.0.0.1:99", "10.0.0.1:98", false},
              {"0.0.1", "10.0.0.1", false},
              {"10.0.0.0/8", "10.255.1.2", true},
              {"10.0.0.0/8", "11.0.0.1", false},
              {"10.0.0.0/9", "10.127.0.1", true},
              {"10.0.0.0/9", "10.128.0.1", false},
              {"10.0.0.1/32", "10.0.0.1", true},
              {"10.0.0.0/0", "1.2.3.4", true},
              {"10.0.0.0/33", "10.0.0.0", false},
              {"10.0.0.0/x", "10.0.0.0", false},
              {"10.0.0.0/", "10.0.0.0", false},
              {"10.0.0.0/8", "ten.example", false},
              {"::1", "[::1]:99", true},
              {"[::1]", "::1", true},
              {"[::1]:99", "[::1]:99", true},
              {"[::1]:99", "[::1]:98", false},
              {"[::1", "::1", false},
              {"[::1]7233", "::1", false},
              {"0:0::0:1", "::1", true},
              {"fd00::/8", "[fd12:3456::1]", true},
              {"fd00::/8", "[fe80::1]", false},
              {"fe80::/10", "[fe80::1%eth0]:1", true},
              {"::/0", "10.0.0.1", false},
              {"0.0.0.0/0", "::1", false},
              {"10.0.0.0/8", "[::ffff:10.1.2.3]", true}};
  for (const auto& row : rows) {
    const auto proxy =
        look_up(row.target, {{"HTTPS_PROXY", "p:1"}, {"NO_PROXY", std::string(row.list)}});
    ASSERT_TRUE(proxy);
    EXPECT_EQ(!*proxy, row.exempt) << row.list << " and " << row.target;
  }
}

TEST(IpAddress, TextsAndBytes) {
  const struct {
    std::string_view text;
    std::string_view bytes;  // empty: no address
  } rows[] = {{"1.2.3.4", std::string_view("\1\2\3\4", 4)},
              {"255.255.255.255", "\xff\xff\xff\xff"},
              {"256.1.1.1", ""},
              {"1.2.3", ""},
              {"001.02.3.255", std::string_view("\1\2\3\xff", 4)},
              {"0001.2.3.4", ""},
              {"0001::", std::string_view("\0\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16)},
              {"00001::", ""},
              {"1.2.3.4.5", ""},
              {"1..3.4", ""},
              {"1.2.3.4 ", ""},
              {"", ""},
              {"::", std::string_view("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16)},
              {"1:2:3:4:5:6:7:8", std::string_view("\0\1\0\2\0\3\0\4\0\5\0\6\0\7\0\x8", 16)},
              {"1::8", std::string_view("\0\1\0\0\0\0\0\0\0\0\0\0\0\0\0\x8", 16)},
              {"1:2:3:4:5:6:7::", std::string_view("\0\1\0\2\0\3\0\4\0\5\0\6\0\7\0\0", 16)},
              {"::1.2.3.4", std::string_view("\0\0\0\0\0\0\0\0\0\0\0\0\1\2\3\4", 16)},
              {"::ffff:1.2.3.4", std::string_view("\1\2\3\4", 4)},
              {"1:2:3:4:5:6:7", ""},
              {"1:2:3:4:5:6:7:8:9", ""},
              {"1:2:3:4:5:6:7:8::", ""},
              {"1::2::3", ""},
              {"1:2:3:4:5:6:7:1.2.3.4", ""},
              {"1:2:3:4:5:6:7:", ""},
              {":1", ""},
              {"1:", ""},
              {":::", ""},
              {"12345::", ""},
              {"g::", ""},
              {"1.2.3.4::", ""}};
  for (const auto& row : rows) {
    const auto address = parse_ip(row.text);
    ASSERT_EQ(address.has_value(), !row.bytes.empty()) << row.text;
    if (!address) continue;
    const std::string bytes(address->bytes.begin(), address->bytes.begin() + address->size);
    EXPECT_EQ(bytes, row.bytes) << row.text;
  }
}

}  // namespace
}  // namespace minim::rpc
