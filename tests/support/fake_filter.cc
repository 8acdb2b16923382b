#include "support/fake_filter.h"

#include <algorithm>

namespace minim::test {

namespace {

constexpr char kMask = 0x55;
constexpr std::size_t kMaxRecordBytes = 255;
constexpr std::size_t kMaxPieceBytes = 20;

std::string masked(std::string_view bytes) {
  std::string out(bytes);
  for (char& c : out) c = static_cast<char>(c ^ kMask);
  return out;
}

// Takes whole records off the front of `pending`; false at the goodbye.
bool open_records(std::string& pending, std::string& plain) {
  while (!pending.empty()) {
    const auto count = static_cast<unsigned char>(pending[0]);
    if (count == 0) return false;
    if (pending.size() < std::size_t{1} + count) break;
    plain += masked(std::string_view(pending).substr(1, count));
    pending.erase(0, std::size_t{1} + count);
  }
  return true;
}

class FakeFilter final : public Filter {
 public:
  explicit FakeFilter(const FakeFilterFactory& factory)
      : factory_(factory),
        output_(factory.is_open_at_once ? "" : kFilterHello),
        open_(factory.is_open_at_once) {}

  void receive(std::string_view bytes) override {
    if (!failed_.ok() || peer_closed_) return;
    pending_ += bytes;
    if (!open_) {
      const std::size_t known = std::min(pending_.size(), kFilterWelcome.size());
      if (std::string_view(pending_).substr(0, known) != kFilterWelcome.substr(0, known)) {
        output_ = "alert\n";
        fail("the handshake failed: not welcome");
        return;
      }
      if (known < kFilterWelcome.size()) return;
      pending_.erase(0, known);
      open_ = true;
    }
    peer_closed_ = !open_records(pending_, plain_);
  }
  void receive_end() override {
    if (!open_) {
      fail("the peer hung up in the handshake");
    } else if (!peer_closed_ && !pending_.empty()) {
      fail("the peer hung up inside a record");
    }
  }
  std::string_view output() override { return output_; }
  void consume_output(std::size_t count) override { output_.erase(0, count); }
  void send(std::string_view plain) override {
    if (!failed_.ok()) return;
    factory_.fails_to_send ? fail("no seal was left") : void(output_ += filter_seal(plain));
  }
  // In pieces, as a filter may: whoever reads it must ask again.
  std::string_view plain() override { return std::string_view(plain_).substr(0, kMaxPieceBytes); }
  void consume_plain(std::size_t count) override { plain_.erase(0, count); }
  bool is_open() const override { return open_; }
  const Status& failed() const override { return failed_; }
  bool peer_closed() const override { return peer_closed_; }
  void close() override { output_ += '\0'; }

 private:
  void fail(std::string text) {
    failed_ = Status(Code::kUnavailable, std::move(text), Origin::kTransport);
  }

  const FakeFilterFactory& factory_;
  std::string output_;
  std::string pending_;
  std::string plain_;
  bool open_;
  bool peer_closed_ = false;
  Status failed_;
};

}  // namespace

std::string filter_seal(std::string_view plain) {
  std::string out;
  while (!plain.empty()) {
    const std::string_view piece = plain.substr(0, kMaxRecordBytes);
    plain.remove_prefix(piece.size());
    out += static_cast<char>(piece.size());
    out += masked(piece);
  }
  return out;
}

std::string FilterReader::operator()(std::string_view bytes) {
  pending_ += bytes;
  if (!greeted_) {
    if (pending_.size() < kFilterHello.size()) return {};
    pending_.erase(0, kFilterHello.size());
    greeted_ = true;
  }
  std::string plain;
  has_goodbye_ = has_goodbye_ || !open_records(pending_, plain);
  return plain;
}

Result<std::unique_ptr<Filter>> FakeFilterFactory::open(const std::string& host) {
  last_host = host;
  if (!refuse_to_open.empty()) {
    return Status(Code::kUnavailable, refuse_to_open, Origin::kTransport);
  }
  return std::unique_ptr<Filter>(std::make_unique<FakeFilter>(*this));
}

}  // namespace minim::test
