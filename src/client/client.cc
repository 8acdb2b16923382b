#include "minim/client.h"

#include "base/secret.h"
#include "client/context.h"
#include "client/execute.h"
#include "client/handle_programs.h"
#include "client/health.h"
#include "client/history.h"
#include "client/raw_call.h"
#include "client/start.h"
#include "client/system_info.h"
#include "client/visibility.h"
#include "minim/rpc/proxy_environment.h"
#include "minim/rpc/target.h"
#include "minim/trace.h"
#include "minim/version.h"
#include "rpc/proxy_request.h"

namespace minim {

namespace {

using internal::ClientContext;

bool any_set(const TlsOptions& tls) {
  for (const std::string* text :
       {&tls.root_certificates, &tls.root_certificates_file, &tls.client_certificate,
        &tls.client_private_key, &tls.client_certificate_file, &tls.client_private_key_file,
        &tls.revocation_lists, &tls.revocation_lists_file, &tls.server_name,
        &tls.verification_server_name, &tls.ciphers, &tls.cipher_suites, &tls.key_log_file}) {
    if (!text->empty()) return true;
  }
  return tls.client_key != nullptr || tls.client_identity || !tls.pinned_keys.empty() ||
         tls.min_version != TlsVersion::k12 || tls.max_version != TlsVersion::k13 ||
         tls.dangerously_skip_verification;
}

// A scheme that says no TLS beside options that are of use only with it: neither may win in
// silence, for one of them would send the key in the clear.
Result<bool> wants_tls(const ConnectOptions& options) {
  if (options.tls) return *options.tls;
  const bool has_options = any_set(options.tls_options);
  const bool by_options = has_options || !options.api_key.empty();
  const auto target = rpc::parse_target(options.target);
  if (!target || !target->tls) return by_options;
  if (*target->tls || !by_options) return *target->tls;
  return Status(Code::kInvalidArgument,
                "target '" + options.target + "' asks for plaintext, and " +
                    (has_options ? "tls_options are set" : "there is an api_key") +
                    ": say https://, or tls = false if that is meant");
}

Result<std::shared_ptr<FilterFactory>> tls_of(const ConnectOptions& options) {
  const Result<bool> wanted = wants_tls(options);
  if (!wanted) return wanted.error();
  if (!*wanted) return std::shared_ptr<FilterFactory>();
#ifdef MINIM_HAVE_TLS
  return make_tls(options.tls_options);
#else
  return Status(Code::kFailedPrecondition,
                "TLS was asked for, and this build of minim has none (MINIM_TLS=none)");
#endif
}

bool proxy_by_tls(const rpc::ProxyOptions& proxy) {
  const Result<rpc::Target> target = rpc::parse_proxy_target(proxy.target);
  return target && target->tls.value_or(false);
}

// Settles options.proxy: taken from the environment if that is asked for, with TLS to it if it says
// https.
Status settle_proxy(internal::Executor& executor, ConnectOptions& options) {
  const bool is_own = options.proxy.has_value();
  const Result<rpc::Target> target = rpc::parse_target(options.target);
  if (options.proxy_from_environment && !is_own && target) {
    auto found = rpc::proxy_from_environment(
        *target, [&executor](const char* name) { return executor.environment(name); });
    if (!found) return found.error();
    options.proxy = std::move(*found);
  }
  if (!options.proxy || options.proxy->tls) return Status();
  if (!proxy_by_tls(*options.proxy)) {
    if (!is_own || !any_set(options.proxy_tls_options)) return Status();
    return Status(Code::kInvalidArgument,
                  "proxy_tls_options are set, and proxy.target does not begin with https://");
  }
#ifdef MINIM_HAVE_TLS
  auto tls = make_proxy_tls(options.proxy_tls_options);
  if (!tls) return tls.error().with_message("proxy: " + std::string(tls.error().message()));
  options.proxy->tls = std::move(*tls);
  return Status();
#else
  return Status(
      Code::kFailedPrecondition,
      "proxy: TLS to it was asked for, and this build of minim has none (MINIM_TLS=none)");
#endif
}

rpc::ChannelOptions channel_options(ConnectOptions& options, std::shared_ptr<FilterFactory> tls) {
  rpc::ChannelOptions channel;
  channel.target = options.target;
  channel.tls = std::move(tls);
  channel.authority = options.authority;
  channel.user_agent = std::string("grpc-c++-minim/") + kVersion;
  channel.proxy = std::move(options.proxy);
  channel.keepalive = options.keepalive;
  channel.retry = options.retry;
  channel.retry_throttle = options.retry_throttle;
  channel.reconnect = options.reconnect;
  channel.keep_connected = options.keep_connected;
  channel.idle_timeout = options.idle_timeout;
  channel.max_connections = options.max_connections;
  channel.dns_balancing = options.dns_balancing;
  channel.limits = options.limits;
  channel.gzip_above_bytes = options.gzip_above_bytes;
  channel.accept_gzip = options.accept_gzip;
  channel.resolver = std::move(options.resolver);
  channel.dialer = std::move(options.dialer);
  channel.random = std::move(options.random);
  channel.log = std::move(options.log);
  channel.observer = std::move(options.observer);
  return channel;
}

void append(Status& all, const Status& one) {
  if (one.ok()) return;
  all = all.ok() ? one
                 : all.with_message(std::string(all.message()) + "; " + std::string(one.message()));
}

// What connect() makes of options that no client can be made from.
class RefusedProgram final : public internal::Program {
 public:
  // `port`: through which the loop says so; null: start() itself does.
  RefusedProgram(std::shared_ptr<internal::Port> port, Status why)
      : Program(std::make_shared<internal::Wire>(std::move(port), internal::Wire::Identity())),
        why_(std::move(why)) {}
  internal::Step resume(Random&, rpc::Reply*) override { return internal::Step::done(why_); }
  Status unusable() const override { return why_; }

