// HPACK (RFC 7541) of requests. nghttp2's encoder looks each field of each request up anew, and
// never puts :path into the table; here a head that is sent again costs one copy of its block.
//
// The table is filled and not turned over: what finds no room is sent as a literal. So blocks stay
// valid, and values that change now and then cannot push out those that do not.
#ifndef MINIM_H2_HEADER_ENCODER_H_
#define MINIM_H2_HEADER_ENCODER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "h2/request_head.h"

namespace minim::h2 {

// What RFC 7541 (4.1) counts for a field beside its name and value.
inline constexpr std::size_t kFieldOverheadBytes = 32;

// For one connection, in the order of sending.
class HeaderEncoder {
 public:
  // Appends the block of a request to `out`.
  void append(RequestHead& head, std::string_view varying, std::string& out);
  // Takes the table size updates (RFC 7541, 6.3) at the start of a block that nghttp2 has made: it
  // follows the peer's SETTINGS. They are sent before the block of our own.
  void follow(std::string_view size_updates);

 private:
  struct Entry {
    std::string name;
    std::string value;
    std::size_t bytes() const { return name.size() + value.size() + kFieldOverheadBytes; }
  };

  void encode(RequestHead& head);
  void append_field(const HeaderField& field, std::string& out);
  // The index of the whole field, else 0; `name_index`: of its name alone, else 0.
  std::size_t find(const HeaderField& field, std::size_t* name_index) const;
  void shrink();

  std::vector<Entry> table_;  // oldest first
  std::size_t table_bytes_ = 0;
  std::size_t capacity_bytes_ = 4096;  // RFC 9113, 6.5.2
  std::uint64_t version_ = 1;          // changes with the table
};

}  // namespace minim::h2

#endif  // MINIM_H2_HEADER_ENCODER_H_
