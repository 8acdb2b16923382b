// The other side: OpenSSL as a TLS server over memory BIOs.
#ifndef MINIM_TESTS_TLS_SUPPORT_SERVER_END_H_
#define MINIM_TESTS_TLS_SUPPORT_SERVER_END_H_

#include <cstddef>
#include <memory>
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
  const char* suites = nullptr;    // of TLS 1.3
  bool has_tickets = true;         // false, TLS 1.2: sessions have an id that the server knows
  bool wants_client = false;       // requires a client certificate of family().root
  std::size_t fragment_bytes = 0;  // of its records; 0: the usual 16 KiB
};

class ServerEnd {
 public:
  // With `other`: a further connection to the server of that one, which knows its sessions.
  explicit ServerEnd(const ServerSpec& spec, const ServerEnd* other = nullptr);
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
  std::string client_subject() const;
  bool is_resumed() const;

 private:
  void drive();

  struct Server {
    SslContextPtr context;
    std::string alpn;
  };
  static std::shared_ptr<Server> make_server(const ServerSpec& spec);

  std::shared_ptr<Server> server_;
  SslPtr ssl_;
  std::string plain_;
  bool is_open_ = false;
  bool has_failed_ = false;
};

}  // namespace minim::tls

#endif  // MINIM_TESTS_TLS_SUPPORT_SERVER_END_H_
