#include "rpc/ip_address.h"

#include <algorithm>
#include <charconv>

namespace minim::rpc {

namespace {

// The whole of `text` as a number up to `most`.
std::optional<unsigned> number(std::string_view text, int base, std::size_t max_digits,
                               unsigned most) {
  unsigned value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value, base);
  if (text.empty() || text.size() > max_digits || error != std::errc() || stop != end ||
      value > most) {
    return std::nullopt;
  }
  return value;
}

bool parse_v4(std::string_view text, std::uint8_t* bytes) {
  for (int i = 0; i < 4; ++i) {
    const std::size_t dot = text.find('.');
    if ((dot == std::string_view::npos) != (i == 3)) return false;
    const auto part = number(text.substr(0, dot), 10, 3, 255);
    if (!part) return false;
    bytes[i] = static_cast<std::uint8_t>(*part);
    text.remove_prefix(i == 3 ? text.size() : dot + 1);
  }
  return true;
}

// Groups between colons, with no "::" in them; how many bytes they make, or unset.
std::optional<std::size_t> parse_groups(std::string_view text, std::uint8_t* bytes) {
  std::size_t size = 0;
  while (!text.empty()) {
    const std::size_t colon = text.find(':');
    const std::string_view group = text.substr(0, colon);
    if (colon == std::string_view::npos && group.find('.') != std::string_view::npos) {
      if (size > 12 || !parse_v4(group, bytes + size)) return std::nullopt;
      return size + 4;
    }
    const auto value = number(group, 16, 4, 0xffff);
    if (!value || size == 16) return std::nullopt;
    bytes[size++] = static_cast<std::uint8_t>(*value >> 8);
    bytes[size++] = static_cast<std::uint8_t>(*value & 0xff);
    if (colon == std::string_view::npos) break;
    text.remove_prefix(colon + 1);
    if (text.empty()) return std::nullopt;
  }
  return size;
}

bool parse_v6(std::string_view text, std::uint8_t* bytes) {
  const std::size_t gap = text.find("::");
  if (gap == std::string_view::npos) return parse_groups(text, bytes) == std::size_t{16};
  std::uint8_t tail[16];
  const auto before = parse_groups(text.substr(0, gap), bytes);
  const auto after = parse_groups(text.substr(gap + 2), tail);
  if (!before || !after || *before + *after > 14) return false;
  if (text.substr(0, gap).find('.') != std::string_view::npos) return false;  // only at the end
  std::copy_n(tail, *after, bytes + 16 - *after);
  return true;
}

}  // namespace

bool IpAddress::is_in(const IpAddress& network, unsigned bits) const {
  if (size != network.size || bits > size * 8) return false;
  const std::size_t whole = bits / 8;
  if (!std::equal(bytes.begin(), bytes.begin() + whole, network.bytes.begin())) return false;
  const unsigned rest = bits % 8;
  return rest == 0 || (bytes[whole] ^ network.bytes[whole]) >> (8 - rest) == 0;
}

std::optional<IpAddress> parse_ip(std::string_view text) {
  IpAddress address;
  if (parse_v4(text, address.bytes.data())) {
    address.size = 4;
    return address;
  }
  if (text.find(':') == std::string_view::npos || !parse_v6(text, address.bytes.data())) {
    return std::nullopt;
  }
  address.size = 16;
  constexpr std::uint8_t kMapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (std::equal(std::begin(kMapped), std::end(kMapped), address.bytes.begin())) {
    std::copy_n(address.bytes.begin() + 12, 4, address.bytes.begin());
    std::fill(address.bytes.begin() + 4, address.bytes.end(), std::uint8_t{0});
    address.size = 4;
  }
  return address;
}

}  // namespace minim::rpc
