// The first two bytes choose a message type, the third a mode; the rest is wire bytes or JSON text.
// Whatever to_json accepts, from_json must take back, and the second JSON must equal the first.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "protojson/protojson.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace minim;
  if (size < 3) return 0;
  const auto type = protojson::message_at((data[0] * 256u + data[1]) % protojson::message_count());
  const bool brief = (data[2] & 1) != 0;
  const bool from_text = (data[2] & 2) != 0;
  const std::string_view input(reinterpret_cast<const char*>(data) + 3, size - 3);
  if (type.special() == protojson::Special::kMapEntry) return 0;

  std::string wire(input);
  if (from_text) {
    auto parsed = protojson::from_json(type, input, {.shorthand_payloads = brief});
    if (!parsed) return 0;
    wire = std::move(parsed).value();
  }
  const protojson::PrintOptions options{.shorthand_payloads = brief};
  const auto text = protojson::to_json(type, wire, options);
  if (!text) return 0;
  const auto back = protojson::from_json(type, *text, {.shorthand_payloads = brief});
  // Printing nests objects within payloads deeper than parsing allows; nothing else may fail.
  if (!back) {
    if (back.error().code() != Code::kResourceExhausted) std::abort();
    return 0;
  }
  const auto again = protojson::to_json(type, *back, options);
  if (!again || *again != *text) std::abort();
  return 0;
}
