// The texts of conversion errors, in one place so that none of them quotes a value.
#ifndef MINIM_SRC_CLIENT_CONVERT_ERROR_H_
#define MINIM_SRC_CLIENT_CONVERT_ERROR_H_

#include <string>
#include <string_view>

#include "minim/payload.h"
#include "minim/status.h"

namespace minim::internal {

inline Status invalid(std::string text) { return Status(Code::kInvalidArgument, std::move(text)); }

// A name from the wire as part of an error text: cut to 64 bytes, unprintable ones as '?'.
std::string printable(std::string_view name);

// binary/null carries no data.
Status check_null(const Payload& payload);

// OK if the payload has that encoding; else whether its own is unknown or merely another one.
Status check_encoding(const Payload& payload, std::string_view expected);

}  // namespace minim::internal

#endif  // MINIM_SRC_CLIENT_CONVERT_ERROR_H_
