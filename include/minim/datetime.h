// Datetime: a point in calendar time, as JSON has it: ISO 8601 text.
#ifndef MINIM_DATETIME_H_
#define MINIM_DATETIME_H_

#include <chrono>

#include "minim/conversion.h"

namespace minim {

// Years 1677 to 2262. The same type as std::chrono::system_clock::time_point where that counts
// nanoseconds.
using Datetime = std::chrono::sys_time<std::chrono::nanoseconds>;

// Written in UTC, with a fraction of six digits, or nine, only where it is needed:
// "2023-01-02T03:04:05+00:00". Read with any offset; without one it is UTC.
template <>
struct Conversion<Datetime> {
  static void write(JsonWriter& out, Datetime value);
  static Status read(JsonView in, Datetime& value);
};

}  // namespace minim

#endif  // MINIM_DATETIME_H_
