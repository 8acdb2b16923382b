// Many calls in flight, and afterwards the server's own history as the judge of what they did.
#ifndef MINIM_TESTS_PROXIES_SUPPORT_LOAD_H_
#define MINIM_TESTS_PROXIES_SUPPORT_LOAD_H_

#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "minim/minim.h"

namespace minim::testing {

// Signals "signal-N." to workflows that no worker runs, and starts of such workflows, in turn.
// Each operation has one request id, whatever is repeated below it.
class Load {
 public:
  struct Shape {
    int width = 32;             // in flight at once
    int workflows = 2;          // that are signalled in turn; the server takes 10,000 for each
    int signals_per_start = 8;  // between two starts
  };

  // `client` must not be on this thread's loop. `name` is part of each workflow id.
  Load(Client client, std::string name, Shape shape);
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;
  ~Load();  // stop()

  // Starts the workflows that are signalled, then keeps `width` operations in flight until `total`
  // have been started (0: until stop()). Not OK: not even that was possible.
  Status start(long total);
  // Returns once that many have ended, or all of `total`.
  void wait_for(long ended);
  // No new ones; returns when all have ended.
  void stop();

  long signals() const { return signals_; }  // once it is over
  long starts() const { return starts_; }
  long ended() const;
  // Operations that did not succeed, and their texts, at most 20 of them.
  long failed() const;
  std::vector<std::string> failures() const;

  // What the server has that differs from what succeeded: signals lost or doubled in the histories,
  // workflows lost or doubled. Empty: each exactly once. `judge` may be another client.
  std::vector<std::string> differences(const Client& judge) const;

 private:
  void next();
  void one_has_ended(const Status& status);
  std::string signalled_id(int number) const;
  bool is_over() const { return ended_ == started_ && (stopping_ || started_ == total_); }
  void judge_signals(const Client& judge, std::vector<std::string>* differences) const;
  void judge_starts(const Client& judge, std::vector<std::string>* differences) const;

  Client client_;
  const std::string name_;
  const Shape shape_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  long total_ = 0;
  long started_ = 0;
  long ended_ = 0;
  long failed_ = 0;
  long signals_ = 0;
  long starts_ = 0;
  bool stopping_ = false;
  std::map<std::string, std::string> runs_;  // run id by workflow id, of starts that succeeded
  std::vector<std::string> failures_;
};

}  // namespace minim::testing

#endif  // MINIM_TESTS_PROXIES_SUPPORT_LOAD_H_
