#include "h2/session.h"

#include <algorithm>
#include <utility>

#include "h2/session_impl.h"

namespace minim::h2 {

namespace {

// CONTINUATION frames that one header block may have. nghttp2 also counts each input that ends
// inside such a frame's header, so that its own limit of 8 falls to one frame that arrives byte by
// byte.
constexpr std::size_t kMaxContinuations = 100;

// The connection window that every peer starts with (RFC 9113, 6.9.2); it can only grow.
constexpr std::uint32_t kInitialConnectionWindow = 65'535;

// RFC 9113, 4.1 and 4.2: what each peer takes.
constexpr std::size_t kFrameHeaderBytes = 9;
constexpr std::size_t kMaxFrameBytes = 16'384;
constexpr std::size_t kFlagsOffset = 4;

void put_length(std::size_t payload_bytes, char* frame) {
  frame[0] = static_cast<char>(payload_bytes >> 16);
  frame[1] = static_cast<char>(payload_bytes >> 8);
  frame[2] = static_cast<char>(payload_bytes);
}

// `frames`: HEADERS with a block that is too large for one frame. Cuts it into CONTINUATIONs.
std::string cut_block(std::string_view frames) {
  std::string head(frames.substr(0, kFrameHeaderBytes));
  head[kFlagsOffset] = static_cast<char>(head[kFlagsOffset] & ~NGHTTP2_FLAG_END_HEADERS);
  std::string_view block = frames.substr(kFrameHeaderBytes);
  std::string cut;
  while (!block.empty()) {
    const std::string_view piece = block.substr(0, kMaxFrameBytes);
    block.remove_prefix(piece.size());
    put_length(piece.size(), head.data());
    if (block.empty()) {
      head[kFlagsOffset] = static_cast<char>(head[kFlagsOffset] | NGHTTP2_FLAG_END_HEADERS);
    }
    cut.append(head).append(piece);
    head[3] = NGHTTP2_CONTINUATION;
    head[kFlagsOffset] = NGHTTP2_FLAG_NONE;
  }
  return cut;
}

ssize_t read_stream_body(nghttp2_session*, std::int32_t, std::uint8_t* buffer, std::size_t space,
                         std::uint32_t* flags, nghttp2_data_source* source, void* user_data) {
  auto& stream = *static_cast<Session::Impl::Stream*>(source->ptr);
  return static_cast<Session::Impl*>(user_data)->read_body(stream, reinterpret_cast<char*>(buffer),
                                                           space, flags);
}

Pool& pool_of(void* user_data) { return *static_cast<Pool*>(user_data); }

nghttp2_mem memory_of(Pool& pool) {
  nghttp2_mem memory{};
  memory.mem_user_data = &pool;
  memory.malloc = [](std::size_t bytes, void* user_data) {
    return pool_of(user_data).allocate(bytes);
  };
  memory.free = [](void* block, void* user_data) { pool_of(user_data).release(block); };
  memory.calloc = [](std::size_t count, std::size_t bytes, void* user_data) {
    return pool_of(user_data).allocate_zeroed(count, bytes);
  };
  memory.realloc = [](void* block, std::size_t bytes, void* user_data) {
    return pool_of(user_data).resize(block, bytes);
  };
  return memory;
}

std::uint8_t* bytes_of(std::string_view text) {
  // nghttp2's structs lack const; it does not write.
  return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data()));
}

}  // namespace

Session::Impl::Impl(const SessionOptions& options, Time now)
    : options_(options), settings_deadline_(add_clamped(now, options.settings_timeout)) {
  nobody_.cancelled = true;
  const auto callbacks = make_callbacks();
  nghttp2_option* option = nullptr;
  const bool made = callbacks != nullptr && nghttp2_option_new(&option) == 0;
  if (made) {
    nghttp2_option_set_peer_max_concurrent_streams(option, kAssumedMaxStreams);
    nghttp2_option_set_no_closed_streams(option, 1);
    nghttp2_option_set_max_continuations(option, kMaxContinuations);
    nghttp2_mem memory = memory_of(pool_);
    nghttp2_session_client_new3(&session_, callbacks.get(), this, option, &memory);
    nghttp2_option_del(option);
  }
  const nghttp2_settings_entry settings[] = {
      {NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
      {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, options.stream_window_bytes},
      {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE,
       static_cast<std::uint32_t>(
           std::min(options.max_header_list_bytes, std::size_t{UINT32_MAX}))},
  };
  const auto window = static_cast<std::int32_t>(
      std::max(options.connection_window_bytes, kInitialConnectionWindow));
  if (session_ == nullptr ||
      nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, settings, std::size(settings)) != 0 ||
      nghttp2_session_set_local_window_size(session_, NGHTTP2_FLAG_NONE, 0, window) != 0) {
    fail(kInternalError, "no memory for an HTTP/2 session");
  }
}

