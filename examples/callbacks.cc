// callbacks on a loop that the host already has; nothing is sent before the first operation
#include <minim/minim.h>
#include <minim/uv.h>

#include <cstdio>

static void on_tick(uv_timer_t* timer) {
  std::puts("the host's own timer");
  uv_close(reinterpret_cast<uv_handle_t*>(timer), nullptr);
}

int main() {
  // What the host does with its loop goes on beside minim.
  uv_timer_t timer;
  uv_timer_init(uv_default_loop(), &timer);
  uv_timer_start(&timer, on_tick, 0, 0);

  minim::uv::Loop loop{uv_default_loop()};
  // A Result: a constructor could not report a bad target.
  auto client = minim::Client::create(loop, {.target = "unix:/run/proxy.sock"});
  client->signal_workflow("greet-1", "wave", "hello").start([](minim::Result<void> r) {
    if (!r) minim::complain(r.error());
  });
  uv_run(uv_default_loop(), UV_RUN_DEFAULT);  // returns when the signal is done
}
