// Any bytes: parse() ends in a value or an error with a text; a value survives writing and parsing
// again unchanged, in every style.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "json/value.h"
#include "json/writer.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace minim;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const Result<json::Value> parsed = json::parse(text);
  if (!parsed) {
    if (parsed.error().message().empty()) std::abort();
    return 0;
  }
  for (const json::WriteOptions options : {json::WriteOptions{}, {.indent = 2, .ascii = true}}) {
    const Result<json::Value> again = json::parse(json::write(*parsed, options));
    if (!again || !(*again == *parsed)) std::abort();
  }
  return 0;
}
