// rpc and operator cluster health: calls of any server.
#include <cstdio>
#include <utility>

#include "cli/command.h"
#include "cli/values.h"
#include "protojson/protojson.h"

namespace minim::cli {

namespace {

constexpr int kStatusExit = 10;  // the exit code of a failed call is this and the gRPC status code

Status wrong(std::string text) { return Status(Code::kInvalidArgument, std::move(text)); }

std::optional<unsigned> hex_digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
  return std::nullopt;
}

Result<std::string> from_hex(std::string_view text) {
  std::string bytes;
  if (text.size() % 2 != 0) return wrong("--data-hex: an odd number of digits");
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const auto high = hex_digit(text[i]);
    const auto low = hex_digit(text[i + 1]);
    if (!high || !low) {
      return wrong("--data-hex: no hex digits at position " + std::to_string(i + 1));
    }
    bytes += static_cast<char>(*high * 16 + *low);
  }
  return bytes;
}

std::string to_hex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    text += kDigits[static_cast<unsigned char>(c) >> 4];
    text += kDigits[static_cast<unsigned char>(c) & 15];
  }
  return text;
}

bool is_path(std::string_view text) {
  const std::size_t slash = text.find('/', 1);
  if (!text.starts_with('/') || slash == std::string_view::npos || slash == 1 ||
      slash + 1 == text.size() || text.find('/', slash + 1) != std::string_view::npos) {
    return false;
  }
  for (const char c : text) {
    if (c <= ' ' || c >= 0x7f) return false;
  }
  return true;
}

// The one message to send.
Result<std::string> read_message(const Flags& flags,
                                 const std::optional<protojson::Method>& method) {
  int given = 0;
  for (const char* const name : {"data-hex", "data-file", "json"}) given += flags.given(name);
  if (given > 1) return wrong("give one of --data-hex, --data-file and --json");
  if (flags.given("data-hex")) return from_hex(flags.text("data-hex"));
  if (flags.given("data-file")) {
    Result<std::string> read = read_file(flags.text("data-file"));
    if (!read) return wrong("--data-file: " + std::string(read.error().message()));
    return read;
  }
  if (!flags.given("json")) return std::string();
  Result<std::string> message =
      protojson::from_json(method->request, flags.text("json"), {.shorthand_payloads = true});
  if (!message) return wrong("--json: " + std::string(message.error().message()));
  return message;
}

// What the temporal-namespace header has to say; empty: as the flags say.
std::string namespace_in(const std::optional<protojson::Method>& method,
                         const std::string& message) {
  if (!method || !method->request.field_by_name("namespace")) return {};
  const Result<json::Value> value = Reply{method->request, message}.value(false);
  return value ? text_member(*value, "namespace") : std::string();
}

void print_status(const Status& status) {
  const std::string line = status.ok() ? "OK (server)" : one_line(printable(status.to_string()));
  std::fprintf(stderr, "%s\n", line.c_str());
}

}  // namespace

Result<int> run_rpc(Session& session) {
  const Flags& flags = session.flags;
  const std::string& path = flags.words().front();
  if (!is_path(path)) {
    return wrong("\"" + path + "\" names no method: use /package.Service/Method");
  }
  const auto method = protojson::find_method(path);
  const bool wants_json = (flags.given("json") || session.out.is_json()) && !flags.on("hex");
  if (!method && (flags.given("json") || wants_json)) {
    return wrong(path +
                 " is in no schema that minim has: use --data-hex or --data-file, and no "
                 "JSON output");
  }
  Result<std::string> message = read_message(flags, method);
  if (!message) return message.error();
  if (Status status = session.open(flags.on("plain-grpc"), namespace_in(method, *message));
      !status.ok()) {
    return status;
  }
  CallOptions options;
  options.rpc_timeout = flags.duration("timeout");
  options.retry = rpc::no_retry();
  const Result<std::string> reply =
      session.call_bytes(path, std::move(*message), std::move(options));
  if (!reply) {
    print_status(reply.error());
    return kStatusExit + static_cast<int>(reply.error().code());
  }
  if (wants_json) {
    const bool shorthand = session.out.shorthand_payloads();
    const Result<json::Value> value = Reply{method->response, *reply}.value(shorthand);
    if (!value) {  // the call was made, and this is what gRPC calls its end
      print_status(Status(Code::kInternal,
                          std::string(value.error().message()) + "; --hex shows its bytes"));
      return kStatusExit + static_cast<int>(Code::kInternal);
    }
    session.out.json_document(*value);
  } else {
    session.out.bytes(flags.on("hex") ? to_hex(*reply) + "\n" : *reply);
  }
  print_status(Status());
  return 0;
}

Result<int> run_health(Session& session) {
  if (Status status = session.open(); !status.ok()) return status;
  const std::string service = "temporal.api.workflowservice.v1.WorkflowService";
  const Result<HealthStatus> health = session.check_health(service);
  if (!health) return health.error();
  const std::string status(to_string(*health));
  session.out.line(status);
  json::Object answer;
  answer.set("status", json::Value::string(status));
  session.out.json(json::Value::object(std::move(answer)));
  switch (*health) {
    case HealthStatus::kServing:
      return 0;
    case HealthStatus::kServiceUnknown:
      return Status(Code::kUnavailable, "the server does not know " + service);
    case HealthStatus::kUnimplemented:
      return Status(Code::kUnavailable, "the server does not speak gRPC's health protocol");
    case HealthStatus::kUnknown:
    case HealthStatus::kNotServing:
      break;
  }
  return Status(Code::kUnavailable, "the server is not serving");
}

}  // namespace minim::cli