Session::Impl::~Impl() { nghttp2_session_del(session_); }

Session::Impl::Stream* Session::Impl::find(std::int32_t stream_id) {
  if (found_ == nullptr || found_->id != stream_id) {
    found_ = static_cast<Stream*>(nghttp2_session_get_stream_user_data(session_, stream_id));
  }
  return found_;
}

Session::Impl::Queued& Session::Impl::push(Event::Kind kind) {
  Queued& queued = events_.emplace_back();
  queued.event.kind = kind;
  return queued;
}

Session::Impl::Queued& Session::Impl::push(Event::Kind kind, Stream& stream) {
  Queued& queued = push(kind);
  queued.stream = &stream;
  queued.event.mark = stream.mark;
  return queued;
}

void Session::Impl::violation(Stream& stream, std::string_view what) {
  stream.cause_known = true;
  stream.cause = CloseCause::kViolation;
  stream.violation = what;
}

void Session::Impl::fail(std::uint32_t error, std::string_view text) {
  if (closed_) return;
  closed_ = true;
  draining_ = true;
  Queued& queued = push(Event::Kind::kClosed);
  queued.event.error = error;
  queued.event.text = arena_.add(text);
}

StreamSlot Session::Impl::start(void* mark, RequestHead& head, std::string_view varying,
                                std::string_view prefix, std::string_view body) {
  if (first_free_ == kNoSlot) {
    first_free_ = static_cast<std::uint32_t>(streams_.size());
    streams_.emplace_back();
  }
  const std::uint32_t slot = first_free_;
  Stream& stream = streams_[slot];
  const std::uint32_t next_free = stream.next_free;
  stream = Stream();
  stream.next_free = next_free;
  stream.mark = mark;
  stream.slot = slot;
  stream.head = &head;
  stream.varying = varying;
  stream.prefix = prefix;
  stream.body = body;

  // nghttp2 gets no field: write_request() puts in the block that our own encoder has made.
  nghttp2_data_provider provider{};
  provider.source.ptr = &stream;
  provider.read_callback = read_stream_body;
  may_have_output_ = true;
  const std::int32_t id = nghttp2_submit_request(session_, nullptr, nullptr, 0, &provider, &stream);
  if (id < 0) return StreamSlot::kNone;
  first_free_ = next_free;
  stream.id = id;
  stream.in_use = true;
  ++open_streams_;
  return static_cast<StreamSlot>(slot);
}

void Session::Impl::cancel(Stream& stream, ErrorCode error) {
  if (!stream.in_use || stream.cancelled) return;
  stream.cancelled = true;
  stream.head = nullptr;
  if (collecting_ == &stream) collecting_ = nullptr;
  stream.prefix = {};
  stream.body = {};
  if (!stream.closed && !closed_) submit_reset(stream, error);
}

void Session::Impl::submit_reset(Stream& stream, ErrorCode error) {
  may_have_output_ = true;
  if (stream.is_unsent()) {
    // Takes it out of nghttp2's queue, puts nothing into it, and must come before its turn.
    nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, stream.id, error);
    return;
  }
  resets_.push_back({&stream, stream.id, error});
  submit_resets();
}

void Session::Impl::submit_resets() {
  // Half of these may be requests that the peer's limit holds back, and that only resets set free.
  constexpr std::size_t kMost = 2 * kMaxQueuedFrames;
  while (!resets_.empty() && nghttp2_session_get_outbound_queue_size(session_) < kMost) {
    const Reset reset = resets_.back();
    resets_.pop_back();
    const bool is_open = reset.stream->id == reset.id && !reset.stream->closed;
    if (is_open) nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, reset.id, reset.error);
  }
}

// After GOAWAY nghttp2 refuses what it has not written, but only once its turn to be written has
// come: behind a socket that is stuck, or streams that poll, that may be never.
void Session::Impl::take_back_unsent() {
  for (Stream& stream : streams_) {
    if (!stream.in_use || stream.closed || !stream.is_unsent()) continue;
    stream.closed = true;
    stream.head = nullptr;
    Event& event = push(Event::Kind::kStreamClosed, stream).event;
    event.cause = CloseCause::kNotSent;
    event.error = kRefusedStream;
  }
}

void Session::Impl::release(Stream& stream) {
  if (!stream.in_use) return;  // nobody_
  stream.in_use = false;
  --open_streams_;
  stream.next_free = std::exchange(first_free_, stream.slot);
}