 private:
  const Status why_;
};

// `context` is complete but for its wire.
Status open(internal::Executor& executor, ConnectOptions& options, ClientContext& context) {
  Status wrong;
  if (context.namespace_.empty()) {
    wrong = Status(Code::kInvalidArgument, "namespace_ is empty: the usual one is 'default'");
  }
  Result<std::shared_ptr<FilterFactory>> tls = tls_of(options);
  append(wrong, tls.status());
  if (tls && options.trace != nullptr) *tls = options.trace->around(std::move(*tls));
  wipe(options.tls_options.client_private_key);
  const Status proxy = settle_proxy(executor, options);
  wipe(options.proxy_tls_options.client_private_key);
  append(wrong, proxy);
  std::shared_ptr<internal::Port> port;
  if (tls && proxy.ok()) {
    auto opened = executor.open(channel_options(options, std::move(*tls)));
    append(wrong, opened.status());
    if (opened) port = std::move(*opened);
  }
  if (options.client_version.empty()) options.client_version = kVersion;
  append(wrong, Metadata({{"client-name", options.client_name},
                          {"client-version", options.client_version}})
                    .validate());
  context.wire = std::make_shared<internal::Wire>(
      std::move(port), internal::Wire::Identity{options.plain_grpc, std::move(options.client_name),
                                                std::move(options.client_version),
                                                options.resource_id && !options.plain_grpc});
  append(wrong, context.wire->set_api_key(std::move(options.api_key)));
  append(wrong, context.wire->set_rpc_metadata(std::move(options.rpc_metadata)));
  return wrong;
}

}  // namespace

Result<Client> Client::create_on(std::shared_ptr<internal::Executor> executor,
                                 ConnectOptions options) {
  const auto context = std::make_shared<ClientContext>();
  context->namespace_ = std::move(options.namespace_);
  context->identity =
      options.identity.empty() ? executor->default_identity() : std::move(options.identity);
  context->converter = options.data_converter;
  context->default_query_reject_condition = options.default_query_reject_condition;
  if (Status wrong = open(*executor, options, *context); !wrong.ok()) return wrong;
  return Client(context);
}

Client Client::with(ClientOptions options) const {
  const auto changed = std::make_shared<ClientContext>(*context_);
  if (options.namespace_) changed->namespace_ = std::move(*options.namespace_);
  if (options.identity) changed->identity = std::move(*options.identity);
  if (options.default_query_reject_condition) {
    changed->default_query_reject_condition = options.default_query_reject_condition;
  }
  return Client(changed);
}

Operation<ServerInfo> Client::get_system_info() const {
  return {std::make_unique<internal::SystemInfoProgram>(context_, Status()),
          [](internal::Program& program) {
            return Result<ServerInfo>(
                std::move(static_cast<internal::SystemInfoProgram&>(program).info));
          }};
}

std::unique_ptr<internal::Program> Client::start_program(std::string type,
                                                         StartWorkflowOptions options,
                                                         Result<Payloads> arguments) const {
  return std::make_unique<internal::StartProgram>(context_, std::move(type), std::move(options),
                                                  std::move(arguments));
}

std::unique_ptr<internal::Program> Client::execute_program(std::string type,
                                                           StartWorkflowOptions options,
                                                           Result<Payloads> arguments) const {
  return std::make_unique<internal::ExecuteProgram>(context_, std::move(type), std::move(options),
                                                    std::move(arguments));
}

Result<WorkflowHandle> Client::started_handle(internal::Program& program) {
  auto& start = static_cast<internal::StartProgram&>(program);
  return WorkflowHandle(start.shared_context(), std::move(start.ids));
}

WorkflowHandle Client::get_workflow_handle(std::string workflow_id, std::string run_id,
                                           std::string first_execution_run_id) const {
  return WorkflowHandle(
      context_, {std::move(workflow_id), run_id, run_id, std::move(first_execution_run_id)});
}

Pager<WorkflowInfo> Client::list_workflows(std::string query, ListOptions options) const {
  const auto source =
      std::make_shared<internal::ListSource>(context_, std::move(query), std::move(options));
  source->self = source;
  return {source, [](internal::Program& program) {
            return Result<Page<WorkflowInfo>>(
                std::move(static_cast<internal::ListProgram&>(program).page));
          }};
}

Operation<WorkflowCount> Client::count_workflows(std::string query) const {
  return {std::make_unique<internal::CountProgram>(context_, std::move(query)),
          [](internal::Program& program) {
            return Result<WorkflowCount>(
                std::move(static_cast<internal::CountProgram&>(program).count));
          }};
}

Operation<HealthStatus> Client::check_health(std::string service) const {
  return {std::make_unique<internal::HealthProgram>(context_, std::move(service)),
          [](internal::Program& program) {
            return Result<HealthStatus>(static_cast<internal::HealthProgram&>(program).health);
          }};
}

Operation<std::string> Client::call(std::string path, std::string message) const {
  return {std::make_unique<internal::RawCallProgram>(context_, std::move(path), std::move(message)),
          [](internal::Program& program) {
            return Result<std::string>(
                std::move(static_cast<internal::RawCallProgram&>(program).reply.message));
          }};
}

Operation<rpc::Reply> Client::exchange(std::string path, std::string message) const {
  using internal::RawCallProgram;
  return {std::make_unique<RawCallProgram>(context_, std::move(path), std::move(message),
                                           RawCallProgram::Outcome::kReply),
          [](internal::Program& program) {
            return Result<rpc::Reply>(std::move(static_cast<RawCallProgram&>(program).reply));
          }};
}

const std::string& Client::namespace_name() const { return context_->namespace_; }
const std::string& Client::identity() const { return context_->identity; }

std::optional<ServerInfo> Client::server_info() const { return context_->wire->server_info(); }

std::string Client::api_key() const { return context_->wire->api_key(); }
Metadata Client::rpc_metadata() const { return context_->wire->rpc_metadata(); }

Result<void> Client::set_api_key(std::string api_key) {
  return context_->wire->set_api_key(std::move(api_key));
}
Result<void> Client::set_rpc_metadata(Metadata metadata) {
  return context_->wire->set_rpc_metadata(std::move(metadata));
}

void Client::close(CloseOptions options) { context_->wire->port()->close(options.drain); }

Operation<Client> internal::connect_on(std::shared_ptr<Executor> executor, ConnectOptions options) {
  const auto connected = [](Program& program) {
    return Result<Client>(Client(static_cast<SystemInfoProgram&>(program).shared_context()));
  };
  Result<Client> client = Client::create_on(executor, std::move(options));
  if (!client) {
    const auto port = executor->open({.target = "localhost"});  // never dialled
    return {std::make_unique<RefusedProgram>(port.value_or(nullptr), client.error()), connected};
  }
  return {std::make_unique<SystemInfoProgram>(client->context_, Status()), connected};
}

}  // namespace minim
