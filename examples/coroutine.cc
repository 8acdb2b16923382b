// coroutine
#include <minim/awaitable.h>
#include <minim/minim.h>
#include <minim/uv.h>

minim::Task<void> story(minim::Client& client) {
  auto start = client.start_workflow("Greet", {.id = "greet-1", .task_queue = "hello"}, "Ann");
  auto run = co_await std::move(start);
  if (!run) co_return;
  auto result = run->result<std::string>();
  minim::Result<std::string> text = co_await std::move(result);
}

int main(int argc, char** argv) {
  minim::uv::Loop loop{uv_default_loop()};
  auto client = minim::Client::create(loop, {.target = argc > 1 ? argv[1] : "localhost:7233"});
  if (!client) return minim::complain(client.error());
  const minim::Task<void> told = story(*client);  // begins at once; ends with the loop below
  uv_run(uv_default_loop(), UV_RUN_DEFAULT);
  return told.done() ? 0 : 1;
}
