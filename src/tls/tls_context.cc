#include "tls/tls_context.h"

#include <algorithm>
#include <utility>

#include "tls/peer_name.h"
#include "tls/verification.h"
#include "tls/wire.h"

namespace minim::tls {

namespace {

constexpr unsigned char kAlpn[] = {2, 'h', '2'};
// 112 bits: RSA from 2048, no SHA-1 signatures.
constexpr int kSecurityLevel = 2;

// OpenSSL's configuration file is read by whoever uses OpenSSL first. Forbidding that
// (OPENSSL_INIT_NO_LOAD_CONFIG) would hold for the whole process and take the host's FIPS provider
// away, so the file may be read; all that matters is set here, after it, and only made stricter.
bool restrict_versions(SSL_CTX* context, const Settings& settings) {
  const long most = SSL_CTX_get_max_proto_version(context);  // 0: no limit
  const int least =
      std::max(static_cast<int>(SSL_CTX_get_min_proto_version(context)), settings.min_version);
  return SSL_CTX_set_min_proto_version(context, least) == 1 &&
         SSL_CTX_set_max_proto_version(
             context, most == 0 ? settings.max_version
                                : std::min(static_cast<int>(most), settings.max_version)) == 1;
}

bool restrict_protocol(SSL_CTX* context, const Settings& settings) {
  if (!restrict_versions(context, settings)) return false;
  if (SSL_CTX_set_cipher_list(context, settings.ciphers.c_str()) != 1) return false;
  if (!settings.cipher_suites.empty() &&
      SSL_CTX_set_ciphersuites(context, settings.cipher_suites.c_str()) != 1) {
    return false;
  }
  SSL_CTX_set_security_level(context,
                             std::max(SSL_CTX_get_security_level(context), kSecurityLevel));
  SSL_CTX_clear_options(context, SSL_OP_ALLOW_UNSAFE_LEGACY_RENEGOTIATION |
                                     SSL_OP_LEGACY_SERVER_CONNECT | SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
  // RELEASE_BUFFERS: an idle connection keeps no record buffers (some 34 KB). NO_AUTO_CHAIN: only
  // the intermediates that were given are sent, not what the trusted roots happen to hold.
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                SSL_MODE_NO_AUTO_CHAIN);
  return settings.inside == Inside::kHttp1 ||
         SSL_CTX_set_alpn_protos(context, kAlpn, sizeof kAlpn) == 0;
}

const TlsContext& context_of(const SSL* ssl) {
  return *static_cast<const TlsContext*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
}

// 0: the session stays OpenSSL's.
int keep_session(SSL* ssl, SSL_SESSION* session) {
  context_of(ssl).sessions->put(session_key(peer_of(ssl).name), session);
  return 0;
}

void log_keys(const SSL* ssl, const char* line) { context_of(ssl).settings->key_log.write(line); }

void set_up_sessions(SSL_CTX* context, bool resumes) {
  if (resumes) {
    // OpenSSL's own store is for servers: it finds sessions by their id.
    SSL_CTX_set_session_cache_mode(context,
                                   SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL_STORE);
    SSL_CTX_clear_options(context, SSL_OP_NO_TICKET);
    SSL_CTX_sess_set_new_cb(context, keep_session);
  } else {
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
  }
}

}  // namespace

Status make_context(std::shared_ptr<const Settings> settings, const Sources::Parts& parts,
                    std::shared_ptr<const TlsContext>* context,
                    std::vector<std::string>* problems) {
  const CleanErrorQueue clean;
  const auto made = std::make_shared<TlsContext>();
  made->settings = std::move(settings);
  made->parts = parts;
  made->sessions = std::make_unique<SessionCache>();
  made->wire_method = make_wire_method();
  made->ssl.reset(SSL_CTX_new(TLS_client_method()));
  SSL_CTX* const ssl = made->ssl.get();
  if (made->wire_method == nullptr || ssl == nullptr || !restrict_protocol(ssl, *made->settings) ||
      SSL_CTX_set_app_data(ssl, made.get()) != 1) {
    const char* const reason = ERR_reason_error_string(ERR_peek_error());
    return Status(Code::kInternal, std::string("TLS: OpenSSL cannot be set up: ") +
                                       (reason != nullptr ? reason : "no reason given"));
  }
  SSL_CTX_set1_cert_store(ssl, parts.trust->store.get());
  set_up_sessions(ssl, made->settings->resumes);
  if (made->settings->logs_keys) SSL_CTX_set_keylog_callback(ssl, log_keys);
  if (!made->settings->pins.empty()) verify_pins(ssl, *made->settings);
  use_identity(ssl, *parts.identity, problems);
  *context = made;
  return Status();
}

}  // namespace minim::tls
