// A host with a loop of its own: minim is one more thing on it, beside the host's timers. A gauge
// sends each reading to its workflow as a signal; the first one starts the workflow.
//
//   own_loop localhost:7233
#include <minim/minim.h>
#include <minim/uv.h>

#include <cstdio>
#include <optional>

namespace {

struct Gauge {
  uv_timer_t timer{};
  std::optional<minim::Client> client;
  int taken = 0;
  int failed = 0;
};

void send(Gauge& gauge, int reading) {
  minim::StartWorkflowOptions how{.id = "gauge-7", .task_queue = "gauges"};
  how.start_signal = minim::StartSignal{"reading", *minim::DataConverter().encode(reading)};
  gauge.client->start_workflow("Gauge", std::move(how))
      .with({.deadline = std::chrono::seconds(20)})
      .start([&gauge, reading](minim::Result<minim::WorkflowHandle> run) {
        if (run) {
          std::printf("reading %d is with the server\n", reading);
        } else {
          gauge.failed += minim::complain(run.error());
        }
      });
}

void on_timer(uv_timer_t* timer) {
  Gauge& gauge = *static_cast<Gauge*>(timer->data);
  send(gauge, ++gauge.taken);
  // Without its timer the loop ends with the last answer: an idle connection does not hold it.
  if (gauge.taken == 3) uv_close(reinterpret_cast<uv_handle_t*>(timer), nullptr);
}

}  // namespace

int main(int argc, char** argv) {
  uv_loop_t loop;
  uv_loop_init(&loop);
  Gauge gauge;
  {
    minim::uv::Loop lent{&loop};
    auto client = minim::Client::create(lent, {.target = argc > 1 ? argv[1] : "localhost:7233"});
    if (!client) return minim::complain(client.error());
    gauge.client = std::move(*client);
    gauge.timer.data = &gauge;
    uv_timer_init(&loop, &gauge.timer);
    uv_timer_start(&gauge.timer, on_timer, 0, 50);
    uv_run(&loop, UV_RUN_DEFAULT);
  }
  uv_run(&loop, UV_RUN_DEFAULT);  // minim's own handles close
  if (uv_loop_close(&loop) != 0) std::puts("something is still open on the loop");
  return gauge.failed == 0 ? 0 : 1;
}
