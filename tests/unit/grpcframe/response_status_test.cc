// What the status of a response says: grpc-status and its companions, and what is no gRPC at all.
#include <gtest/gtest.h>

#include "base/base64.h"
#include "unit/grpcframe/script.h"

namespace minim {
namespace {

using test::Fields;
using test::framed;
using test::Script;

Status status_of(const Script& script) { return script.play_all().response.status; }

Status status_of_trailers(const Fields& trailers) {
  return status_of(Script().good().data(framed("m")).trailers(trailers));
}

TEST(GrpcStatus, EveryCodeKeepsTheServersTextAlone) {
  for (int number = 1; number <= 16; ++number) {
    const Status status = status_of_trailers(
        {{"grpc-status", std::to_string(number)}, {"grpc-message", "why%20not"}});
    EXPECT_EQ(status.code(), static_cast<Code>(number));
    EXPECT_EQ(status.message(), "why not");
    EXPECT_EQ(status.origin(), Origin::kServer);
    EXPECT_EQ(status.details(), "");
  }
}

TEST(GrpcStatus, ValueTable) {
  const struct {
    std::vector<std::string> values;
    std::string status;
  } rows[] = {
      {{"0"}, "OK"},
      {{"00"}, "OK"},
      {{"05"}, "NOT_FOUND (server): t"},
      {{"5"}, "NOT_FOUND (server): t"},
      {{"5", "5"}, "NOT_FOUND (server): t"},
      {{"5", "05"}, "NOT_FOUND (server): t"},
      {{"0", "0"}, "OK"},
      {{"17"}, "'17', not a number from 0 to 16"},
      {{"999"}, "'999', not a number from 0 to 16"},
      {{"4294967296"}, "'4294967296', not a number from 0 to 16"},
      {{"-1"}, "'-1', not a number from 0 to 16"},
      {{"abc"}, "'abc', not a number from 0 to 16"},
      {{""}, "'', not a number from 0 to 16"},
      {{"1.0"}, "'1.0', not a number from 0 to 16"},
      {{"0x5"}, "'0x5', not a number from 0 to 16"},
      {{"5 "}, "'5', not a number from 0 to 16"},
      {{"+5"}, "'+5', not a number from 0 to 16"},
      {{" 5"}, "'5', not a number from 0 to 16"},
      {{"0", "5"}, "'0' and '5'"},
      {{"5", "0"}, "'5' and '0'"},
      {{"5", "5", "0"}, "'5' and '0'"},
      {{"0", "x"}, "'0' and 'x'"},
      {{"x", "0"}, "'x' and '0'"},
      {{"x", "x"}, "'x', not a number from 0 to 16"},
  };
  for (const auto& row : rows) {
    Fields trailers{{"grpc-message", "t"}};
    for (const std::string& value : row.values) trailers.push_back({"grpc-status", value});
    const bool ours = row.status.starts_with('\'');
    const Status status = status_of_trailers(trailers);
    EXPECT_EQ(status.to_string(), ours ? "UNKNOWN (transport): server sent grpc-status " +
                                             row.status + "; grpc-message 't'"
                                       : row.status);
  }
}

TEST(GrpcStatus, MessageTable) {
  const struct {
    std::vector<std::string> values;
    std::string text;
  } rows[] = {
      {{}, ""},
      {{""}, ""},
      {{"plain"}, "plain"},
      {{"%E2%82%AC%20ok"}, "\xe2\x82\xac ok"},
      {{"100%"}, "100%"},
      {{"a%2"}, "a%2"},
      {{"a%ZZb"}, "a%ZZb"},
      {{"bad%FFutf"}, "bad\xef\xbf\xbdutf"},
      {{"nul%00cr%0Dlf%0A"}, "nul?cr\rlf\n"},
      {{"first", "last"}, "last"},
      {{std::string(65536, 'x')}, std::string(65536, 'x')},
  };
  for (const auto& row : rows) {
    Fields trailers{{"grpc-status", "3"}};
    for (const std::string& value : row.values) trailers.push_back({"grpc-message", value});
    const Status status = status_of_trailers(trailers);
    EXPECT_EQ(status.code(), Code::kInvalidArgument);
    EXPECT_EQ(status.message(), row.text);
  }
}

TEST(GrpcStatus, DetailsTable) {
  const std::string good = "\x08\x05\x12\x04text";   // code 5
  const std::string other = "\x08\x03\x12\x04text";  // code 3
  const std::string bad_proto = "\x12\x7ftext";
  const auto text = [](std::string_view bytes, Base64Padding padding) {
    return base64_encode(bytes, padding);
  };
  const struct {
    std::string name;
    std::vector<std::string> values;
    std::string details;
  } rows[] = {
      {"none", {}, ""},
      {"unpadded", {text(good, Base64Padding::kOmit)}, good},
      {"padded", {text("\x08\x05", Base64Padding::kWrite)}, "\x08\x05"},
      {"not base64", {"!!!!"}, ""},
      {"not a Status", {text(bad_proto, Base64Padding::kOmit)}, ""},
      {"inner code differs", {text(other, Base64Padding::kOmit)}, other},
      {"twice", {text(good, Base64Padding::kOmit), text(good, Base64Padding::kOmit)}, ""},
      {"empty", {""}, ""},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    Fields trailers{{"grpc-status", "5"}, {"grpc-message", "header text"}};
    for (const std::string& value : row.values) {
      trailers.push_back({"grpc-status-details-bin", value});
    }
    const auto outcome = Script().good().trailers(trailers).play_all();
    EXPECT_EQ(outcome.response.status.to_string(), "NOT_FOUND (server): header text");
    EXPECT_EQ(outcome.response.status.details(), row.details);
    EXPECT_TRUE(outcome.response.trailers.empty());
  }
}

TEST(GrpcStatus, WinsOverTheHttpStatusOfAGrpcResponse) {
  for (const std::string http : {"400", "404", "500", "502"}) {
    const Fields initial{{":status", http}, {"content-type", "application/grpc"}};
    Fields only = initial;
    only.push_back({"grpc-status", "3"});
    EXPECT_EQ(status_of(Script().trailers(only)).to_string(), "INVALID_ARGUMENT (server)");
    EXPECT_EQ(status_of(Script().headers(initial).trailers({{"grpc-status", "3"}})).to_string(),
              "INVALID_ARGUMENT (server)");
    const Script head = Script().headers(initial).data(framed("m"));
    EXPECT_TRUE(status_of(Script(head).trailers({{"grpc-status", "0"}})).ok());
  }
}

TEST(GrpcStatus, HttpStatusDecidesWhereItIsMissing) {
  const Fields initial{{":status", "404"}, {"content-type", "application/grpc"}};
  EXPECT_EQ(status_of(Script().headers(initial).trailers({})).to_string(),
            "UNIMPLEMENTED (transport): HTTP status 404; response has no grpc-status");
  EXPECT_EQ(status_of(Script().headers(initial).data(framed("m"), true)).to_string(),
            "UNIMPLEMENTED (transport): HTTP status 404; server ended the stream without sending "
            "trailers");
  EXPECT_EQ(status_of(Script().headers(initial).breach("x")).to_string(),
            "UNIMPLEMENTED (transport): HTTP status 404; server broke HTTP/2: x");
}

TEST(ContentType, Table) {
  const struct {
    std::string type;
    Code code;
  } rows[] = {
      {"application/grpc", Code::kOk},
      {"application/grpc+proto", Code::kOk},
      {"Application/GRPC+Proto", Code::kOk},
      {"application/grpc;charset=utf-8", Code::kOk},
      {"application/grpcfoo", Code::kUnknown},
      {"application/grpc-web", Code::kUnknown},
      {"text/html", Code::kUnknown},
      {"", Code::kUnknown},
      {"application/grpc+json", Code::kInternal},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.type);
    const auto outcome = Script()
                             .headers({{":status", "200"}, {"content-type", row.type}})
                             .data(framed("m"))
                             .trailers({{"grpc-status", "0"}})
                             .play_all();
    EXPECT_EQ(outcome.response.status.code(), row.code);
    EXPECT_EQ(outcome.response.message, row.code == Code::kOk ? "m" : "");
  }
}

TEST(ContentType, AnotherCodecIsNamedUnlessTheServerHasAnError) {
  const Fields json{{":status", "200"}, {"content-type", "application/grpc+json"}};
  const Script good = Script().headers(json).data(framed("{}")).trailers({{"grpc-status", "0"}});
  EXPECT_EQ(status_of(good).to_string(),
            "INTERNAL (transport): response is application/grpc+json, only protobuf can be read");
  EXPECT_EQ(status_of(Script().headers(json).trailers({{"grpc-status", "7"}})).to_string(),
            "PERMISSION_DENIED (server)");
}

TEST(NotGrpc, TextsSayWhatCame) {
  const struct {
    std::string name;
    Script script;
    std::string status;
    Verdict verdict;
  } rows[] = {
      {"105 400 text/html", Script().trailers({{":status", "400"}, {"content-type", "text/html"}}),
       "INTERNAL (transport): not a gRPC response: HTTP status 400, content-type 'text/html'; is "
       "this a gRPC server?",
       Verdict::kDone},
      {"107 502 with proxy names and a body",
       Script()
           .headers({{":status", "502"},
                     {"server", "nginx"},
                     {"via", "1.1 proxy"},
                     {"content-type", "text/html"}})
           .data("<html>\r\n<h1>502 Bad Gateway</h1>\n", true),
       "UNAVAILABLE (transport): not a gRPC response: HTTP status 502, content-type 'text/html', "
       "server 'nginx', via '1.1 proxy'; is this a gRPC server? body: <html> <h1>502 Bad "
       "Gateway</h1>",
       Verdict::kDone},
      {"110 no content-type", Script().trailers({{":status", "200"}}),
       "UNKNOWN (transport): not a gRPC response: HTTP status 200, no content-type; is this a gRPC "
       "server?",
       Verdict::kDone},
      {"110 no content-type, but a status",
       Script().trailers({{":status", "200"}, {"grpc-status", "5"}, {"grpc-message", "a%0Ab"}}),
       "UNKNOWN (transport): not a gRPC response: HTTP status 200, no content-type, grpc-status "
       "'5', grpc-message 'a b'; is this a gRPC server?",
       Verdict::kDone},
      {"114 503 text/html with grpc-status 0",
       Script().trailers({{":status", "503"}, {"content-type", "text/html"}, {"grpc-status", "0"}}),
       "UNAVAILABLE (transport): not a gRPC response: HTTP status 503, content-type 'text/html', "
       "grpc-status '0'; is this a gRPC server?",
       Verdict::kDone},
      {"trailers after a foreign body",
       Script()
           .headers({{":status", "403"}, {"content-type", "text/plain"}})
           .data("denied")
           .trailers({{"grpc-status", "0"}}),
       "PERMISSION_DENIED (transport): not a gRPC response: HTTP status 403, content-type "
       "'text/plain'; is this a gRPC server? body: denied",
       Verdict::kDone},
      {"a second block in mid-body",
       Script().headers({{":status", "500"}, {"content-type", "a"}}).headers({{"x", "y"}}),
       "UNKNOWN (transport): not a gRPC response: HTTP status 500, content-type 'a'; is this a "
       "gRPC server?",
       Verdict::kReset},
      {"a breach in mid-body",
       Script().headers({{":status", "500"}, {"content-type", "a"}}).breach("x"),
       "UNKNOWN (transport): not a gRPC response: HTTP status 500, content-type 'a'; is this a "
       "gRPC server?",
       Verdict::kDone},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    const auto outcome = row.script.play_all();
    EXPECT_EQ(outcome.response.status.to_string(), row.status);
    EXPECT_EQ(outcome.verdict, row.verdict);
  }
}

TEST(NotGrpc, QuotesAtMostOneKibibyteAndThenStopsReading) {
  const Fields html{{":status", "200"}, {"content-type", std::string(500, 'c')}};
  const auto short_of = Script().headers(html).data(std::string(1023, 'b')).play_all();
  EXPECT_EQ(short_of.verdict, Verdict::kGoOn);
  const auto endless = Script().headers(html).data(std::string(100000, 'b')).play_all();
  EXPECT_EQ(endless.verdict, Verdict::kReset);
  EXPECT_TRUE(endless.response.status.message().ends_with(" body: " + std::string(1024, 'b')));
  EXPECT_LT(endless.response.status.message().size(), 1024u + 300u);
  const auto whole = Script().headers(html).data(std::string(1024, 'b'), true).play_all();
  EXPECT_EQ(whole.verdict, Verdict::kDone);
}

}  // namespace
}  // namespace minim
