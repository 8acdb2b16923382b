// nghttp2's callbacks, each a straight line into Session::Impl. None of them calls back into
// nghttp2: it forbids that.
#include <utility>

#include "h2/session_impl.h"

namespace minim::h2 {

namespace {

using Impl = Session::Impl;

Impl& impl_of(void* user_data) { return *static_cast<Impl*>(user_data); }

std::string_view view_of(const std::uint8_t* bytes, std::size_t count) {
  return {reinterpret_cast<const char*>(bytes), count};
}

int on_begin_headers(nghttp2_session*, const nghttp2_frame* frame, void* user_data) {
  Impl& impl = impl_of(user_data);
  impl.collecting_flags_ = frame->hd.flags;
  Impl::Stream& stream = impl.open_stream(frame->hd.stream_id);
  impl.collecting_ = &stream;
  stream.header_list_bytes = 0;
  stream.first_field = static_cast<std::uint32_t>(impl.fields_.size());
  return 0;
}

int on_header(nghttp2_session*, const nghttp2_frame*, const std::uint8_t* name,
              std::size_t name_bytes, const std::uint8_t* value, std::size_t value_bytes,
              std::uint8_t, void* user_data) {
  return impl_of(user_data).on_header(view_of(name, name_bytes), view_of(value, value_bytes));
}

int on_invalid_header(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t*,
                      std::size_t, const std::uint8_t*, std::size_t, std::uint8_t,
                      void* user_data) {
  return impl_of(user_data).on_invalid_header(*frame);
}

int on_frame_recv(nghttp2_session*, const nghttp2_frame* frame, void* user_data) {
  impl_of(user_data).on_frame_received(*frame);
  return 0;
}

int on_data_chunk_recv(nghttp2_session*, std::uint8_t, std::int32_t stream_id,
                       const std::uint8_t* bytes, std::size_t count, void* user_data) {
  impl_of(user_data).on_data(stream_id, view_of(bytes, count));
  return 0;
}

int before_frame_send(nghttp2_session*, const nghttp2_frame* frame, void* user_data) {
  return impl_of(user_data).on_before_send(*frame);
}

int on_frame_send(nghttp2_session*, const nghttp2_frame* frame, void* user_data) {
  impl_of(user_data).on_sent(*frame);
  return 0;
}

int on_invalid_frame_recv(nghttp2_session*, const nghttp2_frame* frame, int error,
                          void* user_data) {
  impl_of(user_data).on_invalid_frame(*frame, nghttp2_strerror(error));
  return 0;
}

int on_stream_close(nghttp2_session*, std::int32_t stream_id, std::uint32_t error,
                    void* user_data) {
  impl_of(user_data).on_stream_closed(stream_id, error);
  return 0;
}

nghttp2_session_callbacks* new_callbacks() {
  nghttp2_session_callbacks* made = nullptr;
  if (nghttp2_session_callbacks_new(&made) != 0) return nullptr;
  nghttp2_session_callbacks_set_on_begin_headers_callback(made, on_begin_headers);
  nghttp2_session_callbacks_set_on_header_callback(made, on_header);
  nghttp2_session_callbacks_set_on_invalid_header_callback(made, on_invalid_header);
  nghttp2_session_callbacks_set_on_frame_recv_callback(made, on_frame_recv);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(made, on_data_chunk_recv);
  nghttp2_session_callbacks_set_before_frame_send_callback(made, before_frame_send);
  nghttp2_session_callbacks_set_on_frame_send_callback(made, on_frame_send);
  nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(made, on_invalid_frame_recv);
  nghttp2_session_callbacks_set_on_stream_close_callback(made, on_stream_close);
  return made;
}

}  // namespace

std::unique_ptr<nghttp2_session_callbacks, CallbacksDeleter> make_callbacks() {
  return std::unique_ptr<nghttp2_session_callbacks, CallbacksDeleter>(new_callbacks());
}

void Session::Impl::on_frame_received(const nghttp2_frame& frame) {
  const bool end_stream = (frame.hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
  switch (frame.hd.type) {
    case NGHTTP2_SETTINGS:
      if ((frame.hd.flags & NGHTTP2_FLAG_ACK) != 0) {
        settings_acknowledged_ = true;
      } else {
        has_settings_ = true;
        max_streams_ =
            nghttp2_session_get_remote_settings(session_, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS);
        max_request_header_bytes_ =
            nghttp2_session_get_remote_settings(session_, NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE);
        push(Event::Kind::kSettings);
      }
      return;
    case NGHTTP2_PING:
      if ((frame.hd.flags & NGHTTP2_FLAG_ACK) != 0) {
        std::uint64_t payload = 0;
        for (const std::uint8_t byte : frame.ping.opaque_data) payload = payload << 8 | byte;
        push(Event::Kind::kPong).event.value = payload;
      }
      return;
    case NGHTTP2_GOAWAY: {
      draining_ = goaway_came_ = true;
      Queued& queued = push(Event::Kind::kGoaway);
      queued.event.error = frame.goaway.error_code;
      queued.event.value = static_cast<std::uint32_t>(frame.goaway.last_stream_id);
      queued.event.text =
          arena_.add(view_of(frame.goaway.opaque_data, frame.goaway.opaque_data_len));
      return;
    }
    case NGHTTP2_RST_STREAM:
      if (Stream* const stream = find(frame.hd.stream_id)) stream->reset_by_peer = true;
      return;
    case NGHTTP2_DATA:
      if (!end_stream) return;
      push(Event::Kind::kData, open_stream(frame.hd.stream_id)).event.end_stream = true;
      return;
    case NGHTTP2_HEADERS:
      if (Stream* const stream = std::exchange(collecting_, nullptr)) {
        Queued& queued = push(Event::Kind::kHeaders, *stream);
        queued.event.end_stream = end_stream;
        queued.first_field = stream->first_field;
        queued.field_count = static_cast<std::uint32_t>(fields_.size()) - stream->first_field;
      }
      return;
    default:  // frame types of extensions mean nothing here (RFC 9113, 5.5)
      return;
  }
}

int Session::Impl::on_header(std::string_view name, std::string_view value) {
  Stream* const stream = collecting_;
  if (stream == nullptr) return 0;
  if (name == ":status" && value.starts_with('1')) {
    collecting_ = nullptr;
    if (++stream->informational_blocks <= kMaxInformationalBlocks) return 0;
    violation(*stream, "more than 16 informational responses");
    return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
  }
  stream->header_list_bytes += name.size() + value.size() + 32;
  if (stream->header_list_bytes > options_.max_header_list_bytes) {
    // nghttp2 does not enforce the size we announced. Failing only this callback resets the stream
    // and keeps the HPACK state, so that the other calls live on.
    collecting_ = nullptr;
    stream->cause_known = true;
    stream->cause = CloseCause::kHeadersTooLarge;
    return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
  }
  fields_.push_back({arena_.add(name), arena_.add(value)});
  return 0;
}

int Session::Impl::on_invalid_header(const nghttp2_frame& frame) {
  // Without this callback nghttp2 drops the field in silence, and a mangled grpc-status would look
  // like a missing one.
  collecting_ = nullptr;
  violation(open_stream(frame.hd.stream_id), "a header field with an illegal character");
  return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
}

void Session::Impl::on_data(std::int32_t stream_id, std::string_view bytes) {
  push(Event::Kind::kData, open_stream(stream_id)).event.text = bytes;
}

int Session::Impl::on_before_send(const nghttp2_frame& frame) {
  if (frame.hd.type != NGHTTP2_HEADERS) return 0;
  // Not cancelled, so that its head is still there: nghttp2 takes such a request back by itself.
  sending_ = &open_stream(frame.hd.stream_id);
  sending_->headers_offset = output_end_;
  return 0;
}

void Session::Impl::on_sent(const nghttp2_frame& frame) {
  // nghttp2 answers a connection error by itself with GOAWAY and then ignores all input; this is
  // where that shows.
  if (frame.hd.type != NGHTTP2_GOAWAY || frame.goaway.error_code == NGHTTP2_NO_ERROR) return;
  // A field above nghttp2's 64 KiB shows as a broken block only. Within a block of one frame, which
  // has 16 KiB, it was something else.
  if (frame.goaway.error_code == NGHTTP2_COMPRESSION_ERROR && collecting_ != nullptr &&
      (collecting_flags_ & NGHTTP2_FLAG_END_HEADERS) == 0) {
    collecting_->cause_known = collecting_->has_large_field = true;
    collecting_->cause = CloseCause::kHeadersTooLarge;
  }
  const std::string_view reason = view_of(frame.goaway.opaque_data, frame.goaway.opaque_data_len);
  fail(frame.goaway.error_code, reason.empty() ? "the peer broke the protocol" : reason);
}

void Session::Impl::on_invalid_frame(const nghttp2_frame& frame, std::string_view reason) {
  if (Stream* const stream = find(frame.hd.stream_id); stream != nullptr && !stream->cause_known) {
    violation(*stream, reason);
  }
}

void Session::Impl::on_stream_closed(std::int32_t stream_id, std::uint32_t error) {
  Stream& stream = open_stream(stream_id);
  found_ = nullptr;           // nghttp2 forgets it, and its slot will be another stream's
  if (stream.closed) return;  // taken back
  stream.closed = true;
  if (collecting_ == &stream) collecting_ = nullptr;
  CloseCause cause = CloseCause::kViolation;
  if (stream.reset_by_peer) {
    cause = error == NGHTTP2_REFUSED_STREAM ? CloseCause::kRefused : CloseCause::kReset;
  } else if (stream.cause_known) {
    cause = stream.cause;
  } else if (error == NGHTTP2_NO_ERROR) {
    cause = CloseCause::kFinished;
  } else if (error == NGHTTP2_REFUSED_STREAM) {
    // Above a GOAWAY's last id, or still in nghttp2's queue when the session began to drain. What
    // is in the output already will leave, though the server has said that it will not act on it.
    cause = stream.is_unsent() ? CloseCause::kNotSent : CloseCause::kRefused;
  }
  Queued& queued = push(Event::Kind::kStreamClosed, stream);
  queued.event.cause = cause;
  queued.event.error = error;
  queued.event.text = cause == CloseCause::kViolation ? stream.violation : std::string_view();
}

ssize_t Session::Impl::read_body(Stream& stream, char* buffer, std::size_t space,
                                 std::uint32_t* flags) {
  std::size_t written = 0;
  for (std::string_view* part : {&stream.prefix, &stream.body}) {
    const std::size_t count = part->copy(buffer + written, space - written);
    part->remove_prefix(count);
    written += count;
  }
  if (stream.prefix.empty() && stream.body.empty()) *flags |= NGHTTP2_DATA_FLAG_EOF;
  return static_cast<ssize_t>(written);
}

}  // namespace minim::h2
