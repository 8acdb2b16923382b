// A host's own resolver, dialer, random source and log.
#include <fcntl.h>
#include <sys/socket.h>

#include <atomic>
#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "minim/dialer.h"
#include "minim/log.h"
#include "minim/observer.h"
#include "minim/resolver.h"
#include "uv/lookup.h"
#include "uv/support/fake_loop.h"
#include "uv/support/h2_server.h"
#include "uv/support/memory_stream.h"

namespace minim::test {
namespace {

struct TestResolver final : Resolver {
  explicit TestResolver(std::function<void(ResolverAnswer)> does) : act(std::move(does)) {}
  void resolve(const std::string& host, std::uint16_t port, ResolverAnswer answer) override {
    asked.push_back(host + " " + std::to_string(port));
    act(std::move(answer));
  }
  std::function<void(ResolverAnswer)> act;
  std::vector<std::string> asked;
};

struct TestDialer final : Dialer {
  explicit TestDialer(std::function<void(DialAnswer)> does) : act(std::move(does)) {}
  void dial(const rpc::Address& address, DialAnswer answer) override {
    asked.push_back(address.to_string());
    act(std::move(answer));
  }
  std::function<void(DialAnswer)> act;
  std::vector<std::string> asked;
};

struct TestLog final : Log {
  void write(LogLevel level, std::string_view line) override {
    lines.append(level == LogLevel::kWarning ? "W " : "D ").append(line).append("\n");
  }
  std::string lines;
};

class Seams : public FakeLoop {
 protected:
  std::shared_ptr<internal::Port> open_with(rpc::ChannelOptions options,
                                            std::string target = "name.test:7233") {
    return FakeLoop::open_with(std::move(options), std::move(target));
  }
  std::shared_ptr<internal::Port> open_dialer(std::function<void(DialAnswer)> act) {
    return open_with({.dialer = dialer_ = std::make_shared<TestDialer>(std::move(act))});
  }
  std::shared_ptr<internal::Port> open_stream() {
    return open_dialer(
        [this](DialAnswer answer) { answer.give(std::make_unique<MemoryStream>(stream_)); });
  }
  std::string call_text(const std::shared_ptr<internal::Port>& port) {
    return call(port, "/test/Echo").to_string();
  }

