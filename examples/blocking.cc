// blocking: minim owns a thread
#include <minim/minim.h>
int main() {
  minim::Runtime runtime;
  auto client = minim::wait(minim::connect(runtime, {.target = "localhost:7233"}));
  if (!client) return minim::complain(client.error());
  auto run =
      minim::wait(client->start_workflow("Greet", {.id = "greet-1", .task_queue = "hello"}, "Ann"));
  if (!run) return minim::complain(run.error());
  auto text = minim::wait(run->result<std::string>());
  if (!text) return minim::complain(text.error());
  std::puts(text->c_str());
}
