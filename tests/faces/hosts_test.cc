// Several borrowed loops and several runtimes in one process, all at work at once; and coroutines
// that two threads have a hand in.
#include <gtest/gtest.h>

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "faces/support/host.h"
#include "faces/support/pending.h"
#include "uv/support/h2_server.h"

namespace minim::test {
namespace {

constexpr int kHosts = 3;  // of each kind
constexpr int kCalls = 60;

Client client_of(Host& host, const H2Server& server) {
  ConnectOptions options{.target = server.target()};
  options.plain_grpc = true;
  return host.create(std::move(options)).value();
}

// A chain of calls, each begun where the one before ended.
void call_in_turn(const Client& client, int left, std::atomic<int>& good) {
  client.call("/test/Echo", std::to_string(left)).start([&, client, left](Result<std::string> got) {
    if (got && *got == std::to_string(left)) ++good;
    if (left > 1) call_in_turn(client, left - 1, good);
  });
}

Task<void> await_in_turn(Client client, int calls, std::atomic<int>& good) {
  for (int i = 0; i < calls; ++i) {
    auto operation = client.call("/test/Echo", std::to_string(i));
    const Result<std::string> got = co_await std::move(operation);
    if (got && *got == std::to_string(i)) ++good;
  }
}

TEST(Hosts, BorrowedLoopsAndRuntimesWorkSideBySide) {
  H2Server server;
  std::atomic<int> good = 0;
  std::atomic<int> at_work = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < kHosts; ++i) {
    for (const bool is_borrowed : {true, false}) {
      threads.emplace_back([&, is_borrowed] {
        Host host(is_borrowed);
        const Client client = client_of(host, server);
        // They are all there before any of them begins.
        ++at_work;
        host.until([&] { return at_work == 2 * kHosts; });
        std::atomic<int> own = 0;
        call_in_turn(client, kCalls, own);
        const Task<void> task = await_in_turn(client, kCalls, own);
        for (int j = 0; j < kCalls && !is_borrowed; ++j) {
          own += wait(client.call("/test/Echo", "blocking")).value_or("") == "blocking" ? 1 : 0;
        }
        const int expected = kCalls * (is_borrowed ? 2 : 3);
        host.until([&] { return own == expected && task.done(); });
        good += own;
      });
    }
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(good, kHosts * kCalls * 5);
  EXPECT_EQ(server.requests(), kHosts * kCalls * 5);
  EXPECT_EQ(server.connections(), 2 * kHosts);
  server.wait_for_open(0);
}

TEST(Hosts, ThreadsThatCallEachOthersRuntimes) {
  H2Server server;
  std::deque<Host> hosts;
  std::vector<Client> clients;
  for (int i = 0; i < kHosts; ++i) clients.push_back(client_of(hosts.emplace_back(false), server));
  std::atomic<int> good = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 2 * kHosts; ++i) {
    threads.emplace_back([&, i] {
      for (int j = 0; j < kCalls; ++j) {
        const Client& client = clients[static_cast<std::size_t>(i + j) % clients.size()];
        good += wait(client.call("/test/Echo", "x")) ? 1 : 0;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(good, 2 * kHosts * kCalls);
  EXPECT_EQ(server.connections(), kHosts);
}

// A callback of one loop begins the next call on another, round and round.
TEST(Hosts, CallbacksOfOneRuntimeUseAnother) {
  H2Server server;
  std::deque<Host> hosts;
  std::vector<Client> clients;
  for (int i = 0; i < kHosts; ++i) clients.push_back(client_of(hosts.emplace_back(false), server));
  std::atomic<int> good = 0;
  std::function<void(int)> pass_on = [&](int left) {
    clients[static_cast<std::size_t>(left) % clients.size()]
        .call("/test/Echo", "x")
        .start([&, left](Result<std::string> got) {
          if (got && left > 1) pass_on(left - 1);
          ++good;
        });
  };
  pass_on(kCalls);
  hosts[0].until([&] { return good == kCalls; });
}

TEST(Hosts, OneGoesWhileOthersWork) {
  H2Server server;
  Host lasting(false);
  const Client steady = client_of(lasting, server);
  std::atomic<int> good = 0;
  const Task<void> task = await_in_turn(steady, kCalls, good);
  lasting.until([&] { return good > 0; });
  for (int i = 0; i < 10; ++i) {
    Host passing(i % 2 == 0);
    Pending open(i % 2 == 0 ? FaceKind::kCallbacks : FaceKind::kBlocking,
                 client_of(passing, server).call("/test/Hang", ""));
    passing.until([&] { return server.connections() == i + 2; });
    passing.destroy();
    passing.run();
    passing.until([&] { return open.has_ended(); });
    EXPECT_EQ(open.status().to_string(), "CANCELLED (local): client closed");
  }
  lasting.until([&] { return task.done(); });
  EXPECT_EQ(good, kCalls);
}

// Its end comes on the loop's thread, at any moment for the thread that lets go of it.
TEST(TaskOnARuntime, IsDetachedWhileItEnds) {
  H2Server server;
  Host host(false);
  const Client client = client_of(host, server);
  std::atomic<int> good = 0;
  for (int i = 0; i < 300; ++i) {
    Task<void> task = await_in_turn(client, 1, good);
    if (i % 2 == 0) host.until([&] { return good > i; });
    std::move(task).detach();
  }
  host.until([&] { return good == 300; });
}

Task<int> inner(Client client, std::atomic<int>& good) {
  auto operation = client.call("/test/Echo", "x");
  const Result<std::string> got = co_await std::move(operation);
  ++good;
  co_return got ? 1 : 0;
}
Task<void> outer(Client client, bool is_late, Host& host, int before, std::atomic<int>& good,
                 std::atomic<int>& sum) {
  Task<int> task = inner(client, good);
  if (is_late) host.until([&] { return good > before; });
  sum += co_await std::move(task);
}

// The outer coroutine begins to wait on this thread while the inner one ends on the loop's.
TEST(TaskOnARuntime, IsAwaitedWhileItEnds) {
  H2Server server;
  Host host(false);
  const Client client = client_of(host, server);
  std::atomic<int> good = 0;
  std::atomic<int> sum = 0;
  for (int i = 0; i < 300; ++i) {
    const Task<void> task = outer(client, i % 2 == 0, host, i, good, sum);
    host.until([&] { return task.done(); });
  }
  EXPECT_EQ(sum, 300);
}

}  // namespace
}  // namespace minim::test
