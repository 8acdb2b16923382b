// A host with a client: everything it needs is named by minim::minim. Nothing listens on port 1.
#include <minim/minim.h>

#include <cstdio>

int main() {
  minim::Runtime runtime;
  auto client = minim::wait(minim::connect(runtime, {.target = "127.0.0.1:1"}));
  if (client) return 1;
  std::puts(client.error().to_string().c_str());
  return client.error().code() == minim::Code::kUnavailable ? 0 : 1;
}
