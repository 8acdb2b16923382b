#include "proxies/support/ways.h"

#include <cstdlib>
#include <utility>

#include "temporal/support/testbed.h"

namespace minim::testing {

namespace {

Testbed& bed() { return Testbed::shared(); }

std::string backend_of(const WayOptions& options) {
  return options.backend.empty() ? bed()[options.tls_inside ? "tls" : "address"] : options.backend;
}

std::string certificate(const std::string& name) { return bed()["certDir"] + "/" + name; }

// The forward proxies: the target is the testbed's own, and the proxy is told to reach it.
Way forward(const WayOptions& options, std::unique_ptr<Daemon> daemon) {
  Way way{std::move(daemon), {.target = backend_of(options)}};
  way.options.proxy.emplace().target =
      options.tls ? "https://" + way.daemon->address() : way.daemon->address();
  if (!options.user.empty()) {
    way.options.proxy->user = options.user;
    way.options.proxy->password = "pass-word";
  }
  if (options.tls) way.options.proxy_tls_options.root_certificates = bed().file("ca.pem");
  if (options.tls_inside) way.options.tls_options.root_certificates = bed().file("ca.pem");
  return way;
}

Way reverse(const WayOptions& options, std::unique_ptr<Daemon> daemon) {
  Way way{std::move(daemon), {}};
  way.options.target = way.daemon->address();
  if (options.tls) way.options.tls_options.root_certificates = bed().file("ca.pem");
  return way;
}

Way squid(const Scratch& scratch, const WayOptions& options) {
  const std::uint16_t port = free_port();
  std::string text = "pid_filename " + scratch.file("squid.pid") +
                     "\n"
                     "cache_log " +
                     scratch.file("cache.log") +
                     "\n"
                     "coredump_dir " +
                     scratch.path() +
                     "\n"
                     "access_log none\n"
                     "cache deny all\n"
                     "cache_mem 0 MB\n"
                     "netdb_filename none\n"
                     "pinger_enable off\n"
                     "shutdown_lifetime 0 seconds\n"
                     "visible_hostname proxy.test\n"
                     "max_filedescriptors 1024\n"
                     // Names of the test must not leave the machine: nobody answers here.
                     "dns_nameservers 127.0.0.1\n"
                     "dns_timeout 1 second\n"
                     "dns_retransmit_interval 1 second\n"
                     "acl port_9 port 9\n"
                     "http_access deny port_9\n";
  text += options.tls ? "https_port 127.0.0.1:" + std::to_string(port) +
                            " tls-cert=" + certificate("server.pem") +
                            " tls-key=" + certificate("server.key") + "\n"
                      : "http_port 127.0.0.1:" + std::to_string(port) + "\n";
  if (!options.user.empty()) {
    // Of "pass-word": openssl passwd -apr1 -salt minimtst pass-word
    const std::string users =
        scratch.write("users", options.user + ":$apr1$minimtst$nDNhhR6MigVkUjl2e.JzP0\n");
    text += "auth_param basic program /usr/lib/squid/basic_ncsa_auth " + users +
            "\n"
            "auth_param basic children 1 startup=1 idle=1\n"
            "auth_param basic realm proxy of the test\n"
            "acl known proxy_auth REQUIRED\n"
            "http_access allow known\n"
            "http_access deny all\n";
  }
  text += options.extra + "http_access allow all\n";
  const std::string file = scratch.write("squid.conf", text);
  return forward(options,
                 std::make_unique<Daemon>(
                     scratch, std::vector<std::string>{"/usr/sbin/squid", "-N", "-f", file}, port));
}

Way tinyproxy(const Scratch& scratch, const WayOptions& options) {
  const std::uint16_t port = free_port();
  const std::string target = backend_of(options);
  std::string text = "Port " + std::to_string(port) +
                     "\n"
                     "Listen 127.0.0.1\n"
                     "Timeout 600\n"
                     "LogLevel Critical\n"
                     "Allow 127.0.0.1\n"
                     "ConnectPort 1\n"
                     "ConnectPort " +
                     target.substr(target.rfind(':') + 1) + "\n" + options.extra;
  if (!options.user.empty()) text += "BasicAuth " + options.user + " pass-word\n";
  const std::string file = scratch.write("tinyproxy.conf", text);
  return forward(
      options,
      std::make_unique<Daemon>(
          scratch, std::vector<std::string>{"/usr/bin/tinyproxy", "-d", "-c", file}, port));
}

Way haproxy(const Scratch& scratch, const WayOptions& options, bool http2) {
  const std::uint16_t port = free_port();
  std::string bind = "  bind 127.0.0.1:" + std::to_string(port);
  if (options.tls) {
    scratch.write("both.pem", bed().file("server.pem") + bed().file("server.key"));
    bind += " ssl crt " + scratch.file("both.pem") + " alpn h2";
  } else if (http2) {
    bind += " proto h2";
  }
  const std::string text =
      "global\n  maxconn 1000\n"
      "defaults\n  retries 0\n  timeout connect 5s\n  timeout client 60s\n  timeout server 60s\n  "
      "mode " +
      std::string(http2 ? "http" : "tcp") + "\n" + options.extra + "frontend front\n" + bind +
      "\n" + options.location + "  default_backend back\nbackend back\n  server one " +
      backend_of(options) + (http2 ? " proto h2\n" : "\n");
  const std::string file = scratch.write("haproxy.cfg", text);
  return reverse(
      options,
      std::make_unique<Daemon>(
          scratch, std::vector<std::string>{"/usr/sbin/haproxy", "-db", "-f", file}, port));
}

Way nginx(const Scratch& scratch, const WayOptions& options) {
  const std::uint16_t port = free_port();
  std::string text = "daemon off;\nworker_processes 1;\npid " + scratch.file("nginx.pid") +
                     ";\nerror_log stderr warn;\nevents { worker_connections 1024; }\n"
                     "http {\naccess_log off;\n";
  for (const std::string of : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"}) {
    text += of + "_temp_path " + scratch.file(of) + ";\n";
  }
  text += options.extra + "server {\nlisten 127.0.0.1:" + std::to_string(port) +
          (options.tls ? " ssl http2;\nssl_certificate " + certificate("server.pem") +
                             ";\nssl_certificate_key " + certificate("server.key") + ";\n"
                       : " http2;\n") +
          "location / {\ngrpc_pass grpc" + (options.tls_inside ? "s" : "") + "://" +
          backend_of(options) + ";\n" + options.location + "}\n}\n}\n";
  const std::string file = scratch.write("nginx.conf", text);
  return reverse(
      options, std::make_unique<Daemon>(scratch,
                                        std::vector<std::string>{"/usr/sbin/nginx", "-e", "stderr",
                                                                 "-p", scratch.path(), "-c", file},
                                        port));
}

Way nghttpx(const Scratch& scratch, const WayOptions& options) {
  const std::uint16_t port = free_port();
  std::string backend = backend_of(options);
  backend.replace(backend.rfind(':'), 1, ",");
  std::vector<std::string> command{
      "/usr/sbin/nghttpx",
      "--conf=/dev/null",
      "--workers=1",
      "--no-ocsp",
      "--log-level=WARN",
      "--frontend=127.0.0.1," + std::to_string(port) + (options.tls ? "" : ";no-tls"),
      "--backend=" + backend + ";" + options.location + ";proto=h2"};
  if (!options.extra.empty()) command.push_back(options.extra);
  if (options.tls) {
    command.push_back(certificate("server.key"));
    command.push_back(certificate("server.pem"));
  }
  return reverse(options, std::make_unique<Daemon>(scratch, std::move(command), port));
}

}  // namespace

std::string way_name(WayKind kind) {
  switch (kind) {
    case WayKind::kSquid:
      return "Squid";
    case WayKind::kTinyproxy:
      return "Tinyproxy";
    case WayKind::kHaproxyTcp:
      return "HaproxyTcp";
    case WayKind::kHaproxyHttp2:
      return "HaproxyHttp2";
    case WayKind::kNginx:
      return "Nginx";
    case WayKind::kNghttpx:
      return "Nghttpx";
  }
  return {};
}

Way make_way(WayKind kind, const Scratch& scratch, const WayOptions& options) {
  switch (kind) {
    case WayKind::kSquid:
      return squid(scratch, options);
    case WayKind::kTinyproxy:
      return tinyproxy(scratch, options);
    case WayKind::kHaproxyTcp:
      return haproxy(scratch, options, false);
    case WayKind::kHaproxyHttp2:
      return haproxy(scratch, options, true);
    case WayKind::kNginx:
      return nginx(scratch, options);
    case WayKind::kNghttpx:
      return nghttpx(scratch, options);
  }
  std::abort();
}

}  // namespace minim::testing
