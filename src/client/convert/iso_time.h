// Times as ISO 8601 text.
#ifndef MINIM_SRC_CLIENT_CONVERT_ISO_TIME_H_
#define MINIM_SRC_CLIENT_CONVERT_ISO_TIME_H_

#include <optional>
#include <string>
#include <string_view>

#include "minim/datetime.h"

namespace minim::internal {

// "2023-01-02T03:04:05+00:00"; with a fraction of six digits where it is not zero, of nine where
// six do not hold it.
std::string iso_time_text(Datetime time);

// Date, then optionally 'T' or a space, hours and minutes, seconds, a fraction of up to nine digits
// after a point or comma, and 'Z' or an offset as +HH:MM, +HHMM or +HH; no offset is UTC.
// Separators may be left out of date and time. Nothing for any other text, a date or time that does
// not exist (second 60, hour 24), and a time outside the range of Datetime.
std::optional<Datetime> parse_iso_time(std::string_view text);

}  // namespace minim::internal

#endif  // MINIM_SRC_CLIENT_CONVERT_ISO_TIME_H_
