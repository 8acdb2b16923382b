#include <gtest/gtest.h>

#include <algorithm>

#include "grpcframe/gzip.h"
#include "minim/random.h"
#include "rpc/request_heads.h"
#include "support/script.h"

namespace minim::test {

using namespace std::chrono_literals;
using rpc::Connection;
using rpc::Progress;
using Kind = Connection::Event::Kind;

namespace {

rpc::Request request(std::string path, std::string message = "request") {
  rpc::Request made;
  made.path = std::move(path);
  made.message = std::move(message);
  return made;
}

}  // namespace

TEST(Connection, GoodCall) {
  Script s;
  const auto a = s.start("/svc/A");
  s.peer().reply(1, "hello");
  s.expect(a, Code::kOk, "hello", Progress::kSent);
  s.expect([](const Script::Run& run) {
    const Received& got = run.received;
    const Frame* const head = got.find(kHeaders, 1);
    ASSERT_NE(head, nullptr);
    std::string names;
    for (const DecodedField& field : head->fields) names += field.name + "=" + field.value + "\n";
    EXPECT_EQ(names,
              ":method=POST\n:scheme=http\n:path=/svc/A\n:authority=server:7233\nte=trailers\n"
              "content-type=application/grpc\ngrpc-accept-encoding=gzip\nuser-agent=minim\n");
    EXPECT_EQ(got.body(1), grpc_message("request"));
    EXPECT_EQ(got.count(kData, 1), 1u) << "prefix and message are one frame";
    EXPECT_TRUE(got.find(kData, 1)->end_stream());
    EXPECT_EQ(got.count(kRstStream), 0u);
    EXPECT_EQ(run.count(Kind::kReady), 1u);
  });
  s.run_all_ways();
}

TEST(Connection, FirstFlightAnnouncesOurSettingsAndWindow) {
  Script s;
  s.options.limits.stream_window_bytes = 123'456;
  s.options.limits.connection_window_bytes = 1'000'000;
  s.options.limits.max_header_list_bytes = 7'000;
  s.expect([](const Script::Run& run) {
    const Frame* const settings = run.received.find(kSettings);
    ASSERT_NE(settings, nullptr);
    ASSERT_EQ(settings->payload.size(), 18u);
    EXPECT_EQ(settings->number(2), 0u) << "ENABLE_PUSH";
    EXPECT_EQ(settings->number(8), 123'456u) << "INITIAL_WINDOW_SIZE";
    EXPECT_EQ(settings->number(14), 7'000u) << "MAX_HEADER_LIST_SIZE";
    const Frame* const window = run.received.find(kWindowUpdate, 0);
    ASSERT_NE(window, nullptr);
    EXPECT_EQ(window->number(), 1'000'000u - 65'535u);
  });
  s.run_all_ways();
}

TEST(Connection, HeadersAndTrailersComeAsMetadata) {
  Script s;
  const auto a = s.start("/svc/A");
  s.peer().headers(1, grpc_headers({{"x-head", "1"}, {"x-head", "2"}, {"h-bin", "AQI"}}));
  s.peer().data(1, grpc_message("m")).trailers(1, {{"grpc-status", "0"}, {"x-tail", "3"}});
  s.expect(a, Code::kOk, "m");
  s.expect([](const Script::Run& run) {
    ASSERT_TRUE(run.replies[0]);
    const rpc::Reply& reply = *run.replies[0];
    ASSERT_EQ(reply.headers.size(), 3u);
    EXPECT_EQ(*reply.headers.find("x-head"), "2");
    EXPECT_EQ(*reply.headers.find("h-bin"), "\x01\x02");
    EXPECT_EQ(*reply.trailers.find("x-tail"), "3");
  });
  s.run_all_ways();
}

TEST(Connection, RequestIsHandedBackWhateverComes) {
  Script s;
  s.start(request("/svc/A", "first")), s.start(request("/svc/B", "second"));
  s.peer().reply(1, "a").rst(3, 7);
  s.expect([](const Script::Run& run) {
    std::string messages;
    for (const Connection::Event& event : run.events) {
      if (event.kind == Kind::kReply) messages += event.request.path + event.request.message;
    }
    EXPECT_EQ(messages, "/svc/Afirst/svc/Bsecond");
  });
  s.run_all_ways();
}

TEST(Connection, CallWaitsForTheServersSettings) {
  Script s(Script::Handshake::kNone);
  const auto a = s.start("/svc/A");
  s.expect([](const Script::Run& run) { EXPECT_EQ(run.received.count(kHeaders), 1u); });
  s.wait(1s);
  s.peer().settings().settings_ack();
  s.next_packet().reply(1, "late");
  s.expect(a, Code::kOk, "late");
  s.run_all_ways();

  Script silent(Script::Handshake::kNone);
  silent.start("/svc/A");
  silent.expect([](const Script::Run& run) { EXPECT_EQ(run.received.count(kHeaders), 0u); });
  silent.run_all_ways();
}

TEST(Connection, CountsWhatIsOpenAndWhatIsQueued) {
  Connection connection({.authority = "server"}, kEpoch);
  for (int i = 0; i < 3; ++i) connection.start(kEpoch, {.path = "/svc/A"});
  EXPECT_EQ(connection.call_count(), 3u);
  EXPECT_EQ(connection.queued_count(), 3u);
  connection.receive(kEpoch, Peer().settings({{kMaxConcurrentStreams, 2}}).bytes());
  EXPECT_EQ(connection.call_count(), 3u);
  EXPECT_EQ(connection.queued_count(), 1u);
}

TEST(Connection, DeadlineTravelsAsGrpcTimeoutOfWhatIsLeft) {
  Script s(Script::Handshake::kNone);
  s.start("/svc/A", 30s);
  s.wait(10s);
  s.peer().settings().settings_ack();
  s.expect([](const Script::Run& run) {
    const Frame* const head = run.received.find(kHeaders, 1);
    ASSERT_NE(head, nullptr);
    EXPECT_EQ(head->field("grpc-timeout"), "20S");
    for (const DecodedField& field : head->fields) {
      EXPECT_EQ(field.never_indexed, field.name == "grpc-timeout");
    }
  });
  s.run_all_ways();
}

TEST(Connection, SecretsAreNeverIndexed) {
  Script s;
  rpc::Request secret = request("/svc/A");
  secret.metadata = {{"authorization", "Bearer key"}, {"x-plain", "1"}, {"x-raw-bin", "\xff"}};
  s.start(std::move(secret));
  s.expect([](const Script::Run& run) {
    const Frame* const head = run.received.find(kHeaders, 1);
    ASSERT_NE(head, nullptr);
    EXPECT_EQ(head->field("x-raw-bin"), "/w");
    for (const DecodedField& field : head->fields) {
      EXPECT_EQ(field.never_indexed, field.name == "authorization" || field.name == "x-raw-bin")
          << field.name;
    }
  });
  s.run_all_ways();
}

TEST(Connection, RequestsThatAreAlikeShareAListOfHeaders) {
  Script s;
  s.options.gzip_above_bytes = 100;
  const auto common = std::make_shared<const Metadata>(Metadata{{"tenant", "a"}});
  const auto other = std::make_shared<const Metadata>(Metadata{{"tenant", "b"}});
  const auto make = [](std::shared_ptr<const Metadata> with, Metadata own, std::size_t bytes) {
    rpc::Request made = request("/svc/A", std::string(bytes, 'x'));
    made.common = std::move(with);
    made.metadata = std::move(own);
    return made;
  };
  for (int round = 0; round < 2; ++round) {
    s.start(make(common, {}, 1), 1s);
    s.start(make(other, {}, 1), 1s);
    s.start(make(common, {}, 1));
    s.start(make(common, {}, 200), 1s);
    s.start(make(common, {{"tenant", "mine"}}, 1), 1s);
    s.start(make(nullptr, {}, 1), 1s);
  }
  s.expect([](const Script::Run& run) {
    for (std::uint32_t stream = 1; stream <= 23; stream += 2) {
      const Frame* const head = run.received.find(kHeaders, stream);
      ASSERT_NE(head, nullptr);
      const std::string is = head->field("tenant") + "," + head->field("grpc-timeout") + "," +
                             head->field("grpc-encoding");
      const char* const expected[] = {"a,1S,", "b,1S,", "a,,", "a,1S,gzip", "mine,1S,", ",1S,"};
      EXPECT_EQ(is, expected[(stream - 1) / 2 % 6]) << stream;
    }
  });
  s.run_all_ways();
}

TEST(Connection, MoreMethodsThanListsAreKept) {
  Script s;
  std::vector<Script::Call> calls;
  std::uint32_t stream = 1;
  for (int round = 0; round < 2; ++round) {
    for (std::size_t i = 0; i < rpc::kMaxKeptHeads + 5; ++i) {
      calls.push_back(s.start("/svc/M" + std::to_string(i)));
      // Some end at once and give their list up, others go on.
      if (i % 2 == 0) s.peer().reply(stream, "done");
      stream += 2;
    }
  }
  s.expect([](const Script::Run& run) {
    for (std::size_t i = 0; i < rpc::kMaxKeptHeads + 5; ++i) {
      for (std::size_t round = 0; round < 2; ++round) {
        EXPECT_NE(run.received.stream_of("/svc/M" + std::to_string(i), round), 0u) << i;
      }
    }
  });
  const Script::Run run = s.run();
  EXPECT_EQ(run.problem, "");
  for (std::size_t i = 0; i < run.replies.size(); ++i) {
    EXPECT_EQ(run.replies[i].has_value(), i % (rpc::kMaxKeptHeads + 5) % 2 == 0) << i;
  }
}

TEST(Connection, PerCallMetadataHidesCommonMetadata) {
  Script s;
  rpc::Request one = request("/svc/A");
  one.metadata = {{"k", "mine"}};
  one.common = std::make_shared<const Metadata>(Metadata{{"k", "common"}, {"other", "common"}});
  s.start(std::move(one));
  s.expect([](const Script::Run& run) {
    const Frame* const head = run.received.find(kHeaders, 1);
    ASSERT_NE(head, nullptr);
    EXPECT_EQ(head->field("k"), "mine");
    EXPECT_EQ(head->field("other"), "common");
    EXPECT_EQ(std::count_if(head->fields.begin(), head->fields.end(),
                            [](const DecodedField& field) { return field.name == "k"; }),
              1);
  });
  s.run_all_ways();
}

TEST(Connection, BadCallsFailBeforeAnythingIsSent) {
  Script s;
  s.options.limits.max_send_message_bytes = 10;
  const auto path = s.start(request("no-slash"));
  const auto blank = s.start(request("/svc/A B"));
  rpc::Request with_key = request("/svc/A");
  with_key.metadata = {{"bad key", "secret value"}};
  const auto key = s.start(std::move(with_key));
  const auto large = s.start(request("/svc/A", "eleven byte"));
  const auto fits = s.start(request("/svc/Fits", "ten bytes!"));
  s.expect(path, Code::kInvalidArgument, "'no-slash' is not a method path", Progress::kNotSent);
  s.expect(blank, Code::kInvalidArgument, "not a method path", Progress::kNotSent);
  s.expect(key, Code::kInvalidArgument, "bad key", Progress::kNotSent);
  s.expect(large, Code::kResourceExhausted,
           "grpc: trying to send message larger than max (11 vs. 10)", Progress::kNotSent);
  s.expect_pending(fits);
  s.expect([](const Script::Run& run) {
    EXPECT_EQ(run.received.count(kHeaders), 1u);
    EXPECT_EQ(run.replies[2]->status.message().find("secret"), std::string_view::npos);
    EXPECT_FALSE(run.replies[3]->status.may_have_reached_server());
    EXPECT_FALSE(run.replies[3]->status.retryable());
  });
  s.run_all_ways();
}

TEST(Connection, TooManyCallsAreRefusedByName) {
  Script s(Script::Handshake::kNone);
  s.options.limits.max_calls = 2;
  s.start("/svc/A"), s.start("/svc/B");
  const auto c = s.start("/svc/C");
  s.expect(c, Code::kResourceExhausted, "max_calls", Progress::kNotSent);
  s.run_all_ways();
}

TEST(Connection, RequestsAreGzipCodedWhereThatHelps) {
  Script s;
  s.options.gzip_above_bytes = 100;
  s.start(request("/svc/Small", std::string(99, 'a')));
  s.start(request("/svc/Large", std::string(1000, 'a')));
  std::string noise;
  SeededRandom random(1);
  while (noise.size() < 400) noise += static_cast<char>(random.next());
  s.start(request("/svc/Noise", noise));
  s.expect([](const Script::Run& run) {
    EXPECT_EQ(run.received.find(kHeaders, 1)->field("grpc-encoding"), "");
    EXPECT_EQ(run.received.find(kHeaders, 3)->field("grpc-encoding"), "gzip");
    EXPECT_EQ(run.received.body(3)[0], '\1');
    EXPECT_LT(run.received.body(3).size(), 100u);
    EXPECT_EQ(run.received.find(kHeaders, 5)->field("grpc-encoding"), "");
    EXPECT_EQ(run.received.body(5)[0], '\0');
  });
  s.run_all_ways();
}

TEST(Connection, FromZeroBytesEveryRequestIsGzipCoded) {
  Script s;
  s.options.gzip_above_bytes = 0;
  s.start(request("/svc/Empty", ""));
  s.start(request("/svc/Small", "abc"));
  s.expect([](const Script::Run& run) {
    for (const std::uint32_t stream : {1u, 3u}) {
      EXPECT_EQ(run.received.find(kHeaders, stream)->field("grpc-encoding"), "gzip");
      EXPECT_EQ(run.received.body(stream)[0], '\1');
      EXPECT_EQ(run.received.body(stream).substr(5, 2), "\x1f\x8b");
    }
  });
  s.run_all_ways();
}

TEST(Connection, ReplySaysHowManyBytesCame) {
  const std::string coded = *gzip_compress(std::string(3000, 'z'));
  Script s;
  (void)s.start("/svc/A");
  (void)s.start("/svc/B");
  s.peer().headers(1, grpc_headers({{"grpc-encoding", "gzip"}})).data(1, grpc_message(coded, 1));
  s.peer().trailers(1, {{"grpc-status", "0"}}).reply(3, "plain");
  s.expect([&coded](const Script::Run& run) {
    EXPECT_EQ(run.replies[0]->wire_bytes, coded.size());
    EXPECT_EQ(run.replies[1]->wire_bytes, 5u);
  });
  s.run_all_ways();
}

TEST(Connection, OnlyTheServersOwnUnimplementedBlamesGzip) {
  Script s;
  s.options.gzip_above_bytes = 10;
  for (int i = 0; i < 3; ++i) s.start(request("/svc/A", std::string(1000, 'a')));
  s.peer().fail(1, 12, "unknown encoding").fail(3, 0).headers(5, {{":status", "404"}}, true);
  s.expect([](const Script::Run& run) {
    int reply = 0;
    for (const Connection::Event& event : run.events) {
      if (event.kind != Kind::kReply) continue;
      EXPECT_EQ(event.reply.status.code(), Code::kUnimplemented);
      EXPECT_EQ(event.gzip_refused, reply++ == 0);
    }
  });
  s.run_all_ways();
}

TEST(Connection, HundredCallsAtOnce) {
  Script s;
  for (int i = 0; i < 100; ++i) s.start("/svc/" + std::to_string(i));
  for (std::uint32_t i = 100; i-- > 0;) s.peer().reply(2 * i + 1, std::to_string(i));
  for (std::size_t i = 0; i < 100; ++i) s.expect(Script::Call{i}, Code::kOk, std::to_string(i));
  s.run();
}

TEST(Connection, ShutDownLetsOpenAndQueuedCallsFinish) {
  Script s(Script::Handshake::kNone);
  const auto a = s.start("/svc/A"), b = s.start("/svc/B");
  s.peer().settings({{kMaxConcurrentStreams, 1}}).settings_ack();
  s.shut_down();
  const auto late = s.start("/svc/C");
  s.peer().reply(1, "a");
  s.next_packet().reply(3, "b");
  s.expect(a, Code::kOk, "a").expect(b, Code::kOk, "b");
  s.expect(late, Code::kUnavailable, "shutting down", Progress::kNotSent);
  s.expect([](const Script::Run& run) {
    ASSERT_TRUE(run.is_closed);
    EXPECT_TRUE(run.find(Kind::kClosed)->status.ok());
    EXPECT_EQ(run.received.frames().back().type, kGoaway);
  });
  s.run_all_ways();
}

TEST(Connection, ShutDownOfAnIdleConnectionClosesIt) {
  Script s;
  s.shut_down().shut_down();
  s.expect([](const Script::Run& run) {
    EXPECT_TRUE(run.is_closed);
    EXPECT_EQ(run.received.count(kGoaway), 1u);
  });
  s.run_all_ways();
}

TEST(Connection, LostNamesTheReasonAndSaysWhatLeft) {
  Script s(Script::Handshake::kNone);
  const auto queued = s.start("/svc/Queued");
  s.lost("connection reset by peer");
  const auto late = s.start("/svc/Late");
  s.expect(queued, Code::kUnavailable, "connection reset by peer", Progress::kNotSent);
  s.expect(late, Code::kUnavailable, "connection reset by peer", Progress::kNotSent);
  s.run_all_ways();
}

// A proxy's page that was cut short says more than what cut it.
TEST(Connection, ForeignPageIsQuotedWhateverEndsIt) {
  const Peer page = Peer()
                        .headers(1, {{":status", "502"}, {"content-type", "text/html"}})
                        .data(1, "<h1>no upstream");
  for (const bool is_lost : {true, false}) {
    Script s;
    const auto a = s.start("/svc/A", 2s), b = s.start("/svc/B");
    s.peer().raw(page.bytes());
    is_lost ? s.lost("connection reset by peer") : s.wait(3s);
    const std::string quote =
        "not a gRPC response: HTTP status 502, content-type 'text/html'; is this a gRPC server? "
        "body: <h1>no upstream";
    s.expect(a, is_lost ? Code::kUnavailable : Code::kDeadlineExceeded,
             (is_lost ? "" : "while reading the response, which is ") + quote, Progress::kSent);
    if (is_lost) s.expect(b, Code::kUnavailable, "connection reset by peer");
    s.run_all_ways();
  }
}

}  // namespace minim::test
