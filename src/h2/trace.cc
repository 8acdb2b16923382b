#include "minim/trace.h"

#include <nghttp2/nghttp2.h>

#include <cstdint>
#include <string>
#include <utility>

#include "grpcframe/error_codes.h"
#include "grpcframe/percent.h"

namespace minim {

namespace {

constexpr std::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
constexpr std::size_t kFrameHeadBytes = 9;
// What is kept of a header block, and of a value or debug text that is shown.
constexpr std::size_t kMaxBlockBytes = std::size_t{64} << 10;
constexpr std::size_t kMaxShownBytes = 128;
constexpr std::size_t kMaxTableBytes = std::size_t{64} << 10;
// A line this long takes no further field or setting: one byte of HPACK can stand for a field.
constexpr std::size_t kMaxLineBytes = std::size_t{16} << 10;
constexpr std::string_view kCut = ", ...";

// All others may hold a secret: only their size is shown.
constexpr std::string_view kShown[] = {":authority",
                                       ":method",
                                       ":path",
                                       ":scheme",
                                       ":status",
                                       "client-name",
                                       "client-version",
                                       "content-type",
                                       "date",
                                       "grpc-accept-encoding",
                                       "grpc-encoding",
                                       "grpc-message",
                                       "grpc-retry-pushback-ms",
                                       "grpc-status",
                                       "grpc-timeout",
                                       "server",
                                       "supported-features",
                                       "te",
                                       "temporal-namespace",
                                       "user-agent"};

std::string_view text_of(const std::uint8_t* bytes, std::size_t count) {
  return {reinterpret_cast<const char*>(bytes), count};
}

bool is_shown(std::string_view name) {
  for (const std::string_view shown : kShown) {
    if (name == shown) return true;
  }
  return false;
}

std::uint32_t number_at(std::string_view bytes, std::size_t at, std::size_t count) {
  std::uint32_t number = 0;
  for (std::size_t i = at; i < at + count && i < bytes.size(); ++i) {
    number = number << 8 | static_cast<unsigned char>(bytes[i]);
  }
  return number;
}

std::string type_name(std::uint8_t type) {
  constexpr const char* kNames[] = {"DATA",          "HEADERS",      "PRIORITY", "RST_STREAM",
                                    "SETTINGS",      "PUSH_PROMISE", "PING",     "GOAWAY",
                                    "WINDOW_UPDATE", "CONTINUATION"};
  return type < std::size(kNames) ? kNames[type] : "type " + std::to_string(type);
}

std::string setting_name(std::uint32_t id) {
  constexpr const char* kNames[] = {"HEADER_TABLE_SIZE",      "ENABLE_PUSH",
                                    "MAX_CONCURRENT_STREAMS", "INITIAL_WINDOW_SIZE",
                                    "MAX_FRAME_SIZE",         "MAX_HEADER_LIST_SIZE"};
  return id >= 1 && id <= std::size(kNames) ? kNames[id - 1] : "setting " + std::to_string(id);
}

// One direction of a connection: cuts the bytes into frames, and keeps what it must of them.
class FrameReader {
 public:
  FrameReader(const std::function<void(std::string_view)>& write, std::string prefix,
              std::string_view preface)
      : write_(write), prefix_(std::move(prefix)), preface_(preface) {
    if (nghttp2_hd_inflate_new(&inflater_) != 0) return;
    nghttp2_hd_inflate_change_table_size(inflater_, kMaxTableBytes);
  }
  FrameReader(const FrameReader&) = delete;
  FrameReader& operator=(const FrameReader&) = delete;
  ~FrameReader() { nghttp2_hd_inflate_del(inflater_); }

  void read(std::string_view bytes) {
    const std::size_t preface = std::min(bytes.size(), preface_.size());
    preface_.remove_prefix(preface);
    bytes.remove_prefix(preface);
    while (!bytes.empty()) {
      if (head_.size() < kFrameHeadBytes) {
        take(bytes, head_, kFrameHeadBytes - head_.size());
        if (head_.size() < kFrameHeadBytes) return;
        begin_frame();
      } else {
        const std::size_t count = std::min(bytes.size(), left_);
        if (keeps_) payload_.append(bytes.substr(0, count));
        bytes.remove_prefix(count);
        left_ -= count;
      }
      if (left_ == 0) end_frame();
    }
  }

 private:
  static void take(std::string_view& bytes, std::string& to, std::size_t count) {
    to.append(bytes.substr(0, count));
    bytes.remove_prefix(std::min(bytes.size(), count));
  }

  void begin_frame() {
    left_ = number_at(head_, 0, 3);
    keeps_ = number_at(head_, 3, 1) != NGHTTP2_DATA && left_ <= kMaxBlockBytes;
  }

