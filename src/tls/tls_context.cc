#include "tls/tls_context.h"

#include <algorithm>
#include <vector>

#include "tls/identity.h"
#include "tls/peer_name.h"
#include "tls/roots.h"
#include "tls/wire.h"

namespace minim::tls {

namespace {

// What RFC 9113, appendix A leaves of TLS 1.2; with others a peer may answer INADEQUATE_SECURITY.
constexpr char kTls12Ciphers[] =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
    "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
constexpr unsigned char kAlpn[] = {2, 'h', '2'};
// 112 bits: RSA from 2048, no SHA-1 signatures.
constexpr int kSecurityLevel = 2;

// OpenSSL's configuration file is read by whoever uses OpenSSL first. Forbidding that
// (OPENSSL_INIT_NO_LOAD_CONFIG) would hold for the whole process and take the host's FIPS provider
// away, so the file may be read; all that matters is set here, after it, and only made stricter.
bool restrict_protocol(SSL_CTX* context) {
  const int least =
      std::max(static_cast<int>(SSL_CTX_get_min_proto_version(context)), TLS1_2_VERSION);
  if (SSL_CTX_set_min_proto_version(context, least) != 1) return false;
  if (SSL_CTX_set_cipher_list(context, kTls12Ciphers) != 1) return false;
  SSL_CTX_set_security_level(context,
                             std::max(SSL_CTX_get_security_level(context), kSecurityLevel));
  SSL_CTX_clear_options(context, SSL_OP_ALLOW_UNSAFE_LEGACY_RENEGOTIATION |
                                     SSL_OP_LEGACY_SERVER_CONNECT | SSL_OP_IGNORE_UNEXPECTED_EOF);
  // No resumption: connections live long, and tickets kept here would be secrets kept here.
  SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  // RELEASE_BUFFERS: an idle connection keeps no record buffers (some 34 KB). NO_AUTO_CHAIN: only
  // the intermediates that were given are sent, not what the trusted roots happen to hold.
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                SSL_MODE_NO_AUTO_CHAIN);
  return SSL_CTX_set_alpn_protos(context, kAlpn, sizeof kAlpn) == 0;
}

void add_problem(std::vector<std::string>* problems, const char* option, const std::string& what) {
  if (!what.empty()) problems->push_back(std::string(option) + ": " + what);
}

Status invalid(const std::vector<std::string>& problems) {
  std::string text = "TLS options: ";
  for (std::size_t i = 0; i < problems.size(); ++i) {
    if (i > 0) text += "; ";
    text += problems[i];
  }
  return Status(Code::kInvalidArgument, std::move(text));
}

}  // namespace

Result<std::shared_ptr<const TlsContext>> make_context(const TlsOptions& options) {
  const CleanErrorQueue clean;
  auto context = std::make_shared<TlsContext>();
  context->wire_method = make_wire_method();
  context->ssl.reset(SSL_CTX_new(TLS_client_method()));
  SSL_CTX* const ssl = context->ssl.get();
  if (context->wire_method == nullptr || ssl == nullptr || !restrict_protocol(ssl)) {
    const char* const reason = ERR_reason_error_string(ERR_peek_error());
    return Status(Code::kInternal, std::string("TLS: OpenSSL cannot be set up: ") +
                                       (reason != nullptr ? reason : "no reason given"));
  }

  std::vector<std::string> problems;
  X509_STORE* const store = SSL_CTX_get_cert_store(ssl);
  if (!options.root_certificates.empty()) {
    const Result<std::string> roots = use_given_roots(store, options.root_certificates);
    if (roots) {
      context->roots = *roots;
    } else {
      problems.emplace_back(roots.error().message());
    }
  }
  const Identity identity =
      read_identity(options.client_certificate, options.client_private_key, &problems);
  add_problem(&problems, "server_name", name_problem(options.server_name));
  add_problem(&problems, "verification_server_name",
              name_problem(options.verification_server_name));
  if (problems.empty()) use_identity(ssl, identity, &problems);
  if (!problems.empty()) return invalid(problems);

  context->has_identity = !identity.chain.empty();
  context->server_name = options.server_name;
  context->verification_server_name = options.verification_server_name;
  context->verifies = !options.dangerously_skip_verification;
  if (context->verifies && context->roots.empty()) {
    Result<std::string> roots = use_system_roots(store);
    if (!roots) return roots.error();
    context->roots = std::move(*roots);
  }
  return std::shared_ptr<const TlsContext>(std::move(context));
}

}  // namespace minim::tls
