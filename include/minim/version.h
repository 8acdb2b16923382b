// The version of minim, as it is told to servers and to people.
#ifndef MINIM_VERSION_H_
#define MINIM_VERSION_H_

namespace minim {

inline constexpr char kVersion[] = "0.1.0";

}  // namespace minim

#endif  // MINIM_VERSION_H_
