#include "tls/support/server_end.h"

#include <cstdlib>

#include "tls/certificate_text.h"

namespace minim::tls {

namespace {

int choose_protocol(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char*,
                    unsigned int, void* wanted) {
  // Whatever the client offers: some servers in the field do the same.
  const auto* const alpn = static_cast<const std::string*>(wanted);
  if (*alpn == "!") return SSL_TLSEXT_ERR_ALERT_FATAL;
  if (alpn->empty()) return SSL_TLSEXT_ERR_NOACK;
  *out = reinterpret_cast<const unsigned char*>(alpn->data());
  *out_size = static_cast<unsigned char>(alpn->size());
  return SSL_TLSEXT_ERR_OK;
}

}  // namespace

std::shared_ptr<ServerEnd::Server> ServerEnd::make_server(const ServerSpec& spec) {
  auto server = std::make_shared<Server>();
  server->context.reset(SSL_CTX_new(TLS_server_method()));
  server->alpn = spec.refuses_alpn ? "!" : spec.alpn;
  SSL_CTX* const context = server->context.get();
  SSL_CTX_set_security_level(context, 0);
  SSL_CTX_set_min_proto_version(context, spec.min_version);
  SSL_CTX_set_max_proto_version(context, spec.max_version);
  if (spec.ciphers != nullptr) SSL_CTX_set_cipher_list(context, spec.ciphers);
  if (spec.suites != nullptr) SSL_CTX_set_ciphersuites(context, spec.suites);
  if (!spec.has_tickets) SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
  SSL_CTX_use_certificate(context, spec.identity->certificate.get());
  SSL_CTX_use_PrivateKey(context, spec.identity->key.get());
  for (const Issued* above : spec.chain) {
    SSL_CTX_add1_chain_cert(context, above->certificate.get());
  }
  SSL_CTX_set_mode(context, SSL_MODE_NO_AUTO_CHAIN);
  SSL_CTX_set_alpn_select_cb(context, choose_protocol, &server->alpn);
  SSL_CTX_set_session_id_context(context, reinterpret_cast<const unsigned char*>("t"), 1);
  if (spec.wants_client) {
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context), family().root.certificate.get());
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  }
  if (spec.fragment_bytes != 0) {
    SSL_CTX_set_max_send_fragment(context, static_cast<long>(spec.fragment_bytes));
  }
  return server;
}

ServerEnd::ServerEnd(const ServerSpec& spec, const ServerEnd* other)
    : server_(other != nullptr ? other->server_ : make_server(spec)) {
  ssl_.reset(SSL_new(server_->context.get()));
  BIO* const in = BIO_new(BIO_s_mem());
  BIO* const out = BIO_new(BIO_s_mem());
  BIO_set_mem_eof_return(in, -1);
  SSL_set_bio(ssl_.get(), in, out);
  SSL_set_accept_state(ssl_.get());
  ERR_clear_error();
}

void ServerEnd::drive() {
  ERR_clear_error();
  int result = 1;
  if (!is_open_) {
    result = SSL_do_handshake(ssl_.get());
    is_open_ = result == 1;
  }
  while (is_open_ && result == 1) {
    char block[4096];
    std::size_t read = 0;
    result = SSL_read_ex(ssl_.get(), block, sizeof block, &read);
    if (result == 1) plain_.append(block, read);
  }
  const int error = SSL_get_error(ssl_.get(), result);
  if (error == SSL_ERROR_SSL || error == SSL_ERROR_SYSCALL) has_failed_ = true;
  ERR_clear_error();
}

void ServerEnd::receive(std::string_view bytes) {
  BIO_write(SSL_get_rbio(ssl_.get()), bytes.data(), static_cast<int>(bytes.size()));
  drive();
}

std::string ServerEnd::take_output() {
  BIO* const out = SSL_get_wbio(ssl_.get());
  std::string bytes(BIO_ctrl_pending(out), '\0');
  if (!bytes.empty()) BIO_read(out, bytes.data(), static_cast<int>(bytes.size()));
  ERR_clear_error();
  return bytes;
}

void ServerEnd::send(std::string_view plain) {
  std::size_t written = 0;
  if (SSL_write_ex(ssl_.get(), plain.data(), plain.size(), &written) != 1) has_failed_ = true;
  ERR_clear_error();
}

void ServerEnd::update_keys() {
  if (SSL_key_update(ssl_.get(), SSL_KEY_UPDATE_REQUESTED) != 1) std::abort();
  SSL_do_handshake(ssl_.get());
  ERR_clear_error();
}

void ServerEnd::send_ticket() {
  if (SSL_new_session_ticket(ssl_.get()) != 1) std::abort();
  SSL_do_handshake(ssl_.get());
  ERR_clear_error();
}

void ServerEnd::ask_to_renegotiate() {
  SSL_renegotiate(ssl_.get());
  SSL_do_handshake(ssl_.get());
  ERR_clear_error();
}

void ServerEnd::close() {
  SSL_shutdown(ssl_.get());
  ERR_clear_error();
}

bool ServerEnd::peer_closed() const {
  return (SSL_get_shutdown(ssl_.get()) & SSL_RECEIVED_SHUTDOWN) != 0;
}

std::string ServerEnd::sni() const {
  const char* const name = SSL_get_servername(ssl_.get(), TLSEXT_NAMETYPE_host_name);
  return name != nullptr ? name : "";
}

std::string ServerEnd::cipher() const { return SSL_get_cipher_name(ssl_.get()); }

bool ServerEnd::is_resumed() const { return SSL_session_reused(ssl_.get()) == 1; }

std::string ServerEnd::client_subject() const {
  const X509* const certificate = SSL_get0_peer_certificate(ssl_.get());
  return certificate != nullptr ? subject_of(certificate) : "";
}

std::size_t ServerEnd::client_chain_size() const {
  // On the server's side the list lacks the client's own certificate.
  const STACK_OF(X509)* const chain = SSL_get_peer_cert_chain(ssl_.get());
  const std::size_t above = chain != nullptr ? static_cast<std::size_t>(sk_X509_num(chain)) : 0;
  return SSL_get0_peer_certificate(ssl_.get()) != nullptr ? above + 1 : above;
}

}  // namespace minim::tls
