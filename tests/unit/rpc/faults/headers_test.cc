// Section F of the fault list: response headers and trailers (rows 102 to 133).
#include <gtest/gtest.h>

#include "base/base64.h"
#include "support/rows.h"

namespace minim::test {

using namespace std::chrono_literals;

namespace {

const Fields kOkTrailers{{"grpc-status", "0"}};

Fields html(std::string status, Fields more = {}) {
  Fields fields{{":status", std::move(status)}, {"content-type", "text/html"}};
  fields.insert(fields.end(), more.begin(), more.end());
  return fields;
}

// A head alone that ends the stream.
std::function<void(Peer&)> only(Fields fields) {
  return [fields = std::move(fields)](Peer& p) { p.headers(1, fields, true); };
}

// A good head and message, then these trailers.
std::function<void(Peer&)> trailers(Fields fields) {
  return [fields = std::move(fields)](Peer& p) {
    p.headers(1, grpc_headers()).data(1, grpc_message("m")).trailers(1, fields);
  };
}

void expect_internal(std::string_view name, const std::function<void(Peer&)>& send,
                     std::string_view text = {}) {
  expect_answer({name, send, {Code::kInternal, text}});
}

Ending from_server(Code code, std::string_view text = {}) {
  return {.code = code, .text = text, .origin = Origin::kServer};
}

// A page instead of gRPC, with a body and without.
void expect_http_status(const std::string& status, Code code) {
  const std::string text = "not a gRPC response: HTTP status " + status;
  expect_answer({status,
                 [&](Peer& p) { p.headers(1, html(status)).data(1, "<h1>No</h1>", true); },
                 {code, text}});
  expect_answer({status, only(html(status)), {code, text}});
}

std::string base64(std::string_view bytes) { return base64_encode(bytes, Base64Padding::kOmit); }

// What the metadata of a good reply holds.
rpc::Reply reply_with(Fields head, Fields tail) {
  World w(plain_options("10.0.0.1"));
  const auto a = w.start("/svc/A", once());
  tail.insert(tail.begin(), {"grpc-status", "0"});
  w.open(0).send(0, Peer().headers(1, grpc_headers(std::move(head))).data(1, grpc_message("m")));
  w.send(0, Peer().trailers(1, tail));
  expect_ending(w, a, "/svc/A", {.text = "m"});
  rpc::Reply reply = *w.reply(a);
  expect_next_call_works(w, Next::kSameLink);
  return reply;
}

std::vector<std::string> values_of(const Metadata& metadata, std::string_view key) {
  std::vector<std::string> values;
  for (const auto& entry : metadata) {
    if (entry.key == key) values.push_back(entry.value);
  }
  return values;
}

}  // namespace

TEST(Faults, R102BadStatusPseudoHeader) {
  expect_internal("none", only({{"content-type", "application/grpc"}}));
  for (const std::string status : {"abc", "20", "2000", ""}) {
    expect_internal(status, only({{":status", status}}));
  }
  expect_internal("two", only({{":status", "200"}, {":status", "200"}}));
  expect_internal("late", only({{"a", "b"}, {":status", "200"}}));
  expect_internal("a request's", only({{":status", "200"}, {":path", "/"}}));
}

TEST(Faults, R103InformationalHeaders) {
  expect_answer({"100, 103",
                 [](Peer& p) {
                   p.headers(1, {{":status", "100"}});
                   p.headers(1, {{":status", "103"}, {"link", "x"}}).reply(1, "m");
                 },
                 {.text = "m"}});
  expect_internal(
      "endless",
      [](Peer& p) {
        for (int i = 0; i < 17; ++i) p.headers(1, {{":status", "100"}});
      },
      "more than 16 informational responses");
}

TEST(Faults, R104InformationalAtTheWrongPlace) {
  expect_internal("end", only({{":status", "100"}}));
  expect_internal("101", [](Peer& p) { p.headers(1, {{":status", "101"}}); });
  expect_internal("late",
                  [](Peer& p) { p.headers(1, grpc_headers()).headers(1, {{":status", "100"}}); });
}

TEST(Faults, R105BadRequest) { expect_http_status("400", Code::kInternal); }

TEST(Faults, R106UnauthorizedForbiddenNotFound) {
  expect_http_status("401", Code::kUnauthenticated);
  expect_http_status("403", Code::kPermissionDenied);
  expect_http_status("404", Code::kUnimplemented);
}

TEST(Faults, R107TooManyRequestsAndGatewayErrors) {
  for (const char* status : {"429", "502", "503", "504"}) {
    expect_http_status(status, Code::kUnavailable);
  }
}

TEST(Faults, R108OtherHttpStatuses) {
  for (const char* status :
       {"302", "409", "412", "413", "415", "418", "431", "500", "505", "800"}) {
    expect_http_status(status, Code::kUnknown);
  }
}

TEST(Faults, R109HtmlWithStatus200) {
  expect_answer({"short",
                 [](Peer& p) { p.headers(1, html("200")).data(1, "<h1>Log in</h1>", true); },
                 {Code::kUnknown, "body: <h1>Log in</h1>"}});
  const auto endless = [](Peer& p) {
    p.headers(1, html("200")).data(1, std::string(5000, 'x')).data(1, "y");
  };
  expect_answer(
      {.name = "endless", .send = endless, .ending = {Code::kUnknown, "text/html"}, .reset = 8});
  World w(plain_options("10.0.0.1"));
  const auto a = w.start("/svc/A", once());
  Peer peer;
  endless(peer);
  w.open(0).send(0, peer);
  const std::string_view text = w.reply(a)->status.message();
  EXPECT_NE(text.find(std::string(1024, 'x')), std::string_view::npos);
  EXPECT_EQ(text.find(std::string(1025, 'x')), std::string_view::npos);
}

TEST(Faults, R110NoContentType) {
  expect_answer({"", only({{":status", "200"}}), {Code::kUnknown, "no content-type"}});
}

TEST(Faults, R111ContentTypesThatAreGrpc) {
  for (const std::string type : {"application/grpc;charset=utf-8", "application/grpc+proto",
                                 "application/grpc+proto; charset=utf-8", "Application/GRPC"}) {
    expect_answer({type,
                   [&](Peer& p) {
                     p.headers(1, {{":status", "200"}, {"content-type", type}});
                     p.data(1, grpc_message("m")).trailers(1, kOkTrailers);
                   },
                   {.text = "m"}});
  }
}

TEST(Faults, R112ContentTypesThatAreNot) {
  const auto typed = [](const std::string& type) {
    return [=](Peer& p) {
      p.headers(1, {{":status", "200"}, {"content-type", type}});
      p.data(1, grpc_message("m")).trailers(1, kOkTrailers);
    };
  };
  expect_answer({"grpcfoo",
                 typed("application/grpcfoo"),
                 {Code::kUnknown, "content-type 'application/grpcfoo'"}});
  expect_answer({"json",
                 typed("application/grpc+json"),
                 {Code::kInternal, "application/grpc+json, only protobuf can be read"}});
}

TEST(Faults, R113GrpcStatusWinsOverHttpStatus) {
  expect_answer({"",
                 only({{":status", "502"},
                       {"content-type", "application/grpc"},
                       {"grpc-status", "3"},
                       {"grpc-message", "bad"}}),
                 from_server(Code::kInvalidArgument, "bad")});
}

TEST(Faults, R114GrpcStatusOfAPageIsOnlyQuoted) {
  expect_answer({"head alone",
                 only(html("503", {{"grpc-status", "0"}})),
                 {Code::kUnavailable, "grpc-status '0'"}});
  expect_answer(
      {"with a body",
       [](Peer& p) { p.headers(1, html("503", {{"grpc-status", "0"}})).data(1, "busy", true); },
       {Code::kUnavailable, "HTTP status 503"}});
}

TEST(Faults, R115NoGrpcStatus) {
  expect_answer({"", trailers({{"x", "y"}}), {Code::kUnknown, "response has no grpc-status"}});
}

TEST(Faults, R116EndWithoutTrailers) {
  expect_internal(
      "", [](Peer& p) { p.headers(1, grpc_headers()).data(1, grpc_message("m"), true); },
      "without sending trailers");
}

TEST(Faults, R117GrpcStatusThatIsNoNumber) {
  for (const std::string status : {"abc", "", "-1", "1.0", "0x5", "+0", "5 5"}) {
    expect_answer({status,
                   trailers({{"grpc-status", status}}),
                   {Code::kUnknown, "grpc-status '" + status + "', not a number from 0 to 16"}});
  }
}

TEST(Faults, R118GrpcStatusThatIsTooLarge) {
  for (const std::string status : {"17", "999", "4294967296", "18446744073709551616"}) {
    expect_answer({status,
                   trailers({{"grpc-status", status}}),
                   {Code::kUnknown, "grpc-status '" + status + "', not a number from 0 to 16"}});
  }
}

TEST(Faults, R119GrpcStatusInOddForms) {
  expect_answer({"00", trailers({{"grpc-status", "00"}}), {.text = "m"}});
  expect_answer({"05", trailers({{"grpc-status", "05"}}), from_server(Code::kNotFound)});
  expect_answer({"twice the same", trailers({{"grpc-status", "5"}, {"grpc-status", "5"}}),
                 from_server(Code::kNotFound)});
  expect_answer({"two values",
                 trailers({{"grpc-status", "0"}, {"grpc-status", "5"}}),
                 {Code::kUnknown, "server sent grpc-status '0' and '5'"}});
}

TEST(Faults, R119SpaceBeforeGrpcStatusIsNoNumber) {
  expect_answer({"", trailers({{"grpc-status", " 5"}}), {Code::kInternal, "illegal character"}});
}

TEST(Faults, R120BadEscapesInGrpcMessage) {
  const std::pair<std::string, std::string_view> rows[] = {
      {"100% %ZZ %41%2", "100% %ZZ A%2"}, {"%", "%"}, {"%2", "%2"}, {"a%4", "a%4"}};
  for (const auto& row : rows) {
    const std::string& sent = row.first;  // a lambda of clang 14's cannot capture a binding
    expect_answer(
        {sent, [&](Peer& p) { p.fail(1, 5, sent); }, from_server(Code::kNotFound, row.second)});
  }
}

TEST(Faults, R121UnsafeGrpcMessage) {
  expect_answer({"", [](Peer& p) { p.fail(1, 5, "a%0D%0Ab%00c%FF"); },
                 from_server(Code::kNotFound, "a\r\nb?c\xef\xbf\xbd")});
}

TEST(Faults, R122LongGrpcMessage) {
  const std::string most(60'000, 't');
  expect_answer(
      {"", [&](Peer& p) { p.fail(1, 9, most); }, from_server(Code::kFailedPrecondition, most)});
  // At the limit on headers it is bounded as all of them are: see R127.
  expect_answer({.send = [&](Peer& p) { p.fail(1, 9, most); },
                 .ending = {.code = Code::kResourceExhausted,
                            .text = "60000 bytes): see max_header_list_bytes",
                            .origin = Origin::kLocal,
                            .is_final = true},
                 .limits = [](rpc::Limits& limits) { limits.max_header_list_bytes = 60'000; }});
}

TEST(Faults, R123DetailsThatCannotBeRead) {
  for (const std::string& details : {std::string("!!!"), std::string("AAA"), base64("\xff\xff")}) {
    const auto send = [&](Peer& p) {
      p.fail(1, 5, "none", {{"grpc-status-details-bin", details}});
    };
    expect_answer({details, send, from_server(Code::kNotFound, "none")});
    World w(plain_options("10.0.0.1"));
    const auto a = w.start("/svc/A", once());
    Peer peer;
    send(peer);
    w.open(0).send(0, peer);
    EXPECT_EQ(w.reply(a)->status.details(), "");
  }
}

TEST(Faults, R124DetailsWithAnotherCode) {
  const std::string details("\x08\x07\x12\x05inner", 9);  // google.rpc.Status: 7, "inner"
  const auto send = [&](Peer& p) {
    p.fail(1, 5, "outer", {{"grpc-status-details-bin", base64(details)}});
  };
  expect_answer({"", send, from_server(Code::kNotFound, "outer")});
  World w(plain_options("10.0.0.1"));
  const auto a = w.start("/svc/A", once());
  Peer peer;
  send(peer);
  w.open(0).send(0, peer);
  EXPECT_EQ(w.reply(a)->status.details(), details) << "kept for whoever wants to look";
}

TEST(Faults, R125BinaryHeaderThatIsNoBase64) {
  const rpc::Reply reply =
      reply_with({{"a-bin", "!!!"}, {"b-bin", "Zm9v"}}, {{"c-bin", "Zm9v*"}, {"d", "text"}});
  EXPECT_EQ(reply.headers.find("a-bin"), nullptr);
  EXPECT_EQ(values_of(reply.headers, "b-bin"), std::vector<std::string>{"foo"});
  EXPECT_EQ(reply.trailers.find("c-bin"), nullptr);
  EXPECT_EQ(values_of(reply.trailers, "d"), std::vector<std::string>{"text"});
}

TEST(Faults, R126BinaryHeadersPaddedUnpaddedAndJoined) {
  const rpc::Reply reply = reply_with({{"a-bin", "Zm8="}, {"a-bin", "Zm8"}},
                                      {{"b-bin", "Zg==,Zm8, Zm9v"}, {"c-bin", ""}});
  EXPECT_EQ(values_of(reply.headers, "a-bin"), (std::vector<std::string>{"fo", "fo"}));
  EXPECT_EQ(values_of(reply.trailers, "b-bin"), (std::vector<std::string>{"f", "fo", "foo"}));
  EXPECT_EQ(values_of(reply.trailers, "c-bin"), std::vector<std::string>{""});
}

TEST(Faults, R127HeadersAboveOurLimit) {
  const Fields large{{"x", std::string(1500, 'x')}, {"y", std::string(600, 'y')}};
  const Ending ending{.code = Code::kResourceExhausted,
                      .text = "2000 bytes): see max_header_list_bytes",
                      .origin = Origin::kLocal,
                      .is_final = true};
  const auto limit = [](rpc::Limits& limits) { limits.max_header_list_bytes = 2000; };
  expect_answer({.name = "headers",
                 .send = [&](Peer& p) { p.headers(1, grpc_headers(large)); },
                 .ending = ending,
                 .reset = 2,
                 .limits = limit});
  expect_answer({.name = "trailers", .send = trailers(large), .ending = ending, .limits = limit});
}

TEST(Faults, R127OneFieldAboveNghttp2sLimitEndsTheConnection) {
  expect_answer({.send = [](Peer& p) { p.fail(1, 9, std::string(70'000, 't')); },
                 .ending = {.code = Code::kResourceExhausted,
                            .text = "a response header field is larger than max (65536 bytes)",
                            .origin = Origin::kLocal,
                            .is_final = true},
                 .is_breach = true});
}

TEST(Faults, R128SecondHeadersInMidMessage) {
  expect_answer({.send = [](Peer& p) { p.headers(1, grpc_headers()).headers(1, {{"x", "y"}}); },
                 .ending = {Code::kInternal},
                 .reset = 1});
}

TEST(Faults, R129IllegalFields) {
  expect_internal("pseudo", trailers({{"grpc-status", "0"}, {":status", "200"}}));
  expect_internal("upper case", trailers({{"grpc-status", "0"}, {"X-Up", "1"}}));
  expect_internal("connection", trailers({{"grpc-status", "0"}, {"connection", "close"}}));
  expect_internal("value", trailers({{"grpc-status", "0"}, {"x", std::string("a\0b", 3)}}),
                  "illegal character");
  expect_internal("grpc-status", trailers({{"grpc-status", "0\n"}}), "illegal character");
  expect_internal("name", trailers({{"grpc-status", "0"}, {"x y", "1"}}));
}

TEST(Faults, R130TrailersOnlyWithStatusOk) {
  expect_answer({"",
                 [](Peer& p) { p.fail(1, 0); },
                 {Code::kUnimplemented, "server sent 0 messages with status OK"}});
}

TEST(Faults, R131StatusInHeadersAndInTrailers) {
  const auto both = [](std::string head, std::string tail) {
    return [=](Peer& p) {
      p.headers(1, grpc_headers({{"grpc-status", head}})).data(1, grpc_message("m"));
      p.trailers(1, {{"grpc-status", tail}});
    };
  };
  expect_answer({"", both("5", "0"), {.text = "m"}});
  expect_answer({"", both("0", "5"), from_server(Code::kNotFound)});
}

TEST(Faults, R132ContentLengthDiffers) {
  for (const std::string length : {"3", "7", "0"}) {
    expect_internal(length, [&](Peer& p) {
      p.headers(1, grpc_headers({{"content-length", length}})).data(1, grpc_message("m"));
      p.trailers(1, kOkTrailers);
    });
  }
}

TEST(Faults, R133PushbackForbidsTheRepeat) {
  for (const std::string value : {"-1", "x", ""}) {
    World w(plain_options("10.0.0.1"));
    const auto a = w.start("/svc/A");
    w.open(0).send(0, Peer().fail(1, 14, "busy", {{"grpc-retry-pushback-ms", value}}));
    w.wait(1min);
    expect_ending(w, a, "/svc/A", from_server(Code::kUnavailable, "busy"));
    expect_next_call_works(w, Next::kSameLink);
  }
  World w(plain_options("10.0.0.1"));
  const auto a = w.start("/svc/A");
  w.open(0).send(0, Peer().fail(1, 14, "", {{"grpc-retry-pushback-ms", "250"}})).wait(249ms);
  EXPECT_EQ(w.sent_count("/svc/A"), 1u);
  w.wait(1ms);
  answer(w, "/svc/A", "a");
  w.expect(a, Code::kOk, "a");
}

}  // namespace minim::test
