#include "minim/rpc/connection.h"

#include "grpcframe/gzip.h"
#include "grpcframe/percent.h"
#include "rpc/connection_impl.h"
#include "rpc/request_check.h"
#include "rpc/texts.h"

namespace minim::rpc {

namespace {

// Larger than any server takes; a peer may set a lower limit of its own.
constexpr std::size_t kMaxRequestHeaderBytes = std::size_t{64} << 10;

h2::SessionOptions session_options(const ConnectionOptions& options) {
  return {
      .stream_window_bytes = options.limits.stream_window_bytes,
      .connection_window_bytes = options.limits.connection_window_bytes,
      .max_header_list_bytes = options.limits.max_header_list_bytes,
      .max_output_bytes = options.limits.max_output_bytes,
      .settings_timeout = options.settings_timeout,
  };
}

}  // namespace

Connection::Impl::Impl(ConnectionOptions options, Time now)
    : options_(std::move(options)),
      heads_(options_),
      session_(session_options(options_), now),
      keepalive_(options_.keepalive, now) {}

Connection::Impl::~Impl() {
  for (Call& call : calls_) release_head(call);
}

Connection::Impl::Call& Connection::Impl::take_free() {
  if (free_.empty()) {
    Call& made = calls_.emplace_back();
    made.slot = static_cast<std::uint32_t>(calls_.size() - 1);
    made.timer.owner = &made;
    free_.push_back(&made);
  }
  Call& call = *free_.back();
  free_.pop_back();
  ++call.generation;
  ++call_count_;
  return call;
}

CallId Connection::Impl::id_of(const Call& call) {
  return static_cast<CallId>(std::uint64_t{call.generation} << 32 | call.slot);
}

Connection::Impl::Call* Connection::Impl::find(CallId id) {
  const auto slot = static_cast<std::uint32_t>(static_cast<std::uint64_t>(id));
  if (slot >= calls_.size()) return nullptr;
  Call& call = calls_[slot];
  return call.state != State::kFree && id_of(call) == id ? &call : nullptr;
}

CallId Connection::Impl::start(Time now, const Request& request, std::unique_ptr<Request> own,
                               Time deadline, void* tag, Time asked) {
  Call& call = take_free();
  call.request = &request;
  call.own = std::move(own);
  call.tag = tag;
  call.asked = std::min(now, asked);
  call.deadline = deadline;
  call.head = heads_.find(request, false, deadline != kNever);
  enqueue(call);
  const CallId id = id_of(call);
  if (Status wrong = check(now, call); !wrong.ok()) {
    finish(call, std::move(wrong), Progress::kNotSent);
  } else {
    timers_.set(call.timer, deadline);
    dispatch(now);
  }
  return id;
}

// What would fail before anything is sent.
Status Connection::Impl::check(Time now, const Call& call) const {
  const Request& request = *call.request;
  if (draining_) return drained_by_;
  // A list of headers that is kept has been checked, and stands for no metadata.
  if (call.head == nullptr) {
    if (Status wrong = check_headers(request); !wrong.ok()) return wrong;
  }
  if (is_too_large(request, options_.limits)) return too_large(request, options_.limits);
  if (call_count_ > options_.limits.max_calls) {
    return Status(
        Code::kResourceExhausted,
        "max_calls: " + std::to_string(options_.limits.max_calls) + " calls are open already");
  }
  if (call.deadline <= now) {
    return Status(Code::kDeadlineExceeded, "deadline exceeded before the call was started");
  }
  return Status();
}

void Connection::Impl::enqueue(Call& call) {
  call.state = State::kQueued;
  call.previous = queue_tail_;
  call.next = nullptr;
  (queue_tail_ == nullptr ? queue_head_ : queue_tail_->next) = &call;
  queue_tail_ = &call;
  ++queued_count_;
}

void Connection::Impl::unqueue(Call& call) {
  (call.previous == nullptr ? queue_head_ : call.previous->next) = call.next;
  (call.next == nullptr ? queue_tail_ : call.next->previous) = call.previous;
  --queued_count_;
}

void Connection::Impl::dispatch(Time now) {
  while (queue_head_ != nullptr && session_.can_start()) {
    Call& call = *queue_head_;
    call.deadline <= now ? expire(now, call) : open_stream(now, call);
  }
  if (queue_head_ != nullptr && session_.has_settings() && !session_.is_closed() &&
      session_.stream_ids_used_up()) {
    drain(Status(Code::kUnavailable, "all stream ids of this connection are used up",
                 Origin::kTransport)
              .with_reached_server(false));
  }
}

void Connection::Impl::open_stream(Time now, Call& call) {
  const Request& request = *call.request;
  std::string_view body = request.message;
  if (options_.gzip_above_bytes && body.size() >= *options_.gzip_above_bytes && gzip_available()) {
    Result<std::string> coded = gzip_compress(body);
    // From 0 bytes up means all of them: a peer that insists on coded requests gets no other.
    if (coded && (coded->size() < body.size() || *options_.gzip_above_bytes == 0)) {
      call.coded = std::make_unique<std::string>(std::move(*coded));
      call.gzip = true;
      body = *call.coded;
    }
  }
  write_message_prefix(call.gzip, static_cast<std::uint32_t>(body.size()), call.prefix);
  std::string_view timeout;
  if (call.deadline != kNever) timeout = encode_timeout(call.deadline - now, call.timeout_text);
  if (call.head == nullptr || call.gzip) {
    release_head(call);
    call.head = &heads_.take(request, call.gzip, !timeout.empty());
  }
  const std::size_t header_bytes = call.head->bytes + timeout.size();
  const std::size_t limit = std::min(kMaxRequestHeaderBytes, session_.max_request_header_bytes());
  if (header_bytes > limit) {
    finish(call,
           Status(Code::kResourceExhausted,
                  "the request's headers have " + std::to_string(header_bytes) +
                      " bytes, and at most " + std::to_string(limit) + " are taken (" +
                      (limit == kMaxRequestHeaderBytes ? "kMaxRequestHeaderBytes"
                                                       : "server's SETTINGS") +
                      "): use less metadata")
               .with_retryable(false),
           Progress::kNotSent);
    return;
  }
  call.stream =
      session_.start(&call, call.head->fields, timeout, {call.prefix, sizeof call.prefix}, body);
  if (call.stream == h2::StreamSlot::kNone) {
    finish(call, Status(Code::kResourceExhausted, "no memory for another HTTP/2 stream"),
           Progress::kNotSent);
    return;
  }
  unqueue(call);
  call.state = State::kOpen;
}

void Connection::Impl::release_head(Call& call) {
  if (call.head != nullptr) heads_.release(*std::exchange(call.head, nullptr));
}

Progress Connection::Impl::cancel(Time now, CallId id, Status why) {
  Call* const call = find(id);
  if (call == nullptr) return Progress::kSent;
  const Progress progress = is_unsent(*call) ? Progress::kNotSent : Progress::kSent;
  finish(*call, std::move(why), progress);
  settle(now);
  return progress;
}

void Connection::Impl::finish(Call& call, Status status, Progress progress) {
  Response response;
  response.status = std::move(status);
  finish(call, std::move(response), progress);
}

void Connection::Impl::finish(Call& call, Response&& response, Progress progress) {
  if (call.state == State::kQueued) unqueue(call);
  if (call.stream != h2::StreamSlot::kNone) {
    session_.cancel(call.stream, h2::kCancel);
    call.stream = h2::StreamSlot::kNone;
  }
  release_head(call);
  timers_.remove(call.timer);

  Event& event = push(Event::Kind::kReply);
  event.call = id_of(call);
  event.tag = call.tag;
  if (call.own != nullptr) event.request = std::move(*call.own);
  event.gzip_refused = call.gzip && response.status.code() == Code::kUnimplemented &&
                       response.status.origin() == Origin::kServer;
  Reply& reply = event.reply;
  reply.status = std::move(response.status);
  reply.message = std::move(response.message);
  reply.wire_bytes = response.wire_bytes;
  reply.headers = std::move(response.headers);
  reply.trailers = std::move(response.trailers);
  reply.progress = progress;
  const bool reached = progress == Progress::kSent;
  if (!reply.status.ok() && reply.status.may_have_reached_server() != reached) {
    reply.status = reply.status.with_reached_server(reached);
  }
  if (response.pushback.given) {
    using std::chrono::milliseconds;
    reply.pushback = response.pushback.never
                         ? milliseconds(-1)
                         : std::chrono::duration_cast<milliseconds>(response.pushback.delay);
  }

  if (call.reader != nullptr && free_readers_.size() < kMaxFreeReaders) {
    free_readers_.push_back(std::move(call.reader));
  }
  call.reader.reset();
  call.own.reset();
  call.state = State::kFree;
  call.gzip = false;
  call.coded.reset();
  free_.push_back(&call);
  --call_count_;
}

bool Connection::Impl::is_unsent(const Call& call) const {
  if (call.stream == h2::StreamSlot::kNone) return call.state == State::kQueued;
  return session_.send_state(call.stream) == h2::SendState::kUnsent;
}

std::string Connection::Impl::phase_of(const Call& call) const {
  if (!session_.has_settings()) return "waiting for the server's HTTP/2 SETTINGS";
  if (is_unsent(call)) {
    // With SETTINGS that lower the limit, requests that the session has taken already wait as well.
    return session_.free_streams() == 0 ? "waiting for a free stream (the server allows " +
                                              std::to_string(session_.max_streams()) + ")"
                                        : "waiting to be sent";
  }
  if (call.reader != nullptr && call.reader->is_foreign()) {
    return "reading the response, which is " + std::string(call.reader->foreign_status().message());
  }
  if (call.reader != nullptr && call.reader->saw_headers()) return "reading the response";
  const bool sending = call.stream != h2::StreamSlot::kNone &&
                       session_.send_state(call.stream) == h2::SendState::kSending;
  return sending ? "sending the request" : "waiting for the response";
}

void Connection::Impl::expire(Time now, Call& call) {
  const bool sent = !is_unsent(call);
  finish(call, deadline_exceeded(now - call.asked, phase_of(call)).with_reached_server(sent),
         sent ? Progress::kSent : Progress::kNotSent);
}

void Connection::Impl::lost(Time now, Status why) {
  if (closed_) return;
  const std::string hint =
      server_hint(first_bytes_);  // empty once it has shown that it speaks HTTP/2
  if (!hint.empty()) why = why.with_message("the server does not speak HTTP/2 here: " + hint);
  if (goaway_seen_) {
    why = why.with_message(std::string(why.message()) +
                           "; before that: " + std::string(drained_by_.message()));
  }
  draining_ = true;
  drained_by_ = why.with_reached_server(false);
  lost_status_ = why;
  session_.lost();
  take_session_events(now);
  close(std::move(why));
}

void Connection::Impl::shut_down(Time) {
  if (draining_) return;
  draining_ = true;
  drained_by_ = Status(Code::kUnavailable, "the connection is shutting down", Origin::kTransport)
                    .with_reached_server(false);
  close_if_drained();
}

Time Connection::Impl::next_deadline() const {
  if (closed_) return kNever;
  // Room that the output has made as it was consumed.
  if (queue_head_ != nullptr && session_.can_start()) return Time::min();
  Time next = std::min(timers_.next(), session_.next_deadline());
  return std::min(next, keepalive_.next_deadline(has_calls()));
}

void Connection::Impl::on_time(Time now) {
  if (closed_) return;
  while (TimerHeap::Entry* const due = timers_.take_due(now)) {
    expire(now, *static_cast<Call*>(due->owner));
  }
  session_.on_time(now);
  take_session_events(now);
  if (closed_) return;
  switch (keepalive_.on_time(now, has_calls())) {
    case Keepalive::Action::kNone:
      break;
    case Keepalive::Action::kPing:
      session_.ping(kPingPayload);
      observe(Observation::Kind::kPingSent);
      break;
    case Keepalive::Action::kGiveUp:
      if (Observation* const seen = observe(Observation::Kind::kPingTimedOut)) {
        seen->took = options_.keepalive->timeout;
      }
      lost(now, Status(Code::kUnavailable,
                       "keepalive: no answer to a PING within " +
                           duration_text(options_.keepalive->timeout) + "; the connection is dead",
                       Origin::kTransport));
      return;
  }
  settle(now);
}

// With the stream ids used up there is room as well: the call comes back at once, and the
// connection drains.
bool Connection::Impl::has_room() const {
  if (draining_) return false;
  return session_.free_streams() > queued_count_ ||
         (session_.has_settings() && session_.stream_ids_used_up());
}

Connection::Event* Connection::Impl::next_event() {
  if (next_event_ < events_.size()) return &events_[next_event_++];
  events_.clear();
  next_event_ = 0;
  return nullptr;
}

Connection::Event& Connection::Impl::push(Event::Kind kind) {
  Event& event = events_.emplace_back();
  event.kind = kind;
  return event;
}

Observation* Connection::Impl::observe(Observation::Kind kind) {
  if (options_.observations == nullptr) return nullptr;
  Observation& made = options_.observations->emplace_back();
  made.kind = kind;
  made.connection = options_.number;
  return &made;
}

Connection::Connection(ConnectionOptions options, Time now)
    : impl_(std::make_unique<Impl>(std::move(options), now)) {}
Connection::~Connection() = default;

CallId Connection::start(Time now, Request request, Time deadline, void* tag, Time asked) {
  auto own = std::make_unique<Request>(std::move(request));
  const Request& kept = *own;
  return impl_->start(now, kept, std::move(own), deadline, tag, asked);
}
CallId Connection::start_borrowed(Time now, const Request& request, Time deadline, void* tag,
                                  Time asked) {
  return impl_->start(now, request, nullptr, deadline, tag, asked);
}
Progress Connection::cancel(Time now, CallId call) {
  return impl_->cancel(now, call, Status(Code::kCancelled, "the call was cancelled"));
}
Progress Connection::cancel(Time now, CallId call, Status why) {
  return impl_->cancel(now, call, std::move(why));
}
void Connection::receive(Time now, std::string_view bytes) { impl_->receive(now, bytes); }
std::string_view Connection::output() { return impl_->session_.output(); }
void Connection::consume_output(std::size_t count) { impl_->session_.consume_output(count); }
void Connection::lost(Time now, Status why) { impl_->lost(now, std::move(why)); }
void Connection::shut_down(Time now) { impl_->shut_down(now); }
Time Connection::next_deadline() const { return impl_->next_deadline(); }
void Connection::on_time(Time now) { impl_->on_time(now); }
Connection::Event* Connection::next_event() { return impl_->next_event(); }
bool Connection::next_event(Event* event) {
  Event* const next = impl_->next_event();
  if (next != nullptr) *event = std::move(*next);
  return next != nullptr;
}
bool Connection::has_event() const { return impl_->has_event(); }
bool Connection::is_ready() const { return impl_->session_.has_settings() && !impl_->draining_; }
bool Connection::has_room() const { return impl_->has_room(); }
std::uint32_t Connection::max_streams() const { return impl_->session_.max_streams(); }
bool Connection::is_draining() const { return impl_->draining_; }
bool Connection::is_closed() const { return impl_->closed_; }
std::size_t Connection::call_count() const { return impl_->call_count_; }
std::size_t Connection::queued_count() const { return impl_->queued_count_; }
void Connection::stop_gzip() { impl_->options_.gzip_above_bytes.reset(); }

}  // namespace minim::rpc
