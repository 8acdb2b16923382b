// A history as it goes by: a table of events, or sections with all there is to know.
#ifndef MINIM_SRC_CLI_PROGRESS_H_
#define MINIM_SRC_CLI_PROGRESS_H_

#include <optional>
#include <string>
#include <vector>

#include "cli/history.h"
#include "cli/session.h"

namespace minim::cli {

class Progress {
 public:
  struct Options {
    bool follow = false;  // wait for what comes, and go on with the run that follows
    bool detailed = false;
    bool reverse = false;
  };
  Progress(Session& session, std::string workflow_id, Options options)
      : session_(session), workflow_id_(std::move(workflow_id)), options_(options) {}

  // Prints each event in text form and keeps it in the JSON forms. The outcome is that of the last
  // run; unset when it has not ended.
  Result<std::optional<Outcome>> run(std::string run_id);
  // {"events": [...]}: what was kept, payloads in full.
  json::Value history() const;

 private:
  void show(const json::Array& events);

  Session& session_;
  const std::string workflow_id_;
  const Options options_;
  json::Array kept_;
  std::vector<std::size_t> widths_ = {3, 20};
  bool has_header_ = false;
};

}  // namespace minim::cli

#endif  // MINIM_SRC_CLI_PROGRESS_H_
