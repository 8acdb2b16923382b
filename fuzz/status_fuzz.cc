// Header blocks of a response made from lines of text: whatever they say, the outcome is one status
// with a code from 0 to 16, safe to log; and the decoders behind it hold their promises.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "grpcframe/percent.h"
#include "grpcframe/response.h"
#include "minim/rich_status.h"

namespace {

void require(bool truth) {
  if (!truth) std::abort();
}

// No control characters but those that `allowed` has.
bool is_tame(std::string_view text, std::string_view allowed) {
  for (const char c : text) {
    if (((c >= 0 && c < 0x20) || c == 0x7f) && allowed.find(c) == std::string_view::npos) {
      return false;
    }
  }
  return true;
}
bool is_one_line(std::string_view text) { return is_tame(text, "\t"); }
// A server may lay its text out.
bool is_text(std::string_view text) { return is_tame(text, "\t\r\n"); }

// HTTP/2 refuses such names, so the reader never sees them.
bool has_upper_case(std::string_view name) {
  for (const char c : name) {
    if (c >= 'A' && c <= 'Z') return true;
  }
  return false;
}

// "name value" lines up to an empty line; the rest stays in `text`.
std::vector<minim::HeaderField> read_block(std::string_view& text) {
  std::vector<minim::HeaderField> fields;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.empty()) break;
    const std::size_t space = line.find(' ');
    const std::string_view value =
        space == std::string_view::npos ? std::string_view() : line.substr(space + 1);
    const std::string_view name = line.substr(0, space);
    if (!has_upper_case(name)) fields.push_back({name, value, false});
  }
  return fields;
}

void check_response(std::uint8_t bits, std::string_view text) {
  const std::size_t size = text.size();
  minim::ResponseReader reader;
  reader.begin(1024, (bits & 1) != 0);
  const auto initial = read_block(text);
  const auto trailers = read_block(text);
  minim::Verdict verdict = reader.on_headers(initial, (bits & 2) != 0);
  if ((bits & 4) != 0) {
    if (verdict == minim::Verdict::kGoOn) verdict = reader.on_data(text, false);
  } else if (verdict == minim::Verdict::kGoOn) {
    const std::string_view empty_message("\0\0\0\0\0", 5);
    verdict = reader.on_data(empty_message, false);
  }
  if ((bits & 8) != 0 && verdict == minim::Verdict::kGoOn) {
    verdict = reader.on_reset(bits >> 4, (bits & 1) != 0);
  }
  if (verdict == minim::Verdict::kGoOn) verdict = reader.on_headers(trailers, true);
  require(verdict != minim::Verdict::kGoOn && reader.done() && reader.saw_headers());

  const minim::Response response = reader.take();
  require(static_cast<int>(response.status.code()) <= 16);
  require(is_text(response.status.message()) && is_one_line(response.status.to_string()));
  require(response.status.ok() || response.message.empty());
  if (response.status.origin() != minim::Origin::kServer) {
    require(is_one_line(response.status.message()));
    require(response.status.message().size() <= 4096);
    require(response.status.details().empty());
  }
  require(response.status.details().empty() ||
          minim::parse_rich_status(response.status.details()).has_value());
  require(response.pushback.delay >= minim::Duration(0));
  require(!response.pushback.never || response.pushback.given);
  for (const minim::Metadata& metadata : {response.headers, response.trailers}) {
    std::size_t total = 0;
    for (const auto& entry : metadata) {
      require(entry.key != "grpc-status" && entry.key[0] != ':');
      total += entry.key.size() + entry.value.size();
    }
    require(total <= size + minim::kMaxJoinedBytes);
  }
}

void check_decoders(std::string_view bytes) {
  const std::string decoded = minim::percent_decode(bytes);
  require(is_text(decoded));
  require(decoded.size() <= 3 * bytes.size());
  require(decoded.find('%') != std::string::npos || minim::percent_decode(decoded) == decoded);
  for (const std::size_t bound : {0, 1, 3, 10, 100}) {
    const std::string shown = minim::printable(bytes, bound);
    require(shown.size() <= bound && is_one_line(shown));
    require(minim::printable(shown, bound) == shown);
  }
  if (const auto rich = minim::parse_rich_status(bytes)) {
    std::size_t total = rich->message.size();
    for (const auto& detail : rich->details) total += 2 + detail.type.size() + detail.value.size();
    require(total <= bytes.size());
  }
}

}  // namespace

// The first byte chooses what comes beside the two blocks.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  check_response(data[0], bytes);
  check_decoders(bytes);
  return 0;
}
