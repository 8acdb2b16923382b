#include "protojson/fields.h"

#include <algorithm>

namespace minim::protojson {

namespace {

// Of a oneof the last member wins; that member's own occurrences merge back to where another member
// came between.
void settle_oneof(MessageType type, std::vector<Occurrence>& found) {
  constexpr std::size_t kNone = ~std::size_t{0};
  std::size_t winner = kNone;
  std::size_t first = 0;
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (!type.field(found[i].index).in_oneof()) continue;
    if (found[i].index != winner) first = i;
    winner = found[i].index;
  }
  if (winner == kNone) return;
  std::size_t kept = 0;
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (i < first && type.field(found[i].index).in_oneof()) continue;
    found[kept++] = found[i];
  }
  found.resize(kept);
}

}  // namespace

Status malformed(MessageType type, const char* problem, std::size_t offset) {
  return Status(Code::kInternal, "malformed " + type.full_name() + ": " + problem + " at byte " +
                                     std::to_string(offset) + " of the message");
}

Result<std::vector<Occurrence>> read_fields(MessageType type, std::string_view bytes) {
  std::vector<Occurrence> found;
  WireReader reader(bytes);
  for (WireField wire; reader.next(&wire);) {
    const auto index = type.field_by_number(wire.number);
    if (!index) continue;
    const Field field = type.field(*index);
    const bool packed =
        field.is_repeated() && is_packable(field.type()) && wire.type == WireType::kLength;
    if (wire.type != wire_type_of(field.type()) && !packed) continue;  // as good as unknown
    found.push_back({*index, wire});
  }
  if (reader.problem() != nullptr) return malformed(type, reader.problem(), reader.offset());
  settle_oneof(type, found);
  std::stable_sort(found.begin(), found.end(),
                   [](const Occurrence& a, const Occurrence& b) { return a.index < b.index; });
  return found;
}

Result<std::vector<WireField>> unpack(MessageType type, Field field, const Occurrence* begin,
                                      const Occurrence* end) {
  std::vector<WireField> values;
  const WireType expected = wire_type_of(field.type());
  for (; begin != end; ++begin) {
    if (begin->wire.type == expected) {
      values.push_back(begin->wire);
      continue;
    }
    WireReader reader(begin->wire.bytes);
    for (WireField value{begin->wire.number, expected, 0, {}};
         reader.next_packed(expected, &value.value);) {
      values.push_back(value);
    }
    if (reader.problem() != nullptr) {
      return malformed(type, "a packed field that ends inside a value", reader.offset());
    }
  }
  return values;
}

std::string_view merged(const Occurrence* begin, const Occurrence* end, std::string* storage) {
  if (begin == end) return {};
  if (end - begin == 1) return begin->wire.bytes;
  storage->clear();
  for (; begin != end; ++begin) storage->append(begin->wire.bytes);
  return *storage;
}

}  // namespace minim::protojson
