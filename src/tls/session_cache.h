// Sessions to resume, by whom they are with. One for each TlsContext, so that a session is never
// resumed under other roots, pins, versions or another client certificate than it began with.
#ifndef MINIM_TLS_SESSION_CACHE_H_
#define MINIM_TLS_SESSION_CACHE_H_

#include <cstddef>
#include <list>
#include <mutex>
#include <string>
#include <string_view>

#include "tls/openssl_ptr.h"

namespace minim::tls {

class SessionCache {
 public:
  static constexpr std::size_t kMaxSessions = 64;
  // Servers send two tickets at a time.
  static constexpr std::size_t kMaxSessionsOfPeer = 4;
  // RFC 5246, F.1.4 for TLS 1.2; tickets of TLS 1.3 say themselves how long they live.
  static constexpr int kMaxSessionDays = 1;

  SessionCache() = default;
  SessionCache(const SessionCache&) = delete;
  SessionCache& operator=(const SessionCache&) = delete;

  // Keeps a copy: OpenSSL marks the original as spoilt when its connection ends in disorder. The
  // oldest session goes when there are too many.
  void put(std::string_view peer, const SSL_SESSION* session);
  // The newest session with `peer`; null when there is none, or when it or the certificate it was
  // made with has grown too old. Of TLS 1.3 it is given once (RFC 8446, C.4: used twice, a ticket
  // shows an eavesdropper that both connections are of one client); of TLS 1.2 it is a copy.
  SessionPtr take(std::string_view peer);
  // Something went wrong with a session of this peer's (RFC 5246, 7.2.2).
  void forget(std::string_view peer);

 private:
  struct Entry {
    std::string peer;
    SessionPtr session;
  };

  std::mutex mutex_;
  std::list<Entry> entries_;  // the newest first
};

}  // namespace minim::tls

#endif  // MINIM_TLS_SESSION_CACHE_H_
