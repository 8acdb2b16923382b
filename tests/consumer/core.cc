// A host with the core only: no loop, no TLS, no protobuf.
#include <minim/core.h>

#include <cstdio>

int main() {
  minim::rpc::Connection connection({.authority = "localhost"}, minim::Time());
  std::printf("%zu bytes to write first\n", connection.output().size());
  return connection.output().empty() ? 1 : 0;
}