// Cuts the output before the first request of which no byte has left: its owner may now repeat it
// elsewhere, so that it must not leave any more.
void Session::Impl::drop_unsent_requests() {
  std::uint64_t keep = output_end_;
  for (const Stream& stream : streams_) {
    if (stream.in_use && stream.headers_offset >= output_consumed_) {
      keep = std::min(keep, stream.headers_offset);
    }
  }
  output_.resize(output_.size() - static_cast<std::size_t>(output_end_ - keep));
  output_end_ = keep;
}

// nghttp2 ends the streams above a GOAWAY's last id in the order of its hash table; ids go up in
// the order in which the calls were started.
void Session::Impl::order_closed_streams(std::size_t from) {
  const auto is_closed = [](const Queued& queued) {
    return queued.event.kind == Event::Kind::kStreamClosed;
  };
  const auto by_id = [](const Queued& a, const Queued& b) { return a.stream->id < b.stream->id; };
  auto first = events_.begin() + static_cast<std::ptrdiff_t>(from);
  while ((first = std::find_if(first, events_.end(), is_closed)) != events_.end()) {
    const auto last = std::find_if_not(first, events_.end(), is_closed);
    std::sort(first, last, by_id);
    first = last;
  }
}

void Session::Impl::lost() {
  closed_ = true;
  draining_ = true;
  lost_ = true;
  drop_unsent_requests();
  const std::size_t first = events_.size();
  for (Stream& stream : streams_) {
    if (!stream.in_use || stream.closed) continue;
    stream.closed = true;
    Event& event = push(Event::Kind::kStreamClosed, stream).event;
    event.cause =
        stream.headers_offset < output_consumed_ ? CloseCause::kSessionLost : CloseCause::kNotSent;
    // Its RST_STREAM has not gone out, as it would have if the same bytes had come in pieces.
    if (stream.cause_known && stream.cause == CloseCause::kHeadersTooLarge) {
      event.cause = stream.cause;
      event.error = stream.has_large_field ? kCompressionError : kNoError;
    }
  }
  order_closed_streams(first);
}

void Session::Impl::receive(std::string_view bytes) {
  if (closed_) return;
  may_have_output_ = true;
  const std::size_t first = events_.size();
  const ssize_t taken = nghttp2_session_mem_recv(session_, bytes_of(bytes), bytes.size());
  if (taken < 0) {
    const bool flood = taken == NGHTTP2_ERR_FLOODED || taken == NGHTTP2_ERR_TOO_MANY_CONTINUATIONS;
    const ErrorCode error = flood ? kEnhanceYourCalm : kInternalError;
    fail(error, nghttp2_strerror(static_cast<int>(taken)));
    nghttp2_session_terminate_session(session_, error);
  }
  if (std::exchange(goaway_came_, false)) take_back_unsent();
  if (draining_) order_closed_streams(first);
  pump();  // so that a connection error, which nghttp2 only queues, is seen at once
}

void Session::Impl::pump() {
  if (output_taken_ == output_.size()) {
    output_.clear();
    output_taken_ = 0;
  }
  if (session_ == nullptr || lost_ || !may_have_output_) return;
  while (output_.size() < options_.max_output_bytes) {
    const std::uint8_t* chunk = nullptr;
    const ssize_t count = nghttp2_session_mem_send(session_, &chunk);
    if (count < 0) fail(kInternalError, nghttp2_strerror(static_cast<int>(count)));
    if (count <= 0) {
      if (count == 0 && !resets_.empty()) {
        submit_resets();
        continue;
      }
      may_have_output_ = false;
      return;
    }
    const std::string_view bytes(reinterpret_cast<const char*>(chunk),
                                 static_cast<std::size_t>(count));
    const std::size_t before = output_.size();
    if (sending_ != nullptr) {
      write_request(*std::exchange(sending_, nullptr), bytes);
    } else {
      output_.append(bytes);
    }
    output_end_ += output_.size() - before;
  }
}

// `frame`: nghttp2's HEADERS, whose block has table size updates at most.
void Session::Impl::write_request(Stream& stream, std::string_view frame) {
  const std::size_t start = output_.size();
  output_.append(frame);
  encoder_.follow(frame.substr(kFrameHeaderBytes));
  encoder_.append(*std::exchange(stream.head, nullptr), stream.varying, output_);
  const std::size_t payload_bytes = output_.size() - start - kFrameHeaderBytes;
  if (payload_bytes <= kMaxFrameBytes) return put_length(payload_bytes, output_.data() + start);
  output_.replace(start, std::string::npos, cut_block(std::string_view(output_).substr(start)));
}

