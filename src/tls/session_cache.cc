#include "tls/session_cache.h"

#include <openssl/asn1.h>
#include <openssl/x509.h>

#include <iterator>
#include <memory>
#include <utility>

namespace minim::tls {

namespace {

using TimePtr = std::unique_ptr<ASN1_TIME, Free<ASN1_TIME_free>>;

// Resuming skips the check of the certificate, so its end is the session's.
bool is_usable(const SSL_SESSION* session) {
  const X509* const certificate = SSL_SESSION_get0_peer(const_cast<SSL_SESSION*>(session));
  if (certificate == nullptr || X509_cmp_current_time(X509_get0_notAfter(certificate)) <= 0) {
    return false;
  }
  const TimePtr end(
      ASN1_TIME_adj(nullptr, SSL_SESSION_get_time(session), SessionCache::kMaxSessionDays, 0));
  return end != nullptr && X509_cmp_current_time(end.get()) > 0;
}

bool is_used_once(const SSL_SESSION* session) {
  return SSL_SESSION_get_protocol_version(session) >= TLS1_3_VERSION;
}

}  // namespace

void SessionCache::put(std::string_view peer, const SSL_SESSION* session) {
  if (SSL_SESSION_is_resumable(session) != 1) return;
  SessionPtr copy(SSL_SESSION_dup(session));
  if (copy == nullptr) return;
  const std::lock_guard lock(mutex_);
  std::size_t of_peer = 0;
  for (auto entry = entries_.begin(); entry != entries_.end();) {
    const bool is_surplus = entry->peer == peer && ++of_peer >= kMaxSessionsOfPeer;
    entry = is_surplus ? entries_.erase(entry) : std::next(entry);
  }
  if (entries_.size() == kMaxSessions) entries_.pop_back();
  entries_.push_front({std::string(peer), std::move(copy)});
}

SessionPtr SessionCache::take(std::string_view peer) {
  const std::lock_guard lock(mutex_);
  for (auto entry = entries_.begin(); entry != entries_.end();) {
    if (entry->peer != peer) {
      ++entry;
      continue;
    }
    SessionPtr session = std::move(entry->session);
    if (!is_usable(session.get())) {
      entry = entries_.erase(entry);
      continue;
    }
    if (!is_used_once(session.get())) entry->session.reset(SSL_SESSION_dup(session.get()));
    if (entry->session == nullptr) entries_.erase(entry);
    return session;
  }
  return nullptr;
}

void SessionCache::forget(std::string_view peer) {
  const std::lock_guard lock(mutex_);
  entries_.remove_if([peer](const Entry& entry) { return entry.peer == peer; });
}

}  // namespace minim::tls
