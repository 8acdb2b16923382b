// One run of the tool: its flags, its output, and the client, which is made when it is first
// needed.
#ifndef MINIM_SRC_CLI_SESSION_H_
#define MINIM_SRC_CLI_SESSION_H_

#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "cli/flags.h"
#include "cli/output.h"
#include "cli/settings.h"
#include "json/value.h"
#include "minim/client.h"
#include "minim/runtime.h"
#include "protojson/schema.h"

namespace minim::cli {

struct Reply {
  protojson::MessageType type;
  std::string bytes;

  // As protobuf JSON; `shorthand`: payloads as the JSON they hold.
  Result<json::Value> value(bool shorthand) const;
  // In shorthand and without the types that search attributes carry: they would keep values from
  // being shown as the JSON that they are.
  Result<json::Value> readable() const;
};

class Session {
 public:
  Session(Flags flags, Output::Options output, std::stop_token stop);

  const Flags flags;
  Output out;

  // Reads the settings and makes the client; dials nothing, asks nothing. A server is asked only
  // what the command is for. `plain`: no header of Temporal's.
  Status open(bool plain = false);
  // The same with the namespace that the call's own request names, if it names one.
  Status open(bool plain, std::string namespace_);
  const std::string& namespace_name() const { return client_->namespace_name(); }
  const std::string& identity() const { return client_->identity(); }

  enum class Wait {
    kShort,
    kLongPoll,  // the server may keep the call for a minute
  };
  // A method of WorkflowService, or any by its path. The request is protobuf JSON.
  Result<Reply> call(std::string_view method, const json::Object& request,
                     Wait wait = Wait::kShort);
  Result<HealthStatus> check_health(std::string service);
  // Bytes in, bytes out; the command timeout applies beside `options`.
  Result<std::string> call_bytes(std::string path, std::string message, CallOptions options);

  bool is_interrupted() const { return stop_.stop_requested(); }
  std::string new_uuid();
  // What a failure is called on standard error.
  std::string error_text(const Status& status) const;

 private:
  std::optional<Duration> time_left() const;
  void log(std::string_view path, const Status& status, Duration took) const;

  const std::stop_token stop_;
  const std::optional<Time> deadline_;
  Settings sources_;  // only where things came from
  std::unique_ptr<Runtime> runtime_;
  std::optional<Client> client_;
};

// The execution that --workflow-id and --run-id name, as protobuf JSON.
json::Value execution(const std::string& workflow_id, const std::string& run_id);

// Members of JSON objects: `path` is "a.b.c"; null or empty when there is none of that kind.
const json::Value* member(const json::Value& value, std::string_view path);
std::string text_member(const json::Value& value, std::string_view path);

}  // namespace minim::cli

#endif  // MINIM_SRC_CLI_SESSION_H_
