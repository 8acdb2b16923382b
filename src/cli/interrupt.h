// SIGINT, SIGTERM and SIGHUP as a request to stop.
#ifndef MINIM_SRC_CLI_INTERRUPT_H_
#define MINIM_SRC_CLI_INTERRUPT_H_

#include <stop_token>

namespace minim::cli {

// To be called once, before any thread is started. The first signal requests a stop, so that calls
// are cancelled and the connection says goodbye. A process that is still there half a second later
// (it waits for a terminal or a pipe), or that gets a second signal, ends with 1 at once.
std::stop_token watch_interrupts();

}  // namespace minim::cli

#endif  // MINIM_SRC_CLI_INTERRUPT_H_
