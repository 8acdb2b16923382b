// What holds through each of the proxies: calls work, a cut is told, a restart under load loses
// and doubles nothing.
#include <poll.h>

#include <future>

#include "proxies/support/fixture.h"
#include "proxies/support/load.h"

namespace minim::testing {
namespace {

class EveryWay : public ProxyTest, public ::testing::WithParamInterface<WayKind> {
 protected:
  // Blocks until the server has seen a call of this method begin.
  static void wait_for_call(const std::string& method) {
    for (int look = 0; look < 3000 && bed().calls(method).empty(); ++look) poll(nullptr, 0, 10);
    ASSERT_FALSE(bed().calls(method).empty());
  }
};
INSTANTIATE_TEST_SUITE_P(Proxies, EveryWay,
                         ::testing::Values(WayKind::kSquid, WayKind::kTinyproxy,
                                           WayKind::kHaproxyTcp, WayKind::kHaproxyHttp2,
                                           WayKind::kNginx, WayKind::kNghttpx),
                         [](const auto& kind) { return way_name(kind.param); });

TEST_P(EveryWay, CallsWork) { expect_works(open_way(GetParam()).options); }

TEST_P(EveryWay, CutInTheMiddleOfACall) {
  const Way& way = open_way(GetParam());
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
  way_.daemon->stop(SIGKILL);
  const Status why = ended.get_future().get();
  EXPECT_EQ(why.code(), Code::kUnavailable) << why.to_string();
  EXPECT_EQ(why.origin(), Origin::kTransport);
  EXPECT_TRUE(why.may_have_reached_server()) << "the server had it";
  const std::string& target = way.options.target;
  const std::string peer =
      way.options.proxy ? target + " (through the proxy " + way.daemon->address() + ")" : target;
  const bool closed = why.message() == peer + " closed the connection";
  const bool reset = why.message() == way.daemon->address() + ": connection reset by peer";
  EXPECT_TRUE(closed || reset) << why.message();
  EXPECT_EQ(bed().calls("GetWorkflowExecutionHistory").size(), 1u) << "nothing was repeated";
}

TEST_P(EveryWay, RestartedUnderLoad) {
  ConnectOptions options = open_way(GetParam()).options;
  // A proxy may be away for long on a busy machine; what may be repeated is.
  options.retry.max_attempts = 0;
  options.retry.max_elapsed = std::chrono::minutes(2);
  const Client client = *Client::create(runtime_, options);
  Load load(client, unique_id("load"), {.width = 32, .workflows = 2, .signals_per_start = 8});
  const Status started = load.start(600);
  ASSERT_TRUE(started.ok()) << started.to_string();
  for (const int signal : {SIGKILL, SIGTERM}) {
    load.wait_for(signal == SIGKILL ? 150 : 350);
    way_.daemon->stop(signal);
    ASSERT_EQ(way_.daemon->start(), "");
  }
  load.wait_for(600);
  EXPECT_EQ(load.failures(), std::vector<std::string>());
  const Client direct = *Client::create(runtime_, {.target = bed()["address"]});
  EXPECT_EQ(load.differences(direct), std::vector<std::string>());
  EXPECT_EQ(load.signals() + load.starts(), 600);
}

}  // namespace
}  // namespace minim::testing