  void end_frame() {
    const auto type = static_cast<std::uint8_t>(number_at(head_, 3, 1));
    const auto flags = static_cast<std::uint8_t>(number_at(head_, 4, 1));
    std::string line = prefix_ + type_name(type);
    if (const std::uint32_t stream = number_at(head_, 5, 4) & 0x7fffffff; stream != 0) {
      line += " stream " + std::to_string(stream);
    }
    append_flags(line, type, flags);
    line += ", " + std::to_string(number_at(head_, 0, 3)) + " bytes";
    append_content(line, type, flags);
    write_(line);
    head_.clear();
    payload_.clear();
  }

  static void append_flags(std::string& line, std::uint8_t type, std::uint8_t flags) {
    const bool has_ack = type == NGHTTP2_SETTINGS || type == NGHTTP2_PING;
    const bool has_end = type == NGHTTP2_DATA || type == NGHTTP2_HEADERS;
    const bool has_block = type == NGHTTP2_HEADERS || type == NGHTTP2_CONTINUATION;
    if (has_ack && (flags & NGHTTP2_FLAG_ACK) != 0) line += " ACK";
    if (has_end && (flags & NGHTTP2_FLAG_END_STREAM) != 0) line += " END_STREAM";
    if (has_block && (flags & NGHTTP2_FLAG_END_HEADERS) != 0) line += " END_HEADERS";
    if (has_end && (flags & NGHTTP2_FLAG_PADDED) != 0) line += " PADDED";
  }

  void append_content(std::string& line, std::uint8_t type, std::uint8_t flags) {
    switch (type) {
      case NGHTTP2_HEADERS:
      case NGHTTP2_CONTINUATION:
        return append_headers(line, type, flags);
      case NGHTTP2_RST_STREAM:
        line.append(": ").append(http2_error_name(number_at(payload_, 0, 4)));
        return;
      case NGHTTP2_SETTINGS:
        for (std::size_t at = 0; at + 6 <= payload_.size(); at += 6) {
          if (line.size() >= kMaxLineBytes) {
            line += kCut;
            return;
          }
          line.append(at == 0 ? ": " : ", ").append(setting_name(number_at(payload_, at, 2)));
          line.append("=").append(std::to_string(number_at(payload_, at + 2, 4)));
        }
        return;
      case NGHTTP2_GOAWAY:
        line.append(": last stream ").append(std::to_string(number_at(payload_, 0, 4)));
        line.append(", ").append(http2_error_name(number_at(payload_, 4, 4)));
        if (payload_.size() > 8) line += ", " + printable(payload_.substr(8), kMaxShownBytes);
        return;
      case NGHTTP2_WINDOW_UPDATE:
        line.append(": +").append(std::to_string(number_at(payload_, 0, 4)));
        return;
      default:  // nothing more that people could read
        return;
    }
  }

  // Shown where the block ends.
  void append_headers(std::string& line, std::uint8_t type, std::uint8_t flags) {
    std::string_view piece = payload_;
    if (type == NGHTTP2_HEADERS) {
      block_.clear();
      std::size_t padding = 0;
      if ((flags & NGHTTP2_FLAG_PADDED) != 0) {
        padding = number_at(piece, 0, 1);
        piece.remove_prefix(std::min<std::size_t>(piece.size(), 1));
      }
      if ((flags & NGHTTP2_FLAG_PRIORITY) != 0) {
        piece.remove_prefix(std::min<std::size_t>(piece.size(), 5));
      }
      piece.remove_suffix(std::min(piece.size(), padding));
    }
    if (!keeps_ || block_.size() + piece.size() > kMaxBlockBytes) is_lost_ = true;
    if (!is_lost_) block_.append(piece);
    if ((flags & NGHTTP2_FLAG_END_HEADERS) != 0) line += ": " + fields();
  }

  std::string fields() {
    std::string text;
    auto* at = reinterpret_cast<std::uint8_t*>(block_.data());
    std::size_t left = block_.size();
    for (int flags = 0; !is_lost_ && inflater_ != nullptr;) {
      nghttp2_nv field;
      const ssize_t count = nghttp2_hd_inflate_hd2(inflater_, &field, &flags, at, left, 1);
      if (count < 0) break;
      at += count;
      left -= static_cast<std::size_t>(count);
      if ((flags & NGHTTP2_HD_INFLATE_EMIT) != 0) append_field(text, field);
      if ((flags & NGHTTP2_HD_INFLATE_FINAL) != 0) {
        nghttp2_hd_inflate_end_headers(inflater_);
        return text;
      }
    }
    // Each block builds on the ones before: from here on none can be read.
    is_lost_ = true;
    return text + (text.empty() ? "" : ", ") + "(not readable)";
  }

