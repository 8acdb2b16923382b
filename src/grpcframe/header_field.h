// One header field as views: whoever passes it says how long the bytes live.
#ifndef MINIM_GRPCFRAME_HEADER_FIELD_H_
#define MINIM_GRPCFRAME_HEADER_FIELD_H_

#include <cstddef>
#include <span>
#include <string_view>

namespace minim {

// What each field of a list counts beside its name and value (RFC 9113, 10.5.1).
inline constexpr std::size_t kFieldOverheadBytes = 32;

struct HeaderField {
  std::string_view name{};
  std::string_view value{};
  // Never put into an HPACK dynamic table, here or at any hop (RFC 7541, 7.1.3): secrets, and
  // values that differ on each call.
  bool never_index = false;
  // Of this one request: sent as it is, with no place in the table of this connection.
  bool once = false;
};

using HeaderFields = std::span<const HeaderField>;

}  // namespace minim

#endif  // MINIM_GRPCFRAME_HEADER_FIELD_H_
