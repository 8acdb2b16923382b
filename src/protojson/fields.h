// One message's fields as found on the wire, in the order in which JSON shows them.
#ifndef MINIM_SRC_PROTOJSON_FIELDS_H_
#define MINIM_SRC_PROTOJSON_FIELDS_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "minim/result.h"
#include "protojson/schema.h"
#include "protojson/wire.h"

namespace minim::protojson {

// One occurrence of a field that the schema knows, with a wire type that fits it.
struct Occurrence {
  std::size_t index;  // of the field within its message
  WireField wire;
};

// All occurrences, by declaration order and then wire order; of a oneof only what the last member
// on the wire leaves. Packed fields stay packed. INTERNAL for malformed bytes.
Result<std::vector<Occurrence>> read_fields(MessageType type, std::string_view bytes);

// The values of a repeated field that is not a message, packed or not, one WireField each.
Result<std::vector<WireField>> unpack(MessageType type, Field field, const Occurrence* begin,
                                      const Occurrence* end);

// A message's bytes when its field occurs several times: parsers merge them, which is what the
// parts in sequence mean. `storage` holds them when there is more than one.
std::string_view merged(const Occurrence* begin, const Occurrence* end, std::string* storage);

Status malformed(MessageType type, const char* problem, std::size_t offset);

}  // namespace minim::protojson

#endif  // MINIM_SRC_PROTOJSON_FIELDS_H_
