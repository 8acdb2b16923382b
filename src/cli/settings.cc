#include "cli/settings.h"

#include <unistd.h>

#include <array>
#include <cstdlib>
#include <optional>
#include <string_view>

#include "base/secret.h"
#include "cli/output.h"
#include "cli/values.h"
#include "json/utf8.h"
#include "minim/rpc/target.h"

namespace minim::cli {

namespace {

Status wrong(std::string text) { return Status(Code::kInvalidArgument, std::move(text)); }

std::optional<std::string> variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

bool is_set(const char* name) { return !variable(name).value_or("").empty(); }

// Flags are checked where they are read.
Status check_variables() {
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    if (!text.starts_with("TEMPORAL_") || json::is_utf8(text)) continue;
    return wrong(std::string(text.substr(0, text.find('='))) + " is not UTF-8");
  }
  return Status();
}

bool uses_variables(const Flags& flags) { return !flags.on("disable-config-env"); }

// A flag, else its variable, else empty. A variable that is set and empty is a value too: the empty
// one.
std::string text_of(const Flags& flags, std::string_view flag, const char* name) {
  if (flags.given(flag)) return flags.text(flag);
  return uses_variables(flags) ? variable(name).value_or("") : std::string();
}

// For what is sent with each call: a variable's value is Temporal's, and no other server may see
// it.
bool sends_variables(const Flags& flags) {
  return uses_variables(flags) && !flags.on("plain-grpc");
}

std::string source_of(const Flags& flags, std::string_view flag, const char* name) {
  return flags.given(flag) || !uses_variables(flags) || !is_set(name) ? "--" + std::string(flag)
                                                                      : name;
}

// true, false, 1, 0 in any case.
Result<std::optional<bool>> switch_variable(const Flags& flags, const char* name) {
  if (!uses_variables(flags)) return std::optional<bool>();
  std::string value = variable(name).value_or("");
  for (char& c : value) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  if (value.empty()) return std::optional<bool>();
  if (value == "1" || value == "true") return std::optional(true);
  if (value == "0" || value == "false") return std::optional(false);
  return wrong(std::string(name) + ": use true or false");
}

// One piece of TLS material, as a path or as the text itself.
struct Material {
  std::string_view path_flag;
  std::string_view data_flag;
  const char* path_variable;
  const char* data_variable;
  const char* old_path_variable;  // of earlier releases of the official tool; these win
  const char* old_data_variable;
};

constexpr Material kRoots = {"tls-ca-path",
                             "tls-ca-data",
                             "TEMPORAL_TLS_SERVER_CA_CERT_PATH",
                             "TEMPORAL_TLS_SERVER_CA_CERT_DATA",
                             "TEMPORAL_TLS_CA",
                             "TEMPORAL_TLS_CA_DATA"};
constexpr Material kCertificate = {"tls-cert-path",
                                   "tls-cert-data",
                                   "TEMPORAL_TLS_CLIENT_CERT_PATH",
                                   "TEMPORAL_TLS_CLIENT_CERT_DATA",
                                   "TEMPORAL_TLS_CERT",
                                   "TEMPORAL_TLS_CERT_DATA"};
constexpr Material kKey = {"tls-key-path",
                           "tls-key-data",
                           "TEMPORAL_TLS_CLIENT_KEY_PATH",
                           "TEMPORAL_TLS_CLIENT_KEY_DATA",
                           "TEMPORAL_TLS_KEY",
                           "TEMPORAL_TLS_KEY_DATA"};

// Where a piece of material comes from; both texts empty: nowhere.
struct Source {
  std::string path;
  std::string data;
  std::string name;  // "--tls-ca-path /x", "TEMPORAL_TLS_CA_DATA"
};

Result<Source> choose(std::string path_name, std::string path, std::string data_name,
                      std::string data) {
  if (!path.empty() && !data.empty()) {
    return wrong(path_name + " and " + data_name + " are for the same thing: give one of them");
  }
  Source source;
  if (!path.empty()) source.name = path_name + " " + path;
  if (!data.empty()) source.name = data_name;
  source.path = std::move(path);
  source.data = std::move(data);
  return source;
}

Result<Source> find_source(const Flags& flags, const Material& material) {
  const std::string path_flag = "--" + std::string(material.path_flag);
  const std::string data_flag = "--" + std::string(material.data_flag);
  if (flags.given(material.path_flag) || flags.given(material.data_flag)) {
    return choose(path_flag, flags.text(material.path_flag), data_flag,
                  flags.text(material.data_flag));
  }
  if (!uses_variables(flags)) return Source();
  const bool old = is_set(material.old_path_variable) || is_set(material.old_data_variable);
  const char* const path = old ? material.old_path_variable : material.path_variable;
  const char* const data = old ? material.old_data_variable : material.data_variable;
  return choose(path, variable(path).value_or(""), data, variable(data).value_or(""));
}

Status load(const Flags& flags, const Material& material, Settings& settings, std::string& text) {
  Result<Source> source = find_source(flags, material);
  if (!source) return source.error();
  if (source->name.empty()) return Status();
  if (!settings.tls_sources.empty()) settings.tls_sources += ", ";
  settings.tls_sources += source->name;
  if (source->path.empty()) {
    text = std::move(source->data);
    return Status();
  }
  Result<std::string> read = read_file(source->path);
  if (!read) return wrong(source->name + ": " + std::string(read.error().message()));
  if (read->empty()) return wrong(source->name + ": the file is empty");
  text = std::move(*read);
  return Status();
}

bool any_tls_flag(const Flags& flags) {
  for (const std::string_view name :
       {kRoots.path_flag, kRoots.data_flag, kCertificate.path_flag, kCertificate.data_flag,
        kKey.path_flag, kKey.data_flag, std::string_view("tls-server-name")}) {
    if (!flags.text(name).empty()) return true;
  }
  return flags.on("tls-disable-host-verification");
}

Status read_tls(const Flags& flags, Settings& settings) {
  ConnectOptions& connect = settings.connect;
  const std::optional<bool> asked = flags.switched("tls");
  if (asked == false && any_tls_flag(flags)) {
    return wrong("--tls=false contradicts the other --tls flags: drop one or the other");
  }
  const auto from_variable = switch_variable(flags, "TEMPORAL_TLS");
  if (!from_variable) return from_variable.error();
  if (asked == false || (!asked && !any_tls_flag(flags) && *from_variable == false)) {
    connect.tls = false;
    return Status();
  }
  TlsOptions& tls = connect.tls_options;
  for (const auto& [material, text] :
       {std::pair(kRoots, &tls.root_certificates), std::pair(kCertificate, &tls.client_certificate),
        std::pair(kKey, &tls.client_private_key)}) {
    if (Status status = load(flags, material, settings, *text); !status.ok()) return status;
  }
  if (tls.client_certificate.empty() != tls.client_private_key.empty()) {
    const bool no_key = tls.client_private_key.empty();
    wipe(tls.client_private_key);
    return wrong(no_key ? "a client certificate needs its key: give --tls-key-path or "
                          "TEMPORAL_TLS_CLIENT_KEY_PATH"
                        : "a client key needs its certificate: give --tls-cert-path or "
                          "TEMPORAL_TLS_CLIENT_CERT_PATH");
  }
  tls.server_name = text_of(flags, "tls-server-name", "TEMPORAL_TLS_SERVER_NAME");
  const auto skip = switch_variable(flags, "TEMPORAL_TLS_DISABLE_HOST_VERIFICATION");
  if (!skip) return skip.error();
  tls.dangerously_skip_verification =
      flags.switched("tls-disable-host-verification").value_or(skip->value_or(false));
  const bool any = !settings.tls_sources.empty() || !tls.server_name.empty() ||
                   tls.dangerously_skip_verification;
  // Otherwise an API key or the target's scheme decides.
  if (asked == true || *from_variable == true || any) connect.tls = true;
  return Status();
}

Status read_api_key(const Flags& flags, Settings& settings) {
  ConnectOptions& connect = settings.connect;
  if (flags.given("api-key") && flags.given("api-key-file")) {
    return wrong("--api-key and --api-key-file are for the same thing: give one of them");
  }
  if (!flags.given("api-key-file")) {
    if (!flags.given("api-key") && !sends_variables(flags)) return Status();
    connect.api_key = text_of(flags, "api-key", "TEMPORAL_API_KEY");
    settings.api_key_source = source_of(flags, "api-key", "TEMPORAL_API_KEY");
    return Status();
  }
  settings.api_key_source = "--api-key-file";
  Result<std::string> key = read_file(flags.text("api-key-file"));
  if (!key) return wrong("--api-key-file: " + std::string(key.error().message()));
  while (!key->empty() && (key->back() == '\n' || key->back() == '\r')) key->pop_back();
  if (key->empty()) return wrong("--api-key-file: there is no key in it");
  connect.api_key = std::move(*key);
  return Status();
}

// Variables: "TEMPORAL_GRPC_META_X_TRACE=1" is x-trace: 1; an empty one is none. Flags go as given.
Status read_metadata(const Flags& flags, Metadata& metadata) {
  constexpr std::string_view kPrefix = "TEMPORAL_GRPC_META_";
  for (char** entry = environ; sends_variables(flags) && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::size_t equals = text.find('=');
    if (!text.starts_with(kPrefix) || equals == std::string_view::npos) continue;
    std::string key(text.substr(kPrefix.size(), equals - kPrefix.size()));
    for (char& c : key) {
      if (c == '_') c = '-';
    }
    if (equals + 1 < text.size()) metadata.set(key, text.substr(equals + 1));
  }
  for (const std::string& text : flags.all("grpc-meta")) {
    const auto pair = split_pair("grpc-meta", text);
    if (!pair) return pair.error();
    metadata.set(pair->first, pair->second);
  }
  if (Status status = metadata.validate(); !status.ok()) {
    return wrong("--grpc-meta or TEMPORAL_GRPC_META_*: " + std::string(status.message()));
  }
  return Status();
}

// Silence would send people to another server than the one their profile names.
Status refuse_profiles(const Flags& flags) {
  for (const char* const name : {"config-file", "profile", "env", "env-file"}) {
    if (flags.given(name)) {
      return wrong(std::string("--") + name +
                   ": minim does not read profile files yet; use flags or TEMPORAL_* variables");
    }
  }
  if (!flags.on("disable-config-file")) {
    for (const char* const name : {"TEMPORAL_CONFIG_FILE", "TEMPORAL_PROFILE", "TEMPORAL_ENV"}) {
      if (is_set(name)) {
        return wrong(std::string(name) +
                     " is set, and minim does not read profile files yet: "
                     "unset it or give --disable-config-file");
      }
    }
    const std::string home = variable("HOME").value_or("");
    std::string folder = variable("XDG_CONFIG_HOME").value_or("");
    if (folder.empty() && !home.empty()) folder = home + "/.config";
    const std::string file = folder + "/temporalio/temporal.toml";
    if (!folder.empty() && ::access(file.c_str(), F_OK) == 0) {
      warn(file + " is not read yet; --disable-config-file silences this");
    }
  }
  for (const char* const name : {"codec-endpoint", "codec-auth", "codec-header"}) {
    if (flags.given(name)) return wrong(std::string("--") + name + ": minim has no codecs yet");
  }
  if (uses_variables(flags) && is_set("TEMPORAL_CODEC_ENDPOINT")) {
    return wrong("TEMPORAL_CODEC_ENDPOINT is set, and minim has no codecs yet: unset it");
  }
  return Status();
}

// A server on this machine is not reached through a proxy of the network's.
bool is_on_this_machine(const std::string& address) {
  const auto target = rpc::parse_target(address);
  if (!target) return true;  // said elsewhere
  return target->host == "localhost" || target->host == "::1" ||
         (target->kind == rpc::Target::Kind::kIp && target->host.starts_with("127."));
}

std::string host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "unknown-host";
}

}  // namespace

