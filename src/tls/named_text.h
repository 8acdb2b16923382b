// A text and what errors call it: the option that it was given in, or the option and its file.
#ifndef MINIM_TLS_NAMED_TEXT_H_
#define MINIM_TLS_NAMED_TEXT_H_

#include <string>
#include <string_view>

namespace minim::tls {

struct NamedText {
  std::string name;
  std::string_view text;
};

// Tells texts apart without keeping them: SHA-256.
std::string fingerprint_of(std::string_view text);

}  // namespace minim::tls

#endif  // MINIM_TLS_NAMED_TEXT_H_
