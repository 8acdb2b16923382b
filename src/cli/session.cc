#include "cli/session.h"

#include <sys/random.h>

#include <chrono>
#include <utility>

#include "cli/trace.h"
#include "json/writer.h"
#include "minim/blocking.h"
#include "minim/random.h"
#include "protojson/protojson.h"

namespace minim::cli {

namespace {

constexpr std::string_view kWorkflowService = "/temporal.api.workflowservice.v1.WorkflowService/";
// The server answers an idle poll after about 20 s; a proxy in between may add to that.
constexpr Duration kLongPollTimeout = std::chrono::seconds(70);
// Somebody waits at a terminal: a server that is down is reported after this long.
constexpr Duration kShortRetries = std::chrono::seconds(3);

Time now() { return std::chrono::steady_clock::now(); }

void strip_types(json::Value& value) {
  if (json::Array* const list = value.as_array()) {
    for (json::Value& item : *list) strip_types(item);
  }
  json::Object* const object = value.as_object();
  if (object == nullptr) return;
  const bool is_payload = object->find("metadata") != nullptr && object->find("data") != nullptr;
  for (auto& [name, inner] : object->members()) {
    if (is_payload && name == "metadata" && inner.as_object() != nullptr) {
      std::erase_if(inner.as_object()->members(),
                    [](const auto& entry) { return entry.first == "type"; });
    } else {
      strip_types(inner);
    }
  }
}

// The library speaks of its options; here they are flags.
std::string with_flag_names(std::string text, const Settings& sources) {
  const std::string address = sources.address_source + " '";
  const std::string key = sources.api_key_source + " holds";
  const std::pair<std::string_view, std::string_view> kNames[] = {
      {", or verification_server_name to change this check alone", ""},
      {"client_certificate", "--tls-cert-path"},
      {"client_private_key", "--tls-key-path"},
      {"root_certificates", "--tls-ca-path"},
      {"set server_name", "set --tls-server-name"},
      {"turn TLS off", "drop --tls and the other TLS settings"},
      {"target '", address},
      {"api_key holds", key}};
  for (const auto& [option, flag] : kNames) {
    for (std::size_t at = 0; (at = text.find(option, at)) != std::string::npos; at += flag.size()) {
      text.replace(at, option.size(), flag);
    }
  }
  return text;
}

std::optional<Time> deadline_of(const Flags& flags) {
  const Duration timeout = flags.duration("command-timeout").value_or(Duration::zero());
  if (timeout <= Duration::zero()) return std::nullopt;
  return add_clamped(now(), timeout);
}

}  // namespace

Result<json::Value> Reply::value(bool shorthand) const {
  const Result<std::string> text =
      protojson::to_json(type, bytes, {.shorthand_payloads = shorthand});
  if (!text) {
    return text.error().with_message("the server's reply cannot be read: " +
                                     std::string(text.error().message()));
  }
  return json::parse(*text);
}

Result<json::Value> Reply::readable() const {
  Result<json::Value> full = value(false);
  if (!full) return full;
  strip_types(*full);
  Result<std::string> stripped = protojson::from_json(type, json::write(*full));
  if (!stripped) return stripped.error();
  return Reply{type, std::move(*stripped)}.value(true);
}

Session::Session(Flags given, Output::Options output, std::stop_token stop)
    : flags(std::move(given)), out(output), stop_(std::move(stop)), deadline_(deadline_of(flags)) {}

Status Session::open(bool plain) { return open(plain, {}); }

Status Session::open(bool plain, std::string namespace_) {
  Result<Settings> settings = read_settings(flags);
  if (!settings) return settings.error();
  sources_.address_source = settings->address_source;
  sources_.api_key_source = settings->api_key_source;
  sources_.tls_sources = settings->tls_sources;
  if (!namespace_.empty()) settings->connect.namespace_ = std::move(namespace_);
  settings->connect.plain_grpc = plain;
  // Lets the server tell people's calls from workers' calls when it has to throttle.
  if (!plain && settings->connect.rpc_metadata.find("caller-type") == nullptr) {
    settings->connect.rpc_metadata.set("caller-type", "operator");
  }
  trace_if_asked(settings->connect);
  runtime_ = std::make_unique<Runtime>();
  Result<Client> client = Client::create(*runtime_, std::move(settings->connect));
  if (!client) {
    if (sources_.tls_sources.empty()) return client.error();
    return client.error().with_message(std::string(client.error().message()) + " (from " +
                                       sources_.tls_sources + ")");
  }
  client_.emplace(std::move(*client));
  return Status();
}

std::optional<Duration> Session::time_left() const {
  if (!deadline_) return std::nullopt;
  return *deadline_ - now();
}

Result<std::string> Session::call_bytes(std::string path, std::string message,
                                        CallOptions options) {
  const Time start = now();
  options.deadline = time_left();
  if (options.deadline && *options.deadline <= Duration::zero()) {
    return Status(Code::kDeadlineExceeded, "the workflow or the server took longer");
  }
  Result<std::string> reply =
      wait(client_->call(path, std::move(message)).with(std::move(options)), stop_);
  log(path, reply.status(), now() - start);
  return reply;
}

Result<Reply> Session::call(std::string_view method, const json::Object& request, Wait wait) {
  const std::string path = method.starts_with('/')
                               ? std::string(method)
                               : std::string(kWorkflowService) + std::string(method);
  const auto found = protojson::find_method(path);
  if (!found) return Status(Code::kInternal, "no such method: " + path);
  Result<std::string> message =
      protojson::from_json(found->request, json::write(json::Value::object(request)));
  if (!message) return message.error();
  CallOptions options;
  if (wait == Wait::kLongPoll) {
    options.rpc_timeout = kLongPollTimeout;
  } else {
    options.retry = rpc::RetryOptions{.max_elapsed = kShortRetries};
  }
  Result<std::string> reply = call_bytes(path, std::move(*message), std::move(options));
  if (!reply) return reply.error();
  return Reply{found->response, std::move(*reply)};
}

Result<HealthStatus> Session::check_health(std::string service) {
  const Time start = now();
  CallOptions options{.deadline = time_left(),
                      .retry = rpc::RetryOptions{.max_elapsed = kShortRetries}};
  auto check = client_->check_health(std::move(service));
  Result<HealthStatus> health = wait(std::move(check).with(std::move(options)), stop_);
  log("/grpc.health.v1.Health/Check", health.status(), now() - start);
  return health;
}

void Session::log(std::string_view path, const Status& status, Duration took) const {
  if (flags.text("log-level") != "debug") return;
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(took).count();
  std::string line;
  if (flags.text("log-format") == "json") {
    json::Object entry;
    entry.set("level", json::Value::string("DEBUG"));
    entry.set("msg", json::Value::string("call"));
    entry.set("method", json::Value::string(std::string(path)));
    entry.set("code", json::Value::string(std::string(code_name(status.code()))));
    entry.set("milliseconds", json::Value::number(std::int64_t{milliseconds}));
    line = json::write(json::Value::object(std::move(entry)));
  } else {
    line = "level=DEBUG msg=call method=" + std::string(path) +
           " code=" + std::string(code_name(status.code())) +
           " milliseconds=" + std::to_string(milliseconds);
  }
  std::fprintf(stderr, "%s\n", line.c_str());
}

std::string Session::new_uuid() {
  std::uint64_t seed = 0;
  if (::getrandom(&seed, sizeof seed, 0) != static_cast<ssize_t>(sizeof seed)) {
    seed = static_cast<std::uint64_t>(now().time_since_epoch().count());
  }
  SeededRandom random(seed);
  return random_uuid4(random);
}

std::string Session::error_text(const Status& status) const {
  if (status.code() == Code::kCancelled && is_interrupted()) return "interrupted";
  // The server was told of the deadline and may be the first to say so.
  const auto nearly_now = now() + std::chrono::milliseconds(500);
  if (status.code() == Code::kDeadlineExceeded && deadline_ && nearly_now >= *deadline_) {
    return "the command timeout of " + flags.text("command-timeout") +
           " has passed: " + std::string(status.message());
  }
  if (status.origin() == Origin::kServer) return status.to_string();
  const bool local = status.origin() == Origin::kLocal;
  return with_flag_names(local ? std::string(status.message()) : status.to_string(), sources_);
}

json::Value execution(const std::string& workflow_id, const std::string& run_id) {
  json::Object execution;
  execution.set("workflowId", json::Value::string(workflow_id));
  if (!run_id.empty()) execution.set("runId", json::Value::string(run_id));
  return json::Value::object(std::move(execution));
}

const json::Value* member(const json::Value& value, std::string_view path) {
  const json::Value* at = &value;
  while (at != nullptr && !path.empty()) {
    const std::size_t dot = path.find('.');
    const json::Object* const object = at->as_object();
    at = object == nullptr ? nullptr : object->find(path.substr(0, dot));
    path = dot == std::string_view::npos ? std::string_view() : path.substr(dot + 1);
  }
  return at;
}

std::string text_member(const json::Value& value, std::string_view path) {
  const json::Value* const found = member(value, path);
  if (found == nullptr) return {};
  if (const std::string* const text = found->as_string()) return *text;
  if (const std::string* const number = found->as_number()) return *number;
  if (const auto flag = found->as_bool()) return *flag ? "true" : "false";
  return {};
}

}  // namespace minim::cli
