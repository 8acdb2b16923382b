#include "rpc/proxy_refusal.h"

#include <algorithm>
#include <charconv>

namespace minim::rpc {

namespace {

constexpr std::string_view kBlank = " \t\r\n";

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool equal_ignoring_case(std::string_view text, std::string_view lower_case) {
  return std::equal(text.begin(), text.end(), lower_case.begin(), lower_case.end(),
                    [](char a, char b) { return lower(a) == b; });
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

std::optional<std::size_t> number(std::string_view text, int base) {
  std::size_t value = 0;
  const auto error = std::from_chars(text.data(), text.data() + text.size(), value, base).ec;
  if (error != std::errc()) return std::nullopt;
  return value;
}

std::optional<std::string> scan(std::string_view body, bool ended) {
  const auto undecided = ended ? std::optional<std::string>(std::string()) : std::nullopt;
  const std::string_view start = trimmed(body);
  const bool is_page = start.starts_with('<');
  std::size_t at = 0;
  for (;;) {
    at = body.find_first_not_of(kBlank, at);
    if (at == std::string_view::npos) return undecided;
    if (!is_page || body[at] != '<') break;
    at = body.find('>', at);
    if (at == std::string_view::npos) return undecided;
    ++at;
  }
  const std::size_t end = body.find_first_of(is_page ? "<\r\n" : "\r\n", at);
  if (end == std::string_view::npos && !ended) return std::nullopt;
  return std::string(trimmed(body.substr(at, end - at)));
}

}  // namespace

std::string_view ProxyRefusal::status() const {
  const std::string_view line = head_.substr(0, head_.find_first_of("\r\n"));
  return line.substr(std::min(line.size(), std::string_view("HTTP/1.1 ").size()));
}

std::optional<std::string_view> ProxyRefusal::field(std::string_view name) const {
  std::size_t at = head_.find('\n');
  while (at != std::string_view::npos) {
    const std::size_t end = head_.find('\n', at + 1);
    const std::string_view line = head_.substr(at + 1, end - at - 1);
    const std::size_t colon = line.find(':');
    if (colon != std::string_view::npos && equal_ignoring_case(line.substr(0, colon), name)) {
      return trimmed(line.substr(colon + 1));
    }
    at = end;
  }
  return std::nullopt;
}

std::optional<std::string> ProxyRefusal::first_line(std::string_view body, bool ended) const {
  if (body.size() >= kMaxRefusalBodyBytes) {
    body = body.substr(0, kMaxRefusalBodyBytes);
    ended = true;
  }
  std::optional<std::size_t> length;
  const auto coding = field("transfer-encoding");
  if (coding && equal_ignoring_case(*coding, "chunked")) {
    // The first chunk is enough; its size stands on a line before it.
    const std::size_t line = body.find('\n');
    if (line == std::string_view::npos) return scan({}, ended);
    length = number(body, 16).value_or(0);
    body.remove_prefix(line + 1);
  } else if (const auto text = field("content-length")) {
    length = number(*text, 10);
  }
  if (length && body.size() >= *length) {
    body = body.substr(0, *length);
    ended = true;
  }
  return scan(body, ended);
}

}  // namespace minim::rpc
