#include "proxies/support/load.h"

#include <charconv>
#include <utility>

namespace minim::testing {

namespace {

constexpr std::size_t kMaxFailuresKept = 20;
constexpr std::int32_t kSignaled = 26;  // temporal.api.enums.v1.EventType
constexpr std::string_view kMark = "signal-";

StartWorkflowOptions unattended(std::string id) {
  StartWorkflowOptions options;
  options.id = std::move(id);
  options.task_queue = "nobody";  // no worker: the histories hold what was sent, and nothing else
  return options;
}

// The number in "signal-N." of an event; -1: none.
long number_of(const std::string& raw) {
  const std::size_t at = raw.find(kMark);
  if (at == std::string::npos) return -1;
  long number = -1;
  const char* const end = raw.data() + raw.size();
  std::from_chars(raw.data() + at + kMark.size(), end, number);
  return number;
}

}  // namespace

Load::Load(Client client, std::string name, Shape shape)
    : client_(std::move(client)), name_(std::move(name)), shape_(shape) {}

Load::~Load() { stop(); }

std::string Load::signalled_id(int number) const {
  return name_ + "-signalled-" + std::to_string(number);
}

Status Load::start(long total) {
  total_ = total == 0 ? -1 : total;
  for (int i = 0; i < shape_.workflows; ++i) {
    const auto handle = wait(client_.start_workflow("Signalled", unattended(signalled_id(i))));
    if (!handle) return handle.error();
  }
  for (int i = 0; i < shape_.width; ++i) next();
  return Status();
}

void Load::next() {
  std::unique_lock lock(mutex_);
  if (stopping_ || started_ == total_) return;
  const long number = started_++;
  if (number % (shape_.signals_per_start + 1) == shape_.signals_per_start) {
    const std::string id = name_ + "-started-" + std::to_string(starts_++);
    lock.unlock();
    client_.start_workflow("Started", unattended(id))
        .start([this, id](Result<WorkflowHandle> handle) {
          if (handle) {
            const std::lock_guard inner(mutex_);
            runs_.emplace(id, handle->result_run_id());
          }
          one_has_ended(handle.status());
        });
    return;
  }
  const long signal = signals_++;
  lock.unlock();
  client_
      .signal_workflow(signalled_id(static_cast<int>(signal % shape_.workflows)), "note",
                       std::string(kMark) + std::to_string(signal) + ".")
      .start([this](Result<void> done) { one_has_ended(done.status()); });
}

void Load::one_has_ended(const Status& status) {
  {
    const std::lock_guard lock(mutex_);
    ++ended_;
    if (!status.ok()) {
      ++failed_;
      if (failures_.size() < kMaxFailuresKept) failures_.push_back(status.to_string());
    }
    changed_.notify_all();
  }
  next();
}

void Load::wait_for(long ended) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return ended_ >= ended || is_over(); });
}

void Load::stop() {
  std::unique_lock lock(mutex_);
  stopping_ = true;
  changed_.wait(lock, [&] { return is_over(); });
}

long Load::ended() const {
  const std::lock_guard lock(mutex_);
  return ended_;
}

long Load::failed() const {
  const std::lock_guard lock(mutex_);
  return failed_;
}

std::vector<std::string> Load::failures() const {
  const std::lock_guard lock(mutex_);
  return failures_;
}

void Load::judge_signals(const Client& judge, std::vector<std::string>* differences) const {
  std::vector<int> seen(static_cast<std::size_t>(signals_));
  for (int i = 0; i < shape_.workflows; ++i) {
    const auto history = wait(judge.get_workflow_handle(signalled_id(i)).fetch_history());
    if (!history) {
      differences->push_back("no history of " + signalled_id(i) + ": " +
                             history.error().to_string());
      continue;
    }
    for (const HistoryEvent& event : history->events) {
      if (event.type != kSignaled) continue;
      const long number = number_of(event.raw);
      if (number < 0 || number >= signals_) {
        differences->push_back(signalled_id(i) + " has a signal that nobody sent");
      } else {
        ++seen[static_cast<std::size_t>(number)];
      }
    }
  }
  for (std::size_t number = 0; number < seen.size(); ++number) {
    if (seen[number] == 1) continue;
    differences->push_back("signal " + std::to_string(number) + " is there " +
                           std::to_string(seen[number]) + " times");
  }
}

// A second run of one id would be a start that happened twice.
void Load::judge_starts(const Client& judge, std::vector<std::string>* differences) const {
  if (static_cast<long>(runs_.size()) != starts_) {
    differences->push_back(std::to_string(starts_) + " starts gave " +
                           std::to_string(runs_.size()) + " runs");
  }
  for (const auto& [id, run] : runs_) {
    const auto found = wait(judge.get_workflow_handle(id).describe());
    if (!found) {
      differences->push_back(id + ": " + found.error().to_string());
    } else if (found->info.run_id != run) {
      differences->push_back(id + " was started as run " + run + ", and runs as " +
                             found->info.run_id);
    }
  }
}

std::vector<std::string> Load::differences(const Client& judge) const {
  std::vector<std::string> found;
  judge_signals(judge, &found);
  judge_starts(judge, &found);
  return found;
}

}  // namespace minim::testing
