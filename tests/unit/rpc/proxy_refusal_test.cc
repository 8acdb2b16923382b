// What a proxy says that opens no tunnel, and how it is quoted.
#include <gtest/gtest.h>

#include "unit/rpc/behind_proxy.h"

namespace minim::test {

using namespace std::chrono_literals;

namespace {

// How a proxy's answer ends in one piece and in small ones; the texts must not differ.
enum class Then { kNothing, kHangsUp, kTime };

Status refusal(const rpc::ChannelOptions& options, std::string_view answer, Then then,
               std::size_t chunk) {
  World w(options);
  w.chunk_bytes = chunk;
  const auto a = w.start("/svc/A", once());
  w.wires.at(0).read = after_head();
  w.accept(0).send(0, answer);
  if (then == Then::kHangsUp) w.expect_pending(a).hang_up(0);
  if (then == Then::kTime) w.expect_pending(a).wait(1s);
  w.expect(a, Code::kUnavailable, "cannot connect to server:7233: proxy 10.9.9.9:3128: ");
  EXPECT_TRUE(w.wires[0].is_closed);
  const rpc::Reply* const reply = w.reply(a);
  EXPECT_FALSE(reply != nullptr && reply->status.may_have_reached_server());
  return reply != nullptr ? reply->status : Status();
}

void expect_refusal(std::string_view answer, std::string_view text, Then then = Then::kNothing,
                    const rpc::ChannelOptions& options = with_proxy()) {
  const std::string whole =
      "cannot connect to server:7233: proxy 10.9.9.9:3128: " + std::string(text);
  for (const std::size_t chunk : kChunks) {
    SCOPED_TRACE(std::string(answer.substr(0, 400)) + " in pieces of " + std::to_string(chunk));
    EXPECT_EQ(refusal(options, answer, then, chunk).message(), whole);
  }
}

}  // namespace

TEST(Proxy, RefusalsQuoteTheProxysOwnWords) {
  const std::string asked = "CONNECT server:7233 refused with ";
  expect_refusal("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 9\r\n\r\nno route\nmore",
                 asked + "'502 Bad Gateway'; it says: 'no route'");
  expect_refusal("HTTP/1.1 503 Busy\r\n\r\n\r\n  come back\tlater \r\nmore",
                 asked + "'503 Busy'; it says: 'come back later'");
  expect_refusal("HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n", asked + "'403 Forbidden'");
  expect_refusal("HTTP/1.0 403 Forbidden\r\n\r\n", asked + "'403 Forbidden'", Then::kHangsUp);
  expect_refusal("HTTP/1.1 301 Moved\r\n\r\n", asked + "'301 Moved'", Then::kTime);
  expect_refusal("HTTP/1.1 403 Forbidden\nProxy-Status: squid\n\nno way\n",
                 asked + "'403 Forbidden' (proxy-status: 'squid'); it says: 'no way'");
  expect_refusal("HTTP/1.1 500 \r\n\r\nno line end", asked + "'500'; it says: 'no line end'",
                 Then::kHangsUp);
  expect_refusal("HTTP/1.1 500 X\r\nContent-Length: 4\r\n\r\nshort",
                 asked + "'500 X'; it says: 'shor'");
  expect_refusal(
      "HTTP/1.1 500 X\r\nTransfer-Encoding: Chunked\r\n\r\n7;x=y\r\nchunked\r\n0\r\n\r\n",
      asked + "'500 X'; it says: 'chunked'");
  expect_refusal("HTTP/1.1 500 X\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                 asked + "'500 X'");
  expect_refusal("HTTP/1.1 500 X\r\nTransfer-Encoding: chunked\r\n\r\nzz", asked + "'500 X'",
                 Then::kHangsUp);
  expect_refusal("HTTP/1.1 500 X\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nnot read\r\n",
                 asked + "'500 X'");
  expect_refusal("HTTP/1.1 500 X\r\nTransfer-Encoding: gzip\r\nContent-Length: 5\r\n\r\nwhole",
                 asked + "'500 X'; it says: 'whole'");
  expect_refusal(
      "HTTP/1.1 500 X\r\nContent-Length: 99999999999999999999\r\n\r\nto the line's end\n",
      asked + "'500 X'; it says: 'to the line's end'");
  expect_refusal("HTTP/1.1 502 B\x1b[31m\r\n\r\n\x07 bell \xff\n",
                 asked + "'502 B [31m'; it says: 'bell \xef\xbf\xbd'");
  expect_refusal(
      "HTTP/1.1 502 B\r\nProxy-Status: p; error=connection_refused\r\n"
      "X-Squid-Error: ERR_CONNECT_FAIL 111\r\ncontent-length: 0\r\n\r\n",
      asked +
          "'502 B' (proxy-status: 'p; error=connection_refused') (x-squid-error: "
          "'ERR_CONNECT_FAIL 111')");
}

TEST(Proxy, PagesAreQuotedByTheirFirstText) {
  const std::string asked = "CONNECT server:7233 refused with '502 B'; it says: ";
  const std::string head = "HTTP/1.1 502 B\r\n\r\n";
  expect_refusal(head +
                     "<!DOCTYPE html PUBLIC \"-//W3C//DTD\n HTML\">\n<html><head>\n"
                     "<meta charset=\"utf-8\">\n<title>502 Bad Gateway</title></head>",
                 asked + "'502 Bad Gateway'");
  expect_refusal(head + "<html><body><h1>503 Service Unavailable</h1>\nNo server\n</body></html>\n",
                 asked + "'503 Service Unavailable'");
  expect_refusal(head + "<html>text without an end", asked + "'text without an end'",
                 Then::kHangsUp);
  expect_refusal(head + "<html><title", "CONNECT server:7233 refused with '502 B'", Then::kHangsUp);
  expect_refusal(head + "<html>" + std::string(5000, ' ') + "late\n",
                 "CONNECT server:7233 refused with '502 B'");
}

// kMaxProxyReplyBytes: of a tunnel's answer, of a refusal, and of 1xx answers before either.
TEST(Proxy, HeadsOfAnswersUpToTheirLimit) {
  const auto head = [](std::string start, std::size_t bytes) {
    start += "\r\nx: ";
    return start + std::string(bytes - start.size() - 4, 'x') + "\r\n\r\n";
  };
  const std::string passes = "the head of its answer passes 16384 bytes";
  expect_refusal(head("HTTP/1.1 502 B\r\ncontent-length: 0", 16'384),
                 "CONNECT server:7233 refused with '502 B'");
  expect_refusal(head("HTTP/1.1 502 B\r\ncontent-length: 0", 16'385), passes);
  expect_refusal(head("HTTP/1.1 200 OK", 16'385), passes);
  expect_refusal(head("HTTP/1.1 100 C", 100) + head("HTTP/1.1 200 OK", 16'285), passes);
  for (const std::size_t chunk : kChunks) {
    for (const std::size_t before : {0, 100}) {
      World w(with_proxy());
      w.chunk_bytes = chunk;
      const auto a = w.start("/svc/A", once());
      w.wires.at(0).read = after_head();
      const std::string first = before == 0 ? "" : head("HTTP/1.1 100 C", before);
      w.accept(0).send(0, first + head("HTTP/1.1 200 OK", 16'384 - before) +
                              Peer().settings().settings_ack().bytes());
      w.send(0, Peer().reply(1, "a")).expect(a, Code::kOk, "a");
    }
  }
}

// kMaxRefusalBodyBytes: a line that ends with them is quoted; of one that passes them, so much.
TEST(Proxy, BodiesOfRefusalsUpToTheirLimit) {
  const std::string refused = "CONNECT server:7233 refused with '502 B'";
  for (const std::size_t blanks : {4'092, 4'093, 4'096}) {
    const std::size_t seen = std::min<std::size_t>(4, 4'096 - blanks);
    expect_refusal(
        "HTTP/1.1 502 B\r\n\r\n" + std::string(blanks, ' ') + "late and more\n",
        refused + (seen == 0 ? "" : "; it says: '" + std::string("late").substr(0, seen) + "'"));
  }
}

TEST(Proxy, RefusalsAreWaitedForUpToTheirLimit) {  // kMaxRefusalWait
  for (const std::string_view answer : {"HTTP/1.1 502 B\r\n\r\n", "no proxy"}) {
    World w(with_proxy());
    const auto a = w.start("/svc/A", once());
    w.wires.at(0).read = after_head();
    w.accept(0).send(0, answer).wait(1s - 1ms).expect_pending(a).wait(1ms);
    w.expect(a, Code::kUnavailable, "proxy 10.9.9.9:3128: ");
  }
}

TEST(Proxy, RefusalsAreCutToSize) {
  expect_refusal(
      "HTTP/1.1 502 B\r\n\r\n" + std::string(1'024, 'x') + "\n",
      "CONNECT server:7233 refused with '502 B'; it says: '" + std::string(1'024, 'x') + "'");
  for (const std::size_t size : {std::size_t{1'025}, std::size_t{100'000}}) {
    const Status why =
        refusal(with_proxy(), "HTTP/1.1 502 B\r\n\r\n" + std::string(size, 'x') + "\n",
                Then::kNothing, SIZE_MAX);
    EXPECT_LE(why.message().size(), 1'200u);
    EXPECT_TRUE(why.message().ends_with("xxx...'")) << why.message();
  }
}

TEST(Proxy, RefusalOfCredentialsSaysWhatToSet) {
  const std::string asked =
      "CONNECT server:7233 refused with '407 No': proxy authentication required";
  const std::string answer =
      "HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm=\"squid\"\r\n"
      "Content-Length: 0\r\n\r\n";
  const std::string wants = " (it asks for 'Basic realm=\"squid\"')";
  expect_refusal(answer, asked + wants + ": set the proxy's user and password, or bearer_token");
  expect_refusal("HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n",
                 asked + ": set the proxy's user and password, or bearer_token");
  rpc::ChannelOptions options = with_proxy();
  options.proxy->user = "u";
  expect_refusal(answer,
                 asked + wants + ": it does not accept these credentials: check user and password",
                 Then::kNothing, options);
  expect_refusal("HTTP/1.0 401 Unauthorized\r\n\r\n<title>401 Unauthorized</title>",
                 "CONNECT server:7233 refused with '401 Unauthorized': proxy authentication "
                 "required: it does not accept these credentials: check user and password",
                 Then::kNothing, options);
  options.proxy->user.clear();
  options.proxy->bearer_token = "t";
  expect_refusal(answer,
                 asked + wants + ": it does not accept these credentials: check bearer_token",
                 Then::kNothing, options);
}

TEST(Proxy, SecretsThatItEchoesAreCut) {
  rpc::ChannelOptions options = with_proxy();
  options.proxy->user = "user";
  options.proxy->password = "hunter2";
  options.proxy->headers = {{"x-key", "sesame-open"}, {"x-short", "abc"}};
  expect_refusal(
      "HTTP/1.1 407 bad hunter2\r\nProxy-Authenticate: Basic hunter2\r\n\r\n"
      "you sent Basic dXNlcjpodW50ZXIy, hunter2, hunter2 and sesame-open, abc\n",
      "CONNECT server:7233 refused with '407 bad ***': proxy authentication required "
      "(it asks for 'Basic ***'): it does not accept these credentials: check user and "
      "password; it says: 'you sent Basic ***, ***, *** and ***, abc'",
      Then::kNothing, options);
  expect_refusal("hunter2 echo\r\n", "it does not answer as an HTTP proxy: '*** echo'",
                 Then::kNothing, options);
  // Over the place where a line is cut, and over the end of what came.
  const std::string no = "it does not answer as an HTTP proxy: '";
  options.proxy->password = "correct-horse";
  for (std::size_t filler = 180; filler < 200; ++filler) {
    const std::string text = std::string(filler, 'x') + "correct-horse, correct-horse";
    for (const std::size_t chunk : kChunks) {
      const Status why = refusal(options, text + "\r\n", Then::kNothing, chunk);
      EXPECT_EQ(why.message().find("corr"), std::string_view::npos) << why.message();
    }
  }
  expect_refusal("it was correct-hor", no + "it was ***'", Then::kHangsUp, options);
  expect_refusal("it was cor", no + "it was cor'", Then::kHangsUp, options);
  options.proxy = rpc::ProxyOptions{.target = "10.9.9.9:3128", .bearer_token = "to.ken"};
  expect_refusal("HTTP/1.1 403 F\r\n\r\nBearer to.ken?\n",
                 "CONNECT server:7233 refused with '403 F'; it says: 'Bearer ***?'", Then::kNothing,
                 options);
  options.proxy = rpc::ProxyOptions{.target = "10.9.9.9:3128",
                                    .headers = {{"Proxy-Authorization", "Digest abc"}}};
  expect_refusal("HTTP/1.1 403 F\r\n\r\nDigest abc / abc\n",
                 "CONNECT server:7233 refused with '403 F'; it says: '*** / ***'", Then::kNothing,
                 options);
}

TEST(Proxy, Garbage) {
  const std::string no = "it does not answer as an HTTP proxy: ";
  expect_refusal("SSH-2.0-OpenSSH\r\n", no + "'SSH-2.0-OpenSSH'");
  expect_refusal("no line end", no + "'no line end'", Then::kTime);
  expect_refusal("no line end", no + "'no line end'", Then::kHangsUp);
  expect_refusal("long" + std::string(200, '\0') + "never read", no + "'long'");
  expect_refusal(std::string_view("\x15\x03\x01\x00\x02\x02\x28", 7),
                 no + "it speaks TLS: turn TLS on");
  expect_refusal("HTTP/2 200\r\n\r\n", no + "it speaks HTTP/1: it answered 'HTTP/2 200'");
  expect_refusal("HTTP/1.1 2\r\n\r\n", no + "it speaks HTTP/1: it answered 'HTTP/1.1 2'");
  expect_refusal("HTTP/1.1 200 OK\r\n" + std::string(17'000, 'x'),
                 "the head of its answer passes 16384 bytes");
  expect_refusal("HTTP/1.1 100 C\r\nx: " + std::string(17'000, 'x'),
                 "the head of its answer passes 16384 bytes");
}

TEST(Proxy, ARefusalStandsAlthoughTheSocketWasReset) {
  World w(with_proxy());
  const auto a = w.start("/svc/A", once());
  w.wires.at(0).read = after_head();
  w.accept(0).send(0, "HTTP/1.1 502 B\r\n\r\nno").hang_up(0, "connection reset by peer");
  w.expect(a, Code::kUnavailable, "refused with '502 B'; it says: 'no'");
}

TEST(Proxy, EndlessInformationalAnswers) {
  World w(with_proxy());
  const auto a = w.start("/svc/A", once());
  w.wires.at(0).read = after_head();
  w.accept(0);
  for (int i = 0; i < 2000 && !w.wires[0].is_closed; ++i) w.send(0, "HTTP/1.1 100 C\r\n\r\n");
  w.expect(a, Code::kUnavailable, "the head of its answer passes 16384 bytes");
}

}  // namespace minim::test
