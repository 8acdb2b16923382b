// The Filter of one connection: a client-side SSL object between two queues.
#ifndef MINIM_TLS_TLS_FILTER_H_
#define MINIM_TLS_TLS_FILTER_H_

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "minim/filter.h"
#include "tls/byte_queue.h"
#include "tls/handshake_error.h"
#include "tls/openssl_ptr.h"
#include "tls/peer_name.h"
#include "tls/tls_context.h"
#include "tls/verification.h"
#include "tls/wire.h"

namespace minim::tls {

//   start() --> [handshake] --done, ALPN h2--> [open] --close_notify--> [peer closed]
//                    |                           |                          |
//                    +--error, network's end-----+--> [failed]              | close()
//                                                +--close()--> [closed] <---+
//
// In [failed] and [closed] the SSL object is gone; only output() has something left.
class TlsFilter final : public Filter {
 public:
  TlsFilter(std::shared_ptr<const TlsContext> context, PeerName name);
  TlsFilter(const TlsFilter&) = delete;
  TlsFilter& operator=(const TlsFilter&) = delete;
  ~TlsFilter() override;

  // Writes the ClientHello. INVALID_ARGUMENT when OpenSSL refuses the name. Once, before all else.
  Status start();
  // The handshake is an abbreviated one, of an earlier connection's session.
  bool is_resumed() const { return ssl_ != nullptr && SSL_session_reused(ssl_.get()) == 1; }

  void receive(std::string_view bytes) override;
  void receive_end() override;
  std::string_view output() override { return wire_.out.view(); }
  void consume_output(std::size_t count) override;
  void send(std::string_view plain) override;
  std::string_view plain() override { return plain_.view(); }
  void consume_plain(std::size_t count) override { plain_.consume(count); }
  bool is_open() const override { return is_open_ && ssl_ != nullptr; }
  const Status& failed() const override { return failed_; }
  bool peer_closed() const override { return peer_closed_; }
  void close() override;

 private:
  static int note_identity_wanted(SSL* ssl, void* filter);

  void shake_hands();
  void read_all();
  void write_unsent();
  void check_replies(std::size_t output_before);
  // Draws the conclusion from an SSL function that did not succeed: wait for bytes, the peer's
  // goodbye, or failure.
  void settle(int result);
  ConnectionFacts facts() const;
  std::string session_key() const { return tls::session_key(peer_.name); }
  void fail(Status status);

  const std::shared_ptr<const TlsContext> context_;
  Peer peer_;
  Wire wire_;
  SslPtr ssl_;        // after peer_ and wire_, which it points to
  ByteQueue plain_;   // deciphered, for the caller; at most what one receive() brought is added
  ByteQueue unsent_;  // plain bytes that SSL would not take yet, a bounded number; see send()
  Status failed_;
  std::string first_bytes_;
  std::size_t reply_bytes_ = 0;  // in wire_.out, made by receive() alone, since it was last empty
  bool is_open_ = false;
  bool peer_closed_ = false;
  bool identity_wanted_ = false;
  bool has_spoken_ = false;
};

}  // namespace minim::tls

#endif  // MINIM_TLS_TLS_FILTER_H_
