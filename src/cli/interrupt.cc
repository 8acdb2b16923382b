#include "cli/interrupt.h"

#include <pthread.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include <thread>

#include "cli/output.h"

namespace minim::cli {

std::stop_token watch_interrupts() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&signals, signal);
  // Threads inherit the mask: from here on only the one below sees these signals.
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::stop_source stop;
  std::thread([stop, signals]() mutable {
    int signal = 0;
    if (sigwait(&signals, &signal) != 0) return;
    stop.request_stop();
    const timespec patience = {0, 500'000'000};
    sigtimedwait(&signals, nullptr, &patience);
    complain("interrupted");
    ::_exit(1);
  }).detach();
  return stop.get_token();
}

}  // namespace minim::cli
