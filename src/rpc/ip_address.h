// Numeric addresses as bytes, for comparing them.
#ifndef MINIM_RPC_IP_ADDRESS_H_
#define MINIM_RPC_IP_ADDRESS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace minim::rpc {

struct IpAddress {
  std::array<std::uint8_t, 16> bytes{};
  std::size_t size = 0;  // 4 or 16

  // Whether the first `bits` bits are those of `network`; never across families.
  bool is_in(const IpAddress& network, unsigned bits) const;
};

// "10.0.0.1", "::1", "::ffff:10.0.0.1" (which is read as IPv4). No brackets, no zone.
std::optional<IpAddress> parse_ip(std::string_view text);

}  // namespace minim::rpc

#endif  // MINIM_RPC_IP_ADDRESS_H_
