// Faults in what a server answers, by the rows of the list that docs/wire.md names: flow control
// (92 to 101), headers and trailers (102 to 133), messages (134 to 145). The tables themselves are
// tested in tests/unit/grpcframe; here it is about the bytes that lead there.
#include <gtest/gtest.h>

#include "grpcframe/gzip.h"
#include "support/script.h"

namespace minim::test {

using namespace std::chrono_literals;
using rpc::Progress;

namespace {

// The answer to one call, with another call that must not suffer from it.
struct Case {
  std::string_view name;
  std::function<void(Peer&)> answer;
  Code code;
  std::string_view text{};
  bool reset = false;  // we reset the stream, with CANCEL
};

void run(const Case& one) {
  SCOPED_TRACE(one.name);
  Script s;
  const auto a = s.start("/svc/A"), b = s.start("/svc/B");
  one.answer(s.peer());
  s.peer().reply(3, "alive");
  s.expect(a, one.code, one.text, Progress::kSent).expect(b, Code::kOk, "alive");
  s.expect([&](const Script::Run& run) {
    const Frame* const reset = run.received.find(kRstStream, 1);
    if (one.reset) {
      ASSERT_NE(reset, nullptr);
      EXPECT_EQ(reset->number(), 8u);
    }
    if (one.code != Code::kOk) {
      EXPECT_EQ(run.replies[0]->message, "");
    }
  });
  s.run_all_ways();
}

Fields html(std::string status, Fields more = {}) {
  Fields fields{{":status", std::move(status)}, {"content-type", "text/html"}};
  fields.insert(fields.end(), more.begin(), more.end());
  return fields;
}

rpc::Request large_request(std::size_t bytes) {
  rpc::Request request;
  request.path = "/svc/A";
  request.message = std::string(bytes, 'x');
  return request;
}

const Fields kOkTrailers{{"grpc-status", "0"}};

}  // namespace

TEST(Faults, R092WindowOpensLater) {
  Script s;
  s.peer().settings({{kInitialWindowSize, 0}});
  const auto a = s.start("/svc/A");
  s.expect(
      [](const Script::Run& run) { EXPECT_EQ(run.received.body(1), grpc_message("request")); });
  s.wait(1s);
  s.peer().window_update(1, 12);
  s.next_packet().reply(1, "a");
  s.expect(a, Code::kOk, "a");
  s.run_all_ways();
}

TEST(Faults, R093WindowNeverOpens) {
  Script s;
  s.peer().settings({{kInitialWindowSize, 0}});
  const auto a = s.start("/svc/A", 5s);
  s.wait(6s);
  s.expect(a, Code::kDeadlineExceeded, "after 5.0 s while waiting for the response",
           Progress::kSent);
  s.expect([](const Script::Run& run) {
    EXPECT_EQ(run.received.body(1), "");
    ASSERT_NE(run.received.find(kRstStream, 1), nullptr);
    EXPECT_EQ(run.received.find(kRstStream, 1)->number(), 8u);
  });
  s.run_all_ways();
}

TEST(Faults, R094WindowOpensByteByByte) {
  Script s;
  s.peer().settings({{kInitialWindowSize, 0}});
  const auto a = s.start("/svc/A");
  for (int i = 0; i < 12; ++i) s.next_packet().window_update(1, 1);
  s.next_packet().reply(1, "a");
  s.expect(a, Code::kOk, "a");
  s.expect(
      [](const Script::Run& run) { EXPECT_EQ(run.received.body(1), grpc_message("request")); });
  s.run_all_ways();
}

TEST(Faults, R095WindowShrinksBelowWhatIsInFlight) {
  Script s;
  s.peer().settings({{kInitialWindowSize, 1000}});
  const auto a = s.start(large_request(2000));
  s.peer().settings({{kInitialWindowSize, 10}});
  s.next_packet().window_update(1, 980);  // still below zero
  s.next_packet().window_update(1, 3000);
  s.next_packet().reply(1, "a");
  s.expect(a, Code::kOk, "a");
  s.expect([](const Script::Run& run) { EXPECT_EQ(run.received.body(1).size(), 2005u); });
  s.run_all_ways();
}

TEST(Faults, R096PeerOverrunsOurStreamWindow) {
  Script s;
  s.options.limits.stream_window_bytes = 1000;
  const auto a = s.start("/svc/A"), b = s.start("/svc/B");
  s.peer().headers(1, grpc_headers()).data(1, grpc_message(std::string(2000, 'x')).substr(0, 1500));
  s.peer().reply(3, "b");
  s.expect(a, Code::kInternal, "FLOW_CONTROL_ERROR").expect(b, Code::kOk, "b");
  s.expect([](const Script::Run& run) {
    ASSERT_NE(run.received.find(kRstStream, 1), nullptr);
    EXPECT_EQ(run.received.find(kRstStream, 1)->number(), 3u);
  });
  s.run();  // in small pieces it is no overrun: our WINDOW_UPDATEs go out in between
}

TEST(Faults, R097PeerOverrunsOurConnectionWindow) {
  Script s;
  s.options.limits.connection_window_bytes = 65'535;
  s.block_output();  // so that no WINDOW_UPDATE of ours has left
  const auto a = s.start("/svc/A");
  s.unblock_output().block_output();
  s.peer().headers(1, grpc_headers());
  for (int i = 0; i < 9; ++i) s.peer().data(1, std::string(16'000, '\0'));
  s.expect([&](const Script::Run& run) {
    ASSERT_TRUE(run.replies[static_cast<std::size_t>(a)]);
    EXPECT_FALSE(run.replies[static_cast<std::size_t>(a)]->status.ok());
  });
  s.run();
}

TEST(Faults, R098WindowUpdateOverflows) {
  run({"stream window", [](Peer& p) { p.window_update(1, 0x7fffffff); }, Code::kInternal,
       "Flow control error"});
}

TEST(Faults, R099PaddedResponse) {
  Script s;
  const auto a = s.start("/svc/A");
  const std::string message(3000, 'm');
  std::string_view framed;
  const std::string whole = grpc_message(message);
  s.peer().headers(1, grpc_headers());
  for (framed = whole; !framed.empty();
       framed.remove_prefix(std::min<std::size_t>(5, framed.size()))) {
    s.peer().padded_data(1, framed.substr(0, 5), 255);
  }
  s.peer().trailers(1, kOkTrailers);
  s.options.limits.stream_window_bytes = 70'000;  // padding is a hundred times that of the message
  s.expect(a, Code::kOk, message);
  s.expect([](const Script::Run& run) { EXPECT_GT(run.received.count(kWindowUpdate, 1), 0u); });
  s.run();
}

TEST(Faults, R100LateDataOfACancelledCallIsCredited) {
  Script s;
  s.options.limits.connection_window_bytes = 65'535;
  s.options.limits.stream_window_bytes = 1 << 20;
  const auto a = s.start("/svc/A"), b = s.start("/svc/B");
  s.cancel(a);
  s.peer().headers(1, grpc_headers());
  for (int i = 0; i < 3; ++i) s.peer().data(1, std::string(16'000, '\0'));
  s.next_packet().reply(3, "b");
  s.expect(a, Code::kCancelled).expect(b, Code::kOk, "b");
  s.expect([](const Script::Run& run) { EXPECT_GT(run.received.count(kWindowUpdate, 0), 0u); });
  s.run();
}

TEST(Faults, R101LargeResponse) {
  Script s;
  const auto a = s.start("/svc/A");
  const std::string message(4 << 20, 'm');
  const std::string whole = grpc_message(message);
  s.peer().headers(1, grpc_headers());
  for (std::size_t at = 0; at < whole.size(); at += 16'384) {
    s.next_packet().data(1, std::string_view(whole).substr(at, 16'384));
  }
  s.next_packet().trailers(1, kOkTrailers);
  s.expect(a, Code::kOk, message);
  s.expect([](const Script::Run& run) {
    EXPECT_GT(run.received.count(kWindowUpdate, 0), 0u);
    EXPECT_GT(run.received.count(kWindowUpdate, 1), 0u);
  });
  s.run();
}

TEST(Faults, R102BadStatusPseudoHeader) {
  run({"none", [](Peer& p) { p.headers(1, {{"content-type", "application/grpc"}}, true); },
       Code::kInternal});
  run({"abc", [](Peer& p) { p.headers(1, {{":status", "abc"}}, true); }, Code::kInternal});
  run({"two", [](Peer& p) { p.headers(1, {{":status", "200"}, {":status", "200"}}, true); },
       Code::kInternal});
  run({"late", [](Peer& p) { p.headers(1, {{"a", "b"}, {":status", "200"}}, true); },
       Code::kInternal});
  run({"request's", [](Peer& p) { p.headers(1, {{":status", "200"}, {":path", "/"}}, true); },
       Code::kInternal});
}

TEST(Faults, R103InformationalHeaders) {
  run({"100, 103",
       [](Peer& p) {
         p.headers(1, {{":status", "100"}}).headers(1, {{":status", "103"}, {"link", "x"}});
         p.headers(1, grpc_headers()).data(1, grpc_message("m")).trailers(1, kOkTrailers);
       },
       Code::kOk, "m"});
  run({"endless",
       [](Peer& p) {
         for (int i = 0; i < 17; ++i) p.headers(1, {{":status", "100"}});
       },
       Code::kInternal, "more than 16 informational responses"});
}

TEST(Faults, R104InformationalAtTheWrongPlace) {
  run({"end", [](Peer& p) { p.headers(1, {{":status", "100"}}, true); }, Code::kInternal});
  run({"101", [](Peer& p) { p.headers(1, {{":status", "101"}}); }, Code::kInternal});
  run({"late", [](Peer& p) { p.headers(1, grpc_headers()).headers(1, {{":status", "100"}}); },
       Code::kInternal});
}

TEST(Faults, R105ToR108HttpStatuses) {
  const struct {
    std::string_view status;
    Code code;
  } rows[] = {
      {"400", Code::kInternal},         {"401", Code::kUnauthenticated},
      {"403", Code::kPermissionDenied}, {"404", Code::kUnimplemented},
      {"429", Code::kUnavailable},      {"502", Code::kUnavailable},
      {"503", Code::kUnavailable},      {"504", Code::kUnavailable},
      {"302", Code::kUnknown},          {"409", Code::kUnknown},
      {"413", Code::kUnknown},          {"431", Code::kUnknown},
      {"500", Code::kUnknown},          {"505", Code::kUnknown},
      {"800", Code::kUnknown},
  };
  for (const auto& row : rows) {
    const std::string text = "not a gRPC response: HTTP status " + std::string(row.status);
    run({row.status,
         [&](Peer& p) { p.headers(1, html(std::string(row.status))).data(1, "<h1>No</h1>", true); },
         row.code, text});
    run({row.status, [&](Peer& p) { p.headers(1, html(std::string(row.status)), true); }, row.code,
         text});
  }
}

TEST(Faults, R109HtmlWithStatus200) {
  run({"short", [](Peer& p) { p.headers(1, html("200")).data(1, "<h1>Log in</h1>", true); },
       Code::kUnknown, "body: <h1>Log in</h1>"});
  run({"endless",
       [](Peer& p) { p.headers(1, html("200")).data(1, std::string(5000, 'x')).data(1, "y"); },
       Code::kUnknown, "text/html", true});
}

TEST(Faults, R110NoContentType) {
  run({"", [](Peer& p) { p.headers(1, {{":status", "200"}}, true); }, Code::kUnknown,
       "no content-type"});
}

TEST(Faults, R113GrpcStatusWinsOverHttpStatus) {
  run({"grpc",
       [](Peer& p) {
         p.headers(1,
                   {{":status", "502"}, {"content-type", "application/grpc"}, {"grpc-status", "3"}},
                   true);
       },
       Code::kInvalidArgument});
  run({"html", [](Peer& p) { p.headers(1, html("503", {{"grpc-status", "0"}}), true); },
       Code::kUnavailable});
}

TEST(Faults, R115NoGrpcStatus) {
  run({"",
       [](Peer& p) {
         p.headers(1, grpc_headers()).data(1, grpc_message("m")).trailers(1, {{"x", "y"}});
       },
       Code::kUnknown, "no grpc-status"});
}

TEST(Faults, R116EndWithoutTrailers) {
  run({"", [](Peer& p) { p.headers(1, grpc_headers()).data(1, grpc_message("m"), true); },
       Code::kInternal, "without sending trailers"});
}

TEST(Faults, R120BadEscapesInGrpcMessage) {
  run({"", [](Peer& p) { p.fail(1, 5, "100% %ZZ %41%2"); }, Code::kNotFound, "100% %ZZ A%2"});
}

TEST(Faults, R121UnsafeGrpcMessage) {
  run({"", [](Peer& p) { p.fail(1, 5, "a%0D%0Ab%00c%FF"); }, Code::kNotFound,
       "a??b?c\xef\xbf\xbd"});
}

TEST(Faults, R122LongGrpcMessage) {
  const std::string text(60'000, 't');
  Script s;
  const auto a = s.start("/svc/A");
  s.peer().fail(1, 9, text);
  s.expect(a, Code::kFailedPrecondition, text);
  s.run_all_ways();
}

TEST(Faults, R127HeadersAboveOurLimit) {
  for (const bool trailers : {false, true}) {
    Script s;
    s.options.limits.max_header_list_bytes = 2000;
    const auto a = s.start("/svc/A"), b = s.start("/svc/B");
    if (trailers) s.peer().headers(1, grpc_headers()).data(1, grpc_message("m"));
    const Fields large{{"x", std::string(1500, 'x')}, {"y", std::string(600, 'y')}};
    trailers ? s.peer().trailers(1, large) : s.peer().headers(1, grpc_headers(large));
    s.peer().reply(3, "alive");
    s.expect(a, Code::kResourceExhausted, "2000 bytes): see max_header_list_bytes");
    s.expect(b, Code::kOk, "alive");
    s.expect([](const Script::Run& run) {
      EXPECT_NE(run.received.find(kRstStream, 1), nullptr);
      EXPECT_FALSE(run.replies[0]->status.retryable());
    });
    s.run_all_ways();
  }
}

TEST(Faults, R127OneFieldAboveNghttp2sLimitEndsTheConnection) {
  Script s;
  const auto a = s.start("/svc/A");
  s.peer().fail(1, 9, std::string(70'000, 't'));
  s.expect(a, Code::kUnavailable, "COMPRESSION_ERROR");
  s.run();
}

TEST(Faults, R128SecondHeadersInMidMessage) {
  run({"", [](Peer& p) { p.headers(1, grpc_headers()).headers(1, {{"x", "y"}}); },
       Code::kInternal});
}

TEST(Faults, R129IllegalFields) {
  const auto trailers = [](Fields fields) {
    return [fields](Peer& p) {
      p.headers(1, grpc_headers()).data(1, grpc_message("m")).trailers(1, fields);
    };
  };
  run({"pseudo", trailers({{"grpc-status", "0"}, {":status", "200"}}), Code::kInternal});
  run({"upper", trailers({{"grpc-status", "0"}, {"X-Up", "1"}}), Code::kInternal});
  run({"connection", trailers({{"grpc-status", "0"}, {"connection", "close"}}), Code::kInternal});
  run({"value", trailers({{"grpc-status", "0"}, {"x", std::string("a\0b", 3)}}), Code::kInternal,
       "illegal character"});
  run({"grpc-status", trailers({{"grpc-status", "0\n"}}), Code::kInternal, "illegal character"});
  run({"name", trailers({{"grpc-status", "0"}, {"x y", "1"}}), Code::kInternal});
}

TEST(Faults, R130TrailersOnlyWithStatusOk) {
  run({"", [](Peer& p) { p.fail(1, 0); }, Code::kUnimplemented, "0 messages"});
}

TEST(Faults, R131StatusInHeadersAndInTrailers) {
  run({"",
       [](Peer& p) {
         p.headers(1, grpc_headers({{"grpc-status", "5"}})).data(1, grpc_message("m"));
         p.trailers(1, kOkTrailers);
       },
       Code::kOk, "m"});
}

TEST(Faults, R132ContentLengthDiffers) {
  run({"",
       [](Peer& p) {
         p.headers(1, grpc_headers({{"content-length", "3"}})).data(1, grpc_message("m"));
         p.trailers(1, kOkTrailers);
       },
       Code::kInternal});
}

TEST(Faults, R133PushbackIsReported) {
  Script s;
  s.start("/svc/A"), s.start("/svc/B"), s.start("/svc/C");
  s.peer().fail(1, 14, "", {{"grpc-retry-pushback-ms", "250"}});
  s.peer().fail(3, 14, "", {{"grpc-retry-pushback-ms", "x"}}).fail(5, 14);
  s.expect([](const Script::Run& run) {
    EXPECT_EQ(run.replies[0]->pushback, 250ms);
    EXPECT_LT(run.replies[1]->pushback, 0ms);
    EXPECT_EQ(run.replies[2]->pushback, std::nullopt);
  });
  s.run_all_ways();
}

TEST(Faults, R134BadFlag) {
  run({"", [](Peer& p) { p.headers(1, grpc_headers()).data(1, grpc_message("m", 2)); },
       Code::kInternal, "", true});
}

TEST(Faults, R135TruncatedMessage) {
  run({"message",
       [](Peer& p) {
         p.headers(1, grpc_headers()).data(1, grpc_message("message").substr(0, 9));
         p.trailers(1, kOkTrailers);
       },
       Code::kInternal, "ends inside a message"});
  run({"prefix",
       [](Peer& p) {
         p.headers(1, grpc_headers()).data(1, grpc_message("message").substr(0, 3));
         p.trailers(1, kOkTrailers);
       },
       Code::kInternal, "ends inside a message"});
}

TEST(Faults, R136TruncatedMessageWithAStatus) {
  run({"",
       [](Peer& p) {
         p.headers(1, grpc_headers()).data(1, "\1").trailers(1, {{"grpc-status", "5"}});
       },
       Code::kNotFound});
}

TEST(Faults, R137HugeLength) {
  run({"",
       [](Peer& p) {
         p.headers(1, grpc_headers()).data(1, std::string_view("\0\xff\xff\xff\xff", 5));
       },
       Code::kResourceExhausted,
       "grpc: received message larger than max (4294967295 vs. 134217728)", true});
}

TEST(Faults, R138LengthAtTheLimit) {
  for (const std::size_t bytes : {1000u, 1001u}) {
    Script s;
    s.options.limits.max_receive_message_bytes = 1000;
    const auto a = s.start("/svc/A");
    s.peer().reply(1, std::string(bytes, 'm'));
    if (bytes == 1000) {
      s.expect(a, Code::kOk, std::string(bytes, 'm'));
    } else {
      s.expect(a, Code::kResourceExhausted,
               "grpc: received message larger than max (1001 vs. 1000)");
      s.expect([](const Script::Run& run) { EXPECT_FALSE(run.replies[0]->status.retryable()); });
    }
    s.run_all_ways();
  }
}

TEST(Faults, R139TooManyOrNoMessages) {
  run({"two",
       [](Peer& p) {
         p.headers(1, grpc_headers()).data(1, grpc_message("1") + grpc_message("2"));
         p.trailers(1, kOkTrailers);
       },
       Code::kUnimplemented, "2 messages"});
  run({"none", [](Peer& p) { p.headers(1, grpc_headers()).trailers(1, kOkTrailers); },
       Code::kUnimplemented, "0 messages"});
}

TEST(Faults, R140MessageWithAnError) {
  run({"",
       [](Peer& p) {
         p.headers(1, grpc_headers())
             .data(1, grpc_message("m"))
             .trailers(1, {{"grpc-status", "7"}});
       },
       Code::kPermissionDenied});
}

TEST(Faults, R141CompressedFlagWithoutACoding) {
  for (const std::string_view message : {"m", ""}) {
    for (const std::string_view coding : {"", "identity", "brotli"}) {
      run({coding,
           [&](Peer& p) {
             Fields more;
             if (!coding.empty()) more.emplace_back("grpc-encoding", coding);
             p.headers(1, grpc_headers(more)).data(1, grpc_message(message, 1));
             p.trailers(1, kOkTrailers);
           },
           Code::kInternal});
    }
  }
}

TEST(Faults, R142ToR143Gzip) {
  Result<std::string> good = gzip_compress(std::string(3000, 'z'));
  ASSERT_TRUE(good);
  const auto answer = [](std::string coded) {
    return [coded](Peer& p) {
      p.headers(1, grpc_headers({{"grpc-encoding", "gzip"}})).data(1, grpc_message(coded, 1));
      p.trailers(1, kOkTrailers);
    };
  };
  run({"good", answer(*good), Code::kOk, std::string(3000, 'z')});
  run({"cut", answer(good->substr(0, good->size() - 3)), Code::kInternal});
  run({"trailing", answer(*good + "x"), Code::kInternal});
  run({"corrupt", answer("not gzip at all"), Code::kInternal});
  Script s;
  s.options.limits.max_receive_message_bytes = 2999;
  const auto a = s.start("/svc/A");
  answer (*good)(s.peer());
  s.expect(a, Code::kResourceExhausted,
           "grpc: received message after decompression larger than max");
  s.run_all_ways();
}

TEST(Faults, R145PrefixInPieces) {
  for (std::size_t cut = 1; cut < 8; ++cut) {
    run({"",
         [&](Peer& p) {
           const std::string whole = grpc_message("abc");
           p.headers(1, grpc_headers()).data(1, whole.substr(0, cut)).data(1, "");
           p.data(1, whole.substr(cut)).trailers(1, kOkTrailers);
         },
         Code::kOk, "abc"});
  }
}

}  // namespace minim::test
