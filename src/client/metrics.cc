#include "minim/metrics.h"

#include <chrono>
#include <utility>

#include "client/resource_exhausted.h"

namespace minim {

namespace {

std::string_view method_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

std::string_view namespace_of(const Observation& what) {
  constexpr std::string_view kUnknown = "_unknown_";
  if (what.common == nullptr) return kUnknown;
  const std::string* const found = what.common->find("temporal-namespace");
  return found == nullptr ? kUnknown : std::string_view(*found);
}

std::string_view reason_of(Observation::CloseCause cause) {
  switch (cause) {
    case Observation::CloseCause::kLocal:
      return "local";
    case Observation::CloseCause::kDrained:
      return "drained";
    case Observation::CloseCause::kLost:
      break;
  }
  return "lost";
}

class MetricsObserver final : public Observer {
 public:
  MetricsObserver(std::shared_ptr<MetricsSink> sink, MetricsOptions options)
      : sink_(std::move(sink)), options_(std::move(options)) {}

  void observe(const Observation& what) override {
    count(what);
    if (options_.next != nullptr) options_.next->observe(what);
  }

 private:
  using Labels = MetricsSink::Labels;

  void count(const Observation& what) {
    const MetricLabel operation = {"operation", method_of(what.path)};
    switch (what.kind) {
      case Observation::Kind::kAttemptEnded:
        return count_attempt(what);
      case Observation::Kind::kRetry: {
        const MetricLabel labels[] = {operation, {"status_code", code_name(what.status.code())}};
        return add("request_retry", labels);
      }
      case Observation::Kind::kConnectionOpened:
        return add("connection_opened", {});
      case Observation::Kind::kConnectionClosed: {
        const MetricLabel labels[] = {{"reason", reason_of(what.close_cause)}};
        return add("connection_closed", labels);
      }
      case Observation::Kind::kConnectFailed:
        return add("connection_failed", {});
      case Observation::Kind::kGoaway:
        return add("goaway_received", {});
      case Observation::Kind::kReset:
        return add("stream_reset", {&operation, 1});
      case Observation::Kind::kPingTimedOut:
        return add("keepalive_timeout", {});
      case Observation::Kind::kTraffic:
        if (what.received_bytes > 0) add("bytes_received", {}, what.received_bytes);
        if (what.sent_bytes > 0) add("bytes_sent", {}, what.sent_bytes);
        return;
      case Observation::Kind::kState:
      case Observation::Kind::kPingSent:
      case Observation::Kind::kPingAnswered:
      case Observation::Kind::kCallEnded:
        return;
    }
  }

  void count_attempt(const Observation& what) {
    const std::string request = what.long_poll ? "long_request" : "request";
    MetricLabel labels[] = {{"operation", method_of(what.path)},
                            {"namespace", namespace_of(what)},
                            {"status_code", code_name(what.status.code())}};
    const Labels plain(labels, 2);
    add(request, plain);
    if (!what.status.ok()) {
      add(request + "_failure", options_.status_code_labels ? Labels(labels) : plain);
    }
    if (const auto why = internal::resource_exhausted(what.status)) {
      labels[2] = {"cause", ResourceExhausted::cause_name(why->cause)};
      add(request + "_resource_exhausted", labels);
    }
    record(request + "_latency", plain, time(what.took));
    if (what.queued > Duration()) record("request_queue_wait", plain.first(1), time(what.queued));
    labels[2] = {"message_direction", "request"};
    record("rpc_message_size", labels, static_cast<double>(what.request_bytes));
    if (!what.status.ok()) return;
    labels[2].value = "response";
    record("rpc_message_size", labels, static_cast<double>(what.response_bytes));
  }

  double time(Duration duration) const {
    const std::chrono::duration<double> seconds = duration;
    return options_.milliseconds ? seconds.count() * 1000 : seconds.count();
  }

  void add(std::string_view name, Labels labels, std::uint64_t count = 1) {
    sink_->add(full_name(name), labels, count);
  }
  void record(std::string_view name, Labels labels, double value) {
    sink_->record(full_name(name), labels, value);
  }
  std::string full_name(std::string_view name) const {
    return std::string(options_.prefix).append(name);
  }

  const std::shared_ptr<MetricsSink> sink_;
  const MetricsOptions options_;
};

}  // namespace

std::shared_ptr<Observer> make_metrics_observer(std::shared_ptr<MetricsSink> sink,
                                                MetricsOptions options) {
  return std::make_shared<MetricsObserver>(std::move(sink), std::move(options));
}

}  // namespace minim