  std::shared_ptr<TestDialer> dialer_;
  MemoryStream::State stream_;
};

// One end of a pair of sockets; the server has the other one.
int connected_to(H2Server& server) {
  int ends[2];
  EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
  server.adopt(ends[1]);
  ++Fake::opened;
  return ends[0];
}

TEST_F(Seams, ResolverThatFailsAndRecovers) {
  H2Server server;
  Result<std::vector<rpc::Address>> found = Status(Code::kNotFound, "no such service in the book");
  const auto resolver =
      std::make_shared<TestResolver>([&](ResolverAnswer answer) { answer.give(found); });
  const auto port = open_with({.resolver = resolver});
  const Status failed = call(port, "/test/Echo");
  EXPECT_EQ(failed.code(), Code::kUnavailable);
  EXPECT_NE(failed.message().find("name.test: no such service in the book"), std::string::npos)
      << failed.to_string();
  found = std::vector<rpc::Address>{{rpc::Address::Kind::kIp, "127.0.0.1", server.port()}};
  while (call_text(port) != "OK") {
  }
  EXPECT_EQ(resolver->asked[0], "name.test 7233");
  EXPECT_EQ(Fake::lookups, 0);
}

TEST_F(Seams, ResolverAnswersOnAnotherThread) {
  H2Server server;
  std::thread thread;
  const auto port = open_with(
      {.resolver = std::make_shared<TestResolver>([&](ResolverAnswer answer) {
         thread = std::thread([&server, own = std::make_shared<ResolverAnswer>(std::move(answer))] {
           own->give(
               std::vector<rpc::Address>{{rpc::Address::Kind::kIp, "127.0.0.1", server.port()}});
           own->give(Status(Code::kUnavailable, "twice"));
         });
       })});
  EXPECT_EQ(call_text(port), "OK");
  thread.join();
}

TEST_F(Seams, ResolverWithoutAnAnswerOrWithoutAddresses) {
  const auto silent =
      open_with({.resolver = std::make_shared<TestResolver>([](ResolverAnswer) {})});
  EXPECT_NE(call_text(silent).find("name.test: the host gave no answer"), std::string::npos);
  const auto empty =
      open_with({.resolver = std::make_shared<TestResolver>(
                     [](ResolverAnswer answer) { answer.give(std::vector<rpc::Address>()); })});
  EXPECT_NE(call_text(empty).find("name.test: has no address"), std::string::npos);
}

TEST_F(Seams, ResolverIsNotAskedAboutNumbers) {
  H2Server server;
  const auto resolver = std::make_shared<TestResolver>([](ResolverAnswer) {});
  EXPECT_EQ(call_text(open_with({.resolver = resolver}, server.target())), "OK");
  EXPECT_TRUE(resolver->asked.empty());
}

TEST_F(Seams, DialerHandsOverADescriptor) {
  H2Server server;
  const auto port = open_dialer([&](DialAnswer answer) { answer.give(connected_to(server)); });
  for (int i = 0; i < 3; ++i) EXPECT_EQ(call_text(port), "OK");
  EXPECT_EQ(server.connections(), 1);
  // Reconnects through the dialer as well.
  EXPECT_EQ(call(port, "/test/Close").code(), Code::kUnavailable);
  EXPECT_EQ(call_text(port), "OK");
  EXPECT_EQ(dialer_->asked, std::vector<std::string>(2, "name.test:7233"));
  EXPECT_EQ(Fake::lookups, 0);
}

TEST_F(Seams, DescriptorIsMadeCloseOnExec) {
  H2Server server;
  int handed = -1;
  const auto port = open_dialer([&](DialAnswer answer) {
    handed = connected_to(server);
    EXPECT_EQ(fcntl(handed, F_SETFD, 0), 0);
    answer.give(handed);
  });
  EXPECT_EQ(call_text(port), "OK");
  EXPECT_EQ(fcntl(handed, F_GETFD), FD_CLOEXEC);
}

TEST_F(Seams, DialerBesideAResolverGetsItsAddresses) {
  H2Server server;
  const auto dialer =
      std::make_shared<TestDialer>([&](DialAnswer answer) { answer.give(connected_to(server)); });
  const auto resolver = std::make_shared<TestResolver>([](ResolverAnswer answer) {
    answer.give(std::vector<rpc::Address>{{rpc::Address::Kind::kIp, "10.1.2.3", 99}});
  });
  EXPECT_EQ(call_text(open_with({.resolver = resolver, .dialer = dialer})), "OK");
  EXPECT_EQ(dialer->asked, std::vector<std::string>{"10.1.2.3:99"});
}

TEST_F(Seams, EachStepOfAHandedDescriptorFails) {
  H2Server server;
  for (int k = 1;; ++k) {
    const auto port = open_dialer([&](DialAnswer answer) { answer.give(connected_to(server)); });
    Fake::calls = 0;
    Fake::fail_at = k;
    const Status status = call(port, "/test/Echo");
    EXPECT_TRUE(status.ok() || status.code() == Code::kUnavailable) << status.to_string();
    const bool was_hit = Fake::calls >= k;
    Fake::fail_at = 0;
    while (call_text(port) != "OK") {
    }
    if (!was_hit) break;
    ASSERT_LT(k, 100);
  }
}

TEST_F(Seams, DialerThatFails) {
  const auto port = open_dialer(
      [](DialAnswer answer) { answer.fail(Status(Code::kUnavailable, "the tunnel is down")); });
  const Status status = call(port, "/test/Echo");
  EXPECT_EQ(status.code(), Code::kUnavailable);
  EXPECT_FALSE(status.may_have_reached_server());
  EXPECT_NE(status.message().find("name.test:7233: the tunnel is down"), std::string::npos)
      << status.to_string();
  const auto silent = open_dialer([](DialAnswer) {});
  EXPECT_NE(call_text(silent).find("the host gave no answer"), std::string::npos);
  const auto no_socket = open_dialer([](DialAnswer answer) { answer.give(-1); });
  EXPECT_NE(call_text(no_socket).find("bad file descriptor"), std::string::npos);
}

// Whoever answers late answers nobody: the deadline has struck, or the client is gone.
TEST_F(Seams, DialerThatIsLate) {
  std::vector<DialAnswer> late;
  const auto keep = [&](DialAnswer answer) { late.push_back(std::move(answer)); };
  auto port = open_dialer(keep);
  const auto impatient = make_call(port, "/test/Echo", "", [](Status status, std::string) {
    EXPECT_EQ(status.code(), Code::kDeadlineExceeded);
  });
  impatient->options().rpc_timeout = std::chrono::milliseconds(1);
  ASSERT_TRUE(port->submit(impatient).ok());
  run();
  auto other = open_dialer(keep);
  const auto closed = make_call(other, "/test/Echo", "", [](Status status, std::string) {
    EXPECT_EQ(status.code(), Code::kCancelled);
  });
  ASSERT_TRUE(other->submit(closed).ok());
  while (late.size() < 2) uv_run(&loop_, UV_RUN_NOWAIT);
  port.reset();
  other->close();
  run();

  int ends[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
  Fake::opened += 1;
  late[0].give(ends[0]);
  late[1].give(std::make_unique<MemoryStream>(stream_));
  core_->stop();
  run();
  EXPECT_EQ(fcntl(ends[0], F_GETFD), -1) << "not closed";
  EXPECT_EQ(stream_.alive, 0);
  ::close(ends[1]);
}

TEST_F(Seams, DialersThatNeverAnswerAreBounded) {
  std::vector<DialAnswer> kept;
  std::vector<std::shared_ptr<internal::Port>> ports;
  std::vector<std::string> ended;
  for (int i = 0; i <= uv::kMaxLookups; ++i) {
    ports.push_back(open_dialer([&](DialAnswer answer) { kept.push_back(std::move(answer)); }));
    const auto waiting = make_call(ports.back(), "/test/Echo", "", [&](Status status, std::string) {
      ended.push_back(status.to_string());
      core_->stop();
    });
    ASSERT_TRUE(ports.back()->submit(waiting).ok());
  }
  run();
  ASSERT_EQ(ended.size(), static_cast<std::size_t>(uv::kMaxLookups) + 1);
  EXPECT_NE(ended[0].find("kMaxLookups: 16 lookups or dials have not come back yet"),
            std::string::npos)
      << ended[0];
}

TEST_F(Seams, StreamInMemory) {
  std::string message;
  auto port = open_stream();
  EXPECT_EQ(call(port, "/test/Echo", &message).to_string(), "OK");
  EXPECT_EQ(message, "hello");
  EXPECT_EQ(call_text(port), "OK");
  EXPECT_EQ(stream_.alive, 1);
  EXPECT_EQ(dialer_->asked.size(), 1u);
  port.reset();
  run();
  EXPECT_EQ(stream_.alive, 0);
  stream_.waker->wake();  // late, and harmless
}

TEST_F(Seams, StreamThatMovesLittleAtATime) {
  for (const std::size_t piece : {std::size_t{7}, std::size_t{1000}, std::size_t{100'000}}) {
    stream_.piece_bytes = piece;
    const auto port = open_stream();
    const std::string large(piece * 300, 'x');
    std::string echoed;
    ASSERT_TRUE(port->submit(make_call(port, "/test/Echo", large,
                                       [&](Status status, std::string message) {
                                         EXPECT_EQ(status.to_string(), "OK");
                                         echoed = std::move(message);
                                       }))
                    .ok());
    run();
    EXPECT_EQ(echoed.size(), large.size());
  }
}

TEST_F(Seams, StreamThatEndsOrFails) {
  stream_.ends_on_request = true;
  EXPECT_NE(call_text(open_stream()).find("name.test:7233 closed the connection"),
            std::string::npos);
  stream_.ends_on_request = false;
  stream_.fails_on_request = "the line is noisy";
  const auto port = open_stream();
  EXPECT_NE(call_text(port).find("name.test:7233: the line is noisy"), std::string::npos);
  EXPECT_EQ(stream_.alive, 0);
  stream_.fails_on_request.clear();
  while (call_text(port) != "OK") {
  }
}

TEST_F(Seams, StreamIsWokenFromAnotherThread) {
  std::thread thread;
  const auto port = open_dialer([&](DialAnswer answer) {
    thread = std::thread([&, own = std::make_shared<DialAnswer>(std::move(answer))] {
      own->give(std::make_unique<MemoryStream>(stream_));
    });
  });
  EXPECT_EQ(call_text(port), "OK");
  thread.join();
  std::thread([waker = *stream_.waker] {
    for (int i = 0; i < 100; ++i) waker.wake();
  }).join();
  EXPECT_EQ(call_text(port), "OK");
}

// The wakes fall into the turns of the loop: for ThreadSanitizer more than for what is expected.
TEST_F(Seams, StreamIsWokenWhileItIsRead) {
  std::atomic<bool> is_over = false;
  const auto port = open_stream();
  EXPECT_EQ(call_text(port), "OK");
  std::thread thread([&is_over, waker = *stream_.waker] {
    while (!is_over) waker.wake();
  });
  for (int i = 0; i < 200; ++i) EXPECT_EQ(call_text(port), "OK");
  is_over = true;
  thread.join();
}

TEST_F(Seams, StreamThatMovesWhatItCannot) {
  using Moved = ByteStream::Moved;
  const auto bytes = [](std::size_t count) {
    return Moved{.kind = Moved::Kind::kBytes, .count = count};
  };
  // Besides a write nothing is read: with the server's SETTINGS the call would be tried again.
  const struct {
    std::optional<Moved> read, write;
    std::string_view says;
  } cases[] = {
      {bytes(0), {}, "says that it has moved 0 of "},
      {bytes(uv::kReadBytes + 1), {}, "says that it has moved 65537 of 65536 bytes"},
      {bytes(SIZE_MAX), {}, "says that it has moved 18446744073709551615 of 65536 bytes"},
      {Moved(), bytes(0), "says that it has moved 0 of "},
      {Moved(), bytes(SIZE_MAX), "says that it has moved 18446744073709551615 of "},
      {Moved(), Moved{.kind = Moved::Kind::kEnd}, "has ended"},
  };
  for (const auto& [read, write, says] : cases) {
    stream_.read_says = read;
    stream_.write_says = write;
    const Status status = call(open_stream(), "/test/Echo");
    EXPECT_EQ(status.code(), Code::kUnavailable);
    EXPECT_NE(status.message().find("name.test:7233: the host's stream " + std::string(says)),
              std::string::npos)
        << status.to_string();
    EXPECT_EQ(stream_.alive, 0);
  }
}

TEST_F(Seams, RandomSourceOfTheHost) {
  const auto random = std::make_shared<SeededRandom>(7);
  const auto port = open_with({.random = random});
  ASSERT_TRUE(port->submit(make_call(port, "/test/Echo", "", [](Status, std::string) {})).ok());
  EXPECT_EQ(&port->random(), random.get());
  port->close();
  run();
}

TEST_F(Seams, LogTellsWhatCallsDoNot) {
  H2Server server;
  const auto log = std::make_shared<TestLog>();
  const auto port = open_with({.log = log}, server.target());
  EXPECT_EQ(call_text(port), "OK");
  EXPECT_EQ(call(port, "/test/Close").code(), Code::kUnavailable);
  const std::string target = server.target();
  EXPECT_NE(log->lines.find("D connected to " + target + "\n"), std::string::npos) << log->lines;
  EXPECT_NE(log->lines.find("D " + target + " closed the connection"), std::string::npos)
      << log->lines;
  const auto nobody = open_with({.log = log}, "127.0.0.1:" + std::to_string(unused_port()));
  EXPECT_EQ(call(nobody, "/test/Echo").code(), Code::kUnavailable);
  EXPECT_NE(log->lines.find("W cannot connect to "), std::string::npos) << log->lines;
}

// Observers are told on the loop's thread, in order, and what they do in there is allowed.
TEST_F(Seams, ObserverSeesTheWholeLifeOfAClient) {
  struct Watcher final : Observer {
    void observe(const Observation& what) override {
      received += what.received_bytes;
      sent += what.sent_bytes;
      if (what.kind != Observation::Kind::kTraffic) kinds.push_back(what.kind);
      if (what.kind == Observation::Kind::kCallEnded && port != nullptr) {
        port->close();
        port.reset();
      }
    }
    std::vector<Observation::Kind> kinds;
    std::uint64_t received = 0, sent = 0;
    std::shared_ptr<internal::Port> port;  // closed when its call has ended
  };
  H2Server server;
  const auto watcher = std::make_shared<Watcher>();
  watcher->port = open_with({.observer = watcher}, server.target());
  EXPECT_EQ(call_text(watcher->port), "OK");
  using Kind = Observation::Kind;
  EXPECT_EQ(watcher->kinds, (std::vector<Kind>{Kind::kState, Kind::kConnectionOpened, Kind::kState,
                                               Kind::kAttemptEnded, Kind::kCallEnded, Kind::kState,
                                               Kind::kConnectionClosed}));
  EXPECT_GT(watcher->sent, 24u + 9u) << "preface, SETTINGS, the call";
  EXPECT_GT(watcher->received, 9u);
}

}  // namespace
}  // namespace minim::test