std::string user_name() {
  for (const char* const name : {"USER", "LOGNAME"}) {
    if (is_set(name)) return *variable(name);
  }
  return std::to_string(::getuid());
}

Result<Settings> read_settings(const Flags& flags) {
  Settings settings;
  ConnectOptions& connect = settings.connect;
  if (uses_variables(flags)) {
    if (Status status = check_variables(); !status.ok()) return status;
  }
  if (Status status = refuse_profiles(flags); !status.ok()) return status;
  const auto or_default = [&flags](std::string text, std::string_view flag) {
    return text.empty() ? flags.text(flag) : text;
  };
  settings.address_source = source_of(flags, "address", "TEMPORAL_ADDRESS");
  connect.target = or_default(text_of(flags, "address", "TEMPORAL_ADDRESS"), "address");
  connect.proxy_from_environment = !is_on_this_machine(connect.target);
  connect.namespace_ = or_default(text_of(flags, "namespace", "TEMPORAL_NAMESPACE"), "namespace");
  if (connect.target.empty()) return wrong("--address is empty");
  if (connect.namespace_.empty()) return wrong("--namespace is empty");
  connect.authority = text_of(flags, "client-authority", "TEMPORAL_CLIENT_AUTHORITY");
  connect.identity = flags.text("identity");
  if (connect.identity.empty()) connect.identity = "minim:" + user_name() + "@" + host_name();
  if (Status status = read_metadata(flags, connect.rpc_metadata); !status.ok()) return status;
  if (Status status = read_tls(flags, settings); !status.ok()) return status;
  if (Status status = read_api_key(flags, settings); !status.ok()) return status;
  const Duration connecting = flags.duration("client-connect-timeout").value_or(Duration::zero());
  if (connecting > Duration::zero()) connect.reconnect.connect_timeout = connecting;
  return settings;
}

}  // namespace minim::cli
