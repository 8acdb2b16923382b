// Metrics: counts and times by the names that Temporal's SDKs use, for a sink of the host's.
#ifndef MINIM_METRICS_H_
#define MINIM_METRICS_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "minim/observer.h"

namespace minim {

struct MetricLabel {
  std::string_view name;
  std::string_view value;
};

// Where metrics go: a Prometheus registry, StatsD, a table in memory. Names and labels live until
// the function returns. Called on the loop's thread; must not block or throw.
class MetricsSink {
 public:
  using Labels = std::span<const MetricLabel>;
  virtual ~MetricsSink() = default;
  virtual void add(std::string_view counter, Labels labels, std::uint64_t count) = 0;
  virtual void record(std::string_view histogram, Labels labels, double value) = 0;
};

struct MetricsOptions {
  std::string prefix = "temporal_";
  // Times in milliseconds instead of seconds.
  bool milliseconds = false;
  // Whether failures are counted by status_code.
  bool status_code_labels = true;
  // Told everything as well; null: nobody.
  std::shared_ptr<Observer> next{};
};

// An Observer for ConnectOptions::observer. For each attempt of a call, with the labels operation
// (the bare method) and namespace (or "_unknown_"), "long_" before the name if the server was asked
// to wait for something:
//
//   temporal_[long_]request            counter
//   temporal_[long_]request_failure    counter, of every kind of failure; status_code "UNAVAILABLE"
//   temporal_[long_]request_resource_exhausted
//                                      counter; cause, where the server said: "RPS_LIMIT"
//   temporal_[long_]request_latency    histogram; all of the attempt, its wait for a connection too
//   temporal_rpc_message_size          histogram, bytes; message_direction "request" or "response"
//
// and, which the SDKs lack, without a namespace:
//
//   temporal_request_retry             counter; operation, status_code of the attempt before
//   temporal_request_queue_wait        histogram; operation: waits for a free stream that took time
//   temporal_connection_opened         counter
//   temporal_connection_closed         counter; reason "local", "drained", "lost"
//   temporal_connection_failed         counter; attempts to connect
//   temporal_goaway_received           counter
//   temporal_stream_reset              counter; operation: RST_STREAM of the server
//   temporal_keepalive_timeout         counter
//   temporal_bytes_received, temporal_bytes_sent   counters
std::shared_ptr<Observer> make_metrics_observer(std::shared_ptr<MetricsSink> sink,
                                                MetricsOptions options = {});

}  // namespace minim

#endif  // MINIM_METRICS_H_
