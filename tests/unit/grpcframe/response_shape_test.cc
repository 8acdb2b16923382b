// The order in which a response comes: what is missing, too much, or in the wrong place.
#include <gtest/gtest.h>

#include "unit/grpcframe/script.h"

namespace minim {
namespace {

using test::Fields;
using test::framed;
using test::Script;

const Fields kOk{{"grpc-status", "0"}};
const Fields kNotFound{{"grpc-status", "5"}, {"grpc-message", "gone"}};
const std::string kServerError = "NOT_FOUND (server): gone";

struct Row {
  std::string name;
  Script script;
  std::string status;  // as Status::to_string()
  Verdict verdict = Verdict::kDone;
  std::string message = {};
};

void check(const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    const auto outcome = row.script.play_all();
    EXPECT_EQ(outcome.response.status.to_string(), row.status);
    EXPECT_EQ(outcome.verdict, row.verdict);
    EXPECT_EQ(outcome.response.message, row.message);
  }
}

Fields initial(Fields more) {
  Fields fields{{":status", "200"}, {"content-type", "application/grpc"}};
  fields.insert(fields.end(), more.begin(), more.end());
  return fields;
}

TEST(ResponseShape, UnaryTable) {
  const std::string one = framed("m");
  const std::string none =
      "UNIMPLEMENTED (transport): server sent 0 messages with status OK, a "
      "unary response has one";
  const std::string no_trailers =
      "INTERNAL (transport): server ended the stream without sending trailers";
  const std::string no_status = "UNKNOWN (transport): response has no grpc-status";
  const std::string inside = "INTERNAL (transport): response ends inside a message";
  check({
      {"good", Script().good().data(one).trailers(kOk), "OK", Verdict::kDone, "m"},
      {"9.5-1 trailers-only, error", Script().trailers(initial(kNotFound)), kServerError},
      {"9.5-2 trailers-only, status 0", Script().trailers(initial(kOk)), none},
      {"9.5-3 no DATA, status 0", Script().good().trailers(kOk), none},
      {"9.5-3 empty DATA, status 0", Script().good().data("").trailers(kOk), none},
      {"9.5-4 empty message", Script().good().data(framed("")).trailers(kOk), "OK"},
      {"9.5-5 two messages", Script().good().data(one + one).trailers(kOk),
       "UNIMPLEMENTED (transport): server sent 2 messages with status OK, a unary response has "
       "one"},
      {"9.5-5 three messages", Script().good().data(one + framed("") + one).trailers(kOk),
       "UNIMPLEMENTED (transport): server sent 3 messages with status OK, a unary response has "
       "one"},
      {"9.5-6 message and error", Script().good().data(one).trailers(kNotFound), kServerError},
      {"9.5-6 two messages and error", Script().good().data(one + one).trailers(kNotFound),
       kServerError},
      {"9.5-7 trailers without status", Script().good().data(one).trailers({{"a", "b"}}),
       no_status},
      {"9.5-7 empty trailers", Script().good().data(one).trailers({}), no_status},
      {"9.5-8 end on DATA", Script().good().data(one, true), no_trailers},
      {"9.5-8 end on empty DATA", Script().good().data(one).data("", true), no_trailers},
      {"9.5-9 status only in initial block", Script().headers(initial(kNotFound)).data(one, true),
       no_trailers},
      {"9.5-9 status 0 only in initial block", Script().headers(initial(kOk)).data(one, true),
       no_trailers},
      {"9.5-9 status in initial block, bare trailers",
       Script().headers(initial(kNotFound)).data(one).trailers({}), no_status},
      {"9.5-10 trailers win with an error", Script().headers(initial(kOk)).trailers(kNotFound),
       kServerError},
      {"9.5-10 trailers win with OK", Script().headers(initial(kNotFound)).data(one).trailers(kOk),
       "OK", Verdict::kDone, "m"},
      {"9.5-11 end on headers without status", Script().trailers(initial({})), no_status},
      {"9.5-12 same with HTTP 503",
       Script().trailers({{":status", "503"}, {"content-type", "application/grpc"}}),
       "UNAVAILABLE (transport): HTTP status 503; response has no grpc-status"},
      {"9.5-13 cut in the prefix, status 0", Script().good().data(one.substr(0, 3)).trailers(kOk),
       inside},
      {"9.5-13 cut in the message, status 0",
       Script().good().data(framed("message").substr(0, 8)).trailers(kOk), inside},
      {"9.5-13 cut in a second prefix, status 0",
       Script().good().data(one + one.substr(0, 1)).trailers(kOk), inside},
      {"9.5-13 cut, error status",
       Script().good().data(framed("message").substr(0, 8)).trailers(kNotFound), kServerError},
      {"9.5-13 cut, end on DATA", Script().good().data(framed("message").substr(0, 8), true),
       no_trailers},
      {"9.5-16 second header block", Script().good().headers({{"a", "b"}}).data(one).trailers(kOk),
       "INTERNAL (transport): server sent a second header block in mid-response", Verdict::kReset},
      {"9.5-17 DATA before headers", Script().data(one).good().trailers(kOk),
       "INTERNAL (transport): server sent DATA before response headers", Verdict::kReset},
      {"9.5-17 DATA before headers, end", Script().data("", true),
       "INTERNAL (transport): server sent DATA before response headers"},
      {"9.5-17 no :status", Script().headers({{"content-type", "application/grpc"}}),
       "INTERNAL (transport): response headers have no :status", Verdict::kReset},
      {"9.5-17 no :status, end",
       Script().trailers({{"content-type", "application/grpc"}, {"grpc-status", "0"}}),
       "INTERNAL (transport): response headers have no :status"},
      {"9.5-18 content-length",
       Script().good().data(one).breach("content-length is 3, DATA has 6 bytes"),
       "INTERNAL (transport): server broke HTTP/2: content-length is 3, DATA has 6 bytes"},
      {"9.5-19 DATA after the end",
       Script().good().data(one).trailers(kOk).data("late", true).trailers(kNotFound), "OK",
       Verdict::kDone, "m"},
      {"9.5-19 breach after the end",
       Script().good().data(one).trailers(kOk).breach("x").headers_too_large(1), "OK",
       Verdict::kDone, "m"},
      {"9.5-22 reset after trailers", Script().good().data(one).trailers(kOk).reset(0), "OK",
       Verdict::kDone, "m"},
      {"58 reset after a whole message", Script().good().data(one).reset(0),
       "INTERNAL (transport): server reset the stream with NO_ERROR (0)"},
      {"breach before headers", Script().breach("x"),
       "INTERNAL (transport): server broke HTTP/2: x"},
  });
}

TEST(ResponseShape, LimitsAreOurs) {
  const std::string commas(10'000, ',');
  const std::string joined =
      "RESOURCE_EXHAUSTED (local): joined binary values of a response header list are larger than "
      "max (65536 bytes) apart";
  check({
      {"9.5-15 length above the limit",
       Script().limit(4).good().data(framed("12345")).trailers(kNotFound),
       "RESOURCE_EXHAUSTED (local): grpc: received message larger than max (5 vs. 4): see "
       "max_receive_message_bytes",
       Verdict::kReset},
      {"9.5-15 length at the limit", Script().limit(5).good().data(framed("12345")).trailers(kOk),
       "OK", Verdict::kDone, "12345"},
      {"9.5-20 header list above the limit", Script().headers_too_large(65536),
       "RESOURCE_EXHAUSTED (local): response header list is larger than max (65536 bytes): see "
       "max_header_list_bytes",
       Verdict::kReset},
      {"9.5-20 trailers above the limit", Script().good().data(framed("m")).headers_too_large(9),
       "RESOURCE_EXHAUSTED (local): response header list is larger than max (9 bytes): see "
       "max_header_list_bytes",
       Verdict::kReset},
      {"joined values in the headers", Script().headers(initial({{"k-bin", commas}})), joined,
       Verdict::kReset},
      {"joined values in the trailers",
       Script().good().data(framed("m")).trailers({{"k-bin", commas}, {"grpc-status", "0"}}),
       joined},
  });
  for (const Script& script :
       {Script().headers_too_large(1), Script().limit(0).good().data(framed("m"))}) {
    const auto outcome = script.play_all();
    EXPECT_TRUE(outcome.response.status.may_have_reached_server());
    EXPECT_FALSE(outcome.response.status.retryable());
    EXPECT_TRUE(outcome.saw_headers);
  }
}

TEST(ResponseShape, FramingErrors) {
  check({
      {"134 flag 2", Script().good().data(framed("m", 2)).trailers(kOk),
       "INTERNAL (transport): message prefix has the flag 2, only 0 and 1 are defined",
       Verdict::kReset},
      {"134 flag 255, before an error status",
       Script().good().data(framed("m", '\xff')).trailers(kNotFound),
       "INTERNAL (transport): message prefix has the flag 255, only 0 and 1 are defined",
       Verdict::kReset},
      {"137 length 2^32-1", Script().good().data(std::string("\0\xff\xff\xff\xff", 5)),
       "RESOURCE_EXHAUSTED (local): grpc: received message larger than max (4294967295 vs. "
       "1048576): see max_receive_message_bytes",
       Verdict::kReset},
      {"134 with HTTP 502, the HTTP status tells more",
       Script().headers({{":status", "502"}, {"content-type", "application/grpc"}}).data("<html>"),
       "UNAVAILABLE (transport): HTTP status 502; message prefix has the flag 60, only 0 and 1 are "
       "defined",
       Verdict::kReset},
  });
  // The last byte of a bad prefix may come with END_STREAM: then there is nothing to reset.
  EXPECT_EQ(Script().good().data(framed("", 2), true).play_all().verdict, Verdict::kDone);
}

TEST(ResponseShape, BadStatusFieldsAndPseudoHeaders) {
  const Fields grpc{{"content-type", "application/grpc"}, {"grpc-status", "5"}};
  const auto with = [&grpc](Fields fields) {
    fields.insert(fields.end(), grpc.begin(), grpc.end());
    return Script().trailers(fields);
  };
  const std::string malformed = "INTERNAL (transport): response headers have a malformed :status";
  const std::string informational =
      "INTERNAL (transport): response headers have an informational :status where the final one "
      "must be";
  check({
      {"102 :status missing", with({}), "INTERNAL (transport): response headers have no :status"},
      {"102 :status abc", with({{":status", "abc"}}), malformed},
      {"102 :status empty", with({{":status", ""}}), malformed},
      {"102 :status twice", with({{":status", "200"}, {":status", "200"}}), malformed},
      {"104 100 with END_STREAM", with({{":status", "100"}}), informational},
      {"104 101", with({{":status", "101"}}), informational},
      {"104 199", with({{":status", "199"}}), informational},
      {":path in a response", with({{":status", "200"}, {":path", "/"}}),
       "INTERNAL (transport): response headers have a pseudo-header that only requests have"},
      {"129 :status in trailers",
       Script().good().data(framed("m")).trailers({{":status", "200"}, {"grpc-status", "0"}}),
       "INTERNAL (transport): response trailers have a pseudo-header"},
      {"129 :path in trailers",
       Script().good().data(framed("m")).trailers({{":path", "/"}, {"grpc-status", "0"}}),
       "INTERNAL (transport): response trailers have a pseudo-header"},
  });
}

TEST(ResponseShape, MetadataOfEachBlock) {
  const Fields more{{"a", "1"}, {"k-bin", "AAE"}, {"a", "2"}};
  const std::string expected = std::string("a=1;k-bin=") + '\0' + "\x01;a=2;";
  Fields trailers = kOk;
  trailers.insert(trailers.end(), more.begin(), more.end());
  const auto good = Script().good(more).data(framed("m")).trailers(trailers).play_all();
  EXPECT_EQ(test::listed(good.response.headers), expected);
  EXPECT_EQ(test::listed(good.response.trailers), expected);

  // 9.5-1: the one block of a trailers-only response counts as trailers.
  Fields only = initial(kNotFound);
  only.insert(only.end(), more.begin(), more.end());
  const auto bare = Script().trailers(only).play_all();
  EXPECT_EQ(test::listed(bare.response.headers), "");
  EXPECT_EQ(test::listed(bare.response.trailers), expected);
}

TEST(ResponseShape, SawHeadersOnlyOnceTheyCame) {
  EXPECT_FALSE(Script().play_all().saw_headers);
  EXPECT_FALSE(Script().reset(7).play_all().saw_headers);
  EXPECT_FALSE(Script().breach("x").play_all().saw_headers);
  EXPECT_TRUE(Script().good().play_all().saw_headers);
  EXPECT_TRUE(Script().trailers(initial(kOk)).play_all().saw_headers);
  EXPECT_TRUE(Script().headers({{":status", "x"}}).play_all().saw_headers);
}

TEST(ResponseShape, PushbackComesFromTheLastBlock) {
  const Fields pushback{{"grpc-status", "14"}, {"grpc-retry-pushback-ms", "25"}};
  const auto late = Script().good().trailers(pushback).play_all();
  EXPECT_TRUE(late.response.pushback.given);
  EXPECT_FALSE(late.response.pushback.never);
  EXPECT_EQ(late.response.pushback.delay, std::chrono::milliseconds(25));
  EXPECT_TRUE(Script().trailers(initial(pushback)).play_all().response.pushback.given);
  EXPECT_FALSE(
      Script().headers(initial(pushback)).trailers(kNotFound).play_all().response.pushback.given);
  // Row 133.
  const Fields negative{{"grpc-status", "14"}, {"grpc-retry-pushback-ms", "-1"}};
  const auto never = Script().good().trailers(negative).play_all();
  EXPECT_EQ(never.response.status.code(), Code::kUnavailable);
  EXPECT_TRUE(never.response.pushback.never);
}

TEST(ResponseShape, NothingStaysOfTheResponseBefore) {
  const std::vector<HeaderField> refused = {{":status", "200"},
                                            {"content-type", "application/grpc"},
                                            {"grpc-status", "14"},
                                            {"grpc-retry-pushback-ms", "70"},
                                            {"x", "y"}};
  const std::vector<HeaderField> head(refused.begin(), refused.begin() + 2);
  ResponseReader reader;
  reader.begin(100, false);
  ASSERT_EQ(reader.on_headers(head, false), Verdict::kGoOn);
  ASSERT_EQ(reader.on_data(framed("message"), false), Verdict::kGoOn);
  ASSERT_EQ(reader.on_headers({refused.begin() + 2, refused.end()}, true), Verdict::kDone);
  EXPECT_TRUE(Response(reader.take()).pushback.given);
  reader.begin(100, false);
  EXPECT_FALSE(reader.saw_headers());
  EXPECT_FALSE(reader.done());
  ASSERT_EQ(reader.on_data("x", false), Verdict::kReset);
  const Response next = reader.take();
  EXPECT_EQ(next.status.to_string(),
            "INTERNAL (transport): server sent DATA before response headers");
  EXPECT_FALSE(next.pushback.given);
  EXPECT_EQ(next.message, "");
  EXPECT_EQ(next.wire_bytes, 0u);
  EXPECT_TRUE(next.headers.empty());
  EXPECT_TRUE(next.trailers.empty());
}

}  // namespace
}  // namespace minim
