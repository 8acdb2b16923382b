// TLS in front of an H2Server, on loopback sockets: a thread for each connection.
#ifndef MINIM_TESTS_TLS_SUPPORT_TLS_FRONT_H_
#define MINIM_TESTS_TLS_SUPPORT_TLS_FRONT_H_

#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "tls/support/server_end.h"
#include "uv/support/h2_server.h"
#include "uv/support/listener.h"

namespace minim::test {

class TlsFront {
 public:
  explicit TlsFront(H2Server& server);
  TlsFront(const TlsFront&) = delete;
  TlsFront& operator=(const TlsFront&) = delete;
  // Once no client holds a connection any more.
  ~TlsFront();
  const std::string& target() const { return listener_->target(); }

 private:
  std::vector<std::thread> connections_;
  std::optional<Listener> listener_;  // whose thread adds to them
};

}  // namespace minim::test

#endif  // MINIM_TESTS_TLS_SUPPORT_TLS_FRONT_H_
