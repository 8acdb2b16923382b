// Client: a namespace of a Temporal server.
//
//   minim::Runtime runtime;
//   auto client = minim::wait(minim::connect(runtime, {.target = "localhost:7233"}));
//   auto run = minim::wait(client->start_workflow("Greet", {.id = "g", .task_queue = "q"}, "Ann"));
//   auto text = minim::wait(run->result<std::string>());
#ifndef MINIM_CLIENT_H_
#define MINIM_CLIENT_H_

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "minim/health.h"
#include "minim/internal/executor.h"
#include "minim/operation.h"
#include "minim/pager.h"
#include "minim/rpc/call.h"
#include "minim/rpc/options.h"
#include "minim/tls.h"
#include "minim/workflow_handle.h"
#include "minim/workflow_info.h"
#include "minim/workflow_types.h"

namespace minim {

class Trace;

struct ConnectOptions {
  // "host:port" and the other forms of <minim/rpc/target.h>.
  std::string target = "localhost:7233";
  std::string namespace_ = "default";
  // Who we are in histories. Empty: "<pid>@<host name>".
  std::string identity{};
  // Sent as "authorization: Bearer <key>" unless metadata has an authorization of its own.
  std::string api_key{};
  // Sent with each RPC.
  Metadata rpc_metadata{};
  // Unset: on if there is an API key or any field of tls_options is set, or the target says https;
  // INVALID_ARGUMENT if there is one of these and the target says http.
  std::optional<bool> tls{};
  TlsOptions tls_options{};
  // :authority; empty: the TLS server name, else the target.
  std::string authority{};
  std::optional<rpc::ProxyOptions> proxy{};
  // For a proxy whose target is "https://...", unless it comes with a filter of its own.
  TlsOptions proxy_tls_options{};
  // `proxy` unset: whether HTTPS_PROXY and NO_PROXY count, as <minim/rpc/proxy_environment.h> says.
  bool proxy_from_environment = false;
  std::optional<rpc::KeepaliveOptions> keepalive = rpc::KeepaliveOptions{};
  rpc::RetryOptions retry{};
  // Unset: `retry` alone bounds what is repeated.
  std::optional<rpc::RetryThrottleOptions> retry_throttle{};
  rpc::ReconnectOptions reconnect{};
  // Whether there is a connection without a call: see <minim/rpc/options.h>. keep_connected begins
  // when the client is made, on a uv::Loop with its first operation.
  bool keep_connected = false;
  Duration idle_timeout{};  // zero: never closed for want of calls
  // More than one connection: where the server's stream limit makes calls wait, or to each address
  // of the target's name.
  std::size_t max_connections = 1;
  std::optional<rpc::DnsBalancingOptions> dns_balancing{};
  rpc::Limits limits{};
  std::optional<std::size_t> gzip_above_bytes = 1024;
  bool accept_gzip = true;
  // A host's own parts, each documented in its header; null: the system's, or none.
  std::shared_ptr<Resolver> resolver{};  // <minim/resolver.h>
  std::shared_ptr<Dialer> dialer{};      // <minim/dialer.h>
  std::shared_ptr<Random> random{};      // <minim/random.h>; of ids as well: must not repeat itself
  std::shared_ptr<Log> log{};            // <minim/log.h>
  std::shared_ptr<Observer> observer{};  // <minim/observer.h>, <minim/metrics.h>
  std::shared_ptr<Trace> trace{};        // <minim/trace.h>
  std::optional<QueryRejectCondition> default_query_reject_condition{};
  DataConverter data_converter{};
  // "temporal-resource-id: workflow:<id>" with each call about a workflow, for gateways that route
  // by it. The headers of such calls are made anew each time.
  bool resource_id = false;
  // No header beyond gRPC's own and rpc_metadata: for servers that are not Temporal's.
  bool plain_grpc = false;
  // What the server is told; for programs that are a product of their own.
  std::string client_name = "minim";
  std::string client_version{};  // empty: minim's
};

// The parts of a client that it can have of its own on a shared connection.
struct ClientOptions {
  std::optional<std::string> namespace_{};
  std::optional<std::string> identity{};
  std::optional<QueryRejectCondition> default_query_reject_condition{};
};

struct CloseOptions {
  Duration drain{};
};

// GetSystemInfo's answer, as far as it is of use.
struct ServerInfo {
  std::string server_version;
  // Empty if the server does not know the call; else the serialised Capabilities.
  std::string capabilities;
  bool supports_schedules = false;
  bool encoded_failure_attributes = false;
  bool eager_workflow_start = false;
  bool count_group_by_execution_status = false;
  bool nexus = false;
};

class Client;

namespace internal {
Operation<Client> connect_on(std::shared_ptr<Executor> executor, ConnectOptions options);
}  // namespace internal

struct ListOptions {
  // Items in all; unset: all there are. 0: none, and nothing is sent.
  std::optional<std::size_t> limit{};
  std::int32_t page_size = 1000;
  std::string next_page_token{};  // where to begin
};

// Cheap to copy; copies, handles and clients made by with() share one connection, which closes with
// the last of them. Threads: see the Runtime or uv::Loop that it was made on.
class Client {
 public:
  // Checks the options and dials nothing. INVALID_ARGUMENT names every option that is wrong;
  // FAILED_PRECONDITION: TLS asked of a build without it, or no system roots. `host`: a Runtime or
  // a uv::Loop.
  template <class Host>
  static Result<Client> create(Host& host, ConnectOptions options) {
    return create_on(host.executor(), std::move(options));
  }
  static Result<Client> create_on(std::shared_ptr<internal::Executor> executor,
                                  ConnectOptions options);