const Event* Session::Impl::next_event() {
  while (next_event_ < events_.size()) {
    Queued& queued = events_[next_event_++];
    if (Stream* const stream = queued.stream; stream != nullptr) {
      const bool wanted = !stream->cancelled;
      if (queued.event.kind == Event::Kind::kStreamClosed) release(*stream);
      if (!wanted) continue;
    }
    if (queued.field_count > 0) {
      queued.event.headers = HeaderFields(fields_).subspan(queued.first_field, queued.field_count);
    }
    return &queued.event;
  }
  events_.clear();
  next_event_ = 0;
  if (collecting_ == nullptr) {
    fields_.clear();
    arena_.clear();
  }
  return nullptr;
}

Session::Session(const SessionOptions& options, Time now)
    : impl_(std::make_unique<Impl>(options, now)) {}
Session::~Session() = default;

StreamSlot Session::start(void* mark, RequestHead& head, std::string_view varying,
                          std::string_view prefix, std::string_view body) {
  return impl_->start(mark, head, varying, prefix, body);
}

std::uint32_t Session::free_streams() const { return impl_->free_streams(); }

bool Session::can_start() const {
  return impl_->free_streams() > 0 && !stream_ids_used_up() &&
         // The streams count first: they are at hand, and the queue holds no request without one.
         (impl_->open_streams_ < kMaxQueuedFrames || queued_frames() < kMaxQueuedFrames);
}

bool Session::stream_ids_used_up() const {
  return nghttp2_session_get_next_stream_id(impl_->session_) >= kLastUsableStreamId;
}

void Session::cancel(StreamSlot stream, ErrorCode error) {
  impl_->cancel(impl_->streams_[static_cast<std::uint32_t>(stream)], error);
}

SendState Session::send_state(StreamSlot slot) const {
  const Impl::Stream& stream = impl_->streams_[static_cast<std::uint32_t>(slot)];
  if (stream.is_unsent()) return SendState::kUnsent;
  const bool has_left = stream.prefix.empty() && stream.body.empty() &&
                        stream.headers_offset < impl_->output_consumed_;
  return has_left ? SendState::kSent : SendState::kSending;
}

void Session::ping(std::uint64_t payload) {
  if (impl_->closed_) return;
  std::uint8_t bytes[8];
  for (int i = 7; i >= 0; --i, payload >>= 8) bytes[i] = static_cast<std::uint8_t>(payload);
  impl_->may_have_output_ = true;
  nghttp2_submit_ping(impl_->session_, NGHTTP2_FLAG_NONE, bytes);
}

void Session::shut_down() {
  if (impl_->closed_) return;
  impl_->draining_ = true;
  impl_->may_have_output_ = true;
  nghttp2_submit_goaway(impl_->session_, NGHTTP2_FLAG_NONE, 0, NGHTTP2_NO_ERROR, nullptr, 0);
}

void Session::lost() { impl_->lost(); }

void Session::receive(Time, std::string_view bytes) { impl_->receive(bytes); }

std::string_view Session::output() {
  if (impl_->output_taken_ == impl_->output_.size()) impl_->pump();
  return std::string_view(impl_->output_).substr(impl_->output_taken_);
}

void Session::consume_output(std::size_t count) {
  impl_->output_taken_ += count;
  impl_->output_consumed_ += count;
}

const Event* Session::next_event() { return impl_->next_event(); }

Time Session::next_deadline() const {
  // output() may give rise to events as well; whoever asks for the time is sent to fetch them.
  if (impl_->has_events()) return Time::min();
  const bool settled = impl_->has_settings_ && impl_->settings_acknowledged_;
  return settled || impl_->closed_ ? kNever : impl_->settings_deadline_;
}

void Session::on_time(Time now) {
  if (impl_->has_events() || now < next_deadline()) return;
  impl_->fail(kSettingsTimeout, impl_->has_settings_
                                    ? "the peer did not acknowledge our SETTINGS in time"
                                    : "the peer sent no SETTINGS in time");
}

bool Session::has_settings() const { return impl_->has_settings_; }
bool Session::is_closed() const { return impl_->closed_; }
std::uint32_t Session::open_streams() const { return impl_->open_streams_; }
std::size_t Session::queued_frames() const {
  return nghttp2_session_get_outbound_queue_size(impl_->session_);
}

std::uint32_t Session::max_streams() const { return impl_->max_streams_; }
std::size_t Session::max_request_header_bytes() const { return impl_->max_request_header_bytes_; }

}  // namespace minim::h2
