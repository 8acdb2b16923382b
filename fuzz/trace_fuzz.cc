// Any bytes both ways through a trace: at once and in pieces they give the same lines, each of a
// bounded size and printable, and come out as they went in.
//
// Byte 0 says how much of the rest is sent (in 1/256), byte 1 the size of the pieces.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "minim/trace.h"

namespace {

using minim::Filter;

constexpr std::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
// kMaxLineBytes of the trace, and a field that begins below it: name and value of 128 bytes.
constexpr std::size_t kMaxLineBytes = (std::size_t{16} << 10) + 512;

void require(bool truth) {
  if (!truth) std::abort();
}

std::string lines_of(std::string_view sent, std::string_view received, std::size_t piece) {
  std::string lines;
  const auto trace = minim::make_trace([&](std::string_view line) {
    require(line.size() <= kMaxLineBytes);
    for (const char c : line) require(c >= ' ' || c < 0);
    require(line.starts_with("1> ") || line.starts_with("1< "));
    lines.append(line).append("\n");
  });
  const auto factory = trace->around(nullptr);
  const std::unique_ptr<Filter> filter = factory->open("server").value();
  for (std::string_view rest = sent; !rest.empty();) {
    const std::string copy(rest.substr(0, piece));  // of exactly this size
    filter->send(copy);
    rest.remove_prefix(copy.size());
  }
  require(filter->output() == sent);
  filter->consume_output(sent.size());
  for (std::string_view rest = received; !rest.empty();) {
    const std::string copy(rest.substr(0, piece));
    filter->receive(copy);
    require(filter->plain() == copy);
    filter->consume_plain(copy.size());
    rest.remove_prefix(copy.size());
  }
  require(filter->failed().ok());
  return lines;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view rest(reinterpret_cast<const char*>(data) + 2, size - 2);
  const std::size_t cut = rest.size() * data[0] / 256;
  const std::string sent = std::string(kPreface) + std::string(rest.substr(0, cut));
  const std::string_view received = rest.substr(cut);
  require(lines_of(sent, received, size + kPreface.size()) ==
          lines_of(sent, received, 1 + data[1] % 16));
  return 0;
}
