// minim::core by itself: gRPC on bytes, time and events, for fuzzers, simulators, firmware and
// other loops. No I/O, no clock, no threads.
#ifndef MINIM_CORE_H_
#define MINIM_CORE_H_

#include "minim/filter.h"                 // IWYU pragma: export
#include "minim/random.h"                 // IWYU pragma: export
#include "minim/rpc/channel.h"            // IWYU pragma: export
#include "minim/rpc/connection.h"         // IWYU pragma: export
#include "minim/rpc/proxy_environment.h"  // IWYU pragma: export
#include "minim/rpc/target.h"             // IWYU pragma: export

#endif  // MINIM_CORE_H_
