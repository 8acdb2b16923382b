// Metadata out and back: what validate() passes is legal in HTTP/2 and comes back unchanged from a
// server that echoes it; base64 and header lists keep their promises for everything else.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/base64.h"
#include "grpcframe/request_headers.h"
#include "grpcframe/response_block.h"

namespace {

void require(bool truth) {
  if (!truth) std::abort();
}

// Entries as key length, value length, key, value.
minim::Metadata read_metadata(std::string_view bytes) {
  minim::Metadata metadata;
  while (bytes.size() >= 2) {
    const std::size_t key_bytes = static_cast<std::uint8_t>(bytes[0]) % 32;
    const std::size_t value_bytes = static_cast<std::uint8_t>(bytes[1]);
    bytes.remove_prefix(2);
    const std::string_view key = bytes.substr(0, key_bytes);
    bytes.remove_prefix(key.size());
    const std::string_view value = bytes.substr(0, value_bytes);
    bytes.remove_prefix(value.size());
    metadata.add(key, value);
  }
  return metadata;
}

void check_legal(const minim::HeaderField& field) {
  require(!field.name.empty());
  for (const char c : field.name.substr(1)) require(c > 0x20 && c < 0x7f && (c < 'A' || c > 'Z'));
  for (const char c : field.value) require(c >= 0x20 && c < 0x7f);
  require(!field.value.starts_with(' ') && !field.value.ends_with(' '));
}

void check_round_trip(const minim::Metadata& metadata) {
  std::vector<minim::HeaderField> fields;
  std::string base64;
  minim::build_request_headers({.path = "/a", .authority = "b", .metadata = &metadata}, fields,
                               base64);
  require(fields.size() == 7 + metadata.size());
  const std::size_t total = minim::header_list_bytes(fields);
  minim::Metadata echoed;
  const minim::ResponseBlock block =
      minim::read_response_block(minim::HeaderFields(fields).subspan(7), echoed);
  if (!metadata.validate().ok()) return;
  require(!block.has_status && !block.has_content_type && !block.has_other_pseudo);
  require(echoed.size() == metadata.size());
  std::size_t least = 0;
  auto back = echoed.begin();
  for (const auto& entry : metadata) {
    require(back->key == entry.key && back->value == entry.value);
    least += 32 + entry.key.size() + entry.value.size();
    ++back;
  }
  require(total >= least);
  for (const minim::HeaderField& field : fields) check_legal(field);
}

void check_base64(std::string_view bytes) {
  for (const auto padding : {minim::Base64Padding::kOmit, minim::Base64Padding::kWrite}) {
    const std::string text = minim::base64_encode(bytes, padding);
    require(text.size() == minim::base64_length(bytes.size(), padding));
    require(minim::base64_decode(text) == bytes);
  }
  if (const auto decoded = minim::base64_decode(bytes)) {
    require(decoded->size() <= bytes.size() / 4 * 3 + 2);
    const std::string again = minim::base64_encode(*decoded, minim::Base64Padding::kOmit);
    require(minim::base64_decode(again) == *decoded);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  check_base64(bytes);
  check_round_trip(read_metadata(bytes));
  return 0;
}
