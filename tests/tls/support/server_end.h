// The other side: OpenSSL as a TLS server over memory BIOs.
#ifndef MINIM_TESTS_TLS_SUPPORT_SERVER_END_H_
#define MINIM_TESTS_TLS_SUPPORT_SERVER_END_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "tls/openssl_ptr.h"
#include "tls/support/certificates.h"

namespace minim::tls {

struct ServerSpec {
  const Issued* identity = &family().server;
  std::vector<const Issued*> chain = {};
  std::string alpn = "h2";    // the one protocol it agrees to; empty: it knows no ALPN
  bool refuses_alpn = false;  // speaks http/1.1 only and says so with an alert
  int min_version = TLS1_2_VERSION;
  int max_version = 0;             // 0: the newest
  const char* ciphers = nullptr;   // of TLS 1.2 and older
  bool wants_client = false;       // requires a client certificate of family().root
  std::size_t fragment_bytes = 0;  // of its records; 0: the usual 16 KiB
};

class ServerEnd {
 public:
  explicit ServerEnd(const ServerSpec& spec);
  ServerEnd(const ServerEnd&) = delete;
  ServerEnd& operator=(const ServerEnd&) = delete;

  void receive(std::string_view bytes);
  std::string take_output();
  void send(std::string_view plain);
  void update_keys();  // asks for the client's update, too
  void send_ticket();
  void ask_to_renegotiate();  // TLS 1.2: HelloRequest
  void close();               // close_notify

  bool is_open() const { return is_open_; }
  bool peer_closed() const;
  bool has_failed() const { return has_failed_; }
  const std::string& plain() const { return plain_; }
  std::string sni() const;
  std::string cipher() const;
  std::size_t client_chain_size() const;  // the client's certificates, its own included

 private:
  void drive();

  SslContextPtr context_;
  SslPtr ssl_;
  std::string alpn_;
  std::string plain_;
  bool is_open_ = false;
  bool has_failed_ = false;
};

}  // namespace minim::tls

#endif  // MINIM_TESTS_TLS_SUPPORT_SERVER_END_H_
