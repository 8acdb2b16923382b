// Metrics by the names of Temporal's SDKs.
#include "minim/metrics.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "minim/pb/errordetails.pb.h"

namespace minim::testing {
namespace {

using namespace std::chrono_literals;

struct Table final : MetricsSink {
  void add(std::string_view counter, Labels labels, std::uint64_t count) override {
    counts[key(counter, labels)] += count;
  }
  void record(std::string_view histogram, Labels labels, double value) override {
    values[key(histogram, labels)] = value;
  }
  static std::string key(std::string_view name, Labels labels) {
    std::string text(name);
    for (const MetricLabel& label : labels) {
      text.append(" ").append(label.name).append("=").append(label.value);
    }
    return text;
  }
  std::map<std::string, std::uint64_t> counts;
  std::map<std::string, double> values;
};

Observation attempt(Status status) {
  Observation what;
  what.kind = Observation::Kind::kAttemptEnded;
  what.path = "/temporal.api.workflowservice.v1.WorkflowService/StartWorkflowExecution";
  what.common = std::make_shared<Metadata>(Metadata{{"temporal-namespace", "sales"}});
  what.status = std::move(status);
  what.took = 250ms;
  what.request_bytes = 100;
  what.response_bytes = 7;
  return what;
}

TEST(Metrics, AttemptsByTheSdksNames) {
  const auto table = std::make_shared<Table>();
  const auto observer = make_metrics_observer(table);
  observer->observe(attempt(Status()));
  observer->observe(attempt(Status(Code::kUnavailable, "down", Origin::kTransport)));
  observer->observe(attempt(Status(Code::kCancelled, "by us")));
  const std::string labels = " operation=StartWorkflowExecution namespace=sales";
  EXPECT_EQ(table->counts,
            (std::map<std::string, std::uint64_t>{
                {"temporal_request" + labels, 3},
                {"temporal_request_failure" + labels + " status_code=UNAVAILABLE", 1},
                {"temporal_request_failure" + labels + " status_code=CANCELLED", 1}}));
  EXPECT_EQ(table->values,
            (std::map<std::string, double>{
                {"temporal_request_latency" + labels, 0.25},
                {"temporal_rpc_message_size" + labels + " message_direction=request", 100},
                {"temporal_rpc_message_size" + labels + " message_direction=response", 7}}));
}

TEST(Metrics, WhatAServerIsOutOf) {
  pb::Status rich;
  rich.add_details()->set_type_url("/temporal.api.errordetails.v1.ResourceExhaustedFailure");
  rich.mutable_details(0)->set_value("\x08\x01");  // cause = RPS_LIMIT
  const auto table = std::make_shared<Table>();
  const auto observer = make_metrics_observer(table);
  observer->observe(attempt(Status(Code::kResourceExhausted, "too much", Origin::kServer)
                                .with_details(rich.SerializeAsString())));
  observer->observe(attempt(Status(Code::kResourceExhausted, "a limit of ours")));
  const std::string labels = " operation=StartWorkflowExecution namespace=sales";
  EXPECT_EQ(table->counts["temporal_request_resource_exhausted" + labels + " cause=RPS_LIMIT"], 1u);
  EXPECT_EQ(table->counts["temporal_request_failure" + labels + " status_code=RESOURCE_EXHAUSTED"],
            2u);
  EXPECT_EQ(table->counts.size(), 3u);
}

TEST(Metrics, LongPollsApartAndOptions) {
  const auto table = std::make_shared<Table>();
  const auto observer = make_metrics_observer(
      table, {.prefix = "my_", .milliseconds = true, .status_code_labels = false});
  Observation poll = attempt(Status(Code::kDeadlineExceeded, "late"));
  poll.long_poll = true;
  poll.common = nullptr;
  poll.queued = 20ms;
  observer->observe(poll);
  const std::string operation = " operation=StartWorkflowExecution";
  const std::string labels = operation + " namespace=_unknown_";
  EXPECT_EQ(table->counts,
            (std::map<std::string, std::uint64_t>{{"my_long_request" + labels, 1},
                                                  {"my_long_request_failure" + labels, 1}}));
  EXPECT_EQ(table->values["my_long_request_latency" + labels], 250);
  EXPECT_EQ(table->values["my_request_queue_wait" + operation], 20);
}

TEST(Metrics, ConnectionsRetriesAndBytes) {
  struct Next final : Observer {
    void observe(const Observation&) override { ++told; }
    int told = 0;
  };
  const auto next = std::make_shared<Next>();
  const auto table = std::make_shared<Table>();
  const auto observer = make_metrics_observer(table, {.next = next});
  using Kind = Observation::Kind;
  for (const Kind kind :
       {Kind::kState, Kind::kConnectFailed, Kind::kConnectionOpened, Kind::kGoaway, Kind::kPingSent,
        Kind::kPingAnswered, Kind::kPingTimedOut, Kind::kCallEnded}) {
    Observation what;
    what.kind = kind;
    observer->observe(what);
  }
  Observation what = attempt(Status(Code::kUnavailable, "down"));
  what.kind = Kind::kRetry;
  observer->observe(what);
  what.kind = Kind::kReset;
  observer->observe(what);
  for (const auto cause : {Observation::CloseCause::kLocal, Observation::CloseCause::kDrained,
                           Observation::CloseCause::kLost}) {
    Observation closed;
    closed.kind = Kind::kConnectionClosed;
    closed.close_cause = cause;
    observer->observe(closed);
  }
  Observation traffic;
  traffic.kind = Kind::kTraffic;
  traffic.received_bytes = 10;
  observer->observe(traffic);
  traffic.sent_bytes = 5;
  observer->observe(traffic);
  EXPECT_EQ(
      table->counts,
      (std::map<std::string, std::uint64_t>{
          {"temporal_connection_failed", 1},
          {"temporal_connection_opened", 1},
          {"temporal_goaway_received", 1},
          {"temporal_keepalive_timeout", 1},
          {"temporal_request_retry operation=StartWorkflowExecution status_code=UNAVAILABLE", 1},
          {"temporal_stream_reset operation=StartWorkflowExecution", 1},
          {"temporal_connection_closed reason=local", 1},
          {"temporal_connection_closed reason=drained", 1},
          {"temporal_connection_closed reason=lost", 1},
          {"temporal_bytes_received", 20},
          {"temporal_bytes_sent", 5}}));
  EXPECT_EQ(next->told, 15);
}

}  // namespace
}  // namespace minim::testing
