// HPACK (RFC 7541) of the tests' own: it shares no code with what it tests. Encodes every field as
// a literal without indexing; decodes everything.
#ifndef MINIM_TESTS_SUPPORT_HPACK_H_
#define MINIM_TESTS_SUPPORT_HPACK_H_

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace minim::test {

using Fields = std::vector<std::pair<std::string, std::string>>;

std::string hpack_encode(const Fields& fields);

struct DecodedField {
  std::string name;
  std::string value;
  bool never_indexed = false;
};

// One direction of one connection.
class HpackDecoder {
 public:
  // Nothing if `block` breaks RFC 7541.
  std::optional<std::vector<DecodedField>> decode(std::string_view block);

 private:
  bool field_at(std::uint64_t index, DecodedField& field) const;
  void insert(const DecodedField& field);
  void shrink_to(std::size_t bytes);

  std::deque<DecodedField> table_;  // newest first
  std::size_t table_bytes_ = 0;
  std::size_t capacity_bytes_ = 4096;
};

}  // namespace minim::test

#endif  // MINIM_TESTS_SUPPORT_HPACK_H_
