// MINIM_TRACE: what goes over the wire, on standard error.
#ifndef MINIM_SRC_CLI_TRACE_H_
#define MINIM_SRC_CLI_TRACE_H_

#include "minim/client.h"

namespace minim::cli {

// Unless MINIM_TRACE is unset, empty or 0: frames and connection events of the client go to
// standard error, a line each, after the seconds since now. Neither payloads nor secrets.
void trace_if_asked(ConnectOptions& options);

}  // namespace minim::cli

#endif  // MINIM_SRC_CLI_TRACE_H_
