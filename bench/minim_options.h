// ConnectOptions from the flags that all minim programs of the bench share.
#ifndef MINIM_BENCH_MINIM_OPTIONS_H_
#define MINIM_BENCH_MINIM_OPTIONS_H_

#include "bench/flags.h"
#include "minim/client.h"

namespace bench {

// --target host:port  --roots FILE (means TLS)  --header key:value ...
// --temporal 0: no header beyond gRPC's own and --header; --accept-gzip 0: no grpc-accept-encoding
inline minim::ConnectOptions connect_options(const Flags& flags) {
  minim::ConnectOptions options;
  options.target = flags.text("target");
  options.tls = false;
  if (const std::string roots = flags.text("roots"); !roots.empty()) {
    options.tls = true;
    options.tls_options.root_certificates = read_file(roots);
  }
  for (const auto& [key, value] : flags.headers()) options.rpc_metadata.add(key, value);
  options.plain_grpc = flags.number("temporal", 1) == 0;
  options.accept_gzip = flags.number("accept-gzip", 1) != 0;
  return options;
}

}  // namespace bench

#endif  // MINIM_BENCH_MINIM_OPTIONS_H_
