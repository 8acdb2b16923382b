#include "rpc/texts.h"

#include <algorithm>
#include <cstdio>

#include "grpcframe/percent.h"

namespace minim::rpc {

namespace {

constexpr std::size_t kMaxQuotedBytes = 80;

}  // namespace

std::string duration_text(Duration duration) {
  const double seconds = std::chrono::duration<double>(duration).count();
  char text[32];
  if (seconds < 0.9995) {  // the rest rounds to a second
    std::snprintf(text, sizeof text, "%.0f ms", seconds * 1e3);
  } else if (seconds < 120) {
    std::snprintf(text, sizeof text, "%.1f s", seconds);
  } else {
    std::snprintf(text, sizeof text, "%.1f min", seconds / 60);
  }
  return text;
}

std::string peer_hint(std::string_view first_bytes) {
  if (first_bytes.starts_with("HTTP/")) {
    const std::string_view line = first_bytes.substr(0, first_bytes.find_first_of("\r\n"));
    return "it speaks HTTP/1: it answered '" + printable(line, kMaxQuotedBytes) + "'";
  }
  // A TLS record: alert (21) or handshake (22), version 3.x (RFC 8446, 5.1).
  if (first_bytes.size() >= 2 && (first_bytes[0] == 21 || first_bytes[0] == 22) &&
      first_bytes[1] == 3) {
    return "it speaks TLS: turn TLS on";
  }
  return {};
}

std::string server_hint(std::string_view first_bytes) {
  std::string known = peer_hint(first_bytes);
  if (!known.empty()) return known;
  // No HTTP/2 frame begins with four printable characters: its length would pass our limit.
  constexpr std::size_t kFrameStart = 4;
  if (first_bytes.size() >= kFrameStart &&
      std::all_of(first_bytes.begin(), first_bytes.begin() + kFrameStart,
                  [](char c) { return c >= ' ' && c <= '~'; })) {
    const std::string_view line = first_bytes.substr(0, first_bytes.find_first_of("\r\n"));
    return "it answered '" + printable(line, kMaxQuotedBytes) + "': is it a gRPC server?";
  }
  return {};
}

Status deadline_exceeded(Duration elapsed, std::string_view phase) {
  std::string text = "deadline exceeded after " + duration_text(elapsed) + " while ";
  return Status(Code::kDeadlineExceeded, text.append(phase));
}

}  // namespace minim::rpc
