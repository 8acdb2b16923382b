#include "tls/tls_filter.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace minim::tls {

namespace {

constexpr std::size_t kFirstBytes = 8;
constexpr std::size_t kRecordBytes = 16384;
// A peer that makes TLS itself answer (refused renegotiations) and never reads the answers would
// otherwise grow the output without end. The longest honest answer is one key update.
constexpr std::size_t kMaxReplyBytes = 64 * 1024;
// Nor may one that begins a ticket and never ends it, but lets HTTP/2 go on. An honest rest is on
// its way, and the windows of most servers end the wait before this does.
constexpr std::size_t kMaxUnsentBytes = std::size_t{4} << 20;

}  // namespace

TlsFilter::TlsFilter(std::shared_ptr<const TlsContext> context, PeerName name)
    : context_(std::move(context)), peer_{std::move(name), {}} {}

TlsFilter::~TlsFilter() {
  const CleanErrorQueue clean;
  ssl_.reset();
}

Status TlsFilter::start() {
  const CleanErrorQueue clean;
  ssl_.reset(SSL_new(context_->ssl.get()));
  BioPtr bio = make_wire_bio(context_->wire_method.get(), &wire_);
  if (ssl_ == nullptr || bio == nullptr || !set_peer(ssl_.get(), &peer_)) {
    return Status(Code::kInternal, "TLS: out of memory");
  }
  // One BIO for both ways: a single reference is passed, as OpenSSL documents for equal ones.
  BIO* const both = bio.release();
  SSL_set_bio(ssl_.get(), both, both);
  SSL_set_connect_state(ssl_.get());
  SSL_set_cert_cb(ssl_.get(), note_identity_wanted, this);
  if (!set_peer_name(ssl_.get(), peer_.name)) {
    return Status(Code::kInvalidArgument,
                  "TLS: the target's host is no name that a certificate can be for");
  }
  const Settings& settings = *context_->settings;
  if (settings.verifies || !settings.pins.empty()) verify(ssl_.get());
  if (settings.resumes) {
    const SessionPtr session = context_->sessions->take(session_key());
    if (session != nullptr) SSL_set_session(ssl_.get(), session.get());
  }
  shake_hands();
  return Status();
}

// OpenSSL calls it when the server has asked for a client certificate; 1 means go on.
int TlsFilter::note_identity_wanted(SSL*, void* filter) {
  static_cast<TlsFilter*>(filter)->identity_wanted_ = true;
  return 1;
}

void TlsFilter::receive(std::string_view bytes) {
  const CleanErrorQueue clean;
  if (ssl_ == nullptr || peer_closed_) return;
  first_bytes_.append(bytes.substr(0, kFirstBytes - std::min(kFirstBytes, first_bytes_.size())));
  wire_.in = bytes;
  const std::size_t output_before = wire_.out.size();
  if (!is_open_) shake_hands();
  if (is_open_) {
    read_all();
    check_replies(output_before);
    write_unsent();
  }
  wire_.in = {};
}

void TlsFilter::receive_end() {
  const CleanErrorQueue clean;
  if (ssl_ == nullptr || peer_closed_) return;
  fail(explain_end(facts()));
}

void TlsFilter::consume_output(std::size_t count) {
  wire_.out.consume(count);
  if (wire_.out.empty()) reply_bytes_ = 0;
}

void TlsFilter::send(std::string_view plain) {
  const CleanErrorQueue clean;
  if (ssl_ == nullptr || plain.empty()) return;
  assert(is_open_ && "send() before is_open()");
  if (!is_open_) {
    fail(Status(Code::kInternal, "TLS: bytes were to be sent before the handshake was done"));
    return;
  }
  // While half of a ticket or key update has arrived, OpenSSL will not write before the rest is
  // read; the bytes wait for it here.
  if (unsent_.empty()) {
    std::size_t written = 0;
    const int result = SSL_write_ex(ssl_.get(), plain.data(), plain.size(), &written);
    if (result == 1) return;
    settle(result);
    if (ssl_ == nullptr) return;
  }
  if (plain.size() > kMaxUnsentBytes - unsent_.size()) {
    fail(explain(facts(),
                 "the server leaves half a TLS message behind which nothing can be sent "
                 "(limit " +
                     std::to_string(kMaxUnsentBytes) + " bytes)"));
    return;
  }
  unsent_.append(plain);
}

void TlsFilter::close() {
  const CleanErrorQueue clean;
  if (ssl_ == nullptr) return;
  // In mid-handshake there is nothing orderly to say: OpenSSL refuses, and the socket's end tells.
  if (is_open_) SSL_shutdown(ssl_.get());
  ssl_.reset();
  unsent_.clear();
}

void TlsFilter::shake_hands() {
  const int result = SSL_do_handshake(ssl_.get());
  if (result != 1) {
    settle(result);
    return;
  }
  const unsigned char* protocol = nullptr;
  unsigned int size = 0;
  SSL_get0_alpn_selected(ssl_.get(), &protocol, &size);
  const std::string_view chosen(reinterpret_cast<const char*>(protocol), size);
  if (context_->settings->inside == Inside::kHttp2 && chosen != "h2") {
    SSL_shutdown(ssl_.get());
    fail(explain_protocol(facts(), chosen));
    return;
  }
  is_open_ = true;
}

void TlsFilter::read_all() {
  char block[kRecordBytes];
  for (;;) {
    std::size_t read = 0;
    const int result = SSL_read_ex(ssl_.get(), block, sizeof block, &read);
    if (result != 1) {
      settle(result);
      return;
    }
    has_spoken_ = true;
    plain_.append({block, read});
  }
}

void TlsFilter::write_unsent() {
  if (ssl_ == nullptr || unsent_.empty()) return;
  std::size_t written = 0;
  const std::string_view waiting = unsent_.view();
  const int result = SSL_write_ex(ssl_.get(), waiting.data(), waiting.size(), &written);
  if (result == 1) {
    unsent_.clear();
  } else {
    settle(result);
  }
}

void TlsFilter::check_replies(std::size_t output_before) {
  reply_bytes_ += wire_.out.size() - output_before;
  if (ssl_ == nullptr || reply_bytes_ <= kMaxReplyBytes) return;
  fail(explain(facts(), "the server makes TLS answer without end and reads none of it (limit " +
                            std::to_string(kMaxReplyBytes) + " bytes)"));
}

void TlsFilter::settle(int result) {
  const int error = SSL_get_error(ssl_.get(), result);
  if (error == SSL_ERROR_WANT_READ) return;
  if (error != SSL_ERROR_ZERO_RETURN) {
    context_->sessions->forget(session_key());
    fail(explain_error(facts()));
  } else if (is_open_) {
    peer_closed_ = true;
  } else {
    fail(explain_goodbye(facts()));
  }
}

ConnectionFacts TlsFilter::facts() const {
  return {
      .peer = peer_,
      .settings = *context_->settings,
      .trust = *context_->parts.trust,
      .first_bytes = first_bytes_,
      .identity = {.given = !context_->parts.identity->chain.empty(), .wanted = identity_wanted_},
      .is_open = is_open_,
      .has_spoken = has_spoken_};
}

void TlsFilter::fail(Status status) {
  failed_ = std::move(status);
  // An alert, if there is one to send, is in the output by now.
  ssl_.reset();
  unsent_.clear();
  peer_.refusal = {};
}

}  // namespace minim::tls