  static void append_field(std::string& text, const nghttp2_nv& field) {
    if (text.size() >= kMaxLineBytes) {
      if (!text.ends_with(kCut)) text += kCut;
      return;
    }
    const std::string_view name = text_of(field.name, field.namelen);
    if (!text.empty()) text += ", ";
    text += printable(name, kMaxShownBytes);
    if (is_shown(name)) {
      text += "=" + printable(text_of(field.value, field.valuelen), kMaxShownBytes);
    } else {
      text += "=(" + std::to_string(field.valuelen) + " bytes)";
    }
  }

  const std::function<void(std::string_view)>& write_;
  const std::string prefix_;
  std::string_view preface_;  // what is left of it
  std::string head_;
  std::string payload_;
  std::size_t left_ = 0;  // of the frame
  bool keeps_ = false;    // its payload, in payload_
  std::string block_;     // HEADERS and its CONTINUATIONs so far
  bool is_lost_ = false;  // header blocks cannot be read any more
  nghttp2_hd_inflater* inflater_ = nullptr;
};

class TraceFilter final : public Filter {
 public:
  TraceFilter(std::shared_ptr<const std::function<void(std::string_view)>> write, unsigned number,
              std::unique_ptr<Filter> inner)
      : write_(std::move(write)),
        sent_(*write_, std::to_string(number) + "> ", kPreface),
        received_(*write_, std::to_string(number) + "< ", {}),
        inner_(std::move(inner)) {}

  void receive(std::string_view bytes) override {
    inner_ != nullptr ? inner_->receive(bytes) : void(plain_.append(bytes));
  }
  void receive_end() override {
    if (inner_ != nullptr) inner_->receive_end();
  }
  std::string_view output() override { return inner_ != nullptr ? inner_->output() : output_; }
  void consume_output(std::size_t count) override {
    inner_ != nullptr ? inner_->consume_output(count) : void(output_.erase(0, count));
  }
  void send(std::string_view plain) override {
    sent_.read(plain);
    inner_ != nullptr ? inner_->send(plain) : void(output_.append(plain));
  }
  std::string_view plain() override { return inner_ != nullptr ? inner_->plain() : plain_; }
  void consume_plain(std::size_t count) override {
    received_.read(plain().substr(0, count));
    inner_ != nullptr ? inner_->consume_plain(count) : void(plain_.erase(0, count));
  }
  bool is_open() const override { return inner_ == nullptr || inner_->is_open(); }
  const Status& failed() const override { return inner_ != nullptr ? inner_->failed() : ok_; }
  bool peer_closed() const override { return inner_ != nullptr && inner_->peer_closed(); }
  void close() override {
    if (inner_ != nullptr) inner_->close();
  }

 private:
  const std::shared_ptr<const std::function<void(std::string_view)>> write_;
  FrameReader sent_;
  FrameReader received_;
  const std::unique_ptr<Filter> inner_;  // null: plaintext, through these
  std::string plain_;
  std::string output_;
  const Status ok_;
};

class TraceFactory final : public FilterFactory {
 public:
  TraceFactory(std::shared_ptr<const std::function<void(std::string_view)>> write,
               std::shared_ptr<FilterFactory> inner)
      : write_(std::move(write)), inner_(std::move(inner)) {}

  Result<std::unique_ptr<Filter>> open(const std::string& host) override {
    std::unique_ptr<Filter> opened;
    if (inner_ != nullptr) {
      Result<std::unique_ptr<Filter>> made = inner_->open(host);
      if (!made) return made;
      opened = std::move(*made);
    }
    return std::unique_ptr<Filter>(
        std::make_unique<TraceFilter>(write_, ++opened_, std::move(opened)));
  }
  bool is_secure() const override { return inner_ != nullptr && inner_->is_secure(); }
  std::string authority() const override {
    return inner_ != nullptr ? inner_->authority() : std::string();
  }

 private:
  const std::shared_ptr<const std::function<void(std::string_view)>> write_;
  const std::shared_ptr<FilterFactory> inner_;
  unsigned opened_ = 0;
};

class LineTrace final : public Trace {
 public:
  explicit LineTrace(std::function<void(std::string_view)> write)
      : write_(std::make_shared<const std::function<void(std::string_view)>>(std::move(write))) {}
  std::shared_ptr<FilterFactory> around(std::shared_ptr<FilterFactory> inner) override {
    return std::make_shared<TraceFactory>(write_, std::move(inner));
  }

 private:
  const std::shared_ptr<const std::function<void(std::string_view)>> write_;
};

}  // namespace

std::shared_ptr<Trace> make_trace(std::function<void(std::string_view line)> write) {
  return std::make_shared<LineTrace>(std::move(write));
}

}  // namespace minim
