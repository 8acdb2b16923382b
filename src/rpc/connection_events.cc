// What comes up from the HTTP/2 session: responses, resets, GOAWAY, the end.
#include "grpcframe/gzip.h"
#include "grpcframe/percent.h"
#include "rpc/connection_impl.h"
#include "rpc/texts.h"

namespace minim::rpc {

namespace {

constexpr std::size_t kKeptFirstBytes = 128;
constexpr std::size_t kMaxGoawayTextBytes = 256;
constexpr std::size_t kMaxHeaderFieldBytes = std::size_t{64} << 10;  // nghttp2's

}  // namespace

void Connection::Impl::receive(Time now, std::string_view bytes) {
  if (closed_) return;
  keepalive_.on_read(now);
  if (!session_.has_settings() && first_bytes_.size() < kKeptFirstBytes) {
    first_bytes_.append(bytes.substr(0, kKeptFirstBytes - first_bytes_.size()));
  }
  session_.receive(now, bytes);
  take_session_events(now);
  settle(now);
}

void Connection::Impl::settle(Time now) {
  dispatch(now);
  close_if_drained();
}

void Connection::Impl::take_session_events(Time now) {
  while (const h2::Event* const next = session_.next_event()) {
    const h2::Event& event = *next;
    switch (event.kind) {
      case h2::Event::Kind::kSettings:
        if (!first_bytes_.empty()) {
          first_bytes_ = std::string();
          push(Event::Kind::kReady);
        }
        break;
      case h2::Event::Kind::kHeaders:
      case h2::Event::Kind::kData:
        on_response_event(now, *static_cast<Call*>(event.mark), event);
        break;
      case h2::Event::Kind::kStreamClosed:
        on_stream_closed(now, *static_cast<Call*>(event.mark), event);
        break;
      case h2::Event::Kind::kPong:
        if (event.value != kPingPayload || !keepalive_.is_waiting()) break;  // nobody asked for it
        if (Observation* const seen = observe(Observation::Kind::kPingAnswered)) {
          seen->took = now - keepalive_.ping_sent();
        }
        keepalive_.on_pong();
        break;
      case h2::Event::Kind::kGoaway:
        on_goaway(event);
        break;
      case h2::Event::Kind::kClosed: {
        std::string text = "HTTP/2 failed: " + printable(event.text, kMaxGoawayTextBytes) + " (" +
                           std::string(http2_error_name(event.error)) + ")";
        lost(now, Status(Code::kUnavailable, std::move(text), Origin::kTransport));
        return;
      }
    }
  }
}

ResponseReader& Connection::Impl::reader_of(Call& call) {
  if (call.reader == nullptr) {
    if (free_readers_.empty()) {
      call.reader = std::make_unique<ResponseReader>();
    } else {
      call.reader = std::move(free_readers_.back());
      free_readers_.pop_back();
    }
    call.reader->begin(options_.limits.max_receive_message_bytes,
                       options_.accept_gzip && gzip_available());
  }
  return *call.reader;
}

void Connection::Impl::on_response_event(Time, Call& call, const h2::Event& event) {
  ResponseReader& reader = reader_of(call);
  on_verdict(call, event.kind == h2::Event::Kind::kHeaders
                       ? reader.on_headers(event.headers, event.end_stream)
                       : reader.on_data(event.text, event.end_stream));
}

void Connection::Impl::on_verdict(Call& call, Verdict verdict) {
  if (verdict == Verdict::kGoOn) return;
  if (verdict == Verdict::kDone && call.stream != h2::StreamSlot::kNone) {
    // The peer has said all, perhaps before we have: NO_ERROR stops what is left of our upload
    // (RFC 9113, 8.1), and is of no effect on a stream that has ended.
    session_.cancel(call.stream, h2::kNoError);
    call.stream = h2::StreamSlot::kNone;
  }
  finish(call, call.reader->take(), Progress::kSent);
}

void Connection::Impl::observe_reset(const Call& call, std::uint32_t error) {
  Observation* const seen = observe(Observation::Kind::kReset);
  if (seen == nullptr) return;
  seen->path = call.request->path;
  seen->status = Status(Code::kUnavailable, "RST_STREAM " + std::string(http2_error_name(error)),
                        Origin::kTransport);
}

void Connection::Impl::on_stream_closed(Time now, Call& call, const h2::Event& event) {
  call.stream = h2::StreamSlot::kNone;  // nothing is left to reset
  ResponseReader& reader = reader_of(call);
  switch (event.cause) {
    case h2::CloseCause::kFinished:
      on_verdict(call, reader.on_data({}, true));
      return;
    case h2::CloseCause::kReset:
      observe_reset(call, event.error);
      // A server that keeps our clock may be a moment faster than our own timer.
      if (event.error == h2::kCancel && now >= call.deadline) return expire(now, call);
      on_verdict(call, reader.on_reset(event.error, now >= call.deadline));
      return;
    case h2::CloseCause::kViolation:
      on_verdict(call, reader.on_protocol_error(event.text.empty() ? http2_error_name(event.error)
                                                                   : event.text));
      return;
    case h2::CloseCause::kHeadersTooLarge:
      on_verdict(call, event.error == h2::kCompressionError
                           ? reader.on_header_field_too_large(kMaxHeaderFieldBytes)
                           : reader.on_headers_too_large(options_.limits.max_header_list_bytes));
      return;
    case h2::CloseCause::kRefused:
      if (!goaway_seen_) observe_reset(call, event.error);
      finish(call,
             goaway_seen_ ? drained_by_
                          : Status(Code::kUnavailable, "the server refused the call unprocessed",
                                   Origin::kTransport),
             reader.saw_headers() ? Progress::kSent : Progress::kNotProcessed);
      return;
    case h2::CloseCause::kNotSent:
      finish(call,
             draining_ && !drained_by_.ok()
                 ? drained_by_
                 : Status(Code::kUnavailable, "the connection ended before the call was sent",
                          Origin::kTransport),
             Progress::kNotSent);
      return;
    case h2::CloseCause::kSessionLost:
      finish(call, reader.is_foreign() ? reader.foreign_status() : lost_status_, Progress::kSent);
      return;
  }
}

void Connection::Impl::on_goaway(const h2::Event& event) {
  const bool too_many_pings = event.error == h2::kEnhanceYourCalm && event.text == "too_many_pings";
  std::string text =
      "the server is closing the connection (GOAWAY " + std::string(http2_error_name(event.error));
  if (!event.text.empty()) text += ": " + printable(event.text, kMaxGoawayTextBytes);
  const bool first = !goaway_seen_;
  goaway_seen_ = true;
  Status why =
      Status(Code::kUnavailable, text + ")", Origin::kTransport).with_reached_server(false);
  if (Observation* const seen = observe(Observation::Kind::kGoaway)) seen->status = why;
  if (first || too_many_pings) {
    drain(std::move(why));
    events_.back().too_many_pings = too_many_pings;
  } else {
    drained_by_ = std::move(why);
  }
}

// No call starts here any more; those that have not, end as never sent.
void Connection::Impl::drain(Status why) {
  draining_ = true;
  drained_by_ = why;
  while (queue_head_ != nullptr) finish(*queue_head_, why, Progress::kNotSent);
  push(Event::Kind::kDraining).status = std::move(why);
}

void Connection::Impl::close_if_drained() {
  if (closed_ || !draining_ || has_calls()) return;
  session_.shut_down();
  close(Status());
}

void Connection::Impl::close(Status why) {
  if (closed_) return;
  closed_ = true;
  while (queue_head_ != nullptr) finish(*queue_head_, drained_by_, Progress::kNotSent);
  push(Event::Kind::kClosed).status = std::move(why);
}

}  // namespace minim::rpc