  // A client of the same connection with other settings.
  Client with(ClientOptions options) const;

  // Asks the server who it is; connects if need be. Made once, never repeated.
  Operation<ServerInfo> get_system_info() const;

  // Starts a workflow. WorkflowAlreadyStarted when its id is taken. The request id is made once, so
  // that a repeated attempt starts nothing twice.
  template <class... Args>
  Operation<WorkflowHandle> start_workflow(std::string type, StartWorkflowOptions options,
                                           const Args&... arguments) const {
    return {start_program(std::move(type), std::move(options), encode(arguments...)),
            started_handle};
  }
  // start_workflow, then its result. Call options apply to the start alone, as in the SDKs, except
  // `deadline`, which bounds both.
  template <class T = void, class... Args>
  Operation<T> execute_workflow(std::string type, StartWorkflowOptions options,
                                const Args&... arguments) const {
    return {execute_program(std::move(type), std::move(options), encode(arguments...)),
            internal::decode_payloads<T>};
  }
  template <class... Args>
  Operation<void> signal_workflow(std::string workflow_id, std::string name,
                                  const Args&... arguments) const {
    return get_workflow_handle(std::move(workflow_id)).signal(std::move(name), arguments...);
  }

  WorkflowHandle get_workflow_handle(std::string workflow_id, std::string run_id = {},
                                     std::string first_execution_run_id = {}) const;

  // Visibility; `query` in the server's list filter language, empty: all. Eventually consistent.
  Pager<WorkflowInfo> list_workflows(std::string query = {}, ListOptions options = {}) const;
  Operation<WorkflowCount> count_workflows(std::string query = {}) const;

  // Asks the server how a service of its own fares, by gRPC's health protocol; empty: the server as
  // a whole. What the server says of it is a value, also that it does not know the service or the
  // protocol; any other failure is the error of the call.
  Operation<HealthStatus> check_health(std::string service = {}) const;

  // Any unary method, bytes in and out: path "/package.Service/Method". WorkflowService calls carry
  // this client's temporal-namespace.
  Operation<std::string> call(std::string path, std::string message) const;
  // The same with everything that came back: headers, trailers, the number of attempts. A call that
  // failed is a value too, and its `status` says how; an error is an operation that never had a
  // reply because it was cancelled or could not begin.
  Operation<rpc::Reply> exchange(std::string path, std::string message) const;

  // What the server said of itself when it was last asked, by connect() or get_system_info(); none
  // before.
  std::optional<ServerInfo> server_info() const;

  const std::string& namespace_name() const;
  const std::string& identity() const;

  // For the connection, from now on: every client that shares it. INVALID_ARGUMENT leaves the old
  // values. Any thread that may use the client.
  Result<void> set_api_key(std::string api_key);  // empty: none
  Result<void> set_rpc_metadata(Metadata metadata);
  std::string api_key() const;
  Metadata rpc_metadata() const;

  // Ends every operation of the connection with CANCELLED ("client closed"), and the connection.
  // With a drain time new operations are refused at once, and those that run get that long to end
  // by themselves. Returns at once; a further close() without a drain time ends what still runs.
  void close(CloseOptions options = {});

 private:
  explicit Client(std::shared_ptr<const internal::ClientContext> context)
      : context_(std::move(context)) {}
  friend Operation<Client> internal::connect_on(std::shared_ptr<internal::Executor>,
                                                ConnectOptions);

  template <class... Args>
  Result<Payloads> encode(const Args&... values) const {
    return internal::converter_of(*context_).encode(values...);
  }
  std::unique_ptr<internal::Program> start_program(std::string type, StartWorkflowOptions options,
                                                   Result<Payloads> arguments) const;
  std::unique_ptr<internal::Program> execute_program(std::string type, StartWorkflowOptions options,
                                                     Result<Payloads> arguments) const;
  static Result<WorkflowHandle> started_handle(internal::Program& program);

  std::shared_ptr<const internal::ClientContext> context_;
};

// Connects and asks for GetSystemInfo, once. A server that does not know that call is fine; any
// other failure is the result.
template <class Host>
Operation<Client> connect(Host& host, ConnectOptions options) {
  return internal::connect_on(host.executor(), std::move(options));
}

}  // namespace minim

#endif  // MINIM_CLIENT_H_
