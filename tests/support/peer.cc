#include "support/peer.h"

#include <algorithm>

namespace minim::test {

namespace {

constexpr std::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
constexpr std::size_t kFrameHeaderBytes = 9;

void append_number(std::string& out, std::uint64_t value, unsigned bytes) {
  while (bytes-- > 0) out += static_cast<char>(value >> (8 * bytes));
}

std::uint32_t number_at(std::string_view bytes, std::size_t offset, unsigned count) {
  std::uint32_t value = 0;
  for (unsigned i = 0; i < count; ++i) {
    value = value << 8 | static_cast<unsigned char>(bytes[offset + i]);
  }
  return value;
}

std::string number32(std::uint32_t value) {
  std::string out;
  append_number(out, value, 4);
  return out;
}

}  // namespace

std::string grpc_message(std::string_view message, char flag) {
  std::string out(1, flag);
  append_number(out, message.size(), 4);
  return out.append(message);
}

Fields grpc_headers(Fields more) {
  Fields fields{{":status", "200"}, {"content-type", "application/grpc"}};
  fields.insert(fields.end(), more.begin(), more.end());
  return fields;
}

Peer& Peer::raw(std::string_view bytes) {
  bytes_ += bytes;
  return *this;
}

Peer& Peer::frame(std::uint8_t type, std::uint8_t flags, std::uint32_t stream,
                  std::string_view payload) {
  append_number(bytes_, payload.size(), 3);
  append_number(bytes_, type, 1);
  append_number(bytes_, flags, 1);
  append_number(bytes_, stream, 4);
  bytes_ += payload;
  return *this;
}

Peer& Peer::settings(const std::vector<std::pair<std::uint16_t, std::uint32_t>>& values) {
  std::string payload;
  for (const auto& [id, value] : values) {
    append_number(payload, id, 2);
    append_number(payload, value, 4);
  }
  return frame(kSettings, 0, 0, payload);
}

Peer& Peer::settings_ack() { return frame(kSettings, kAck, 0, {}); }

Peer& Peer::headers(std::uint32_t stream, const Fields& fields, bool end_stream) {
  return split_headers(stream, fields, 16'384, end_stream);
}

Peer& Peer::split_headers(std::uint32_t stream, const Fields& fields, std::size_t piece_bytes,
                          bool end_stream) {
  const std::string block = hpack_encode(fields);
  std::string_view rest = block;
  std::uint8_t type = kHeaders;
  do {
    const std::string_view piece = rest.substr(0, piece_bytes);
    rest.remove_prefix(piece.size());
    std::uint8_t flags = type == kHeaders && end_stream ? kEndStream : 0;
    if (rest.empty()) flags |= kEndHeaders;
    frame(type, flags, stream, piece);
    type = kContinuation;
  } while (!rest.empty());
  return *this;
}

Peer& Peer::data(std::uint32_t stream, std::string_view bytes, bool end_stream) {
  return frame(kData, end_stream ? kEndStream : 0, stream, bytes);
}

Peer& Peer::padded_data(std::uint32_t stream, std::string_view bytes, std::uint8_t padding) {
  std::string payload(1, static_cast<char>(padding));
  payload.append(bytes).append(padding, '\0');
  return frame(kData, kPadded, stream, payload);
}

Peer& Peer::rst(std::uint32_t stream, std::uint32_t error) {
  return frame(kRstStream, 0, stream, number32(error));
}

Peer& Peer::goaway(std::uint32_t last_stream, std::uint32_t error, std::string_view debug) {
  return frame(kGoaway, 0, 0, number32(last_stream) + number32(error) + std::string(debug));
}

Peer& Peer::ping(std::string_view payload) { return frame(kPing, 0, 0, payload); }
Peer& Peer::pong(std::string_view payload) { return frame(kPing, kAck, 0, payload); }

Peer& Peer::window_update(std::uint32_t stream, std::uint32_t increment) {
  return frame(kWindowUpdate, 0, stream, number32(increment));
}

Peer& Peer::reply(std::uint32_t stream, std::string_view message) {
  return headers(stream, grpc_headers())
      .data(stream, grpc_message(message))
      .trailers(stream, {{"grpc-status", "0"}});
}

Peer& Peer::fail(std::uint32_t stream, int grpc_status, std::string_view text, Fields more) {
  Fields fields = grpc_headers({{"grpc-status", std::to_string(grpc_status)}});
  if (!text.empty()) fields.emplace_back("grpc-message", text);
  fields.insert(fields.end(), more.begin(), more.end());
  return headers(stream, fields, true);
}

std::uint32_t Frame::number(std::size_t offset) const {
  return payload.size() < offset + 4 ? 0 : number_at(payload, offset, 4);
}

std::string Frame::field(std::string_view name) const {
  for (const DecodedField& one : fields) {
    if (one.name == name) return one.value;
  }
  return {};
}

bool Received::fail(std::string text) {
  problem_ = std::move(text);
  return false;
}

bool Received::receive(std::string_view bytes) {
  pending_ += bytes;
  if (!has_preface_) {
    const std::size_t known = std::min(pending_.size(), kPreface.size());
    if (std::string_view(pending_).substr(0, known) != kPreface.substr(0, known)) {
      return fail("the preface is wrong");
    }
    if (known < kPreface.size()) return true;
    pending_.erase(0, kPreface.size());
    has_preface_ = true;
  }
  while (problem_.empty() && take_frame()) {
  }
  return problem_.empty();
}

bool Received::take_frame() {
  if (pending_.size() < kFrameHeaderBytes) return false;
  const std::size_t payload_bytes = number_at(pending_, 0, 3);
  if (payload_bytes > 16'384) return fail("a frame is larger than 16384 bytes");
  if (pending_.size() < kFrameHeaderBytes + payload_bytes) return false;
  Frame frame;
  frame.type = static_cast<std::uint8_t>(pending_[3]);
  frame.flags = static_cast<std::uint8_t>(pending_[4]);
  frame.stream = number_at(pending_, 5, 4);
  frame.payload = pending_.substr(kFrameHeaderBytes, payload_bytes);
  pending_.erase(0, kFrameHeaderBytes + payload_bytes);
  if (in_block_ != (frame.type == kContinuation)) return fail("CONTINUATION out of place");
  if (frame.type != kHeaders && frame.type != kContinuation) {
    frames_.push_back(std::move(frame));
    return true;
  }
  const bool ends = (frame.flags & kEndHeaders) != 0;
  block_ += frame.payload;
  if (frame.type == kHeaders) open_block_ = std::move(frame);
  in_block_ = !ends;
  if (!ends) return true;
  auto fields = hpack_.decode(block_);
  if (!fields) return fail("a header block cannot be decoded");
  open_block_.fields = std::move(*fields);
  block_.clear();
  frames_.push_back(std::move(open_block_));
  return true;
}

std::size_t Received::count(FrameType type) const {
  return static_cast<std::size_t>(std::count_if(
      frames_.begin(), frames_.end(), [&](const Frame& frame) { return frame.type == type; }));
}

std::size_t Received::count(FrameType type, std::uint32_t stream) const {
  return static_cast<std::size_t>(std::count_if(
      frames_.begin(), frames_.end(),
      [&](const Frame& frame) { return frame.type == type && frame.stream == stream; }));
}

const Frame* Received::find(FrameType type) const {
  for (const Frame& frame : frames_) {
    if (frame.type == type) return &frame;
  }
  return nullptr;
}

const Frame* Received::find(FrameType type, std::uint32_t stream) const {
  for (const Frame& frame : frames_) {
    if (frame.type == type && frame.stream == stream) return &frame;
  }
  return nullptr;
}

std::string Received::body(std::uint32_t stream) const {
  std::string all;
  for (const Frame& frame : frames_) {
    if (frame.type == kData && frame.stream == stream) all += frame.payload;
  }
  return all;
}

std::uint32_t Received::stream_of(std::string_view path, std::size_t skip) const {
  for (const Frame& frame : frames_) {
    if (frame.type == kHeaders && frame.field(":path") == path && skip-- == 0) return frame.stream;
  }
  return 0;
}

}  // namespace minim::test
