// What holds through each of the proxies: calls work, a cut is told, a restart under load loses
// and doubles nothing.
#include <poll.h>

#include <atomic>
#include <cstdio>
#include <fstream>
#include <future>
#include <memory>
#include <sstream>

#include "minim/observer.h"
#include "proxies/support/fixture.h"
#include "proxies/support/load.h"

namespace minim::testing {
namespace {

struct Row {
  std::string name;
  WayKind kind;
  WayOptions options;
};
// gtest prints it.
[[maybe_unused]] void PrintTo(const Row& row, std::ostream* out) { *out << row.name; }

std::vector<Row> rows() {
  std::vector<Row> all;
  for (const WayKind kind : {WayKind::kSquid, WayKind::kTinyproxy, WayKind::kHaproxyTcp,
                             WayKind::kHaproxyHttp2, WayKind::kNginx, WayKind::kNghttpx}) {
    all.push_back({way_name(kind), kind, {}});
    // tinyproxy is reached in plaintext alone.
    all.push_back(kind == WayKind::kTinyproxy
                      ? Row{way_name(kind) + "TlsInside", kind, {.tls_inside = true}}
                      : Row{way_name(kind) + "Tls", kind, {.tls = true}});
  }
  return all;
}

class EveryWay : public ProxyTest, public ::testing::WithParamInterface<Row> {
 protected:
  const Way& open() { return open_way(GetParam().kind, GetParam().options); }

  // Blocks until nothing has been on its way to or from this port for a while: a kernel closes what
  // a killed process had open, but resets it where bytes had not been read.
  static void wait_for_quiet(std::uint16_t port) {
    int quiet = 0;
    for (int look = 0; look < 3000 && quiet < 10; ++look) {
      poll(nullptr, 0, 10);
      quiet = bytes_queued(port) ? 0 : quiet + 1;
    }
  }
  static bool bytes_queued(std::uint16_t port) {
    char end[8];
    std::snprintf(end, sizeof end, ":%04X", port);
    std::ifstream table("/proc/net/tcp");
    std::string number, local, remote, state, queues;
    for (std::string line; std::getline(table, line);) {
      std::istringstream(line) >> number >> local >> remote >> state >> queues;
      const bool ours = local.ends_with(end) || remote.ends_with(end);
      if (ours && state == "01" && queues != "00000000:00000000") return true;
    }
    return false;
  }

  static std::string text_of_a_cut(const Way& way) {
    const bool has_proxy = way.options.proxy.has_value();
    const WayOptions& options = GetParam().options;
    if (options.tls || options.tls_inside) {
      return std::string(options.tls && has_proxy ? "proxy: " : "") +
             "TLS connection to 127.0.0.1 failed: connection lost: it ended without TLS's "
             "close_notify";
    }
    return way.options.target +
           (has_proxy ? " (through the proxy " + way.daemon->address() + ")" : "") +
           " closed the connection";
  }

  // Blocks until the server has seen a call of this method begin.
  static void wait_for_call(const std::string& method) {
    for (int look = 0; look < 3000 && bed().calls(method).empty(); ++look) poll(nullptr, 0, 10);
    ASSERT_FALSE(bed().calls(method).empty());
  }
};
INSTANTIATE_TEST_SUITE_P(Proxies, EveryWay, ::testing::ValuesIn(rows()),
                         [](const auto& row) { return row.param.name; });

TEST_P(EveryWay, CallsWork) { expect_works(open().options); }

TEST_P(EveryWay, CutInTheMiddleOfACall) {
  const Way& way = open();
  const Result<Client> client = connect(way.options);
  ASSERT_TRUE(client) << client.status().to_string();
  StartWorkflowOptions how;
  how.id = unique_id("cut");
  how.task_queue = "nobody";
  const auto handle = wait(client->start_workflow("Cut", std::move(how)));
  ASSERT_TRUE(handle) << handle.status().to_string();

  std::promise<Status> ended;
  handle->result().start([&ended](Result<void> result) { ended.set_value(result.status()); });
  wait_for_call("GetWorkflowExecutionHistory");
  wait_for_quiet(way_.daemon->port());
  way_.daemon->stop(SIGKILL);
  const Status why = ended.get_future().get();
  EXPECT_EQ(why.code(), Code::kUnavailable) << why.to_string();
  EXPECT_EQ(why.origin(), Origin::kTransport);
  EXPECT_TRUE(why.may_have_reached_server()) << "the server had it";
  EXPECT_EQ(why.message(), text_of_a_cut(way));
  EXPECT_EQ(bed().calls("GetWorkflowExecutionHistory").size(), 1u) << "nothing was repeated";
}

class Witness final : public Observer {
 public:
  void observe(const Observation& what) override {
    if (what.kind == Observation::Kind::kConnectionOpened) ++connections;
    if (what.kind == Observation::Kind::kRetry) ++repeats;
  }
  std::atomic<int> connections = 0;
  std::atomic<int> repeats = 0;
};

TEST_P(EveryWay, RestartedUnderLoad) {
  ConnectOptions options = open().options;
  // A proxy may be away for long on a busy machine; what may be repeated is.
  options.retry.max_attempts = 0;
  options.retry.max_elapsed = std::chrono::minutes(2);
  const auto witness = std::make_shared<Witness>();
  options.observer = witness;
  const Client client = *Client::create(runtime_, options);
  Load load(client, unique_id("load"), {.width = 32, .workflows = 2, .signals_per_start = 8});
  const Status started = load.start(0);  // without an end: each restart finds calls in flight
  ASSERT_TRUE(started.ok()) << started.to_string();
  load.wait_for(150);
  for (const int signal : {SIGKILL, SIGTERM}) {
    way_.daemon->stop(signal);
    ASSERT_EQ(way_.daemon->start(), "");
    load.wait_for(load.ended() + 200);
  }
  load.stop();
  EXPECT_EQ(load.failures(), std::vector<std::string>());
  const Client direct = *Client::create(runtime_, {.target = bed()["address"]});
  EXPECT_EQ(load.differences(direct), std::vector<std::string>());
  EXPECT_EQ(load.signals() + load.starts(), load.ended());
  EXPECT_GE(witness->connections, 3) << "one to each of the three processes";
  EXPECT_GE(witness->repeats, 1) << "what was in flight at the kill";
}

}  // namespace
}  // namespace minim::testing
