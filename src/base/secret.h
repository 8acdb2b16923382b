// Secrets leave no copy behind in memory of ours.
#ifndef MINIM_BASE_SECRET_H_
#define MINIM_BASE_SECRET_H_

#include <string>

namespace minim {

// Overwrites and empties a text. The stores are volatile: the compiler may not drop them although
// nobody reads what they wrote.
inline void wipe(std::string& text) {
  volatile char* const bytes = text.data();
  for (std::size_t i = 0; i < text.size(); ++i) bytes[i] = 0;
  text.clear();
}

}  // namespace minim

#endif  // MINIM_BASE_SECRET_H_
