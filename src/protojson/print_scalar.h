// One scalar of the wire as one JSON value.
#ifndef MINIM_SRC_PROTOJSON_PRINT_SCALAR_H_
#define MINIM_SRC_PROTOJSON_PRINT_SCALAR_H_

#include <cstdint>

#include "json/writer.h"
#include "protojson/schema.h"
#include "protojson/wire.h"

namespace minim::protojson {

// Writes `wire` as a value of the field's type, which is not kMessage. A string must be UTF-8.
void print_scalar(json::Writer& writer, Field field, const WireField& wire,
                  json::DoubleStyle doubles);

// The number that the wire holds for an integer type of either sign.
std::int64_t signed_value(FieldType type, std::uint64_t wire);

// For fields without presence, unset and zero are the same thing. Minus zero is not zero.
bool is_zero(Field field, const WireField& wire);

}  // namespace minim::protojson

#endif  // MINIM_SRC_PROTOJSON_PRINT_SCALAR_H_
