// What the executor keeps about one Run.
#ifndef MINIM_UV_RUN_RECORD_H_
#define MINIM_UV_RUN_RECORD_H_

#include <memory>

#include "base/timer_heap.h"
#include "minim/internal/executor.h"
#include "uv/list.h"

namespace minim::uv {

class Driver;

// Records are reused: Run::executor_record points to one from submit() until it is retired, both
// under the mailbox's mutex.
struct RunRecord {
  // Set by submit() before the record is published, then the loop's thread's only.
  std::shared_ptr<internal::Run> run;
  Driver* driver = nullptr;  // null: its port was closed, and the loop is to say so

  // Under the mailbox's mutex.
  Hook<RunRecord> cancel_hook;
  bool cancel_requested = false;

  // Under the mailbox's mutex while it waits there or is free, else the loop's thread's only.
  Hook<RunRecord> queue_hook;

  // The loop's thread's only.
  Hook<RunRecord> driver_hook;            // on the driver's list of runs; of orphans once has_ended
  rpc::CallId call = rpc::CallId::kNone;  // until its reply has come, wanted or not
  TimerHeap::Entry timer;
  bool is_starting = false;   // on the list of runs that begin() is due for
  bool is_cancelled = false;  // on_cancel() has been called
  bool has_ended = false;     // finished() has been called
};

using RunQueue = List<RunRecord, &RunRecord::queue_hook>;
using CancelQueue = List<RunRecord, &RunRecord::cancel_hook>;
using DriverRuns = List<RunRecord, &RunRecord::driver_hook>;

}  // namespace minim::uv

#endif  // MINIM_UV_RUN_RECORD_H_
