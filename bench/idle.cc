// Connects, makes one call, and says how much memory the process then has.
#include <cstdio>
#include <cstring>

#include "bench/minim_options.h"
#include "minim/minim.h"

int main(int count, char** words) {
  const bench::Flags flags(count, words);
  minim::Runtime runtime;
  auto client = minim::Client::create(runtime, bench::connect_options(flags));
  if (!client) return minim::complain(client.error());
  auto reply = minim::wait(client->call("/minim.bench/Echo", std::string(100, 'm')));
  if (!reply) return minim::complain(reply.error());

  std::FILE* const file = std::fopen("/proc/self/status", "r");
  if (file == nullptr) return 1;
  char line[256];
  long resident = 0;
  long anonymous = 0;
  while (std::fgets(line, sizeof line, file) != nullptr) {
    std::sscanf(line, "VmRSS: %ld", &resident);
    std::sscanf(line, "RssAnon: %ld", &anonymous);
  }
  std::fclose(file);
  std::printf("resident_kib=%ld anonymous_kib=%ld\n", resident, anonymous);
  return 0;
}
