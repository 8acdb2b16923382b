// A byte stream in memory with a scripted gRPC server at its end, which echoes what it is sent.
#ifndef MINIM_TESTS_UV_SUPPORT_MEMORY_STREAM_H_
#define MINIM_TESTS_UV_SUPPORT_MEMORY_STREAM_H_

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "minim/dialer.h"
#include "support/peer.h"

namespace minim::test {

class MemoryStream final : public ByteStream {
 public:
  // What a test sets, and what it can read when the stream is gone.
  struct State {
    std::size_t piece_bytes = SIZE_MAX;  // moved by one read or write; the next one must wait
    bool ends_on_request = false;
    std::string fails_on_request{};                  // with this text
    std::optional<Moved> read_says{}, write_says{};  // instead of moving anything
    bool is_silent = false;                          // to further requests
    bool holds = false;                              // what there is to read, and tells nobody
    std::string then_without_end{};  // read again and again when there is nothing else
    int reads = 0;
    int requests = 0;
    std::atomic<int> alive = 0;
    std::optional<StreamWaker> waker{};  // of the last one
  };

  explicit MemoryStream(State& state) : state_(state) { ++state_.alive; }
  ~MemoryStream() override { --state_.alive; }

  void open(StreamWaker waker) override {
    state_.waker = std::move(waker);
    unread_ = Peer()
                  .settings({{kInitialWindowSize, 1 << 30}})
                  .window_update(0, 1 << 30)
                  .settings_ack()
                  .take();
  }

  Moved read(char* buffer, std::size_t size) override {
    ++state_.reads;
    if (state_.read_says) return *state_.read_says;
    if (state_.holds) return {};
    if (unread_.empty()) unread_ = state_.then_without_end;
    if (has_request_ && state_.ends_on_request) return {.kind = Moved::Kind::kEnd};
    if (has_request_ && !state_.fails_on_request.empty()) {
      return {.kind = Moved::Kind::kFailed,
              .status = Status(Code::kUnavailable, state_.fails_on_request)};
    }
    const std::size_t count = std::min({size, state_.piece_bytes, unread_.size()});
    if (count == 0 || must_wait(read_waits_)) return {};
    unread_.copy(buffer, count);
    unread_.erase(0, count);
    return {.kind = Moved::Kind::kBytes, .count = count};
  }

  Moved write(std::string_view bytes) override {
    if (state_.write_says) return *state_.write_says;
    if (must_wait(write_waits_)) return {};
    bytes = bytes.substr(0, state_.piece_bytes);
    received_.receive(bytes);
    answer();
    return {.kind = Moved::Kind::kBytes, .count = bytes.size()};
  }

 private:
  // With small pieces, true every other time, and then the loop is woken at once.
  bool must_wait(bool& waits) {
    waits = !waits && state_.piece_bytes != SIZE_MAX;
    if (waits) state_.waker->wake();
    return waits;
  }

  void answer() {
    for (const Frame& frame : received_.frames()) {
      if (frame.stream == 0 || !frame.end_stream() || !answered_.insert(frame.stream).second)
        continue;
      has_request_ = true;
      ++state_.requests;
      if (state_.is_silent) continue;
      const std::string body = received_.body(frame.stream).substr(5);
      Peer peer;
      peer.headers(frame.stream, grpc_headers());
      const std::string message = grpc_message(body);
      constexpr std::size_t kFrameBytes = 16384;
      for (std::size_t at = 0; at < message.size(); at += kFrameBytes) {
        peer.data(frame.stream, std::string_view(message).substr(at, kFrameBytes));
      }
      peer.trailers(frame.stream, {{"grpc-status", "0"}});
      unread_ += peer.take();
    }
    if (!unread_.empty() || has_request_) state_.waker->wake();
  }

  State& state_;
  Received received_;
  std::set<std::uint32_t> answered_;
  std::string unread_;
  bool has_request_ = false;
  bool read_waits_ = false;
  bool write_waits_ = false;
};

}  // namespace minim::test

#endif  // MINIM_TESTS_UV_SUPPORT_MEMORY_STREAM_H_
